"""Opus (RFC 6716) at 8 kHz, by way of the system's libopus.

libopus decodes whatever band the far end sends to the rate that is asked for, and codes from it,
so telephone samples need no resampling.

Complexity 3, 24 kbit/s and in-band error correction: 20 ms cost some 45 µs to encode and 10 µs to
decode on a small machine; higher complexities cost up to twice that for no gain at 8 kHz.
"""

import ctypes
from typing import Final

import numpy as np

from appliance.signals import libopus
from appliance.signals.coder import LONGEST
from appliance.signals.g711 import Linear

_RATE: Final = 8000
_VOICE: Final = 2048
"""OPUS_APPLICATION_VOIP."""
_SETTINGS: Final = (
    (4002, 24_000),  # bits a second
    (4010, 3),  # complexity
    (4012, 1),  # in-band error correction
    (4014, 5),  # per cent of packets that are expected to be lost
    (4024, 3001),  # the signal is a voice
)
_MOST_BYTES: Final = 480
"""Of a packet: what has room in a row of the media worker."""
_FRAMES: Final = (80, 160, 320, 480)


class OpusCoder:
    """Both directions of one leg. Raises RuntimeError where there is no libopus."""

    def __init__(self) -> None:
        library = libopus.library()
        if library is None:
            raise RuntimeError("libopus is not installed")
        self._library = library
        # Memory of ours, so that it goes with the object.
        self._encoder = ctypes.create_string_buffer(library.opus_encoder_get_size(1))
        self._decoder = ctypes.create_string_buffer(library.opus_decoder_get_size(1))
        library.opus_encoder_init(self._encoder, _RATE, 1, _VOICE)
        library.opus_decoder_init(self._decoder, _RATE, 1)
        for setting, value in _SETTINGS:
            library.opus_encoder_ctl(self._encoder, setting, ctypes.c_int(value))
        self._packet = ctypes.create_string_buffer(_MOST_BYTES)
        self._samples = np.zeros(6 * LONGEST, np.int16)
        self._samples_at = self._samples.ctypes.data

    def decode(self, payload: bytes) -> Linear:
        """Return the packet's samples; none when it is no Opus."""
        done = self._library.opus_decode(
            self._decoder, payload, len(payload), self._samples_at, len(self._samples), 0
        )
        return self._samples[: min(max(done, 0), LONGEST)].copy()

    def encode(self, samples: Linear) -> bytes:
        """Return one packet. Raises ValueError for a length that Opus does not know."""
        if len(samples) not in _FRAMES:
            raise ValueError(f"Opus has no packet of {len(samples)} samples")
        done = self._library.opus_encode(
            self._encoder, samples.tobytes(), len(samples), self._packet, _MOST_BYTES
        )
        return self._packet.raw[: max(done, 0)]
