"""Streams: the same messages come out however the bytes were cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.framing import KeepAlive, StreamFramer
from appliance.protocols.sip.message import BadMessage, parse_message
from appliance.vocabulary.errors import PeerError

ONE = b"OPTIONS sip:a@h SIP/2.0\r\nContent-Length: 4\r\n\r\nbody"
TWO = b"SIP/2.0 200 OK\r\nl:\r\n 0\r\n\r\n"


def fed(framer: StreamFramer, pieces: list[bytes]) -> list[bytes | KeepAlive]:
    out: list[bytes | KeepAlive] = []
    for piece in pieces:
        if framer.is_broken:
            break
        out += framer.feed(piece)
    return out


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.rfc("3261", "18.3")
def test_two_messages_in_one_segment_and_one_in_many() -> None:
    assert StreamFramer().feed(ONE + TWO) == [ONE, TWO]
    framer = StreamFramer()
    assert fed(framer, bytewise(ONE + TWO)) == [ONE, TWO]
    assert framer.is_idle


@pytest.mark.rfc("5626", "3.5.1")
def test_ping_of_a_client_and_pong_of_a_server_are_told_apart() -> None:
    assert StreamFramer().feed(b"\r\n\r\n" + ONE) == [KeepAlive.PING, ONE]
    assert StreamFramer(we_connected=True).feed(b"\r\n" + TWO) == [KeepAlive.PONG, TWO]
    half = StreamFramer()
    assert half.feed(b"\r\n") == [] and half.feed(b"\r\n") == [KeepAlive.PING]
    assert StreamFramer().feed(b"\r\n" + ONE) == [ONE]


@pytest.mark.parametrize("length", [b"-999", b"x", b"4\r\nl: 5", b"99999999999", b"70000"])
def test_unusable_length_gives_the_head_to_be_answered_and_ends_the_stream(length: bytes) -> None:
    framer = StreamFramer()
    out = framer.feed(ONE + ONE.replace(b"4", length, 1))
    assert out[0] == ONE and framer.is_broken
    with pytest.raises(BadMessage):
        assert isinstance(out[1], bytes)
        parse_message(out[1])
    with pytest.raises(PeerError):
        framer.feed(ONE)


def test_stream_without_an_end_of_headers_is_broken_at_the_limit() -> None:
    framer = StreamFramer()
    assert framer.feed(b"x" * 65_535) == [] and not framer.is_broken
    assert framer.feed(b"x") == [] and framer.is_broken


def test_long_head_byte_by_byte_stays_linear() -> None:
    framer = StreamFramer()
    began = time.process_time()
    fed(framer, bytewise(b"OPTIONS sip:a SIP/2.0\r\n" + b"X: y\r\n" * 10_000))
    assert time.process_time() - began < 1.0


PIECES = st.one_of(
    st.sampled_from([ONE, TWO, b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"l: 3\r\n", b"a\r\n\r\n"]),
    st.binary(max_size=20),
)


@given(st.lists(PIECES, max_size=8), st.booleans(), st.integers(16, 120))
def test_whole_is_the_same_as_byte_by_byte(
    pieces: list[bytes], we_connected: bool, limit: int
) -> None:
    data = b"".join(pieces)
    whole = StreamFramer(limit, we_connected=we_connected)
    split = StreamFramer(limit, we_connected=we_connected)
    assert fed(whole, [data]) == fed(split, bytewise(data))
    assert whole.is_broken == split.is_broken
