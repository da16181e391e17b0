"""What pages and programs do with prompts; `linghe prompt` is the one way in which they come.

A typed text becomes speech by `linghe speech say`, a process of its own as well.
"""

import logging
import string
import tempfile
import unicodedata
from pathlib import Path
from threading import Lock

import msgspec

from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.linghe_json import OwnPrompt
from appliance.vocabulary.settings import Language
from webadmin.access import where
from webadmin.command import linghe_said
from webadmin.stores import places

LONGEST_TEXT = 1000
"""Characters that become one prompt."""
_UNSPOKEN = {"speech_not_installed": "prompt_voiceless", "nothing_to_say": "prompt_unspeakable"}
"""Refusals of the voice, and what they are called here."""

logger = logging.getLogger(__name__)

_one_conversion = Lock()
"""A second one waits: calls need the other core."""


def prompts() -> list[OwnPrompt]:
    """Return all prompts of the owner's. Raises EquipmentError."""
    return msgspec.json.decode(linghe_said("prompt", "list"), type=list[OwnPrompt])


def add(name: str, file: Path, *, by: str, replaces: bool, origin: str = "file") -> None:
    """Add a recording. Raises RefusedError where it cannot be one, EquipmentError."""
    where_from = () if origin == "file" else (f"--origin={origin}",)
    in_place = ("--replace",) if replaces else ()
    with _one_conversion:
        linghe_said("prompt", "add", name, str(file), *in_place, *where_from, *_by(by))


def add_spoken(name: str, text: str, language: Language, *, by: str, replaces: bool) -> None:
    """Let the box speak a text, and keep it under the name. Raises RefusedError, EquipmentError."""
    kept = unicodedata.normalize("NFC", name)
    if not replaces and kept in {one.name for one in prompts()}:
        # before the voice has worked for many seconds in vain
        raise RefusedError(
            "prompt_taken",
            f'There is a prompt of the name "{kept}" already.',
            "Choose another name, or say that it is to be replaced.",
        )
    with tempfile.TemporaryDirectory(prefix="linghe-prompt-") as folder:
        file = Path(folder) / "sound.wav"
        speak(text, language, file)
        add(name, file, by=by, replaces=replaces, origin="text")


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
            "prompt_voiceless", "The box has no voice of this language.", "linghe speech install"
        )
    with _one_conversion:
        try:
            linghe_said("speech", "say", f"--language={language}", f"--out={file}", words)
        except RefusedError as error:
            key = _UNSPOKEN.get(error.key, "prompt_unspeakable")
            raise RefusedError(key, error.sentence, error.remedy) from error
        except EquipmentError as error:
            logger.warning("a text could not be spoken: %s", error)
            raise RefusedError(
                "prompt_unspeakable", "The box's voice could not speak this text."
            ) from error


def _by(by: str) -> tuple[str, ...]:
    return (f"--by={by}", f"--where={where()}")
