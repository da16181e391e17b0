"""The test phone's ear and mouth: pyVoIP's 8-bit unsigned samples to measurements and back."""

import numpy as np
import numpy.typing as npt

from appliance.signals.levels import dbfs
from appliance.signals.single_tone import tone_share

RATE = 8000
WINDOW = 800
"""100 ms: a syllable, and 10 Hz of resolution."""
AUDIBLE_DBFS = -40.0
"""Prompts are at about -20; 8-bit samples end at -42."""
SURE_SHARE = 0.6
"""Of the power in one tone: speech and music never come near it."""
OWN_TONE_HERTZ = 1000.0
LOUDNESS = 0.3
"""Of full scale, each tone: -10.5 dBFS."""
KEYPAD_ROWS = (697.0, 770.0, 852.0, 941.0)
KEYPAD_COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYPAD = "123A456B789C*0#D"
"""ITU-T Q.23."""


def linear(samples: bytes) -> npt.NDArray[np.int16]:
    """Return 8-bit unsigned samples as 16-bit ones."""
    return (np.frombuffer(samples, np.uint8).astype(np.int16) - 128) * 256


def sines(hertz: tuple[float, ...], seconds: float) -> bytes:
    """Return a sum of sines as 8-bit unsigned samples."""
    times = np.arange(int(seconds * RATE)) / RATE
    wave = sum(LOUDNESS * np.sin(2 * np.pi * one * times) for one in hertz)
    return np.asarray(np.rint(128 + 127 * wave), np.uint8).tobytes()


def key_tones(key: str, seconds: float = 0.2) -> bytes:
    """Return a key of the keypad, a pause after it."""
    place = KEYPAD.index(key)
    pair = (KEYPAD_ROWS[place // 4], KEYPAD_COLUMNS[place % 4])
    return sines(pair, seconds) + b"\x80" * (RATE // 10)


class Ear:
    """Hears windows of 100 ms, one after another."""

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, samples: bytes) -> list[tuple[float, float]]:
        """Take samples; return the level (dBFS) and the own tone's share of each whole window."""
        self._rest += samples
        found = []
        while len(self._rest) >= WINDOW:
            window, self._rest = linear(self._rest[:WINDOW]), self._rest[WINDOW:]
            found.append((float(dbfs(window)), tone_share(window, OWN_TONE_HERTZ)))
        return found


def is_own(level: float, share: float) -> bool:
    """Whether a window holds the phone's own tone."""
    return level > AUDIBLE_DBFS and share > SURE_SHARE
