"""Music on hold of our own: a slow piece for soft bells, made by arithmetic, owned by nobody.

Sixteen bars of four beats at 80 a minute: a broken chord below, a sparse tune above it, in C.
Every note lies between 300 and 3400 Hz, as the telephone does; what is quiet there is not
swallowed by it. Notes that ring over the end ring on at the beginning (the line is a circle), so
that the loop has no seam. Nothing is random: the same bytes each time, on each machine's tests
within rounding.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.music_level import circle_levelled
from appliance.signals.resample import Sound

RATE: Final = 8000
BEAT: Final = RATE * 60 // 80
BEATS_A_BAR: Final = 4

_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_CHORDS: Final = (
    "E4 G4 C5 G4", "G4 B4 D5 B4", "E4 A4 C5 A4", "E4 G4 B4 G4",
    "F4 A4 C5 A4", "E4 G4 C5 G4", "F4 A4 D5 A4", "G4 B4 D5 B4",
    "E4 A4 C5 A4", "E4 G4 B4 G4", "F4 A4 C5 A4", "E4 G4 C5 G4",
    "F4 A4 D5 A4", "E4 G4 C5 E5", "F4 A4 C5 D5", "G4 B4 D5 G5",
)  # fmt: skip
"""A broken chord a bar, one note a half beat, there and back."""
_TUNE: Final = (
    (0, "E5", 3), (3, "G5", 1), (4, "D5", 3), (7, "B4", 1), (8, "C5", 2), (10, "E5", 2),
    (12, "G5", 4), (16, "A5", 3), (19, "G5", 1), (20, "E5", 4), (24, "F5", 2), (26, "D5", 2),
    (28, "D5", 4), (32, "C5", 1), (33, "E5", 1), (34, "A5", 2), (36, "G5", 3), (39, "E5", 1),
    (40, "F5", 2), (42, "A5", 2), (44, "G5", 4), (48, "F5", 1), (49, "E5", 1), (50, "D5", 2),
    (52, "E5", 3), (55, "C5", 1), (56, "D5", 2), (58, "C5", 2), (60, "B4", 4),
)  # fmt: skip
"""Beat from the beginning, note, beats it is meant to last."""
_PARTIALS: Final = ((1.0, 1.0, 1.0), (2.0, 0.28, 0.6), (3.0, 0.10, 0.4), (4.0, 0.04, 0.25))
"""Multiple of the note, its share, how long it rings compared with the note."""


def hertz(note: str) -> float:
    """Return the frequency of a note such as "A4" (440 Hz, equal temperament)."""
    half_tones = _STEPS[note[0]] + 12 * int(note[1]) - 57
    return float(440.0 * 2.0 ** (half_tones / 12))


def music_on_hold() -> npt.NDArray[np.int16]:
    """Return the piece: 48 s at 8 kHz, -26 dBov, a whole number of 20 ms frames, loopable."""
    line = np.zeros(len(_CHORDS) * BEATS_A_BAR * BEAT)
    for bar, chord in enumerate(_CHORDS):
        notes = chord.split()
        for place, note in enumerate((*notes, *notes[::-1])):
            start = bar * BEATS_A_BAR * BEAT + place * BEAT // 2
            ring(line, start, bell(hertz(note), seconds=1.6) * 0.35)
    for beat, note, beats in _TUNE:
        ring(line, beat * BEAT, bell(hertz(note), seconds=0.6 + 0.5 * beats))
    return circle_levelled(in_band(line))


def bell(note_hertz: float, seconds: float) -> Sound:
    """One note: partials that die away, the higher the sooner, after a soft attack of 12 ms."""
    time = np.arange(int(seconds * 2 * RATE)) / RATE
    sound = np.zeros(len(time))
    for multiple, share, rings in _PARTIALS:
        if note_hertz * multiple < 3400:
            decay = np.exp(-time * 3.0 / (seconds * rings))
            sound += share * decay * np.sin(2 * np.pi * note_hertz * multiple * time)
    attack = np.minimum(time / 0.012, 1.0)
    release = np.minimum((len(time) - np.arange(len(time))) / (0.05 * RATE), 1.0)
    return sound * (0.5 - 0.5 * np.cos(np.pi * attack)) * release


def ring(line: Sound, start: int, sound: Sound) -> None:
    """Add a sound on the circle."""
    places = (start + np.arange(len(sound))) % len(line)
    np.add.at(line, places, sound)


def in_band(line: Sound) -> Sound:
    """Leave only 300-3400 Hz; on a circle the spectrum is exact and leaves no seam."""
    spectrum = np.fft.rfft(line)
    frequency = np.fft.rfftfreq(len(line), 1 / RATE)
    spectrum[(frequency < 300) | (frequency > 3400)] = 0
    return np.fft.irfft(spectrum, len(line))
