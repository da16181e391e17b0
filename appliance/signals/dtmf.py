"""DTMF by arithmetic on all legs at once (ITU-T Q.23, receiver limits of ITU-T Q.24).

Every 10 ms of every leg one window of the last 128 samples (16 ms) is projected on the eight
tones by one matrix product for all legs. A window *shows* a digit when one row tone and one
column tone hold nearly all of its energy, each stands out of its group, the twist between them
is what telephones make, and their second harmonics (which voices have and keypads have not)
are weak. Three equal windows begin a digit, three others end it: shorter things than 24 ms are
never taken (Q.24 asks for rejection below 23 ms and acceptance from 40 ms).

Of packets of 20 ms only the second window is looked at, until it (or the one before) shows a
digit: three equal windows in a row cannot be without one of these, so nothing is missed, and
speech costs half. Even that window is first judged by every second of its samples: 4000 a second
still carry all eight tones, what folds down from above counts as noise either way, and a window
that does not hold half its energy in two tones then is none that shows a digit. So a leg that
talks costs a third, and only what sounds like a key is looked at closely (`near`, `listen`).

Thresholds were measured on keys through A-law and on hours of speech; see tests/signals and
tests/bench/dtmf.py before touching one.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

RATE: Final = 8000
HOP: Final = 80
WINDOW: Final = 128
ROW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
COLUMN_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = "123A456B789C*0#D"
"""Row by row, as on the pad."""

TONE_SHARE: Final = 0.65
"""Least share of the window's energy that the two tones hold."""
PEAK_RATIO: Final = 6.3
"""8 dB over every other tone of its group."""
TWIST_HIGH: Final = 10**0.4 * 1.3
"""Column over row: +4 dB, and a margin for windows that a tone fills only in part."""
TWIST_LOW: Final = 10**0.8 * 1.5
"""Row over column: 8 dB, and a margin that also covers the strong tone's leakage into the weak
one's projection (with 1.3 one key in a hundred of 40 ms at -8 dB was lost)."""
HARMONIC_SHARE: Final = 0.6
"""Most power at the double of a tone, as a share of the tone's. Not tighter: 2 x 697 Hz lies
beside 1336 Hz."""
LEAST_POWER: Final = 80.0**2 / 2
"""Mean square of the window below which nothing is looked for (about -55 dBFS)."""
DECISIONS: Final = 3
"""Equal windows to begin a digit, and other windows to end it."""
USUAL: Final = 2 * HOP
"""Samples of a packet of 20 ms: the only ones that `near` can judge."""
THIN: Final = slice(USUAL - WINDOW, USUAL, 2)
"""Of these it wants every second sample of the last window."""
TAIL: Final = WINDOW - HOP
"""Samples from before a packet that its first window reaches into."""
THIN_SHARE: Final = 0.5
"""Least share that the two strongest tones hold of the thin window: TONE_SHARE less what noise
makes of 64 samples."""

_NONE: Final = -1


Samples = npt.NDArray[np.int16] | npt.NDArray[np.float32]
"""Linear samples, a row a leg."""


class ToneKey(NamedTuple):
    """A key that began or ended on one leg."""

    row: int
    digit: str
    began: bool
    """True at its begin (duration_ms is 0), False at its end."""
    duration_ms: int


def _projections(tones: tuple[float, ...]) -> npt.NDArray[np.float32]:
    """Return WINDOW x 2·len(tones): cosines, then sines."""
    turns = 2 * np.pi * np.outer(np.arange(WINDOW), np.array(tones)) / RATE
    return np.hstack([np.cos(turns), np.sin(turns)]).astype(np.float32)


_TONES: Final = _projections(ROW_HZ + COLUMN_HZ)
_THIN_TONES: Final = np.ascontiguousarray(_TONES[::2].T)
_THIN_SAMPLES: Final = WINDOW // 2
_HARMONICS: Final = _projections(tuple(2 * hz for hz in ROW_HZ + COLUMN_HZ))


