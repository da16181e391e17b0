"""A sound file of any common kind to what callers hear: `python -m appliance.daemons.sound_file`.

Standard input: the file, which may be hostile. Standard output: A-law at 8 kHz, a circle of whole
frames (signals.music_level), or with the word "prompt" a spoken one (signals.prompt_level). Exit
code 0, or 1 with one JSON object: the key of what is wrong with
the file, and a sentence.

A process of its own, because what decodes is a large C library that reads what strangers made:
where it crashes or wants too much, only this process ends, and the kernel holds it to a minute of
one core and to half a gigabyte. Nothing is believed of a head: length is counted while decoding, a
second at a time, so a head that promises hours costs nothing.
"""

import json
import os
import resource
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from appliance.daemons.stepping_back import step_behind
from appliance.signals.g711 import encode_alaw
from appliance.signals.music_level import LEAST_SECONDS, NotMusic, telephone_music
from appliance.signals.prompt_level import NotSpeech, spoken_prompt
from appliance.signals.resample import RATE, Sound
from appliance.vocabulary.errors import RefusedError

if TYPE_CHECKING:
    import soundfile

MOST_BYTES: Final = 128 << 20
"""Ten minutes of 16-bit stereo at 48 kHz are 115 MB."""
LONGEST_SECONDS: Final = 600
LONGEST_PROMPT_SECONDS: Final = 240
"""A flow gives a prompt up after five minutes (engines.ivr.run)."""
PROMPT: Final = "prompt"
KINDS: Final = {
    "WAV": "WAV", "WAVEX": "WAV", "FLAC": "FLAC", "OGG": "OGG", "MP3": "MP3", "AIFF": "AIFF",
}  # fmt: skip
"""libsndfile's name of a container and ours. It knows twenty more, which nobody has music in."""
RATES: Final = range(8000, 192_001)
MOST_TRACKS: Final = 8
MOST_MEMORY: Final = 512 << 20
"""Ten minutes take 200 MB."""
MOST_CPU_S: Final = 60
PATIENCE_S: Final = 120.0
"""Of whoever waits for such a process: the machine may be busy with calls."""
CANCELLED_DB: Final = 12.0
"""A mix that is so much softer than its loudest track: the tracks are each other's opposite."""

_TRUNCATED = "The file is not whole: it ends before its own head says so."


class BadSound(RefusedError):
    """The file is nothing that can be played; `key` begins with "music_", or "prompt_"."""


def telephone_alaw_of(file: BinaryIO, *, is_prompt: bool = False) -> bytes:
    """Return the A-law bytes of a sound file, decoded in a process of its own.

    file: open for reading at its beginning, with a descriptor. is_prompt: it is speech, heard once
    and not for ever. Raises BadSound.
    """
    kind = PROMPT if is_prompt else "music"
    if os.fstat(file.fileno()).st_size > MOST_BYTES:
        raise BadSound(
            f"{kind}_large",
            f"The file is larger than {MOST_BYTES >> 20} MB.",
            "Make it shorter, or an MP3 or OGG.",
        )
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "appliance.daemons.sound_file", kind],
            stdin=file,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(kind) from error
    if done.returncode == 0 and done.stdout:
        return done.stdout
    try:
        told = json.loads(done.stdout)
        raise BadSound(str(told["key"]), str(told["sentence"]))
    except (ValueError, TypeError, KeyError):
        # Killed by a limit, or the library fell over it.
        raise _unreadable(kind) from None


def _unreadable(kind: str = "music") -> BadSound:
    kinds = ", ".join(dict.fromkeys(KINDS.values()))
    return BadSound(f"{kind}_unreadable", f"The file is no sound that can be read ({kinds}).")


def _converted(file: BinaryIO) -> bytes:
    try:
        return encode_alaw(telephone_music(decoded(file))).tobytes()
    except NotMusic as error:
        if str(error) == "silence":
            raise _silent() from error
        raise BadSound(
            "music_short", f"Of the file less than {LEAST_SECONDS:.0f} seconds can be heard."
        ) from error


def _converted_prompt(file: BinaryIO) -> bytes:
    try:
        sound = decoded(file, LONGEST_PROMPT_SECONDS)
        return encode_alaw(spoken_prompt(sound / 32767.0, RATE)).tobytes()
    except NotSpeech as error:
        if str(error) == "silence":
            raise _silent() from error
        raise BadSound("music_short", "Too little of the file can be heard.") from error


