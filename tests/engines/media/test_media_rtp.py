"""RTP headers as columns: they read what a packet at a time reads (tests/fakes/rtp_packet.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rtp_packet import Packet, build, parse

from appliance.engines.media.rtp import HEADER_BYTES, Batch, plain
from appliance.vocabulary.errors import PeerError

PACKETS = st.builds(
    Packet,
    payload_type=st.integers(0, 127),
    is_marked=st.booleans(),
    sequence=st.integers(0, 65535),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=240),
)
ODD = st.binary(min_size=HEADER_BYTES - 1, max_size=60)
"""What follows a first byte that tells of padding, an extension, contributing sources."""


def made_plain(packet: bytes) -> Packet | None:
    """The packet as the steps see it; None when it is passed over."""
    row = memoryview(bytearray(packet))
    size = plain(row, len(packet))
    return parse(bytes(row[:size])) if size else None


@pytest.mark.rfc("3550", "5.1")
def test_the_header_is_the_one_of_the_standard() -> None:
    packet = Packet(8, True, 0x0102, 0x03040506, 0x0708090A, b"x")
    assert build(packet) == bytes.fromhex("80880102030405060708090a") + b"x"
    assert parse(build(packet)) == packet


@pytest.mark.rfc("3550", "5.1")
@given(st.lists(PACKETS, min_size=1, max_size=10))
def test_columns_read_what_a_packet_at_a_time_reads(packets: list[Packet]) -> None:
    batch = Batch(len(packets))
    for row, packet in enumerate(packets):
        whole = build(packet)
        batch.views[row][: len(whole)] = whole
    batch.filled(list(range(len(packets))), [len(build(packet)) for packet in packets])
    for row, packet in enumerate(packets):
        assert packet == Packet(
            int(batch.second[row]) & 0x7F,
            bool(batch.second[row] & 0x80),
            int(batch.sequence[row]),
            int(batch.timestamp[row]),
            int(batch.ssrc[row]),
            bytes(batch.views[row][HEADER_BYTES : batch.size[row]]),
        )


@pytest.mark.rfc("3550", "5.3.1")
def test_csrcs_extension_and_padding_are_stepped_over() -> None:
    fixed = bytes.fromhex("000102030405060708090a")
    csrcs = bytes(8)
    extension = bytes.fromhex("bede0001") + b"\x10\xaa\x00\x00"
    packet = bytes([0x80 | 0x20 | 0x10 | 2]) + fixed + csrcs + extension + b"speech" + b"\0\0\x03"
    assert made_plain(packet) == parse(packet)
    assert parse(packet).payload == b"speech"


@pytest.mark.parametrize(
    "packet",
    [
        b"\x8f" + bytes(20),
        b"\x90" + bytes(13),
        b"\x90" + bytes(13) + b"\xff\xff",
        b"\xa0" + bytes(11) + b"\x02",
    ],
)
def test_what_lies_about_its_length_is_refused(packet: bytes) -> None:
    with pytest.raises(PeerError):
        parse(packet)
    assert made_plain(packet) is None


@given(st.integers(0x81, 0xBF), ODD)
def test_odd_headers_are_read_alike(first: int, rest: bytes) -> None:
    packet = bytes([first]) + rest
    try:
        expected = parse(packet)
    except PeerError:
        # Padding of no bytes is nonsense too, but it harms nobody.
        assert made_plain(packet) is None or packet[-1] == 0
    else:
        assert made_plain(packet) == expected
