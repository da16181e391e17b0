"""RTP one packet at a time and as a matrix: both read the same."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.protocols.rtp.rtp import Packet, Packets, build, headers_of, parse, write_headers
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


def matrix_of(packets: list[bytes]) -> tuple[Packets, npt.NDArray[np.int64]]:
    matrix = np.zeros((len(packets), 300), np.uint8)
    for row, packet in enumerate(packets):
        matrix[row, : len(packet)] = np.frombuffer(packet, np.uint8)
    return matrix, np.array([len(packet) for packet in packets], np.int64)


@pytest.mark.rfc("3550", "5.1")
@given(PACKETS)
def test_what_is_built_is_read_back(packet: Packet) -> None:
    assert parse(build(packet)) == packet


@pytest.mark.rfc("3550", "5.1")
def test_the_header_is_the_one_of_the_standard() -> None:
    packet = Packet(8, True, 0x0102, 0x03040506, 0x0708090A, b"x")
    assert build(packet) == bytes.fromhex("80880102030405060708090a") + b"x"


@pytest.mark.rfc("3550", "5.3.1")
def test_csrcs_extension_and_padding_are_stepped_over() -> None:
    fixed = bytes.fromhex("000102030405060708090a")
    csrcs = bytes(8)
    extension = bytes.fromhex("bede0001") + b"\x10\xaa\x00\x00"
    packet = bytes([0x80 | 0x20 | 0x10 | 2]) + fixed + csrcs + extension + b"speech" + b"\0\0\x03"
    assert parse(packet).payload == b"speech"
    headers = headers_of(*matrix_of([packet]))
    assert (headers.payload_at[0], headers.payload_length[0]) == (28, 6)
    assert headers.is_valid.all()


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x80\x08",
        b"\x80" + bytes(10),
        b"\x40" + bytes(20),
        b"\x8f" + bytes(20),
        b"\x90" + bytes(13),
        b"\x90" + bytes(13) + b"\xff\xff",
        b"\xa0" + bytes(11) + b"\x00",
        b"\xa0" + bytes(11) + b"\x02",
        b"\xa0" + bytes(11),
    ],
)
def test_what_is_cut_short_or_lies_about_its_length_is_refused(packet: bytes) -> None:
    with pytest.raises(PeerError):
        parse(packet)
    assert not headers_of(*matrix_of([packet])).is_valid[0]


@given(st.lists(st.binary(max_size=60) | PACKETS.map(build), min_size=1, max_size=20))
@settings(max_examples=200)
def test_the_matrix_reads_what_the_single_packet_reads(packets: list[bytes]) -> None:
    headers = headers_of(*matrix_of(packets))
    for row, raw in enumerate(packets):
        try:
            packet = parse(raw)
        except PeerError:
            assert not headers.is_valid[row]
            continue
        assert headers.is_valid[row]
        at, length = int(headers.payload_at[row]), int(headers.payload_length[row])
        assert packet == Packet(
            int(headers.payload_type[row]),
            bool(headers.is_marked[row]),
            int(headers.sequence[row]),
            int(headers.timestamp[row]),
            int(headers.ssrc[row]),
            raw[at : at + length],
        )


@given(st.lists(PACKETS, min_size=1, max_size=10))
def test_headers_are_written_as_single_packets_are_built(packets: list[Packet]) -> None:
    matrix, lengths = matrix_of([b"\xff" * 12 + packet.payload for packet in packets])
    write_headers(
        matrix,
        payload_type=np.array([packet.payload_type for packet in packets], np.uint8),
        is_marked=np.array([packet.is_marked for packet in packets]),
        # Counters that ran over their width wrap, as they must on the wire.
        sequence=np.array([packet.sequence + (1 << 16) for packet in packets], np.int64),
        timestamp=np.array([packet.timestamp + (1 << 32) for packet in packets], np.int64),
        ssrc=np.array([packet.ssrc for packet in packets], np.int64),
    )
    for row, packet in enumerate(packets):
        assert matrix[row, : lengths[row]].tobytes() == build(packet)