def _silent() -> BadSound:
    return BadSound("music_silent", "There is nothing to be heard in the file.")


def decoded(file: BinaryIO, longest: int | None = None) -> Sound:
    """Return a file's sound as one line at 8 kHz in int16 units. Raises BadSound.

    longest: in seconds, left out: of music; what goes on is refused.
    """
    longest = LONGEST_SECONDS if longest is None else longest
    import soundfile

    _check_whole(file)
    try:
        with soundfile.SoundFile(file.fileno(), closefd=False) as sound:
            kind = KINDS.get(str(sound.format))
            rate, tracks, promised = int(sound.samplerate), int(sound.channels), int(sound.frames)
            if kind is None or tracks > MOST_TRACKS:
                raise _unreadable()
            if rate not in RATES:
                raise BadSound(
                    "music_rate", f"The file has {rate} samples a second; 8000 to 192000 can be."
                )
            # Its promise is believed only against it. OGG's is not known before its end is read.
            if promised > longest * rate and kind != "OGG":
                raise _too_long(longest)
            line, count = _one_line(sound, rate, tracks, longest)
    except soundfile.LibsndfileError as error:
        raise _unreadable() from error
    if kind == "FLAC" and count < promised:
        raise BadSound("music_truncated", _TRUNCATED)
    return line


def _too_long(longest: int) -> BadSound:
    return BadSound("music_long", f"The sound is longer than {longest // 60} minutes.")


def _check_whole(file: BinaryIO) -> None:
    """A WAV says in its head how long it is (RIFF: all but 8 bytes); 0 and ~0: not known."""
    head = os.pread(file.fileno(), 12, 0)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        (size,) = struct.unpack("<I", head[4:8])
        if 0 < size < 0xFFFFFFFF and os.fstat(file.fileno()).st_size < size + 8 - 1:
            raise BadSound("music_truncated", _TRUNCATED)


def _one_line(
    sound: "soundfile.SoundFile", rate: int, tracks: int, longest: int
) -> tuple[Sound, int]:
    """Return the mix at 8 kHz, or the loudest track where the mix cancels, and frames read."""
    import soxr

    down = soxr.ResampleStream(rate, RATE, tracks + 1, dtype="float32")
    pieces: list[npt.NDArray[np.float32]] = []
    count = 0
    # After each read soundfile seeks to where it is, and in MP3 lands beside it: a click each time.
    sound.seekable = lambda: False
    while True:
        block = sound.read(rate, dtype="float32", always_2d=True)
        count += len(block)
        if count > longest * rate:
            raise _too_long(longest)
        # NaN and infinity may stand in a file of floats.
        block = np.clip(np.nan_to_num(block), -8.0, 8.0)
        lines = np.column_stack([block.mean(axis=1, dtype=np.float32), block])
        is_last = len(block) < rate
        pieces.append(down.resample_chunk(lines, last=is_last))
        if is_last:
            break
    whole = np.concatenate(pieces)
    power = np.mean(np.square(whole, dtype=np.float64), axis=0) if len(whole) else np.zeros(2)
    loudest = 1 + int(np.argmax(power[1:]))
    chosen = loudest if power[0] < power[loudest] * 10 ** (-CANCELLED_DB / 10) else 0
    return whole[:, chosen].astype(np.float64) * 32767.0, count


def _hold_to_limits() -> None:
    """This process's, once its libraries are there. Nothing is written; niced, for calls go on."""
    resource.setrlimit(resource.RLIMIT_AS, (_memory_now() + MOST_MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    step_behind(10)


def _memory_now() -> int:
    """Return the bytes of addresses in use: threads' stacks count though nothing lies in them."""
    with open("/proc/self/statm", encoding="ascii") as figures:
        return int(figures.read().split()[0]) * resource.getpagesize()


def main() -> int:
    """Convert standard input."""
    import soundfile  # noqa: F401 - before the limits, which count what a library maps
    import soxr  # noqa: F401

    _hold_to_limits()
    is_prompt = sys.argv[1:] == [PROMPT]
    try:
        made = (_converted_prompt if is_prompt else _converted)(sys.stdin.buffer)
    except BadSound as bad:
        key = bad.key.replace("music_", f"{PROMPT}_", 1) if is_prompt else bad.key
        print(json.dumps({"key": key, "sentence": bad.sentence}))
        return 1
    except MemoryError:
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
