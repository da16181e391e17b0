"""Rows of the recording journal without numpy: for the first tenth of a second after a kill.

The form is engines/recording/frames.py's, byte for byte (a test compares them); only packets of
up to 20 ms are written here, longer ones wait for the engine.
"""

import struct
from itertools import accumulate, repeat
from operator import mul

PAYLOAD = 160
_WORDS = 28
"""Of eight bytes, behind the check word."""
_FIXED = struct.Struct("<6sB33sqIIHHI")
"""Track (in its middle the length), arrival in µs, timestamp, SSRC, sequence, offset, spare."""
_ROW = struct.Struct(f"<{_WORDS}Q")
_MASK = (1 << 64) - 1
_WEIGHTS = tuple(accumulate(repeat(0x9E3779B97F4A7C15, _WORDS), lambda one, two: one * two & _MASK))


def row(
    track: bytes, payload: bytes, *, timestamp: int, sequence: int, ssrc: int, arrival_us: int
) -> bytes:
    """Return one row: a packet of up to 160 bytes of audio on this track (40 bytes)."""
    fixed = _FIXED.pack(
        track[:6], len(payload), track[7:], arrival_us, timestamp, ssrc, sequence, 0, 0
    )
    body = fixed + payload.ljust(PAYLOAD, b"\0")
    check: int = sum(map(mul, _ROW.unpack(body), _WEIGHTS)) & _MASK
    return check.to_bytes(8, "little") + body
