"""What pages and programs do with prompts; `linghe prompt` is the one way in which they come.

A typed text becomes speech by `linghe speech say`, a process of its own as well.
"""

import string
from pathlib import Path
from threading import Lock

import msgspec

from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import PromptHash, Utc
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value
from webadmin.access import where
from webadmin.command import linghe_said
from webadmin.stores import places

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


def add(name: str, file: Path, *, by: str, replaces: bool) -> None:
    """Add a recording. Raises RefusedError where it cannot be one, EquipmentError."""
    with _one_conversion:
        linghe_said(
            "prompt", "add", name, str(file), *(["--replace"] if replaces else []), *_by(by)
        )


def restore(name: str, version: int, *, by: str) -> None:
    """Let callers hear an earlier one again. Raises RefusedError, EquipmentError."""
    linghe_said("prompt", "restore", name, f"--version={version}", *_by(by))


def remove(name: str, *, by: str) -> None:
    """Remove a prompt. Raises RefusedError where it is used, EquipmentError."""
    linghe_said("prompt", "remove", name, *_by(by))


def speak(text: str, language: Language, file: Path) -> None:
    """Let the box speak a text into a WAV file. Raises RefusedError for what nobody can say, and
    where the voice is not there."""
    # a text is no option of the command line, whatever it begins with
    words = text.lstrip("-" + string.whitespace)
    if not words:
        raise RefusedError("prompt_unspeakable", "Nothing is to be said.")
    models = places().models
    if language is not Language.EN and not (models.is_dir() and any(models.iterdir())):
        # the English voice came with its package; whether it is whole, its process says
        raise RefusedError(
            "prompt_unspeakable", "The box has no voice of this language.", "linghe speech install"
        )
    with _one_conversion:
        try:
            linghe_said("speech", "say", f"--language={language}", f"--out={file}", words)
        except EquipmentError as error:
            raise RefusedError("prompt_unspeakable", str(error)[-300:]) from error


def _by(by: str) -> tuple[str, ...]:
    return (f"--by={by}", f"--where={where()}")
