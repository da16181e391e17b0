"""`linghe music` as the page runs it: the one way in which music is added, removed and listed."""

from pathlib import Path
from threading import Lock

import msgspec

from appliance.vocabulary.linghe_json import MusicPiece
from webadmin.access import present_visitor, where
from webadmin.command import linghe_said

_one_conversion = Lock()
"""A second one waits: calls need the other core."""


def pieces() -> list[MusicPiece]:
    """Return all music of the box. Raises EquipmentError."""
    return msgspec.json.decode(linghe_said("music", "list"), type=list[MusicPiece])


def add(name: str, file: Path, *, replaces: bool) -> None:
    """Add a piece. Raises RefusedError where it cannot be one, EquipmentError."""
    with _one_conversion:
        linghe_said("music", "add", name, str(file), *(["--replace"] if replaces else []), *_by())


def remove(name: str) -> None:
    """Remove a piece. Raises RefusedError where it is used, EquipmentError."""
    linghe_said("music", "remove", name, *_by())


def _by() -> tuple[str, ...]:
    return (f"--by={present_visitor().name}", f"--where={where()}")
