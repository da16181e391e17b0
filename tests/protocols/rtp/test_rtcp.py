"""RTCP's bytes, by RFC 3550."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.rtp.rtcp import (
    Report,
    ReportBlock,
    Sent,
    build,
    middle_of,
    parse,
    round_trip_seconds,
)
from appliance.vocabulary.errors import PeerError

WORD = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.builds(
    ReportBlock,
    ssrc=WORD,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-(1 << 23), (1 << 23) - 1),
    highest_sequence=WORD,
    jitter=WORD,
    last_report=WORD,
    delay_since=WORD,
)
SENT = st.builds(
    Sent,
    ntp_seconds=st.integers(0, 1 << 31).map(lambda n: n / 64),
    timestamp=WORD,
    packets=WORD,
    octets=WORD,
)


@pytest.mark.rfc("3550", "6.4.1")
@given(WORD, SENT | st.none(), st.lists(BLOCKS, max_size=3), st.booleans())
def test_what_is_built_is_read_again(ssrc, sent, blocks, is_goodbye):
    report = Report(ssrc, sent, tuple(blocks), is_goodbye)
    assert parse(build(report, "linghe@192.0.2.1")) == report


@pytest.mark.rfc("3550", "6.1")
def test_a_sender_report_by_hand():
    made = build(Report(0x11223344, Sent(1.5, 160, 2, 320), ()), "a")
    assert made[:4] == bytes.fromhex("80c80006")
    assert made[4:28] == bytes.fromhex("11223344 00000001 80000000 000000a0 00000002 00000140")
    assert made[28:] == bytes.fromhex("81ca0002 11223344 01016100")


def test_whatever_comes_is_read_or_refused():
    for size in range(64):
        with pytest.raises(PeerError):
            parse(bytes(size))


@given(st.binary(max_size=200))
def test_garbage_is_refused_by_its_one_error(garbage):
    try:
        parse(garbage)
    except PeerError:
        return


def test_a_block_count_beyond_the_packet_is_refused():
    made = bytearray(build(Report(1, None, ()), "a"))
    made[0] |= 5
    with pytest.raises(PeerError):
        parse(bytes(made))


@pytest.mark.rfc("3550", "6.4.1")
def test_the_round_trip_of_the_standards_own_figure():
    """Figure 2: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000 make 6.125 s."""
    block = ReportBlock(1, 0, 0, 0, 0, last_report=0xB7052000, delay_since=0x00054000)
    assert round_trip_seconds(block, 0xB710_8000 / 65536) == pytest.approx(6.125)


def test_a_round_trip_that_cannot_be_is_none():
    now = 5000.0
    early = ReportBlock(1, 0, 0, 0, 0, middle_of(now + 3), 0)
    never = ReportBlock(1, 0, 0, 0, 0, 0, 0)
    rounded = ReportBlock(1, 0, 0, 0, 0, middle_of(now) + 1, 0)
    assert round_trip_seconds(early, now) is None
    assert round_trip_seconds(never, now) is None
    assert round_trip_seconds(rounded, now) == 0.0
