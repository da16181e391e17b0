"""Synthesised samples into the bytes of a prompt: telephone band and level, tight ends, A-law."""

from typing import Final

import numpy as np

from appliance.daemons.speech.kokoro import Samples
from appliance.signals.g711 import Linear, encode_alaw
from appliance.signals.levels import active_level, frame_levels
from appliance.signals.resample import ACTIVE_DBFS, as_sound, levelled, telephone_chain

_FRAME: Final = 80
_AUDIBLE_DBFS: Final = -44.0
"""24 dB under the voice: fainter at either end is breath."""
_MARGIN_FRAMES: Final = 5
"""50 ms kept around what is audible."""
_FADE: Final = 80
_CLOSE_DB: Final = 0.5
_MOST_ROUNDS: Final = 6


def telephone_alaw(samples: Samples, rate: int) -> bytes:
    """Return A-law at 8 kHz: 120-3500 Hz, active speech at -20 dBFS, peaks under -6 dBFS."""
    sound = _tight(telephone_chain(samples, rate))
    for _ in range(_MOST_ROUNDS):
        # A voice with high peaks comes out of one round too faint: the limiter took them.
        if abs(active_level(sound) - ACTIVE_DBFS) <= _CLOSE_DB:
            break
        sound = levelled(as_sound(sound))
    return encode_alaw(sound).tobytes()


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
