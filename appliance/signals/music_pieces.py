"""The pieces of music that Linghe brings along, so that a site can choose: all made by arithmetic.

    default   a slow piece for soft bells (signals.music)
    calm      long chords that come and go like breath, a bell here and there; in F, 60 a minute
    bright    plucked wood in eighths with a cheerful tune; in G, 120 a minute

All lie between 300 and 3400 Hz on a circle, are equally loud, and are owned by nobody.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.music import RATE, bell, hertz, in_band, music_on_hold, ring
from appliance.signals.music_level import circle_levelled
from appliance.signals.resample import Sound

Piece = Callable[[], npt.NDArray[np.int16]]

_CALM_BEAT: Final = RATE
_CALM_CHORDS: Final = (
    "F4 A4 C5 G5", "E4 A4 C5 G5", "F4 A4 D5 F5", "F4 A#4 D5 F5",
    "G4 A#4 D5 F5", "E4 G4 C5 E5", "F4 A4 C5 E5", "E4 G4 A#4 C5",
)  # fmt: skip
"""Four beats each: F, A minor, D minor, B flat, G minor, C, F with its seventh, C with its own."""
_CALM_BELLS: Final = (
    (2, "C6"), (5, "A5"), (8, "D6"), (11, "C6"), (14, "A#5"), (18, "G5"),
    (21, "C6"), (24, "A5"), (26, "E6"), (29, "G5"), (31, "C6"),
)  # fmt: skip
"""Beat and note."""

_BRIGHT_BEAT: Final = RATE // 2
_BRIGHT_CHORDS: Final = (
    "G4 B4 D5", "G4 B4 D5", "E4 G4 C5", "G4 B4 D5",
    "E4 G4 B4", "E4 A4 C5", "F#4 A4 D5", "F#4 A4 D5",
    "G4 B4 D5", "G4 B4 D5", "E4 G4 C5", "E4 G4 C5",
    "E4 A4 C5", "F#4 A4 D5", "G4 B4 D5", "F#4 A4 C5",
)  # fmt: skip
_BRIGHT_TUNE: Final = (
    (0, "D5"), (1, "G5"), (2, "B5"), (3.5, "A5"), (4, "G5"), (6, "D5"),
    (8, "E5"), (9, "G5"), (10, "C6"), (11.5, "B5"), (12, "A5"), (13, "G5"), (14, "D5"),
    (16, "E5"), (17, "G5"), (18, "B5"), (19.5, "A5"), (20, "C6"), (21, "B5"), (22, "A5"),
    (24, "F#5"), (25, "A5"), (26, "D6"), (27.5, "C6"), (28, "A5"), (30, "F#5"),
    (32, "D5"), (33, "G5"), (34, "B5"), (35.5, "D6"), (36, "B5"), (38, "G5"),
    (40, "C6"), (41, "B5"), (42, "A5"), (43, "G5"), (44, "E5"), (46, "G5"),
    (48, "A5"), (49, "C6"), (50, "E6"), (51.5, "D6"), (52, "C6"), (53, "A5"), (54, "F#5"),
    (56, "G5"), (57, "B5"), (58, "G5"), (60, "D5"), (61, "E5"), (62, "F#5"), (63, "A5"),
)  # fmt: skip
_WOOD: Final = ((1.0, 1.0, 0.34), (4.0, 0.22, 0.11), (9.2, 0.05, 0.05))
"""Multiple of the note, share, seconds until it has died to a third: a bar of wood, tuned."""


def calm() -> npt.NDArray[np.int16]:
    """Return the calm piece: 32 s at 8 kHz, loopable."""
    bar = 4 * _CALM_BEAT
    line = np.zeros(len(_CALM_CHORDS) * bar)
    for place, chord in enumerate(_CALM_CHORDS):
        for voice, note in enumerate(chord.split()):
            ring(line, place * bar - _CALM_BEAT // 2, _breath(hertz_of(note), bar, voice))
    for beat, note in _CALM_BELLS:
        ring(line, beat * _CALM_BEAT, bell(hertz_of(note), seconds=1.8) * 0.4)
    return circle_levelled(in_band(line))


def bright() -> npt.NDArray[np.int16]:
    """Return the bright piece: 32 s at 8 kHz, loopable."""
    bar = 4 * _BRIGHT_BEAT
    line = np.zeros(len(_BRIGHT_CHORDS) * bar)
    for place, chord in enumerate(_BRIGHT_CHORDS):
        low, middle, high = chord.split()
        for eighth, note in enumerate((low, middle, high, middle, low, high, middle, high)):
            weight = 0.5 if eighth % 4 == 0 else 0.32
            ring(line, place * bar + eighth * _BRIGHT_BEAT // 2, _pluck(hertz_of(note)) * weight)
    for beat, note in _BRIGHT_TUNE:
        ring(line, int(beat * _BRIGHT_BEAT), _pluck(hertz_of(note)))
    return circle_levelled(in_band(line))


def hertz_of(note: str) -> float:
    """Return the frequency of a note, also of a sharp one: "F#4" is half a tone over F4."""
    if note[1] != "#":
        return hertz(note)
    return hertz(note[0] + note[2:]) * float(2 ** (1 / 12))


def _breath(note_hertz: float, bar: int, voice: int) -> Sound:
    """One note of a chord: it comes in a beat, stays, and goes while the next chord comes."""
    length = bar + 2 * _CALM_BEAT
    time = np.arange(length) / RATE
    rising = 1.5 * RATE
    place = np.arange(length)
    shape = np.minimum(np.minimum(place / rising, (length - place) / rising), 1.0)
    # Each voice sways a little, at a pace of its own, as players do.
    sway = 1 + 0.12 * np.sin(2 * np.pi * (0.21 + 0.05 * voice) * time + voice)
    sound = np.sin(2 * np.pi * note_hertz * time) + 0.22 * np.sin(4 * np.pi * note_hertz * time + 1)
    return 0.3 * sound * sway * (0.5 - 0.5 * np.cos(np.pi * shape))


def _pluck(note_hertz: float) -> Sound:
    """One stroke on tuned wood: at once there, soon gone."""
    time = np.arange(int(1.2 * RATE)) / RATE
    sound = np.zeros(len(time))
    for multiple, share, dies in _WOOD:
        if note_hertz * multiple < 3400:
            sound += share * np.exp(-time / dies) * np.sin(2 * np.pi * note_hertz * multiple * time)
    attack = np.minimum(time / 0.003, 1.0)
    release = np.minimum((len(time) - np.arange(len(time))) / (0.05 * RATE), 1.0)
    return sound * attack * release


PIECES: Final[Mapping[str, Piece]] = MappingProxyType(
    {"default": music_on_hold, "calm": calm, "bright": bright}
)
"""By the names under which they are shipped."""
