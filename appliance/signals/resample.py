"""From studio sound to the telephone: any rate to 8 kHz, band 120-3500 Hz, levelled.

A windowed-sinc low-pass (Kaiser, 193 taps at 24 kHz, the same 8 ms at other rates), evaluated
only where a sample is kept; at 24 kHz: flat to 3 kHz, -63 dB at 3.8 kHz, under -100 dB from
4.5 kHz. Two first-order high-passes at 120 Hz take away rumble that a handset only buzzes at.
Then active speech is brought to -20 dBFS with peaks held under -6 dBFS by a limiter that looks
ahead, so that nothing clips and prompts of all voices are equally loud.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.levels import active_level

RATE: Final = 8000
CUT_HZ: Final = 3500.0
SPAN_SECONDS: Final = 192 / 24000
KAISER_BETA: Final = 8.0
HIGH_PASS_HZ: Final = 120.0
ACTIVE_DBFS: Final = -20.0
PEAK_DBFS: Final = -6.0
MOST_GAIN: Final = 100.0
"""A recording that needs more is noise."""

Sound = npt.NDArray[np.float64]
"""One line of samples in int16 units."""

_LIMITER_SPAN: Final = 81
"""Samples (10 ms) over which the limiter's gain comes and goes."""


def telephone_chain(
    samples: npt.NDArray[np.int16] | npt.NDArray[np.floating], rate: int
) -> npt.NDArray[np.int16]:
    """Return the sound as a caller should hear it: int16 at 8 kHz, levelled.

    samples: one line, int16, or float with full scale 1.0. rate: 8000 Hz or more.
    Raises ValueError for a lower rate or for more than one line.
    """
    sound = as_sound(samples)
    return levelled(high_passed(resampled(sound, rate)))


def as_sound(samples: npt.NDArray[np.int16] | npt.NDArray[np.floating]) -> Sound:
    """Return float samples in int16 units; floats are taken as -1.0..1.0, NaN as silence."""
    if samples.ndim != 1:
        raise ValueError("one line of samples is expected; mix stereo down first")
    if np.issubdtype(samples.dtype, np.floating):
        return np.nan_to_num(samples.astype(np.float64)) * 32767.0
    return samples.astype(np.float64)


def resampled(sound: Sound, rate: int) -> Sound:
    """Return the sound at 8 kHz, band-limited to 3.5 kHz. 8 kHz stays as it is."""
    if rate < RATE:
        raise ValueError(f"{rate} samples a second are too few for the telephone (8000)")
    if rate == RATE or not len(sound):
        return sound
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    return _polyphase(sound, up, down, _low_pass(rate, up))


@lru_cache(maxsize=8)
def _low_pass(rate: int, up: int) -> Sound:
    """Return the filter at `rate` x `up`, of odd length, with gain `up`."""
    half = round(SPAN_SECONDS * rate * up / 2)
    at = np.arange(-half, half + 1)
    cut = 2 * CUT_HZ / (rate * up)
    taps: Sound = cut * np.sinc(cut * at) * np.kaiser(2 * half + 1, KAISER_BETA)
    taps *= up / taps.sum()
    taps.setflags(write=False)
    return taps


def _polyphase(sound: Sound, up: int, down: int, taps: Sound) -> Sound:
    """Put `up`-1 zeros between samples, filter, keep each `down`-th: only what is kept is made.

    Output m is centred on place m·down of the up-sampled line, so it needs the inputs around
    m·down/up with the taps of one of `up` phases.
    """
    half = len(taps) // 2
    if up == 1:
        return np.convolve(np.pad(sound, half), taps, mode="valid")[::down]
    reach = half // up + 1
    padded = np.concatenate([np.zeros(reach), sound, np.zeros(reach + 1)])
    count = -(-len(sound) * up // down)
    out = np.empty(count)
    width = 2 * reach + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    for first in range(min(up, count)):
        kept = np.arange(first, count, up)
        centre, phase = divmod(first * down, up)
        # Input k of the window stands at (k - reach)·up - phase from the output's centre.
        place = half - ((np.arange(width) - reach) * up - phase)
        inside = (place >= 0) & (place < len(taps))
        own = np.where(inside, taps[np.clip(place, 0, len(taps) - 1)], 0.0)
        for start in range(0, len(kept), 4096):
            rows = centre + np.arange(start, min(start + 4096, len(kept))) * down
            out[kept[start : start + 4096]] = windows[rows] @ own
    return out


def high_passed(sound: Sound) -> Sound:
    """Pass what is over 120 Hz: two first-order high-passes, as one convolution."""
    pole = 1 / (1 + 2 * math.pi * HIGH_PASS_HZ / RATE)
    powers = pole ** np.arange(400)
    once = powers * (pole - 1)
    once[0] = pole
    # Unity at half the sample rate.
    once *= (1 + pole) / (2 * pole)
    # After 400 samples a single response has died to -300 dB.
    return _convolved(sound, np.convolve(once, once))[: len(sound)]


def _convolved(sound: Sound, taps: Sound) -> Sound:
    size = len(sound) + len(taps) - 1
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(taps, size)
    return np.fft.irfft(spectrum, size)


def levelled(sound: Sound) -> npt.NDArray[np.int16]:
    """Bring active speech to -20 dBFS, peaks under -6 dBFS, by 40 dB at most; silence stays."""
    peak = 32768 * 10 ** (PEAK_DBFS / 20)
    highest = np.abs(sound).max(initial=0.0)
    if highest < 1:
        return _rounded(sound)
    # Measured at full scale, so that the detector's thresholds suit a quiet recording, too.
    to_full = 32000 / highest
    gain = to_full * _gain_to_target(sound * to_full)
    out = sound * min(gain, MOST_GAIN)
    if gain > MOST_GAIN:
        return _rounded(np.trunc(limited(out, peak)))
    for _ in range(3):
        # What the limiter takes from the peaks is given back to the whole.
        out = limited(out, peak)
        out *= _gain_to_target(out)
    return _rounded(np.trunc(limited(out, peak)))


def _gain_to_target(sound: Sound) -> float:
    """Return the factor that brings active speech to its level; 1 where nobody speaks."""
    level = active_level(_rounded(sound))
    return float(10 ** ((ACTIVE_DBFS - level) / 20)) if level > -90 else 1.0


def limited(sound: Sound, peak: float) -> Sound:
    """Lower the gain smoothly around every peak that is too high."""
    excess = np.maximum(np.abs(sound) / peak, 1.0)
    if not (excess > 1.0).any():
        return sound
    span = _LIMITER_SPAN
    around = np.pad(excess, span - 1, constant_values=1.0)
    held = 1 / np.lib.stride_tricks.sliding_window_view(around, span).max(axis=1)
    window = np.hanning(span + 2)[1:-1]
    # Held for the whole span, then averaged over it: at each peak all of the average is low.
    gain = np.convolve(held, window / window.sum(), mode="valid")
    return np.clip(sound * gain, -peak, peak)


def _rounded(sound: Sound) -> npt.NDArray[np.int16]:
    return np.rint(np.clip(sound, -32768, 32767)).astype(np.int16)
