"""RTCP: reports of what was sent and received (RFC 3550 section 6), as bytes and back.

We send compound packets of a sender report (or a receiver report while we send nothing) and a
source description with CNAME, at the fixed interval of two-party calls. Of what comes in, the
sender's clock and the blocks about our own stream are read; everything else is stepped over.
"""

import struct
from typing import Final, NamedTuple

from appliance.vocabulary.errors import PeerError

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203
TYPES: Final = range(192, 224)
"""What the second byte of a multiplexed packet tells RTCP from RTP by (RFC 5761 section 4)."""
INTERVAL_SECONDS: Final = 5.0
"""RFC 3550 section 6.2: the least fixed interval; two parties never need a longer one."""
NTP_UNITS: Final = 65536
"""Of the middle 32 bits of an NTP timestamp, in a second."""
_MOST_PACKETS: Final = 32
"""In one datagram: more is no report."""
_CNAME: Final = 1
_LOST_LEAST, _LOST_MOST = -(1 << 23), (1 << 23) - 1


class ReportBlock(NamedTuple):
    """What a receiver tells of one stream (section 6.4.1)."""

    ssrc: int
    fraction_lost: int
    """Of 256, since the last report."""
    lost: int
    """Since the beginning; duplicates count against it, so it may be negative."""
    highest_sequence: int
    """With its count of cycles in the upper 16 bits."""
    jitter: int
    """Timestamp units."""
    last_report: int
    """Middle bits of the last sender report's NTP timestamp; 0: none came."""
    delay_since: int
    """1/65536 s since that came."""


class Report(NamedTuple):
    """A compound packet's report."""

    ssrc: int
    sent: "Sent | None"
    """None: a receiver report."""
    blocks: tuple[ReportBlock, ...]
    is_goodbye: bool = False


class Sent(NamedTuple):
    """The sender's part."""

    ntp_seconds: float
    """The sender's clock; only differences of it are of use."""
    timestamp: int
    packets: int
    octets: int


def middle_of(ntp_seconds: float) -> int:
    """Return the middle 32 bits of an NTP timestamp: what `last_report` refers to."""
    return int(ntp_seconds * NTP_UNITS) & 0xFFFFFFFF


def round_trip_seconds(block: ReportBlock, now_ntp_seconds: float) -> float | None:
    """Return A - LSR - DLSR (section 6.4.1, figure 2); None without a report of ours to go by.

    A far end whose clock or arithmetic is wrong yields None as well: over 10 s, or less than 0.
    """
    if block.last_report == 0:
        return None
    units = (middle_of(now_ntp_seconds) - block.last_report - block.delay_since) & 0xFFFFFFFF
    if units >= 1 << 31:
        units -= 1 << 32
    seconds = units / NTP_UNITS
    # LSR and DLSR are cut to 1/65536 s each: on the same machine the difference may be below 0.
    if -0.001 < seconds < 0:
        return 0.0
    return seconds if 0 <= seconds <= 10 else None


def build(report: Report, cname: str) -> bytes:
    """Return a compound packet: report, then SDES with CNAME (section 6.1). At most 31 blocks."""
    blocks = b"".join(map(_block_bytes, report.blocks))
    if report.sent is None:
        kind, sender = RECEIVER_REPORT, b""
    else:
        kind = SENDER_REPORT
        whole = int(report.sent.ntp_seconds)
        part = int((report.sent.ntp_seconds - whole) * (1 << 32))
        sender = struct.pack(
            "!IIIII",
            whole & 0xFFFFFFFF,
            part & 0xFFFFFFFF,
            report.sent.timestamp & 0xFFFFFFFF,
            report.sent.packets & 0xFFFFFFFF,
            report.sent.octets & 0xFFFFFFFF,
        )
    body = struct.pack("!I", report.ssrc) + sender + blocks
    name = cname.encode("ascii", "replace")[:255]
    item = bytes((_CNAME, len(name))) + name
    padded = item + bytes(4 - len(item) % 4)  # at least one zero ends the list
    description = struct.pack("!I", report.ssrc) + padded
    made = _packet(kind, len(report.blocks), body) + _packet(SOURCE_DESCRIPTION, 1, description)
    if report.is_goodbye:
        made += _packet(GOODBYE, 1, struct.pack("!I", report.ssrc))
    return made


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _block_bytes(block: ReportBlock) -> bytes:
    lost = min(max(block.lost, _LOST_LEAST), _LOST_MOST) & 0xFFFFFF
    return struct.pack(
        "!IIIIII",
        block.ssrc,
        (block.fraction_lost & 0xFF) << 24 | lost,
        block.highest_sequence & 0xFFFFFFFF,
        block.jitter & 0xFFFFFFFF,
        block.last_report,
        block.delay_since & 0xFFFFFFFF,
    )


def parse(datagram: bytes) -> Report:
    """Return the report of a compound packet. Raises PeerError for what is none.

    The first packet must be a report (section 6.1); reduced-size ones (RFC 5506) that begin with
    another type are refused, since they tell nothing that is read here.
    """
    report: Report | None = None
    at, seen = 0, 0
    while at < len(datagram) and seen < _MOST_PACKETS:
        if len(datagram) - at < 4 or datagram[at] >> 6 != 2:
            raise PeerError("malformed RTCP packet")
        count, kind = datagram[at] & 0x1F, datagram[at + 1]
        length = 4 * (int.from_bytes(datagram[at + 2 : at + 4], "big") + 1)
        body = datagram[at + 4 : at + length]
        if len(body) != length - 4:
            raise PeerError("RTCP packet longer than its datagram")
        if report is None:
            report = _report(kind, count, body)
        elif kind == GOODBYE:
            report = report._replace(is_goodbye=True)
        at, seen = at + length, seen + 1
    if report is None:
        raise PeerError("empty RTCP datagram")
    return report


def _report(kind: int, count: int, body: bytes) -> Report:
    if kind not in (SENDER_REPORT, RECEIVER_REPORT):
        raise PeerError("RTCP that does not begin with a report")
    head = 24 if kind == SENDER_REPORT else 4
    if len(body) < head + 24 * count:
        raise PeerError("RTCP report shorter than its blocks")
    sent: Sent | None = None
    if kind == SENDER_REPORT:
        whole, part, timestamp, packets, octets = struct.unpack_from("!IIIII", body, 4)
        sent = Sent(whole + part / (1 << 32), timestamp, packets, octets)
    blocks: list[ReportBlock] = []
    for at in range(head, head + 24 * count, 24):
        ssrc, loss, highest, jitter, last, delay = struct.unpack_from("!IIIIII", body, at)
        lost = loss & 0xFFFFFF
        lost -= (lost >= 1 << 23) << 24
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last, delay))
    return Report(int.from_bytes(body[:4], "big"), sent, tuple(blocks))
