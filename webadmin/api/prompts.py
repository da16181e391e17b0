"""Operations on prompts: listed, heard, uploaded or spoken, put back, removed."""

import base64
import binascii
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from flask import Response
from msgspec import Meta

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.linghe_json import OwnPrompt
from appliance.vocabulary.settings import Language
from webadmin import prompt_desk
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing, Shown, Taken
from webadmin.api.shapes import when
from webadmin.problems import Problem
from webadmin.sounds import heard, is_name
from webadmin.stores import site

LEAST_SOUND = 400
"""Bytes: less is a head without sound, and no reason to begin a process."""
KEYS = {
    "prompt_taken": "prompt_taken",
    "prompt_used": "prompt_used",
    "prompt_unknown": "prompt_unknown",
}
"""Refusals that have problems of their own; all others are prompt_refused."""
NameText = Annotated[str, Meta(min_length=1, max_length=32)]


class PromptVersionShown(Shown, frozen=True, kw_only=True):
    """One recording of a prompt."""

    version: int
    prompt: str
    """SHA-256 of its sound, by which it is heard."""
    seconds: float
    at: str | None
    by: str
    audio: str
    """Path of the WAV file, as callers hear it."""


class PromptShown(Shown, frozen=True, kw_only=True):
    """One prompt; callers hear its first version."""

    name: str
    versions: tuple[PromptVersionShown, ...]
    """Newest first."""
    users: tuple[str, ...]
    """Who says it: "flow main, node hello"."""


class PromptsShown(Shown, frozen=True, kw_only=True):
    """All prompts of the owner's, by name."""

    prompts: tuple[PromptShown, ...]


class PromptGone(Shown, frozen=True, kw_only=True):
    """It is removed; calls that heard it keep their proof."""

    name: str


class PromptBody(Taken, frozen=True, kw_only=True):
    """A sound, or a text that the box speaks; exactly one of both."""

    name: NameText
    """As flows and queues say it."""
    audio: Annotated[str, Meta(min_length=1)] | None = None
    """A whole WAV, FLAC, OGG or MP3 file in base64 (RFC 4648 §4), four minutes at most."""
    text: Annotated[str, Meta(min_length=1, max_length=prompt_desk.LONGEST_TEXT)] | None = None
    language: Language | None = None
    """Of the text; null: the site's."""
    replace: bool = False
    """In the place of what has the name; the former sound is kept."""


class PromptQuery(Taken, frozen=True, kw_only=True):
    """Which prompt."""

    name: NameText = ""
    """It must be given."""


class PromptVersionBody(Taken, frozen=True, kw_only=True):
    """Which recording callers are to hear again."""

    name: NameText
    version: Annotated[int, Meta(ge=1, le=999999999)]


def list_prompts(asked: Asked[Nothing, Nothing]) -> PromptsShown:
    """List the owner's prompts, their versions and who says them."""
    return PromptsShown(prompts=tuple(_shown(one) for one in prompt_desk.prompts()))


def hear_prompt(asked: Asked[Nothing, Nothing]) -> Response:
    """A prompt's WAV file, as callers hear it. Ranges are understood."""
    sound = heard(asked.path["prompt"])
    if sound is None:
        raise Problem("prompt_unknown")
    return sound


def add_prompt(asked: Asked[Nothing, PromptBody]) -> PromptShown:
    """Make a prompt of a sound file or of a text; callers hear it where the site names it."""
    body, name = asked.body, _name(asked.body.name)
    if (body.audio is None) == (body.text is None):
        raise Problem("prompt_refused", "Give either audio or text.", field="audio")
    if body.text is not None:
        text, language = body.text, body.language or site().site.language
        _told(
            lambda: prompt_desk.add_spoken(name, text, language, by=asker(), replaces=body.replace)
        )
        return _found(name)
    with tempfile.TemporaryDirectory(prefix="linghe-prompt-") as folder:
        file = Path(folder) / "sound"
        file.write_bytes(_sound(body.audio or ""))
        _told(lambda: prompt_desk.add(name, file, by=asker(), replaces=body.replace))
    return _found(name)


def restore_prompt(asked: Asked[Nothing, PromptVersionBody]) -> PromptShown:
    """Let callers hear an earlier recording again, as a new version."""
    name, version = _name(asked.body.name), asked.body.version
    _told(lambda: prompt_desk.restore(name, version, by=asker()))
    return _found(name)


def remove_prompt(asked: Asked[PromptQuery, Nothing]) -> PromptGone:
    """Remove a prompt that nothing of the site says."""
    if not asked.query.name:
        raise Problem("prompt_unknown", "The address says no name.", field="name")
    name = _name(asked.query.name)
    _told(lambda: prompt_desk.remove(name, by=asker()))
    return PromptGone(name=name)


def _name(name: str) -> str:
    """Return the name as it is kept."""
    if not is_name(name.strip()):
        raise Problem(
            "prompt_refused",
            "A name can be printed, and does not begin with a dash.",
            field="name",
        )
    return name.strip()


def _sound(text: str) -> bytes:
    try:
        sound = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem("prompt_refused", "This is no base64.", field="audio") from error
    if len(sound) < LEAST_SOUND:
        raise Problem("prompt_refused", "There is no sound in it.", field="audio")
    return sound


def _told(done: Callable[[], None]) -> None:
    try:
        done()
    except RefusedError as error:
        raise Problem(KEYS.get(error.key, "prompt_refused"), error.sentence) from error


def _found(name: str) -> PromptShown:
    for one in prompt_desk.prompts():
        if one.name == name:
            return _shown(one)
    raise Problem("prompt_unknown")


def _shown(one: OwnPrompt) -> PromptShown:
    return PromptShown(
        name=one.name,
        versions=tuple(
            PromptVersionShown(
                version=version.version,
                prompt=version.prompt,
                seconds=version.seconds,
                at=when(version.at),
                by=version.by,
                audio=f"/api/v1/prompts/{version.prompt}/audio",
            )
            for version in one.versions
        ),
        users=one.users,
    )
