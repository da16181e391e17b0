"""Synthesised samples into the bytes of a prompt: telephone band and level, A-law."""

from appliance.daemons.speech.kokoro import Samples
from appliance.signals.g711 import encode_alaw
from appliance.signals.resample import telephone_chain


def telephone_alaw(samples: Samples, rate: int) -> bytes:
    """Return A-law at 8 kHz: 120-3500 Hz, active speech at -20 dBFS, peaks under -6 dBFS."""
    return encode_alaw(telephone_chain(samples, rate)).tobytes()
