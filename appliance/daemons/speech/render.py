"""Render what a site wants and nothing says yet, one prompt at a time; then tell control.

Each prompt is in the index as soon as it is made, so a worker that is stopped loses at most the
sentence it was at, and the next one goes on from there.
"""

import fcntl
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.daemons.paths import Paths
from appliance.daemons.prompts import DiskCatalogue, add_to_index, store_prompt
from appliance.daemons.speech.catalogues import catalogues
from appliance.daemons.speech.kokoro import Samples
from appliance.daemons.speech.telephone import telephone_alaw
from appliance.speech.phrases import spoken
from appliance.store.private_file import make_folder
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError, PeerError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import Utterance
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import Done, FromControl, ReloadPrompts

Say = Callable[[str], None]


class Voice(Protocol):
    """What rendering needs of daemons.speech.synthesis.Synthesis."""

    def synthesise(self, text: str, language: Language) -> tuple[Samples, int]: ...

    def made_by(self, language: Language) -> str: ...


_TELL_EVERY_SECONDS = 5.0
"""A caller need not wait for the last prompt to hear the first."""
_CONTROL_PATIENCE_SECONDS = 5.0


@dataclass(slots=True)
class Rendered:
    """What one run came to."""

    made: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    """What could not be rendered (as shown to people) and why."""


def site_from(settings: Path) -> Site:
    """Return the site that holds now; an empty one where there is no settings file."""
    if not settings.exists():
        return Site()
    store = SettingsStore(settings)
    try:
        return store.current()
    finally:
        store.close()


def render(
    paths: Paths,
    settings: Path,
    *,
    voice: Voice,
    say: Say,
    is_stopped: Callable[[], bool],
) -> Rendered:
    """Render until nothing is left that can be rendered, or until stopped.

    The site is read again after each prompt: a site applied meanwhile is not missed.
    """
    result = Rendered()
    told_at = time.monotonic()
    with _only_worker(paths, say):
        while not is_stopped():
            left = [
                wish
                for wish in DiskCatalogue(paths).unrendered(site_from(settings))
                if wish.index_key not in result.refused
            ]
            if not left:
                break
            _render_one(paths, left[0], voice, result, say, len(left))
            if result.made and time.monotonic() - told_at > _TELL_EVERY_SECONDS:
                tell_control(paths)
                told_at = time.monotonic()
    if result.made:
        say(tell_control(paths))
    return result


def tell_control(paths: Paths) -> str:
    """Let control look the prompts up again; return one line on how that went."""
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(_CONTROL_PATIENCE_SECONDS)
            control.connect(str(paths.control_socket))
            control.sendall(line_of(ReloadPrompts()))
            while True:
                received = control.recv(65536)
                for answer in decoder.feed(received):
                    if isinstance(answer, Done):
                        return "Callers hear the new prompts from now on"
                    return f"Control did not take the new prompts up: {answer}"
                if not received:
                    return "Control closed the line; it reads the prompts when it starts"
    except OSError:
        return "Control does not run; it reads the prompts when it starts"
    except PeerError as error:
        return f"Control answered something else: {error}"


def _render_one(
    paths: Paths, wish: Utterance, voice: Voice, result: Rendered, say: Say, left: int
) -> None:
    text = spoken(wish, catalogues())
    began = time.monotonic()
    try:
        samples, rate = voice.synthesise(text, wish.language)
    except ApplianceError as error:
        result.refused[wish.index_key] = str(error)
        say(f"not rendered: {wish.language} {text}: {error}")
        return
    sound = telephone_alaw(samples, rate)
    row = store_prompt(paths, sound, made_by=voice.made_by(wish.language))
    row = msgspec.structs.replace(row, at=Utc(time.time()))
    add_to_index(paths, {wish.index_key: row})
    result.made += 1
    took = time.monotonic() - began
    # pages that wait read the number: webadmin/pages/site/applying.py
    say(f"{left - 1} left; {row.seconds:.1f} s of speech in {took:.1f} s: {wish.language} {text}")


@contextmanager
def _only_worker(paths: Paths, say: Say) -> Iterator[None]:
    """Wait for another worker to end: two would make the same prompts, and heat the box."""
    make_folder(paths.run)
    with (paths.run / "speech.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another speech worker is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
