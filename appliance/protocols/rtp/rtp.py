"""RTP headers (RFC 3550 §5.1), one packet at a time and as columns of a byte matrix.

The media worker keeps the packets of a tick as rows of one uint8 matrix; what it reads and
writes of their headers are numpy columns here. Reading accepts CSRCs, header extension and
padding; writing makes the plain 12-byte header.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from appliance.vocabulary.errors import PeerError

HEADER: Final = 12
"""Bytes of the fixed header: where the payload begins in what we send."""
PAYLOAD_TYPE_AT: Final = 1
"""Marker in bit 7, payload type in bits 0-6."""
SEQUENCE_AT: Final = slice(2, 4)
TIMESTAMP_AT: Final = slice(4, 8)
SSRC_AT: Final = slice(8, 12)

PLAIN: Final = 0x80
"""First byte: version 2, no padding, no extension, no CSRC."""
MARKER: Final = 0x80

PCMU: Final = 0
PCMA: Final = 8
COMFORT_NOISE: Final = 13
"""RFC 3551 table 4, RFC 3389."""

Packets = npt.NDArray[np.uint8]
"""(n, width >= 12): one packet a row, its first `length` bytes count."""


class Packet(NamedTuple):
    """One packet, parsed."""

    payload_type: int
    is_marked: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


class Headers(NamedTuple):
    """The headers of n packets as columns; where `is_valid` is False the rest says nothing."""

    is_valid: npt.NDArray[np.bool_]
    is_marked: npt.NDArray[np.bool_]
    payload_type: npt.NDArray[np.uint8]
    sequence: npt.NDArray[np.uint16]
    timestamp: npt.NDArray[np.uint32]
    ssrc: npt.NDArray[np.uint32]
    payload_at: npt.NDArray[np.int64]
    """Where the payload begins in its row: 12 but for CSRCs and extensions."""
    payload_length: npt.NDArray[np.int64]


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


def headers_of(packets: Packets, lengths: npt.NDArray[np.integer]) -> Headers:
    """Read the headers of all rows; odd ones (CSRC, extension, padding) one by one."""
    first = packets[:, 0]
    second = packets[:, PAYLOAD_TYPE_AT]
    is_valid = (first >> 6 == 2) & (lengths >= HEADER)
    payload_at = np.full(len(packets), HEADER, np.int64)
    payload_length = lengths.astype(np.int64) - HEADER
    for row in np.flatnonzero(is_valid & (first != PLAIN)):
        try:
            at, length = _payload_of(packets[row, : lengths[row]].tobytes())
        except PeerError:
            is_valid[row] = False
        else:
            payload_at[row], payload_length[row] = at, length
    return Headers(
        is_valid=is_valid,
        is_marked=(second & MARKER).astype(np.bool_),
        payload_type=second & np.uint8(0x7F),
        sequence=_number(packets, SEQUENCE_AT, ">u2").astype(np.uint16),
        timestamp=_number(packets, TIMESTAMP_AT, ">u4").astype(np.uint32),
        ssrc=_number(packets, SSRC_AT, ">u4").astype(np.uint32),
        payload_at=payload_at,
        payload_length=payload_length,
    )


def _number(packets: Packets, where: slice, form: str) -> npt.NDArray[np.unsignedinteger]:
    number: npt.NDArray[np.unsignedinteger] = np.ascontiguousarray(packets[:, where]).view(form)
    return number[:, 0]


def write_headers(
    packets: Packets,
    *,
    payload_type: npt.NDArray[np.integer],
    is_marked: npt.NDArray[np.bool_],
    sequence: npt.NDArray[np.integer],
    timestamp: npt.NDArray[np.integer],
    ssrc: npt.NDArray[np.integer],
) -> None:
    """Write plain headers into the rows. Numbers are taken modulo their width (wrap-around)."""
    packets[:, 0] = PLAIN
    packets[:, PAYLOAD_TYPE_AT] = payload_type | (is_marked.astype(np.uint8) << 7)
    packets[:, SEQUENCE_AT] = _bytes(sequence & 0xFFFF, ">u2")
    packets[:, TIMESTAMP_AT] = _bytes(timestamp & 0xFFFFFFFF, ">u4")
    packets[:, SSRC_AT] = _bytes(ssrc & 0xFFFFFFFF, ">u4")


def _bytes(numbers: npt.NDArray[np.integer], form: str) -> npt.NDArray[np.uint8]:
    return numbers.astype(form).view(np.uint8).reshape(len(numbers), -1)
