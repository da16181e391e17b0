"""Keys as telephone events: one press is one key, whatever the network does to its packets."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rtp_desk import Desk, far_end

from appliance.engines.media.digits import KEYS
from appliance.vocabulary.events import DigitHeard

EVENTS = 101
Heard = list[tuple[int, bytes]]
"""Timestamp and payload of each packet."""


def event(code: int, duration: int, *, is_end: bool = False) -> bytes:
    """The payload of one packet (RFC 4733 §2.3)."""
    return bytes((code, (0x80 if is_end else 0) | 10)) + duration.to_bytes(2, "big")


def press(key: str, timestamp: int, ms: int = 100) -> Heard:
    """The packets of one press: every 20 ms, then the end three times."""
    code = KEYS.index(key)
    going = [event(code, at * 8) for at in range(20, ms, 20)]
    ends = [event(code, ms * 8, is_end=True)] * 3
    return [(timestamp & 0xFFFFFFFF, payload) for payload in going + ends]


class Caller:
    """One leg whose far end presses keys."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.desk.leg("a", far=far_end())
        self.sequence = 0

    def sends(self, packets: Heard, ssrc: int = 5) -> None:
        for timestamp, payload in packets:
            self.desk.arrives("a", sequence=self.sequence, timestamp=timestamp, payload=payload,
                              payload_type=EVENTS, ssrc=ssrc)  # fmt: skip
            self.sequence += 1
            self.desk.turn(2)

    @property
    def keys(self) -> str:
        return "".join(one.digit for one in self.desk.events if isinstance(one, DigitHeard))


def keys_of(packets: Heard) -> str:
    caller = Caller()
    caller.sends(packets)
    return caller.keys


@pytest.mark.rfc("4733", "2.3")
def test_the_payload_is_the_one_of_the_standard() -> None:
    assert keys_of([(1000, bytes.fromhex("0b0a00a0")), (1000, bytes.fromhex("0b8a0320"))]) == "#"


@given(st.lists(st.binary(max_size=8), max_size=4))
def test_any_bytes_are_keys_or_nothing(payloads: list[bytes]) -> None:
    assert len(keys_of([(place * 1600, one) for place, one in enumerate(payloads)])) <= 4


@pytest.mark.rfc("4733", "2.5.1.4")
def test_each_press_is_one_key() -> None:
    presses = [press(key, place * 1600) for place, key in enumerate("1223#*A0")]
    assert keys_of([packet for one in presses for packet in one]) == "1223#*A0"


def test_a_press_is_heard_whichever_of_its_packets_arrive() -> None:
    whole = press("7", 1000)
    for kept in range(len(whole)):
        assert keys_of([whole[kept]]) == "7"


def test_the_same_key_twice_with_all_but_one_packet_lost_is_two_keys() -> None:
    assert keys_of([press("4", 0)[0], press("4", 1120)[-1]]) == "44"


def test_packets_that_overtake_each_other_make_no_keys() -> None:
    rng = random.Random(4)
    for _ in range(20):
        first, second = press("1", 0xFFFFFF00), press("1", 0xFFFFFF00 + 1600)
        rng.shuffle(first)
        assert keys_of([*first[1:], *second[:2], first[0], *second[2:]]) == "11"


@pytest.mark.rfc("4733", "2.5.1.3")
def test_a_key_held_longer_than_a_segment_is_one_key() -> None:
    segments: Heard = []
    for segment in range(3):
        steps = range(800, 65536 + 800, 800)
        segments += [(segment * 65535, event(9, min(at, 65535))) for at in steps]
    assert keys_of(segments) == "9"


def test_a_phone_that_moves_the_timestamp_within_a_press_is_understood() -> None:
    def wrong(key: str, start: int) -> Heard:
        return [(start + place * 160, one) for place, (_, one) in enumerate(press(key, start))]

    assert keys_of([*wrong("5", 0), *wrong("5", 3200), *wrong("6", 6400)]) == "556"


@pytest.mark.parametrize("jump", [100_000, -100_000])
def test_a_stream_that_begins_again_begins_with_nothing_pressed(jump: int) -> None:
    """A gateway that switches its sources: another SSRC, and a clock that begins anywhere."""
    caller = Caller()
    caller.sends(press("3", 500_000), ssrc=1)
    caller.desk.turn(100)
    for place, key in enumerate("345"):
        caller.sends(press(key, 500_000 + jump + place * 1600), ssrc=2)
    assert caller.keys == "3345"


def test_an_event_that_is_no_key_is_no_key() -> None:
    assert keys_of([(0, event(16, 160)), *press("1", 3200)]) == "1"
