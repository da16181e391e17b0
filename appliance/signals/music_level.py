"""A piece of music as a telephone wants it: in the band, in a circle, at one loudness.

Theory of operation. What a caller hears on hold begins again for ever, so a piece is bent into a
circle: silence at its ends goes, and its last second is faded into its first one.
From then on every step treats it as a circle, so that no step puts the seam back.

Loudness is the mean power of what is not a pause, measured in blocks of 400 ms that overlap by
three quarters and gated 10 dB under their mean (ITU-R BS.1770-4 Annex 1; its weighting curve, made
for rooms and heads, is left out). The target is -26 dBov, the nominal level of speech in telephony
(ITU-T P.830: 26 dB below overload). In dBm0 that is -19.85: G.711 lets a full sine, -3.01 dBov,
stand at +3.14 dBm0. Our prompts are 6 dB louder: music lies behind a voice. Peaks stay under
-6 dBov.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.levels import SILENT_DBFS, dbfs
from appliance.signals.resample import PEAK_DBFS, RATE, Sound, high_passed, limited

MUSIC_DBOV: Final = -26.0
DBM0_AT_0_DBOV: Final = 6.15
"""A-law: +3.14 dBm0 for a full sine (ITU-T G.711), which is -3.01 dBov (ITU-T G.100.1)."""
FRAME: Final = 160
LEAST_SECONDS: Final = 3.0
"""Shorter ones would be a signal that repeats, not music."""
FADE_SECONDS: Final = 1.0
SILENT_UNDER_DBOV: Final = -60.0
"""Ends that are quieter are cut off; a piece without anything louder is silence."""

_LEAST_ALIKE: Final = -0.7
"""What is each other's opposite cancels whatever is done: by 5 dB at most it is lifted."""
_BLOCK: Final = 4 * RATE // 10
_HOP: Final = RATE // 10
_GATE_DB: Final = 10.0
_ABSOLUTE_GATE_DBOV: Final = -70.0
_AROUND: Final = RATE // 10
"""100 ms, what filter and limiter see beyond a piece or the seam: the longer of them ends there."""
_PIECE: Final = 1 << 18


class NotMusic(Exception):
    """Nothing that could be played for ever: silence, or too short."""


def music_dbm0(samples: npt.NDArray[np.integer] | Sound) -> float:
    """Return the loudness of int16 units in dBm0 (A-law). Silence: -89.85.

    Example: a full sine, amplitude 32767, has +3.14.
    """
    return loudness_dbov(samples.astype(np.float64)) + DBM0_AT_0_DBOV


def loudness_dbov(sound: Sound) -> float:
    """Return the gated mean power of a sound in int16 units, in dB over a full square wave."""
    if len(sound) < _BLOCK:
        return float(dbfs(sound)) if len(sound) else SILENT_DBFS
    tenths = np.mean(np.square(sound[: len(sound) // _HOP * _HOP]).reshape(-1, _HOP), axis=1)
    blocks = np.convolve(tenths, np.full(_BLOCK // _HOP, _HOP / _BLOCK), mode="valid")
    blocks = blocks[blocks > _power(_ABSOLUTE_GATE_DBOV)]
    if not len(blocks):
        return SILENT_DBFS
    heard = blocks[blocks > blocks.mean() * 10 ** (-_GATE_DB / 10)]
    return float(10 * np.log10(heard.mean() / 32768.0**2))


def telephone_music(sound: Sound) -> npt.NDArray[np.int16]:
    """Return a sound at 8 kHz as a circle of whole 20 ms frames. Raises NotMusic.

    sound: one line in int16 units, of any level.
    """
    return circle_levelled(looped(trimmed(_in_pieces(sound, high_passed))))


def trimmed(sound: Sound) -> Sound:
    """Cut silence off both ends, to 20 ms. Raises NotMusic where nothing is left."""
    whole = len(sound) // FRAME * FRAME
    highest = float(np.abs(sound).max(initial=0.0))
    if highest < 1:
        raise NotMusic("silence")
    # Measured as loud as it will be: what was recorded softly is not silence for that.
    levels = dbfs(sound[:whole].reshape(-1, FRAME) * (32767 / highest))
    loud = np.flatnonzero(levels > SILENT_UNDER_DBOV)
    kept = sound[loud[0] * FRAME : (loud[-1] + 1) * FRAME] if len(loud) else sound[:0]
    if len(kept) < LEAST_SECONDS * RATE:
        raise NotMusic("short")
    return kept


def looped(sound: Sound) -> Sound:
    """Bend a sound into a circle: its last second, at most a tenth of it, goes into its first.

    What follows the last sample of the result is its first one, as it was in the piece itself.
    The fade keeps the power of what it mixes, alike (a tone) or not (two bars of music).
    """
    fade = min(int(FADE_SECONDS * RATE), len(sound) // 10)
    length = (len(sound) - fade) // FRAME * FRAME
    fade = len(sound) - length
    turn = (np.arange(fade) + 0.5) / fade * (np.pi / 2)
    coming, going = np.sin(turn), np.cos(turn)
    head, tail = sound[:fade], sound[length:]
    alike = float(head @ tail) / max(float(np.sqrt((head @ head) * (tail @ tail))), 1e-9)
    power = 1 + 2 * float(np.clip(alike, _LEAST_ALIKE, 1.0)) * coming * going
    out = sound[:length].copy()
    out[:fade] = (head * coming + tail * going) / np.sqrt(power)
    return out


def circle_levelled(circle: Sound) -> npt.NDArray[np.int16]:
    """Bring a circle to its loudness, peaks under -6 dBov. Raises NotMusic for silence."""
    peak = 32768 * 10 ** (PEAK_DBFS / 20)
    highest = float(np.abs(circle).max(initial=0.0))
    if highest == 0.0:
        raise NotMusic("silence")
    # Measured at full scale first, so that the gate's lowest bound suits a soft recording, too.
    circle = circle * (32767 / highest)
    for _ in range(3):
        loudness = loudness_dbov(circle)
        if loudness <= SILENT_DBFS:
            raise NotMusic("silence")
        # What the limiter takes from the peaks is given back to the whole at the next turn.
        circle = _limited_in_a_circle(circle * 10 ** ((MUSIC_DBOV - loudness) / 20), peak)
    return np.rint(np.clip(circle, -peak, peak)).astype(np.int16)


def _limited_in_a_circle(circle: Sound, peak: float) -> Sound:
    around = min(_AROUND, len(circle))
    line = np.concatenate([circle[-around:], circle, circle[:around]])
    return _in_pieces(line, lambda part: limited(part, peak))[around : around + len(circle)]


def _in_pieces(sound: Sound, act: Callable[[Sound], Sound]) -> Sound:
    """Do what looks no farther than 100 ms piece by piece: ten minutes at once take 800 MB."""
    out = np.empty(len(sound))
    for start in range(0, len(sound), _PIECE):
        before = min(start, _AROUND)
        done = act(sound[start - before : start + _PIECE + _AROUND])
        out[start : start + _PIECE] = done[before : before + _PIECE]
    return out


def _power(dbov: float) -> float:
    return float(10 ** (dbov / 10) * 32768.0**2)
