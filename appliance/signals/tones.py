"""Call-progress tones by country, as A-law bytes of one whole cadence period, ready to loop.

Frequencies and cadences: China GB/T 3380 (450 Hz), the others as listed in ITU-T E.180
supplement 2. Level: one tone is sent at -10 dBm0 in China and Poland, -13 dBm0 a frequency in
Britain and North America (dial), -19 (ringback) and -24 (busy) as is the custom there. A sine
that fills A-law's range is +3.14 dBm0 (G.711 table 5).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from appliance.signals.g711 import encode_alaw
from appliance.vocabulary.errors import RefusedError

RATE: Final = 8000
FULL_SCALE_DBM0: Final = 3.14
_RAMP: Final = 16
"""Samples (2 ms) over which a burst comes and goes, so that it does not click."""


class Burst(NamedTuple):
    """A piece of a cadence; no frequencies: a pause."""

    ms: int
    hertz: tuple[int, ...] = ()
    dbm0: float = -10.0
    """Of each frequency."""


Cadence = tuple[Burst, ...]


def _beats(hertz: tuple[int, ...], dbm0: float, *ms: int) -> Cadence:
    """On, off, on, off … for so many milliseconds each."""
    return tuple(Burst(length, () if place % 2 else hertz, dbm0) for place, length in enumerate(ms))


def _information(*hertz_ms: tuple[int, int], pause: int) -> Cadence:
    """Three rising tones, then a pause: ITU-T E.180 special information tone."""
    return (*(Burst(ms, (hertz,), -13.0) for hertz, ms in hertz_ms), Burst(pause))


_CN: Final = (450,)
_PL: Final = (425,)
_GB: Final = (400,)

CADENCES: Final[dict[str, dict[str, Cadence]]] = {
    "cn": {
        "dial": _beats(_CN, -10, 1000),
        "ringback": _beats(_CN, -10, 1000, 4000),
        "busy": _beats(_CN, -10, 350, 350),
        "congestion": _beats(_CN, -10, 700, 700),
        "unobtainable": _beats(_CN, -10, 100, 100, 100, 100, 100, 100, 400, 400),
    },
    "pl": {
        "dial": _beats(_PL, -10, 1000),
        "ringback": _beats(_PL, -10, 1000, 4000),
        "busy": _beats(_PL, -10, 500, 500),
        "congestion": _beats(_PL, -10, 250, 250),
        "unobtainable": _information((950, 330), (1400, 330), (1800, 330), pause=1010),
    },
    "gb": {
        "dial": _beats((350, 440), -13, 1000),
        "ringback": _beats((400, 450), -13, 400, 200, 400, 2000),
        "busy": _beats(_GB, -13, 375, 375),
        "congestion": _beats(_GB, -13, 400, 350, 225, 525),
        "unobtainable": _beats(_GB, -13, 1000),
    },
    "us": {
        "dial": _beats((350, 440), -13, 1000),
        "ringback": _beats((440, 480), -19, 2000, 4000),
        "busy": _beats((480, 620), -24, 500, 500),
        "congestion": _beats((480, 620), -24, 250, 250),
        "unobtainable": _information((914, 274), (1371, 274), (1777, 380), pause=1072),
    },
}
"""CADENCES[country][name]. A single burst is continuous and joins itself without a step."""

_EVERYWHERE: Final[dict[str, Cadence]] = {"beep": _beats((1000,), -10, 400, 100)}
"""beep: "speak now" of a voicemail box; no national signal."""


def tone_names(country: str) -> tuple[str, ...]:
    """Return the tones that a country has; raises RefusedError for an unknown country."""
    return (*_of_country(country), *_EVERYWHERE)


def tone(name: str, country: str) -> bytes:
    """Return the A-law bytes of one period of a tone: a multiple of 80, to be repeated.

    Raises RefusedError for a name or country that is not in the table.
    """
    cadence = _EVERYWHERE.get(name) or _of_country(country).get(name)
    if cadence is None:
        raise RefusedError("tone_unknown", f"There is no tone {name!r} in country {country!r}.")
    is_continuous = len(cadence) == 1
    bursts = [_samples(burst, is_continuous) for burst in cadence]
    return encode_alaw(np.concatenate(bursts)).tobytes()


def _of_country(country: str) -> dict[str, Cadence]:
    try:
        return CADENCES[country]
    except KeyError:
        raise RefusedError(
            "country_unknown",
            f"There are no tones of country {country!r}.",
            f"Known: {', '.join(CADENCES)}.",
        ) from None


def _samples(burst: Burst, is_continuous: bool) -> npt.NDArray[np.int16]:
    count = burst.ms * RATE // 1000
    amplitude = 32256 * 10 ** ((burst.dbm0 - FULL_SCALE_DBM0) / 20)
    turns = 2 * np.pi * np.arange(count) / RATE
    sound = np.zeros(count)
    for hertz in burst.hertz:
        sound += amplitude * np.sin(hertz * turns)
    if burst.hertz and not is_continuous:
        ramp = (1 - np.cos(np.pi * np.arange(_RAMP) / _RAMP)) / 2
        sound[:_RAMP] *= ramp
        sound[-_RAMP:] *= ramp[::-1]
    return np.rint(sound).astype(np.int16)


_ROWS: Final = (697, 770, 852, 941)
_COLUMNS: Final = (1209, 1336, 1477, 1633)
_KEYS: Final = ("123A", "456B", "789C", "*0#D")
_KEY_DBM0: Final = (-11.0, -9.0)
"""Of the lower and the higher tone: telephone sets send the higher one 2 dB louder."""


def key_tones(key: str, samples: int) -> bytes:
    """Return the A-law bytes of a key's two tones (ITU-T Q.23); raises ValueError for no key."""
    row = next((row for row, keys in enumerate(_KEYS) if key and key in keys), None)
    if row is None or len(key) != 1:
        raise ValueError(f"{key!r} is no key")
    hertz = (_ROWS[row], _COLUMNS[_KEYS[row].index(key)])
    ms = samples * 1000 // RATE
    both = [
        _samples(Burst(ms, (one,), dbm0), False) for one, dbm0 in zip(hertz, _KEY_DBM0, strict=True)
    ]
    return encode_alaw(both[0] + both[1]).tobytes()
