"""A spoken prompt as a telephone wants it: in the band, without silence at its ends, at one level.

What speaks is brought to -20 dBov (active speech level in the spirit of ITU-T P.56: pauses do not
count), peaks under -6 dBov, whoever made it: a voice of ours, an announcer, somebody at a desk
phone. Prompts of all origins are therefore equally loud, and 6 dB over the music behind them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.signals.levels import active_level, frame_levels
from appliance.signals.resample import ACTIVE_DBFS, as_sound, levelled, telephone_chain

LEAST_SECONDS: Final = 0.2
"""Less is a click of the key that ended it."""

_FRAME: Final = 80
_AUDIBLE_DBFS: Final = -44.0
"""24 dB under the voice: fainter at either end is breath."""
_MARGIN_FRAMES: Final = 5
"""50 ms kept around what is audible."""
_FADE: Final = 80
_CLOSE_DB: Final = 0.5
_MOST_ROUNDS: Final = 6
_SILENT_DBFS: Final = -70.0
"""Of a whole recording: nobody spoke, whatever hum there is."""

Linear = npt.NDArray[np.int16]


class NotSpeech(Exception):
    """Nothing that could be said to a caller: "silence", or "short"."""


def telephone_prompt(samples: Linear | npt.NDArray[np.floating], rate: int) -> Linear:
    """Return int16 at 8 kHz: 120-3500 Hz, active speech at -20 dBov, peaks under -6 dBov.

    samples: one line, int16, or float with full scale 1.0. rate: 8000 Hz or more (ValueError).
    """
    sound = _tight(telephone_chain(samples, rate))
    for _ in range(_MOST_ROUNDS):
        # A voice with high peaks comes out of one round too faint: the limiter took them.
        if abs(active_level(sound) - ACTIVE_DBFS) <= _CLOSE_DB:
            break
        sound = levelled(as_sound(sound))
    return sound


def spoken_prompt(samples: Linear | npt.NDArray[np.floating], rate: int) -> Linear:
    """As telephone_prompt, of what somebody recorded. Raises NotSpeech where nobody speaks."""
    given = as_sound(samples)
    if active_level(np.rint(np.clip(given, -32768, 32767)).astype(np.int16)) < _SILENT_DBFS:
        raise NotSpeech("silence")
    made = telephone_prompt(samples, rate)
    if len(made) < LEAST_SECONDS * 8000:
        raise NotSpeech("short")
    return made


def _tight(sound: Linear) -> Linear:
    """Return the sound without the silence before and after, faded at both ends."""
    loud = np.flatnonzero(frame_levels(sound, _FRAME) > _AUDIBLE_DBFS)
    if not len(loud):
        return sound
    first = max(0, int(loud[0]) - _MARGIN_FRAMES) * _FRAME
    last = (int(loud[-1]) + 1 + _MARGIN_FRAMES) * _FRAME
    kept = sound[first:last].astype(np.float64)
    fade = np.linspace(0.0, 1.0, _FADE)[: len(kept)]
    kept[: len(fade)] *= fade
    kept[len(kept) - len(fade) :] *= fade[::-1]
    return np.rint(kept).astype(np.int16)
