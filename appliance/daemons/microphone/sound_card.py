"""PyAudio's door: which sound cards there are, and a stream from or to one of them.

PortAudio (V19) counts devices from 0. The rate is the first of RATES that the card takes: the
telephone's own 8 kHz last, for many cards do it badly.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from appliance.vocabulary.errors import RefusedError

if TYPE_CHECKING:
    import pyaudio

RATES: Final = (48000, 44100, 32000, 16000, 8000)
BLOCKS_A_SECOND: Final = 20

Linear = npt.NDArray[np.int16]

_INSTALL = (
    "In the folder of Linghe: .venv/bin/pip install --editable '.[sound]', which needs Debian's "
    "portaudio19-dev, python3-dev and gcc"
)
_OTHERWISE = "record it at a phone (*77), or bring a file: linghe prompt add NAME FILE"


class NoSound(RefusedError):
    """No PyAudio, no sound card, or none that works; `key` begins with "microphone_"."""


@contextlib.contextmanager
def sound_cards() -> Iterator["pyaudio.PyAudio"]:
    """Open PortAudio for a while. Raises NoSound where PyAudio is not there."""
    # PortAudio would start a JACK server, and wait for it.
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    try:
        import pyaudio
    except ImportError as error:
        raise NoSound(
            "microphone_missing", "PyAudio is not installed: the box has no microphone.",
            f"{_INSTALL}; or {_OTHERWISE}.",
        ) from error  # fmt: skip
    try:
        audio = pyaudio.PyAudio()
    except OSError as error:
        raise NoSound(
            "microphone_missing", f"The system has no sound: {error}.", f"{_OTHERWISE}."
        ) from error
    try:
        yield audio
    finally:
        audio.terminate()


def names(audio: "pyaudio.PyAudio", *, is_input: bool = True) -> list[tuple[int, str]]:
    """Return number and name of each device that can record, or play."""
    wanted = "maxInputChannels" if is_input else "maxOutputChannels"
    found = (audio.get_device_info_by_index(one) for one in range(audio.get_device_count()))
    return [(int(one["index"]), str(one["name"])) for one in found if int(one[wanted]) > 0]


def chosen(audio: "pyaudio.PyAudio", wanted: str, *, is_input: bool = True) -> int:
    """Return the number of a device: by number, part of its name, or "" for the usual one.

    Raises NoSound where there is none.
    """
    there = names(audio, is_input=is_input)
    what = "microphone" if is_input else "loudspeaker"
    if not there:
        raise NoSound(
            f"{what}_missing", f"There is no sound card with a {what} at the box.",
            f"Plug one in (USB will do); or {_OTHERWISE}." if is_input else "",
        )  # fmt: skip
    if not wanted:
        return _usual(audio, there, is_input=is_input)
    for number, name in there:
        if wanted == str(number) or wanted.casefold() in name.casefold():
            return number
    told = "; ".join(f"{number} {name}" for number, name in there)
    raise NoSound(f"{what}_unknown", f'No {what} is called "{wanted}".', f"There are: {told}.")


def _usual(audio: "pyaudio.PyAudio", there: list[tuple[int, str]], *, is_input: bool) -> int:
    try:
        if is_input:
            return int(audio.get_default_input_device_info()["index"])
        return int(audio.get_default_output_device_info()["index"])
    except OSError:
        return there[0][0]


def recorded_from(audio: "pyaudio.PyAudio", device: int) -> tuple[int, Iterator[Linear]]:
    """Begin to record one track; return its rate in Hz, and an endless stream of blocks.

    Raises NoSound where the card does not take any of RATES; the stream raises it later.
    """
    import pyaudio

    why = ""
    # many a card has no single track: of two the first is taken
    for tracks in (1, 2):
        for rate in RATES:
            try:
                stream = audio.open(
                    rate=rate, channels=tracks, format=pyaudio.paInt16, input=True,
                    input_device_index=device, frames_per_buffer=rate // BLOCKS_A_SECOND,
                )  # fmt: skip
            except (OSError, ValueError) as error:
                why = str(error)
                continue
            return rate, _blocks(stream, rate // BLOCKS_A_SECOND, tracks)
    raise NoSound("microphone_refused", f"The sound card does not record: {why}.", _OTHERWISE)


def _blocks(stream: "pyaudio.Stream", size: int, tracks: int) -> Iterator[Linear]:
    try:
        while True:
            data: bytes = stream.read(size, exception_on_overflow=False)
            yield np.frombuffer(data, "<i2")[::tracks].astype(np.int16)
    except OSError as error:
        raise NoSound(
            "microphone_lost", f"The sound card stopped: {error}.", "Is its cable plugged in?"
        ) from error
    finally:
        stream.close()


def play(audio: "pyaudio.PyAudio", device: int, samples: Linear, rate: int) -> None:
    """Play one track to its end. Raises NoSound where the card does not take the rate."""
    import pyaudio

    try:
        stream = audio.open(
            rate=rate, channels=1, format=pyaudio.paInt16, output=True, output_device_index=device
        )
    except (OSError, ValueError) as error:
        raise NoSound("loudspeaker_refused", f"The sound card does not play: {error}.") from error
    try:
        stream.write(samples.astype("<i2").tobytes())
        stream.stop_stream()
    finally:
        stream.close()
