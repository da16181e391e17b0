"""Two people talk: what goes out is what came in, as one stream, and only from the right people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rtp_desk import Desk, far_end
from rtp_packet import Packet, build

from appliance.signals.g711 import ALAW_TO_ULAW
from appliance.vocabulary.audio import (
    Channel,
    Codec,
    Echo,
    PeerAudio,
    Silence,
    Track,
)
from appliance.vocabulary.events import RecordingRefused, RecordingStarted
from appliance.vocabulary.ids import LegId, RecordingId

TO_B = PeerAudio(leg=LegId("b"))
TO_A = PeerAudio(leg=LegId("a"))
B_SOURCE = ("10.0.0.2", 5000)


def bridged(**of_b: object) -> Desk:
    desk = Desk()
    desk.leg("a", far=far_end(), hears=TO_B)
    desk.leg("b", far=far_end("10.0.0.2", 5000, **of_b), hears=TO_A)
    return desk


def test_a_bridge_passes_packets_on_in_the_tick_in_which_they_came() -> None:
    desk = bridged()
    desk.arrives("a", sequence=10, payload=b"\x01" * 160)
    desk.arrives("b", sequence=90, payload=b"\x02" * 160, source=B_SOURCE)
    desk.turn()
    assert [p.payload[0] for p in desk.heard("b")] == [1]
    assert [p.payload[0] for p in desk.heard("a")] == [2]


def test_the_outgoing_stream_is_ours_and_goes_on_over_loss_disorder_and_wrap_around() -> None:
    desk = bridged()
    numbers = [65534, 65535, 1, 0, 2]
    for number in numbers:
        desk.arrives("a", sequence=number, timestamp=4294967200 + ((number - 65534) & 0xFFFF) * 160)
        desk.turn(2)
    heard = desk.heard("b")
    first = heard[0]
    assert [(p.sequence - first.sequence) & 0xFFFF for p in heard] == [0, 1, 3, 2, 4]
    assert [(p.timestamp - first.timestamp) & 0xFFFFFFFF for p in heard] == [0, 160, 480, 320, 640]
    assert {p.ssrc for p in heard} == {first.ssrc} != {7}
    assert [p.is_marked for p in heard] == [True, False, False, False, False]


def test_several_packets_of_one_leg_in_one_tick_all_go_on() -> None:
    desk = bridged()
    for number in range(5):
        desk.arrives("a", sequence=number)
    desk.turn()
    assert len(desk.heard("b")) == 5
    steps = np.diff([p.sequence for p in desk.heard("b")])
    assert (steps == 1).all()


def test_a_law_becomes_mu_law_where_the_listener_wants_it() -> None:
    desk = bridged(codec=Codec.PCMU)
    spoken = bytes(range(160))
    desk.arrives("a", sequence=1, payload=spoken)
    desk.arrives("b", sequence=1, payload=spoken, payload_type=0, source=B_SOURCE)
    desk.turn()
    [to_b], [to_a] = desk.heard("b"), desk.heard("a")
    assert (to_b.payload_type, to_a.payload_type) == (0, 8)
    assert to_b.payload == ALAW_TO_ULAW[np.frombuffer(spoken, np.uint8)].tobytes()
    assert to_a.payload != spoken


def test_telephone_events_get_the_listeners_number_or_are_dropped() -> None:
    desk = bridged(dtmf_payload_type=96)
    desk.arrives("a", sequence=1, payload=b"\x05\x0a\x00\xa0", payload_type=101)
    desk.turn()
    assert [p.payload_type for p in desk.heard("b")] == [96]
    deaf = bridged(dtmf_payload_type=None)
    deaf.arrives("a", sequence=1, payload=b"\x05\x0a\x00\xa0", payload_type=101)
    deaf.arrives("a", sequence=2)
    deaf.turn()
    assert [p.payload_type for p in deaf.heard("b")] == [8]


def test_a_held_far_end_is_sent_nothing_and_then_hears_one_stream_again() -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn(2)
    desk.leg("b", far=far_end("10.0.0.2", 5000, receives=False), hears=TO_A, version=2)
    for number in range(2, 52):
        desk.arrives("a", sequence=number)
        desk.turn(2)
    assert len(desk.heard("b")) == 1
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=TO_A, version=3)
    desk.arrives("a", sequence=52)
    desk.turn()
    before, after = desk.heard("b")
    assert after.sequence == (before.sequence + 1) & 0xFFFF
    assert after.is_marked
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 51 * 160


def test_another_peer_is_heard_in_the_same_stream() -> None:
    desk = bridged()
    desk.leg("c", far=far_end("10.0.0.3", 6000), hears=Silence())
    desk.arrives("a", sequence=1)
    desk.turn(2)
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=PeerAudio(leg=LegId("c")), version=2)
    desk.arrives("a", sequence=2)
    desk.arrives("c", sequence=40000, ssrc=99, source=("10.0.0.3", 6000), payload=b"\x33" * 160)
    desk.turn()
    first, second = desk.heard("b")
    assert second.payload[0] == 0x33
    assert second.sequence == (first.sequence + 1) & 0xFFFF
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 160
    assert second.ssrc == first.ssrc


def test_two_listeners_of_one_speaker_both_hear_everything() -> None:
    desk = bridged()
    desk.leg("c", far=far_end("10.0.0.3", 6000, codec=Codec.PCMU), hears=TO_A)
    for number in range(3):
        desk.arrives("a", sequence=number, payload=bytes([number]) * 160)
    desk.turn()
    assert [p.payload[0] for p in desk.heard("b")] == [0, 1, 2]
    assert [p.payload[0] for p in desk.heard("c")] == ALAW_TO_ULAW[[0, 1, 2]].tolist()


def test_an_echo_returns_to_its_speaker() -> None:
    desk = Desk()
    desk.leg("a", far=far_end(), hears=Echo())
    desk.arrives("a", sequence=1, payload=b"\x44" * 160)
    desk.turn()
    assert desk.heard("a")[0].payload == b"\x44" * 160


def test_a_released_leg_is_no_longer_heard_nor_sent_to() -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn()
    desk.engine.release(LegId("b"))
    desk.arrives("a", sequence=2)
    desk.turn()
    assert len(desk.sent) == 1


def test_packets_of_another_length_are_cut_anew_for_the_listener() -> None:
    desk = bridged(ptime_ms=30)
    desk.leg("a", far=far_end(ptime_ms=20), hears=TO_B, version=2)
    spoken = bytes(range(1, 241)) * 20
    for tick in range(120):
        if tick % 2 == 0 and tick < 60:
            at = tick // 2 * 160
            desk.arrives(
                "a", sequence=tick // 2, timestamp=1000 + at, payload=spoken[at : at + 160]
            )
        desk.turn()
    heard = desk.heard("b")
    assert {len(p.payload) for p in heard} == {240}
    whole = b"".join(p.payload for p in heard)
    assert spoken[: 30 * 160] in whole
    steps = {
        (b.timestamp - a.timestamp, b.sequence - a.sequence)
        for a, b in zip(heard, heard[1:], strict=False)
    }
    assert steps == {(240, 1)}


def test_a_press_crosses_between_packet_lengths_with_one_timestamp() -> None:
    desk = bridged(ptime_ms=30)
    for number in range(4):
        desk.arrives(
            "a", sequence=number, timestamp=777, payload=b"\x05\x0a\x00\xa0", payload_type=101
        )
        desk.turn(2)
    events = [p for p in desk.heard("b") if p.payload_type == 101]
    assert len(events) == 4
    assert len({p.timestamp for p in events}) == 1
    assert len({p.sequence for p in events}) == 4


# --- whose packets are taken ------------------------------------------------------------------
STRANGER = ("203.0.113.9", 4000)


def test_a_stranger_is_neither_heard_nor_recorded() -> None:
    desk = bridged()
    desk.leg("a", far=far_end(), hears=TO_B, track=_track("r"), version=2)
    for number in range(10):
        desk.arrives("a", sequence=number, source=STRANGER)
    desk.arrives("a", sequence=50)
    desk.turn()
    desk.arrives("a", sequence=51, source=STRANGER)
    desk.turn()
    assert len(desk.heard("b")) == 1
    assert [sequence for _, sequence, _ in desk.recorded] == [50]
    assert desk.refused == 11


def test_behind_nat_the_signallings_address_is_learnt_and_answered() -> None:
    desk = Desk()
    far = far_end("192.168.1.5", 4000, signalling_address="198.51.100.7")
    desk.leg("a", far=far)
    place = desk.board.legs[LegId("a")].place
    assert desk.board.target(place) == ("192.168.1.5", 4000)
    desk.arrives("a", sequence=1, source=("198.51.100.7", 61000))
    desk.turn()
    assert desk.board.target(place) == ("198.51.100.7", 61000)
    desk.arrives("a", sequence=2, source=("198.51.100.7", 61002))
    desk.turn()
    assert desk.refused == 1


def test_the_described_address_takes_a_learnt_lock_over_only_in_the_first_packets() -> None:
    desk = Desk()
    far = far_end("192.0.2.5", 4000, signalling_address="198.51.100.7")
    desk.leg("early", far=far)
    desk.leg("late", far=far)
    for name, packets in (("early", 2), ("late", 6)):
        for number in range(packets):
            desk.arrives(name, sequence=number, source=("198.51.100.7", 61000))
        desk.arrives(name, sequence=10, source=("192.0.2.5", 4000), ssrc=8)
    desk.turn()
    sources = {name: leg.source for name, leg in desk.board.legs.items()}
    assert sources == {"early": ("192.0.2.5", 4000), "late": ("198.51.100.7", 61000)}


def test_a_lock_is_address_port_and_ssrc() -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn()
    desk.arrives("a", sequence=2, ssrc=666)
    desk.arrives("a", sequence=2, source=("10.0.0.1", 4002))
    desk.turn()
    assert len(desk.heard("b")) == 1


def test_a_gateway_that_switches_its_stream_is_heard_again_after_half_a_second() -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn(60)
    desk.arrives("a", sequence=900, ssrc=8)
    desk.turn()
    first, second = desk.heard("b")
    assert second.sequence == first.sequence + 1
    assert second.is_marked


def test_a_far_end_set_anew_may_come_from_elsewhere() -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn()
    desk.leg("a", far=far_end("10.0.0.77", 7000), hears=TO_B, version=2)
    desk.arrives("a", sequence=2)
    desk.arrives("a", sequence=3, source=("10.0.0.77", 7000), ssrc=70)
    desk.turn()
    assert len(desk.heard("b")) == 2
    assert desk.refused == 1


def test_without_a_far_end_nothing_is_taken_and_nothing_sent() -> None:
    desk = Desk()
    desk.leg("a", hears=TO_B)
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=TO_A)
    desk.arrives("a", sequence=1)
    desk.arrives("b", sequence=1, source=B_SOURCE)
    desk.turn()
    assert not desk.sent


def test_an_older_version_changes_nothing() -> None:
    desk = bridged()
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=Silence(), version=0)
    desk.arrives("a", sequence=1)
    desk.turn()
    assert len(desk.heard("b")) == 1


# --- malformed and unusual packets ------------------------------------------------------------
def test_padding_extension_and_contributors_are_taken_off() -> None:
    desk = bridged()
    plain = build(
        Packet(
            payload_type=8,
            is_marked=False,
            sequence=1,
            timestamp=160,
            ssrc=7,
            payload=b"\x11" * 160,
        )
    )
    odd = bytearray(
        plain[:12] + b"CSRC" + b"\xbe\xde\x00\x01EXTN" + plain[12:] + b"\x00\x00\x00\x04"
    )
    odd[0] = 0x80 | 0x20 | 0x10 | 1
    desk.arrives_raw("a", bytes(odd), ("10.0.0.1", 4000))
    desk.turn()
    assert [p.payload for p in desk.heard("b")] == [b"\x11" * 160]


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_no_bytes_at_all_can_stop_the_tick(packets: list[bytes]) -> None:
    desk = bridged()
    desk.arrives("a", sequence=1)
    desk.turn()
    for packet in packets:
        desk.arrives_raw("a", packet, ("10.0.0.1", 4000))
        desk.arrives_raw("a", b"\x80\x08" + packet, ("10.0.0.1", 4000))
        desk.arrives_raw("a", b"\xb5\x65" + packet, ("10.0.0.1", 4000))
    desk.turn()
    desk.arrives("a", sequence=2)
    desk.turn()
    assert desk.heard("b")[-1].payload == b"\x55" * 160


# --- recording --------------------------------------------------------------------------------
def _track(recording: str, channel: Channel = Channel.CALLER) -> Track:
    return Track(recording=RecordingId(recording), channel=channel)


def test_a_recording_has_audio_and_marks_what_carries_none() -> None:
    desk = bridged()
    desk.leg("a", far=far_end(), hears=TO_B, track=_track("r"), version=2)
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=TO_A, track=_track("r"), version=2)
    desk.arrives("a", sequence=1)
    desk.arrives("a", sequence=2, payload=b"\x05\x0a\x00\xa0", payload_type=101)
    desk.arrives("a", sequence=3, payload=b"\x20", payload_type=13)
    desk.arrives("b", sequence=4, source=B_SOURCE)
    desk.turn()
    assert desk.recorded == [("a", 1, 160), ("a", 2, 0), ("a", 3, 0), ("b", 4, 160)]
    started = [event for event in desk.events if isinstance(event, RecordingStarted)]
    assert [event.recording for event in started] == ["r"]


def test_a_full_disk_is_told_once_and_the_call_goes_on() -> None:
    desk = bridged()
    desk.leg("a", far=far_end(), hears=TO_B, track=_track("r"), version=2)
    desk.disk_failure = "no space left"
    for number in range(5):
        desk.arrives("a", sequence=number)
        desk.turn(2)
    refused = [event for event in desk.events if isinstance(event, RecordingRefused)]
    assert [event.text for event in refused] == ["no space left"]
    assert len(desk.heard("b")) == 5


@pytest.mark.parametrize("killed_at", [3, 10])
def test_after_a_kill_the_streams_go_on_as_if_nothing_had_happened(killed_at: int) -> None:
    desk = bridged()
    for number in range(killed_at):
        desk.arrives("a", sequence=number)
        desk.turn(2)
    slots = [desk.board.slot(leg) or b"" for leg in desk.board.legs]
    again = Desk(memory=desk.memory)
    again.tick = desk.tick + 7
    again.engine.resume(slots, again.tick, again.now)
    for number in range(killed_at, killed_at + 3):
        again.arrives("a", sequence=number)
        again.turn(2)
    again.arrives("a", sequence=99, source=STRANGER)
    again.turn()
    heard = desk.heard("b") + again.heard("b")
    assert {b.sequence - a.sequence for a, b in zip(heard, heard[1:], strict=False)} == {1}
    assert {b.timestamp - a.timestamp for a, b in zip(heard, heard[1:], strict=False)} == {160}
    assert sum(p.is_marked for p in heard) == 1
    assert again.refused == 1
