"""Speaking a prompt at the box: `linghe prompt record`, and what `linghe doctor` says of it.

The sound card is PyAudio's, in a program of its own (daemons/microphone); what it records is made
a prompt in another one (daemons/sound_file), as every file that somebody brings. At a terminal it
is played back, and kept, spoken again or thrown away; without one it is played and kept.
"""

import json
import subprocess
import sys
import tempfile
import wave
from typing import IO, Final

import numpy as np

from appliance.daemons.command_line.verb import note
from appliance.daemons.sound_file import (
    LONGEST_PROMPT_SECONDS,
    BadSound,
    telephone_alaw_of,
)
from appliance.signals.g711 import decode_alaw
from appliance.vocabulary.errors import EquipmentError, RefusedError

PATIENCE_S: Final = 30.0
"""Over the seconds that are wanted, until the program that holds the card is given up."""
_PROGRAM: Final = (sys.executable, "-I", "-m", "appliance.daemons.microphone")
_KEEP, _AGAIN, _HEAR = "1", "2", "3"
"""As at a phone (*77)."""


def spoken_alaw(device: str, seconds: float, *, is_asking: bool) -> bytes:
    """Return what somebody spoke, as callers will hear it; empty where he threw it away.

    device: number, part of a name, or empty for the usual one. seconds: 0.0 ends it by Enter only.
    Raises RefusedError where there is no PyAudio or sound card, BadSound where nothing was said.
    """
    most = min(seconds, LONGEST_PROMPT_SECONDS) if seconds > 0 else LONGEST_PROMPT_SECONDS
    with tempfile.TemporaryFile() as told:  # before anybody is asked to speak
        _run("check", device, 0.0, subprocess.DEVNULL, told)
    is_terminal = is_asking and sys.stdin.isatty()
    while True:
        alaw = _recorded(device, most, ends_by_itself=seconds > 0)
        answer = _HEAR
        while answer == _HEAR:
            _play(device, alaw)
            answer = _asked() if is_terminal else _KEEP
        if answer != _AGAIN:
            return alaw if answer == _KEEP else b""


def microphones_found() -> str:
    """Return a sentence of the box's microphones, or of why there is none."""
    try:
        with tempfile.TemporaryFile() as told:
            _run("list", "", PATIENCE_S, subprocess.DEVNULL, told)
            names = [f"{number} {name}" for number, name in json.load(told)]
    except (RefusedError, EquipmentError) as error:
        return str(error)
    if not names:
        return "no sound card at the box: prompts are recorded at a phone (*77) or added as files."
    return f"linghe prompt record can use {'; '.join(names)}."


def _recorded(device: str, most: float, *, ends_by_itself: bool) -> bytes:
    note(f"Speak now; {f'it ends after {most:g} s.' if ends_by_itself else 'Enter ends it.'}")
    with tempfile.TemporaryFile() as sound:
        # Without a terminal nobody presses Enter, and the end of the input is no Enter.
        by_clock = ends_by_itself and not sys.stdin.isatty()
        _run("record", device, most, subprocess.PIPE if by_clock else None, sound)
        try:
            return telephone_alaw_of(sound, is_prompt=True)
        except BadSound as bad:
            raise BadSound(
                bad.key,
                "Nothing was said that callers could hear.",
                "Is the microphone switched on, and the right one (--device)?",
            ) from bad


def _play(device: str, alaw: bytes) -> None:
    """Let it be heard; a box without a loudspeaker can have a microphone all the same."""
    with tempfile.TemporaryFile() as sound, tempfile.TemporaryFile() as told:
        with wave.open(sound, "wb") as out:
            out.setparams((1, 2, 8000, 0, "NONE", ""))
            out.writeframes(decode_alaw(np.frombuffer(alaw, np.uint8)).astype("<i2").tobytes())
        sound.seek(0)
        try:
            _run("play", device, len(alaw) / 8000, sound, told)
        except (RefusedError, EquipmentError) as refused:
            note(f"It cannot be played here: {refused}")


def _run(
    act: str, device: str, seconds: float, source: IO[bytes] | int | None, told: IO[bytes]
) -> None:
    """Let the program do one thing; `told` is at its beginning then. Raises RefusedError."""
    with subprocess.Popen(
        [*_PROGRAM, act, device, str(seconds)], stdin=source, stdout=told
    ) as program:
        try:
            code = program.wait(seconds + PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            program.kill()
            raise EquipmentError("The sound card gives no sound.") from error
        except KeyboardInterrupt:
            program.kill()
            raise
    told.seek(0)
    if code == 0:
        return
    try:
        said = json.loads(told.read())
        refused = RefusedError(str(said["key"]), str(said["sentence"]), str(said["remedy"]))
    except (ValueError, TypeError, KeyError):
        raise EquipmentError("The sound card's program fell over it.") from None
    raise refused


def _asked() -> str:
    print(
        "1 keeps it, 2 records it again, 3 plays it again, anything else throws it away: ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip()
