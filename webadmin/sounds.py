"""What the pages Music and Prompts share: a sound is heard, a file becomes one, one is removed.

Each page says what differs: the verb that does it, and its own words.
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Protocol

from flask import Response, flash, jsonify, request, send_file

from appliance.store.music_files import wav_of
from appliance.vocabulary.errors import EquipmentError, RefusedError
from webadmin.languages import mark, say
from webadmin.stores import places
from webadmin.uploads import UploadFault, claimed, fault_told

MOST_OF_NAME = 32
_HASH = re.compile(r"[0-9a-f]{64}")
_REFUSALS = {
    "unreadable": mark("The box can read no sound in this file. WAV, FLAC, OGG and MP3 can be."),
    "truncated": mark("The file is not whole: its end is missing."),
    "silent": mark("There is nothing to be heard in the file."),
    "large": mark("The file is too large: 128 MB at most."),
    "rate": mark("The file has too few or too many samples a second: 8000 to 192000 can be."),
    "name": mark("A name has 1 to 32 characters, and does not begin with a dash."),
}
"""Of every kind of sound."""


class Refusals:
    """Why a sound of one kind was not taken or not removed, in the reader's language."""

    def __init__(self, kind: str, own: Mapping[str, str]) -> None:
        """kind: what its keys begin with, "music". own: its own sentences, by the keys' rest."""
        self._kind = kind
        self._sentences = {**_REFUSALS, **own}

    def key(self, rest: str) -> str:
        """Return a whole key: "music_taken"."""
        return f"{self._kind}_{rest}"

    def refusal(self, error: RefusedError) -> str:
        """Return a rule's no; a rule without translation in English."""
        found = self._sentences.get(error.key.removeprefix(f"{self._kind}_"))
        return str(error) if found is None else say(found)

    def bad_name(self) -> str:
        """Return what a name is."""
        sentence = self._sentences["name"]
        return say(sentence)


class Adds(Protocol):
    """What makes a sound of a file. Raises RefusedError, EquipmentError."""

    def __call__(self, name: str, file: Path, *, replaces: bool) -> None:
        """Keep it under the name."""


def is_name(name: str) -> bool:
    """Say whether it may go to the command line: as a name, never as an option."""
    return 0 < len(name) <= MOST_OF_NAME and not name.startswith("-") and name.isprintable()


def heard(prompt: str) -> Response | None:
    """Give a sound to the player, as callers hear it, whole or the part it asks for."""
    file = places().prompts / f"{prompt}.alaw"
    if not _HASH.fullmatch(prompt) or not file.is_file():
        return None
    whole = BytesIO(wav_of(file.read_bytes()))
    return send_file(whole, mimetype="audio/wav", conditional=True, etag=prompt)


def added(words: Refusals, add: Adds, done: str) -> tuple[Response, int]:
    """Make a sound of a file that has come; said in JSON, since a script asks.

    done: what the next page says, with %(name)s.
    """
    name = request.form.get("name", "").strip()
    if not is_name(name):
        return fault_told(words.bad_name(), words.key("name"))
    try:
        file = claimed(request.form.get("upload", ""))
    except UploadFault as fault:
        return fault_told(str(fault))
    if file is None:
        # A second click: the first one is at work, or has done it.
        return fault_told(say("This file is being added already, or has been."), "again")
    try:
        add(name, file, replaces="replaces" in request.form)
    except RefusedError as error:
        if error.key == words.key("taken"):
            # The very same again, once he has said under which name; it need not come twice.
            file.rename(file.with_suffix(".part"))
        else:
            file.unlink(missing_ok=True)
        return fault_told(words.refusal(error), error.key)
    except EquipmentError:
        file.unlink(missing_ok=True)
        raise
    file.unlink(missing_ok=True)
    flash(say(done, name=name), "done")
    return jsonify(done=True), 200


def removed(words: Refusals, remove: Callable[[str], None], done: str) -> None:
    """Remove a sound; one that is gone already is gone.

    done: what the next page says, with %(name)s.
    """
    name = request.form.get("name", "")
    if not is_name(name):
        flash(words.bad_name(), "fault")
        return
    try:
        remove(name)
    except RefusedError as error:
        if error.key != words.key("unknown"):
            flash(words.refusal(error), "fault")
            return
    flash(say(done, name=name), "done")
