"""Comfort noise (RFC 3389): the sound of a line on which nobody speaks, in a few bytes.

Byte 0 is the level in -dBov (which is dBFS here), the others are quantised reflection coefficients
of an all-pole filter: the noise's colour. Made noise is one loop of 1.02 s, coloured in the
frequency domain, so that its end meets its beginning without a seam.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.g711 import Linear
from appliance.signals.levels import dbfs

LOOP: Final = 8192
"""Samples of made noise, then it begins again."""
ORDER: Final = 10
"""Coefficients that we write; more are read."""
MOST_ORDER: Final = 20
LEVEL_MOST: Final = 127
_SEED: Final = 3389
_STEP: Final = 258 / 32768
"""§3.1: k = 258 * (N - 127) / 32768, N from 0 to 254."""
_MIDDLE: Final = 127

Coefficients = npt.NDArray[np.float64]


def described(samples: Linear) -> bytes:
    """Return the payload that describes this background: at least 20 ms of it."""
    level = min(max(round(-float(dbfs(samples))), 0), LEVEL_MOST)
    coefficients = _reflections(samples.astype(np.float64))
    coded = np.clip(np.rint(coefficients / _STEP) + _MIDDLE, 0, 254).astype(np.uint8)
    return bytes((level, *coded.tolist()))


def _reflections(sound: Coefficients) -> Coefficients:
    """Return reflection coefficients by the Levinson-Durbin recursion, |k| < 1."""
    tapered = sound * np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(tapered, 2 * len(sound))) ** 2
    correlation = np.fft.irfft(spectrum)[: ORDER + 1]
    # A white floor at -40 dB keeps the recursion sound on tones and on silence.
    correlation[0] = correlation[0] * 1.0001 + 1e-9
    filter_so_far = np.array([1.0])
    error = correlation[0]
    found = np.zeros(ORDER)
    for place in range(ORDER):
        ahead = correlation[place + 1 : 0 : -1]
        found[place] = -(filter_so_far @ ahead) / error
        filter_so_far = _longer(filter_so_far, found[place])
        error *= 1 - found[place] ** 2
    return found


def _longer(filter_so_far: Coefficients, reflection: float) -> Coefficients:
    """Return the prediction filter with one more reflection."""
    padded = np.append(filter_so_far, 0.0)
    return padded + reflection * padded[::-1]


@lru_cache(maxsize=64)
def noise(payload: bytes) -> Linear:
    """Return a loop of the described noise; silence for an empty payload."""
    if not payload:
        return np.zeros(LOOP, np.int16)
    prediction = np.array([1.0])
    for coded in payload[1 : 1 + MOST_ORDER]:
        # 255 is reserved, and would not be stable.
        reflection = (min(coded, 254) - _MIDDLE) * _STEP
        prediction = _longer(prediction, min(max(reflection, -0.98), 0.98))
    white = np.random.default_rng(_SEED).standard_normal(LOOP)
    response = np.fft.rfft(prediction, LOOP)
    # Twenty coefficients of a liar may have a zero on the circle.
    response = np.where(np.abs(response) < 1e-4, 1e-4, response)
    coloured = np.fft.irfft(np.fft.rfft(white) / response, LOOP)
    wanted = 32768 * 10 ** (-(payload[0] & LEVEL_MOST) / 20)
    made = coloured * (wanted / np.sqrt(np.mean(np.square(coloured))))
    loop: Linear = np.rint(np.clip(made, -32768, 32767)).astype(np.int16)
    loop.setflags(write=False)
    return loop
