"""`linghe prompt` as the page runs it: the one way in which prompts are added and removed."""

from pathlib import Path
from threading import Lock

import msgspec

from appliance.vocabulary.ids import PromptHash, Utc
from appliance.vocabulary.shape import Value
from webadmin.access import present_visitor, where
from webadmin.command import linghe_said

_one_conversion = Lock()
"""A second one waits: calls need the other core."""


class ShownVersion(Value, frozen=True, kw_only=True):
    """One recording of a prompt."""

    version: int
    prompt: PromptHash
    seconds: float
    at: Utc
    by: str
    origin: str


class ShownPrompt(Value, frozen=True, kw_only=True):
    """One prompt as the page shows it; the newest version stands first."""

    name: str
    versions: tuple[ShownVersion, ...]
    users: tuple[str, ...]


def prompts() -> list[ShownPrompt]:
    """Return all prompts of the owner's. Raises EquipmentError."""
    return msgspec.json.decode(linghe_said("prompt", "list"), type=list[ShownPrompt])


def add(name: str, file: Path, *, replaces: bool) -> None:
    """Add a recording. Raises RefusedError where it cannot be one, EquipmentError."""
    with _one_conversion:
        linghe_said("prompt", "add", name, str(file), *(["--replace"] if replaces else []), *_by())


def restore(name: str, version: int) -> None:
    """Let callers hear an earlier one again. Raises RefusedError, EquipmentError."""
    linghe_said("prompt", "restore", name, f"--version={version}", *_by())


def remove(name: str) -> None:
    """Remove a prompt. Raises RefusedError where it is used, EquipmentError."""
    linghe_said("prompt", "remove", name, *_by())


def _by() -> tuple[str, ...]:
    return (f"--by={present_visitor().name}", f"--where={where()}")
