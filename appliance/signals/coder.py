"""Speech coders other than G.711, one object a leg: packets to linear samples at 8 kHz and back.

Inside the box everything is 8 kHz; both libraries code to and from that rate by themselves, so
nothing is resampled. A coder remembers what went before, each direction for itself: packets are
to be given in the order in which they were sent. Neither raises for bytes that make no sense.
"""

from typing import Final, Protocol

from appliance.signals import libopus
from appliance.signals.g711 import Linear
from appliance.vocabulary.audio import Codec

CLOCK_RATIO: Final = {Codec.PCMA: 1, Codec.PCMU: 1, Codec.G722: 1, Codec.OPUS: 6}
"""RTP clock ticks in a sample at 8 kHz. G.722 counts as if it were 8 kHz (RFC 3551 §4.5.2), Opus
always as 48 kHz (RFC 7587 §4.1)."""
LONGEST: Final = 480
"""Samples that one packet gives at most (60 ms); the rest of a longer one is left out."""


class Coder(Protocol):
    """One leg's coder."""

    def decode(self, payload: bytes) -> Linear:
        """Return the samples of one packet; none for a packet that cannot be read."""
        ...

    def encode(self, samples: Linear) -> bytes:
        """Return one packet's payload; 80, 160, 320 or 480 samples."""
        ...


def coder(codec: Codec) -> Coder | None:
    """Return a new coder; None for G.711, and for Opus on a machine without its library."""
    match codec:
        case Codec.PCMA | Codec.PCMU:
            return None
        case Codec.G722:
            # Most workers never need either, and a restarted one is in a hurry.
            from appliance.signals.g722 import G722Coder

            return G722Coder()
        case Codec.OPUS:
            if not libopus.is_available():
                return None
            from appliance.signals.opus import OpusCoder

            return OpusCoder()
