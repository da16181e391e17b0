"""`linghe music` as the page runs it: the one way in which music is added, removed and listed.

A process of its own each time: what reads a stranger's sound file has no place among the pages,
and the page knows no more of prompts than the command line says.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock

import msgspec

from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import PromptHash, QueueId, Utc
from appliance.vocabulary.shape import Value
from webadmin.access import present_visitor, where
from webadmin.stores import places

PATIENCE_S = 150.0
_one_conversion = Lock()
"""A second one waits: calls need the other core."""


class Shown(Value, frozen=True, kw_only=True):
    """One piece as the page shows it."""

    name: str
    prompt: PromptHash
    seconds: float
    dbm0: float
    is_shipped: bool
    added: Utc
    is_sites: bool
    queues: tuple[QueueId, ...]
    bars: tuple[int, ...]
    """Loudness of equal parts, per cent of the loudest."""


def pieces() -> list[Shown]:
    """Return all music of the box. Raises EquipmentError."""
    return msgspec.json.decode(_said("list"), type=list[Shown])


def add(name: str, file: Path, *, replaces: bool) -> None:
    """Add a piece. Raises RefusedError where it cannot be one, EquipmentError."""
    with _one_conversion:
        _said("add", name, str(file), *(["--replace"] if replaces else []), *_by())


def remove(name: str) -> None:
    """Remove a piece. Raises RefusedError where it is used, EquipmentError."""
    _said("remove", name, *_by())


def _by() -> tuple[str, ...]:
    return (f"--by={present_visitor().name}", f"--where={where()}")


def _said(*words: str) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "appliance.daemons.command_line"]
            + ["music", "--json", *words],
            env={**os.environ, "LINGHE_DATA": str(places().root)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EquipmentError(f"linghe music {words[0]}: {error}") from error
    if done.returncode == 0:
        return done.stdout
    try:
        told = json.loads(done.stdout)["error"]
        key, sentence = str(told["key"]), str(told["sentence"])
    except (ValueError, TypeError, KeyError):
        key, sentence = "failed", done.stderr.decode("utf-8", "replace")[-500:]
    if key == "failed":
        raise EquipmentError(f"linghe music {words[0]}: {sentence}")
    raise RefusedError(key, sentence)
