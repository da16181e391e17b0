"""`python -m appliance.daemons.microphone ACT DEVICE SECONDS`: record, play, check or list.

record: a WAV on standard output, until a line comes on standard input or SECONDS are over; a level
meter on standard error where that is a terminal. play: the WAV on standard input. check: whether
there is that microphone. list: a JSON list of microphones. Exit code 0, or 1 with one JSON object
on standard output instead: key, sentence, remedy. ALSA and PortAudio write what they like to file
descriptor 2, so that is led away.
"""

import io
import json
import os
import select
import sys
import threading
import wave
from collections.abc import Iterator
from typing import Final

import numpy as np

from appliance.daemons.microphone.sound_card import (
    BLOCKS_A_SECOND,
    Linear,
    NoSound,
    chosen,
    names,
    play,
    recorded_from,
    sound_cards,
)
from appliance.signals.levels import dbfs

PATIENCE_S: Final = 15.0
"""Over the seconds that are wanted: a card that gives nothing would hold us for ever."""
PLAYED_RATE: Final = 48000
"""Every card plays it; the telephone's 8 kHz not every one."""
_BARS: Final = 30
_FLOOR_DBFS: Final = -60.0
_LOUD_DBFS: Final = -3.0
_FAINT_DBFS: Final = -45.0


def main(argv: list[str]) -> int:
    """Carry out one act."""
    act, device, seconds = argv[0], argv[1], float(argv[2])
    terminal = os.dup(2)
    away = os.open(os.devnull, os.O_WRONLY)
    os.dup2(away, 2)
    late = threading.Timer(seconds + PATIENCE_S, _give_up)
    late.daemon = True
    late.start()
    try:
        with sound_cards() as audio:
            match act:
                case "record":
                    rate, blocks = recorded_from(audio, chosen(audio, device))
                    sound = _recorded(blocks, seconds, terminal)
                    sys.stdout.buffer.write(_wav(sound, rate))
                case "play":
                    sound = _read(sys.stdin.buffer.read())
                    play(audio, chosen(audio, device, is_input=False), sound, PLAYED_RATE)
                case "check":
                    chosen(audio, device)
                case _:
                    print(json.dumps(names(audio)))
    except NoSound as none:
        print(json.dumps({"key": none.key, "sentence": none.sentence, "remedy": none.remedy}))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _give_up() -> None:
    said = {"key": "microphone_lost", "sentence": "The sound card gives no sound.", "remedy": ""}
    os.write(1, json.dumps(said).encode())
    os._exit(1)


def _recorded(blocks: Iterator[Linear], seconds: float, terminal: int) -> Linear:
    kept: list[Linear] = []
    is_shown = os.isatty(terminal)
    for block in blocks:
        kept.append(block)
        if is_shown:
            os.write(terminal, _meter(block, len(kept) / BLOCKS_A_SECOND).encode())
        if len(kept) >= seconds * BLOCKS_A_SECOND or _enter_was_pressed():
            break
    if is_shown:
        os.write(terminal, b"\r\x1b[K")
    return np.concatenate(kept)


def _enter_was_pressed() -> bool:
    """A line, or the end, of standard input; it is read, so that nobody takes it for an answer."""
    if not select.select([0], [], [], 0)[0]:
        return False
    os.read(0, 4096)
    return True


def _meter(block: Linear, seconds: float) -> str:
    level = float(dbfs(block))
    bars = max(0, min(_BARS, round(_BARS * (level - _FLOOR_DBFS) / -_FLOOR_DBFS)))
    peak = 20 * np.log10(max(1, int(np.abs(block.astype(np.int32)).max())) / 32768)
    word = "too loud" if peak > _LOUD_DBFS else "too faint" if level < _FAINT_DBFS else ""
    return f"\r\x1b[K{seconds:5.1f} s  {'#' * bars:<{_BARS}} {level:6.1f} dB {word}"


def _wav(samples: Linear, rate: int) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(samples.astype("<i2").tobytes())
    return whole.getvalue()


def _read(whole: bytes) -> Linear:
    """Return a WAV of 16 bits and one track at the rate of cards."""
    import soxr

    with wave.open(io.BytesIO(whole)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.int16)
        raised: Linear = soxr.resample(samples, sound.getframerate(), PLAYED_RATE)
    return raised


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
