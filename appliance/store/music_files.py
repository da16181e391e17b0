"""A piece of music as a file that every player takes: what callers hear, in an A-law WAV."""

from appliance.engines.recording.assembly import wav_header


def wav_of(alaw: bytes) -> bytes:
    """Return a WAV of A-law bytes at 8 kHz, one track; RIFF wants an even length."""
    return wav_header(len(alaw), 1) + alaw + bytes(len(alaw) % 2)
