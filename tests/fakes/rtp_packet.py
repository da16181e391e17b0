"""One RTP packet, as far ends of the tests build and read it (RFC 3550 §5.1).

The media worker has a way of its own, by columns (engines/media/rtp.py), which this one judges.
Reading accepts CSRCs, header extension and padding; writing makes the plain 12-byte header.
"""

from typing import Final, NamedTuple

from appliance.vocabulary.errors import PeerError

HEADER: Final = 12
"""Bytes of the fixed header: where the payload begins in what is sent."""
PLAIN: Final = 0x80
"""First byte: version 2, no padding, no extension, no CSRC."""
MARKER: Final = 0x80


class Packet(NamedTuple):
    """One packet, parsed."""

    payload_type: int
    is_marked: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(packet: bytes) -> Packet:
    """Parse one packet. Raises PeerError for anything that is not RTP version 2."""
    start, length = _payload_of(packet)
    return Packet(
        payload_type=packet[1] & 0x7F,
        is_marked=bool(packet[1] & MARKER),
        sequence=int.from_bytes(packet[2:4], "big"),
        timestamp=int.from_bytes(packet[4:8], "big"),
        ssrc=int.from_bytes(packet[8:12], "big"),
        payload=packet[start : start + length],
    )


def build(packet: Packet) -> bytes:
    """Return the bytes of one packet with a plain header."""
    second = packet.payload_type | (MARKER if packet.is_marked else 0)
    return b"".join(
        (
            bytes((PLAIN, second)),
            packet.sequence.to_bytes(2, "big"),
            packet.timestamp.to_bytes(4, "big"),
            packet.ssrc.to_bytes(4, "big"),
            packet.payload,
        )
    )


def _payload_of(packet: bytes) -> tuple[int, int]:
    """Return where the payload begins and how long it is; raises PeerError."""
    if len(packet) < HEADER or packet[0] >> 6 != 2:
        raise PeerError("not an RTP packet of version 2")
    start, end = HEADER + 4 * (packet[0] & 0x0F), len(packet)
    if packet[0] & 0x10:
        # §5.3.1: 16 bits of the profile's, then the extension's length in 32-bit words.
        if end < start + 4:
            raise PeerError("RTP header extension cut short")
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    if packet[0] & 0x20:
        # The last byte counts the padding, itself included.
        if not 1 <= packet[-1] <= end - start:
            raise PeerError("RTP padding longer than the payload")
        end -= packet[-1]
    if start > end:
        raise PeerError("RTP header longer than the packet")
    return start, end - start