def shown_keys(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """Say of each window (n, 128) which key of KEYS it shows; -1 for none."""
    shown = np.full(len(windows), _NONE, np.int8)
    energy = np.einsum("ij,ij->i", windows, windows)
    loud = np.flatnonzero(energy > LEAST_POWER * WINDOW)
    if not len(loud):
        return shown
    windows, energy = windows[loud], energy[loud]
    power = _powers(windows, _TONES)
    at = np.arange(len(loud))
    row, column = power[:, :4].argmax(axis=1), power[:, 4:].argmax(axis=1)
    row_power, column_power = power[at, row], power[at, column + 4]
    power[at, row] = power[at, column + 4] = 0
    is_key = (
        ((row_power + column_power) * (2 / WINDOW) > TONE_SHARE * energy)
        & (row_power > PEAK_RATIO * power[:, :4].max(axis=1))
        & (column_power > PEAK_RATIO * power[:, 4:].max(axis=1))
        & (column_power < TWIST_HIGH * row_power)
        & (row_power < TWIST_LOW * column_power)
    )
    keys = np.flatnonzero(is_key)
    if len(keys):
        double = _powers(windows[keys], _HARMONICS)
        at, row, column = at[: len(keys)], row[keys], column[keys]
        is_pure = (double[at, row] < HARMONIC_SHARE * row_power[keys]) & (
            double[at, column + 4] < HARMONIC_SHARE * column_power[keys]
        )
        shown[loud[keys]] = np.where(is_pure, row * 4 + column, _NONE)
    return shown


def _powers(
    windows: npt.NDArray[np.float32], projections: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    parts = windows @ projections
    np.multiply(parts, parts, out=parts)
    sums: npt.NDArray[np.float32] = parts[:, :8] + parts[:, 8:]
    return sums


def may_show(thin: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Say of each window (n, 64), every second sample of 128, whether it may show a key."""
    energy = np.einsum("ij,ij->i", thin, thin)
    parts = _THIN_TONES @ thin.T
    np.multiply(parts, parts, out=parts)
    power = parts[:8] + parts[8:]
    best = power[:4].max(axis=0) + power[4:].max(axis=0)
    found: npt.NDArray[np.bool_] = best > np.maximum(
        energy, LEAST_POWER / 2 * _THIN_SAMPLES
    ) * np.float32(THIN_SHARE * _THIN_SAMPLES / 2)
    return found


class DtmfBank:
    """The detectors of `capacity` legs: one column entry a leg, no object a leg."""

    def __init__(self, capacity: int) -> None:
        self._tail = np.zeros((capacity, TAIL), np.float32)
        """Of `feed`, which keeps it for its callers."""
        self._shown = np.full(capacity, _NONE, np.int8)
        self._run = np.zeros(capacity, np.int32)
        """How many windows in a row showed `_shown`."""
        self._key = np.full(capacity, _NONE, np.int8)
        """The key that is down."""
        self._misses = np.zeros(capacity, np.int32)
        self._held = np.zeros(capacity, np.int32)
        """Hops since the key's first window, misses at its end not counted."""
        self._is_busy = np.zeros(capacity, np.bool_)
        """The last window showed a key, or one is down."""

    def reset(self, row: int) -> None:
        """Forget everything about a leg (it is new, or its stream began again)."""
        self._tail[row] = 0
        self._shown[row] = self._key[row] = _NONE
        self._run[row] = self._misses[row] = self._held[row] = 0
        self._is_busy[row] = False

    def feed(self, rows: npt.NDArray[np.integer], samples: Samples) -> list[ToneKey]:
        """Take the next samples of these legs; return what keys began or ended, in time order.

        rows: (n,) distinct leg rows. samples: (n, 80·k) linear (10, 20, 30… ms; float32 saves a
        copy), the same length for all legs of one call. Where a packet was lost feed nothing: a
        digit survives.
        """
        length = samples.shape[1]
        if length % HOP:
            raise ValueError(f"samples come in tens of milliseconds (80), not {length}")
        line = np.hstack([self._tail[rows], samples], dtype=np.float32)
        self._tail[rows] = line[:, length:]
        if length == USUAL:
            near = self.near(rows, line[:, TAIL:][:, THIN])
            rows, line = rows[near], line[near]
        return self.listen(rows, line)

    def near(
        self, rows: npt.NDArray[np.integer], thin: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.intp]:
        """Say which of these legs, n, are to be listened to closely: their indices in `rows`.

        thin: (n, 64), `samples[:, THIN]` of a packet of 20 ms.
        """
        return np.flatnonzero(may_show(thin) | self._is_busy[rows])

    def listen(self, rows: npt.NDArray[np.integer], line: npt.NDArray[np.float32]) -> list[ToneKey]:
        """Take the next samples as `feed` does; line: (n, 48 + 80·k), the 48 before them first."""
        count, hops = len(rows), line.shape[1] // HOP
        shown = np.full((hops, count), _NONE, np.int8)
        for hop in range(hops - 1, -1, -2) if count else ():
            shown[hop] = shown_keys(line[:, hop * HOP : hop * HOP + WINDOW])
        these = np.flatnonzero(self._is_busy[rows] | (shown != _NONE).any(axis=0))
        if not len(these):
            return []
        for hop in range(hops - 2, -1, -2):
            shown[hop, these] = shown_keys(line[these, hop * HOP : hop * HOP + WINDOW])
        rows, shown = rows[these], shown[:, these]
        keys = [key for hop in range(hops) for key in self._decide(rows, shown[hop])]
        self._is_busy[rows] = (self._shown[rows] != _NONE) | (self._key[rows] != _NONE)
        return keys

    def _decide(self, rows: npt.NDArray[np.integer], shown: npt.NDArray[np.int8]) -> list[ToneKey]:
        """Advance the legs by one window."""
        run = np.where(shown == self._shown[rows], self._run[rows] + 1, 1)
        self._shown[rows], self._run[rows] = shown, run
        key = self._key[rows]
        is_down = key != _NONE
        misses = np.where(is_down & (shown != key), self._misses[rows] + 1, 0)
        self._held[rows] += is_down
        self._misses[rows] = misses
        ends = is_down & (misses >= DECISIONS)
        begins = (shown != _NONE) & (run >= DECISIONS) & (ends | ~is_down)
        keys = [self._end(int(row)) for row in rows[ends]]
        keys += [self._begin(int(row)) for row in rows[begins]]
        return keys

    def _begin(self, row: int) -> ToneKey:
        self._key[row] = self._shown[row]
        self._misses[row] = 0
        self._held[row] = DECISIONS
        return ToneKey(row, KEYS[self._key[row]], True, 0)

    def _end(self, row: int) -> ToneKey:
        digit = KEYS[self._key[row]]
        hops = int(self._held[row]) - DECISIONS
        self._key[row] = _NONE
        self._misses[row] = 0
        return ToneKey(row, digit, False, hops * HOP * 1000 // RATE)
