"""Synthesised samples into the bytes of a prompt: as every prompt (signals), in A-law."""

from appliance.daemons.speech.kokoro import Samples
from appliance.signals.g711 import encode_alaw
from appliance.signals.prompt_level import telephone_prompt


def telephone_alaw(samples: Samples, rate: int) -> bytes:
    """Return A-law at 8 kHz: 120-3500 Hz, active speech at -20 dBFS, peaks under -6 dBFS."""
    return encode_alaw(telephone_prompt(samples, rate)).tobytes()
