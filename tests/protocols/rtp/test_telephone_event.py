"""Keys as telephone events: one press is one key, whatever the network does to its packets."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.rtp.telephone_event import (
    KEYS,
    EventListener,
    TelephoneEvent,
    build,
    parse,
)
from appliance.vocabulary.errors import PeerError

Heard = list[tuple[int, bytes]]


def press(key: str, timestamp: int, ms: int = 100) -> Heard:
    """The packets of one press: every 20 ms, then the end three times."""
    event = KEYS.index(key)
    going = [TelephoneEvent(event, False, 10, at * 8) for at in range(20, ms, 20)]
    ends = [TelephoneEvent(event, True, 10, ms * 8)] * 3
    return [(timestamp & 0xFFFFFFFF, build(packet)) for packet in going + ends]


def keys_of(packets: Heard, ssrc: int = 5) -> str:
    listener = EventListener()
    return "".join(listener.hear(payload, at, ssrc) or "" for at, payload in packets)


@pytest.mark.rfc("4733", "2.3")
def test_the_payload_is_the_one_of_the_standard() -> None:
    event = TelephoneEvent(event=11, is_end=True, volume=10, duration=800)
    assert build(event) == bytes.fromhex("0b8a0320")
    assert parse(bytes.fromhex("0b8a0320")) == event
    assert event.key == "#"
    assert TelephoneEvent(16, False, 0, 0).key is None


@given(st.binary(max_size=8))
def test_any_bytes_are_an_event_or_a_peer_error(payload: bytes) -> None:
    try:
        event = parse(payload)
    except PeerError:
        assert len(payload) < 4
    else:
        assert build(event) == payload[:1] + bytes([payload[1] & 0xBF]) + payload[2:4]


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
    for _ in range(100):
        first, second = press("1", 0xFFFFFF00), press("1", 0xFFFFFF00 + 1600)
        rng.shuffle(first)
        assert keys_of([*first[1:], *second[:2], first[0], *second[2:]]) == "11"


@pytest.mark.rfc("4733", "2.5.1.3")
def test_a_key_held_longer_than_a_segment_is_one_key() -> None:
    segments: Heard = []
    for segment in range(3):
        start = segment * 65535
        segments += [
            (start, build(TelephoneEvent(9, False, 10, min(at, 65535))))
            for at in range(160, 65536 + 160, 160)
        ]
    assert keys_of(segments) == "9"


def test_a_phone_that_moves_the_timestamp_within_a_press_is_understood() -> None:
    def wrong(key: str, start: int) -> Heard:
        return [(start + place * 160, one) for place, (_, one) in enumerate(press(key, start))]

    assert keys_of([*wrong("5", 0), *wrong("5", 3200), *wrong("6", 6400)]) == "556"


def test_a_stream_that_begins_again_begins_with_nothing_pressed() -> None:
    listener = EventListener()
    [(at, payload), *_] = press("3", 5000)
    assert listener.hear(payload, at, 1) == "3"
    assert listener.hear(payload, at, 2) == "3"
    assert listener.hear(payload, at, 2) is None


def test_an_event_that_is_no_key_is_no_key() -> None:
    flash = build(TelephoneEvent(16, False, 10, 160))
    assert keys_of([(0, flash), *press("1", 3200)]) == "1"
