"""Keys and comfort noise between legs that speak different forms of them."""

import numpy as np
import pytest
from rtp_desk import Desk, far_end
from rtp_packet import parse

from appliance.engines.media.columns import NO_TYPE
from appliance.signals.dtmf import DtmfBank
from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.signals.levels import dbfs
from appliance.vocabulary.audio import Channel as RecordingChannel
from appliance.vocabulary.audio import Mix, PeerAudio, Silence, Track
from appliance.vocabulary.ids import LegId, RecordingId

A, B = ("10.0.0.1", 4000), ("10.0.0.2", 4000)
FRAME = 160


class Bridge:
    """a presses keys, b listens."""

    def __init__(self, *, hears=None, wants=True, a=None, **far_of_b):
        self.desk = Desk()
        self.number = 0
        far = far_end(host="10.0.0.2", **{"dtmf_payload_type": None, **far_of_b})
        self.desk.leg("b", far=far)
        self.desk.leg("a", far=far_end(**(a or {})), hears=PeerAudio(leg=LegId("b")),
                      hears_inband_digits=True)  # fmt: skip
        self.desk.leg("b", far=far, hears=hears or PeerAudio(leg=LegId("a")), version=2,
                      wants_relayed_digits=wants)  # fmt: skip

    def says(self, packets, sound=None):
        for _ in range(packets):
            coded = encode_alaw(np.zeros(FRAME, np.int16) if sound is None else sound).tobytes()
            self.desk.arrives("a", sequence=self.number, payload=coded, source=A)
            self.number += 1
            self.desk.turn(2)

    def presses(self, key, packets=6):
        began = self.number
        for packet in range(packets):
            payload = bytes((key, 10)) + ((packet + 1) * FRAME).to_bytes(2, "big")
            self.desk.arrives("a", sequence=self.number, timestamp=began * FRAME, payload=payload,
                              payload_type=101, source=A)  # fmt: skip
            self.number += 1
            self.desk.turn(2)

    def keys_in_audio(self):
        bank = DtmfBank(1)
        coded = b"".join(p.payload for p in self.desk.heard("b") if p.payload_type == 8)
        sound = decode_alaw(np.frombuffer(coded, np.uint8)).astype(np.float32)
        found = []
        for start in range(0, len(sound) // FRAME * FRAME, FRAME):
            frame = sound[start : start + FRAME].reshape(1, -1)
            found += [key.digit for key in bank.feed(np.array([0]), frame) if key.began]
        return "".join(found)

    def heard(self):
        """All that was sent to b, in the order of its stream."""
        own = [parse(packet) for name, packet in self.desk.reported if name == "b"]
        return sorted([*self.desk.heard("b"), *own], key=lambda packet: packet.sequence)


def is_one_stream(packets):
    sequences = np.diff([p.sequence for p in packets]) % 65536
    return set(sequences.tolist()) <= {1} and len({p.ssrc for p in packets}) == 1


@pytest.mark.rfc("4733", "2.3")
def test_event_becomes_tones_for_who_has_not_agreed_to_events():
    bridge = Bridge()
    bridge.says(10)
    for key in (5, 11, 0):
        bridge.presses(key)
        bridge.says(8)
    bridge.says(20)
    assert bridge.keys_in_audio() == "5#0"
    assert {p.payload_type for p in bridge.heard()} == {8} and is_one_stream(bridge.heard())


def test_long_press_leaves_no_hole_in_the_numbers():
    bridge = Bridge()
    bridge.says(5)
    bridge.presses(5, packets=30)
    bridge.says(20)
    bridge.presses(6, packets=40)
    bridge.says(20)
    assert bridge.keys_in_audio() == "56" and is_one_stream(bridge.heard())


def test_speaker_who_sends_audio_beside_his_events_leaves_no_hole_either():
    bridge = Bridge()
    bridge.says(5)
    silence = encode_alaw(np.zeros(FRAME, np.int16)).tobytes()
    for packet in range(30):
        at = (5 + packet) * FRAME
        event = bytes((5, 10)) + ((packet + 1) * FRAME).to_bytes(2, "big")
        bridge.desk.arrives("a", sequence=bridge.number, timestamp=at, payload=silence, source=A)
        bridge.desk.arrives("a", sequence=bridge.number + 1, timestamp=5 * FRAME, payload=event,
                            payload_type=101, source=A)  # fmt: skip
        bridge.number += 2
        bridge.desk.turn(2)
    bridge.says(10)
    assert bridge.keys_in_audio() == "5" and is_one_stream(bridge.heard())


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
def test_packets_that_come_in_one_tick_leave_no_hole_beside_events_either(turns):
    """A busy machine hands over several packets at once, audio and events by turns."""
    bridge = Bridge(takes_keys_by_signalling=True)
    bridge.says(5)
    silence = encode_alaw(np.zeros(FRAME, np.int16)).tobytes()
    for packet in range(24):
        event = bytes((5, 10)) + ((packet + 1) * FRAME).to_bytes(2, "big")
        for offset, kind, body, at in (
            (0, 8, silence, 5 + packet), (1, 101, event, 5),
        ):  # fmt: skip
            bridge.desk.arrives("a", sequence=bridge.number + offset, timestamp=at * FRAME,
                                payload=body, payload_type=kind, source=A)  # fmt: skip
        bridge.number += 2
        if packet % turns == turns - 1:
            bridge.desk.turn(2)
    bridge.says(10)
    assert is_one_stream(bridge.heard()) and len(bridge.heard()) == 39


def test_fast_keys_are_all_heard_one_after_the_other():
    bridge = Bridge()
    bridge.says(5)
    for key in (1, 1, 2, 3):
        bridge.presses(key, packets=3)
    bridge.says(60)
    assert bridge.keys_in_audio() == "1123"


def test_after_the_tones_the_relay_goes_on_untouched():
    bridge = Bridge()
    bridge.says(5)
    bridge.presses(9)
    bridge.says(20)
    said = (3000 * np.sin(np.arange(FRAME) / 4)).astype(np.int16)
    before = len(bridge.heard())
    bridge.says(10, said)
    assert [p.payload for p in bridge.heard()[before:]] == [encode_alaw(said).tobytes()] * 10
    assert not bridge.desk.board.players and not bridge.desk.engine.key_relay.is_busy


def test_listener_with_events_gets_events_and_no_tones():
    bridge = Bridge(dtmf_payload_type=96)
    bridge.says(5)
    bridge.presses(7)
    bridge.says(20)
    events = [p for p in bridge.heard() if p.payload_type == 96]
    assert len(events) == 6 and {p.payload[0] for p in events} == {7}
    assert bridge.keys_in_audio() == ""


def test_who_is_told_of_keys_by_signalling_hears_no_tones_of_them():
    bridge = Bridge(takes_keys_by_signalling=True)
    bridge.says(5)
    for key in (5, 11):
        bridge.presses(key)
        bridge.says(8)
    bridge.desk.engine.relay_digit(LegId("a"), "8", bridge.desk.tick)
    bridge.says(20)
    assert bridge.keys_in_audio() == "" and is_one_stream(bridge.heard())


def key_tones(key, samples):
    """A key's tones as a far end without events sends them."""
    row, column = divmod("123456789*0#".index(key), 3)
    hertz = ((697, 770, 852, 941)[row], (1209, 1336, 1477)[column])
    at = np.arange(samples) / 8000
    return sum(4000 * np.sin(2 * np.pi * one * at) for one in hertz).astype(np.int16)


def says_keys(bridge, before):
    """Speech, then two keys that begin in the midst of a packet; the sound of it all."""
    speech = (3000 * np.sin(np.arange(1600) / 4)).astype(np.int16)
    silence = np.zeros(before, np.int16)
    pressed = [np.concatenate([silence, key_tones(key, 800), np.zeros(800)]) for key in "58"]
    sound = np.concatenate([speech, *pressed, speech]).astype(np.int16)
    sound = sound[: len(sound) // FRAME * FRAME]
    for start in range(0, len(sound), FRAME):
        bridge.says(1, sound[start : start + FRAME])
    return speech


@pytest.mark.parametrize("before", [0, 40, 75, 90, 120, 150])
def test_tones_of_keys_are_silence_for_who_is_told_of_them(before):
    """Whatever place in a packet they begin at; the speech before them goes on untouched."""
    bridge = Bridge(takes_keys_by_signalling=True)
    speech = says_keys(bridge, before)
    heard = np.concatenate(
        [decode_alaw(np.frombuffer(p.payload, np.uint8)) for p in bridge.heard()]
    )
    assert bridge.keys_in_audio() == ""
    assert (heard[:1600] == decode_alaw(encode_alaw(speech))).all()
    loud = np.abs(heard[1600:-1600].astype(int)) > 400
    bursts = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], loud, [0]]))))[::2]
    assert bursts.size == 0 or bursts.max() <= 100, "nothing of 12 ms is left of a key"
    assert is_one_stream(bridge.heard())


def test_tones_stay_for_who_is_not_told_and_where_another_listens_too():
    plain = Bridge()
    says_keys(plain, 40)
    assert plain.keys_in_audio() == "58"
    shared = Bridge(takes_keys_by_signalling=True)
    shared.desk.leg("c", far=far_end(host="10.0.0.3"), hears=PeerAudio(leg=LegId("a")))
    says_keys(shared, 40)
    assert shared.keys_in_audio() == "58"


def test_a_key_that_signalling_could_not_tell_is_heard_as_tones():
    bridge = Bridge(takes_keys_by_signalling=True)
    bridge.says(5)
    for key in "42":
        bridge.desk.engine.sound_digit(LegId("b"), key, bridge.desk.tick)
    for leg, key in (("nobody", "1"), ("b", "x"), ("b", "")):
        bridge.desk.engine.sound_digit(LegId(leg), key, bridge.desk.tick)
    bridge.says(40)
    assert bridge.keys_in_audio() == "42" and is_one_stream(bridge.heard())


@pytest.mark.parametrize("dtmf", [None, 96])
def test_who_wants_no_keys_gets_none_in_either_form(dtmf):
    bridge = Bridge(wants=False, dtmf_payload_type=dtmf)
    bridge.says(5)
    bridge.presses(7)
    bridge.desk.engine.relay_digit(LegId("a"), "8", bridge.desk.tick)
    bridge.says(30)
    assert {p.payload_type for p in bridge.heard()} == {8} and bridge.keys_in_audio() == ""
    assert bridge.desk.columns.event_type[bridge.desk.board.legs[LegId("b")].place] == (
        NO_TYPE if dtmf is None else dtmf
    )


@pytest.mark.parametrize("dtmf", [None, 96])
@pytest.mark.parametrize("in_mix", [False, True])
def test_key_told_by_signalling_reaches_the_listener_in_his_form(dtmf, in_mix):
    hears = Mix(legs=(LegId("a"),)) if in_mix else None
    bridge = Bridge(hears=hears, dtmf_payload_type=dtmf)
    bridge.says(20)
    for key in "4*":
        bridge.desk.engine.relay_digit(LegId("a"), key, bridge.desk.tick)
    bridge.says(40)
    events = [p for p in bridge.heard() if p.payload_type == 96]
    if dtmf is None:
        assert bridge.keys_in_audio() == "4*" and not events
    else:
        presses = {p.timestamp: p.payload[0] for p in events}
        assert list(presses.values()) == [4, 10] and len(events) == 16
        assert sum(p.payload[1] >> 7 for p in events) == 6
        assert [p.is_marked for p in events].count(True) == 2
    assert is_one_stream(bridge.heard()[5:])


def test_event_in_a_mix_is_passed_on_or_sounded():
    for dtmf in (None, 96):
        bridge = Bridge(hears=Mix(legs=(LegId("a"),)), dtmf_payload_type=dtmf)
        bridge.says(20)
        bridge.presses(3)
        bridge.says(30)
        events = [p for p in bridge.heard() if p.payload_type == 96]
        assert bridge.keys_in_audio() == ("" if dtmf else "3")
        assert {p.payload[0] for p in events} == ({3} if dtmf else set())


def test_nothing_that_is_no_key_is_sounded():
    bridge = Bridge()
    bridge.says(5)
    for digit in ("", "x", "12", "F"):
        bridge.desk.engine.relay_digit(LegId("a"), digit, bridge.desk.tick)
    bridge.desk.engine.relay_digit(LegId("nobody"), "1", bridge.desk.tick)
    bridge.says(20)
    assert bridge.keys_in_audio() == ""


# --- comfort noise ------------------------------------------------------------------------------
def hush(bridge, level):
    bridge.desk.arrives("a", sequence=bridge.number, payload=bytes((level, 127, 127)),
                        payload_type=13, source=A)  # fmt: skip
    bridge.number += 1


@pytest.mark.rfc("3389", "4")
def test_comfort_noise_goes_on_to_who_has_agreed_to_it():
    bridge = Bridge(comfort_noise_payload_type=13)
    bridge.says(5)
    hush(bridge, 60)
    bridge.desk.turn(40)
    bridge.number += 19
    bridge.says(5)
    kinds = [p.payload_type for p in bridge.heard()]
    assert kinds == [8] * 5 + [13] + [8] * 5
    packets = bridge.heard()
    assert packets[5].payload == bytes((60, 127, 127))
    assert (packets[5].timestamp - packets[4].timestamp) % (1 << 32) == FRAME


@pytest.mark.rfc("3389", "4")
def test_who_has_not_agreed_hears_noise_of_that_level_until_the_voice_comes_back():
    bridge = Bridge()
    bridge.says(5)
    hush(bridge, 50)
    bridge.desk.turn(200)
    bridge.number += 99
    made = bridge.heard()[6:]
    assert 95 <= len(made) <= 101 and {p.payload_type for p in made} == {8}
    sound = decode_alaw(np.frombuffer(b"".join(p.payload for p in made), np.uint8))
    assert float(dbfs(sound)) == pytest.approx(-50, abs=1.5)
    hush(bridge, 30)
    bridge.desk.turn(40)
    bridge.number += 19
    sound = decode_alaw(np.frombuffer(b"".join(p.payload for p in bridge.heard()[-15:]), np.uint8))
    assert float(dbfs(sound)) == pytest.approx(-30, abs=1.5)
    said = (3000 * np.sin(np.arange(FRAME) / 4)).astype(np.int16)
    bridge.says(10, said)
    assert [p.payload for p in bridge.heard()[-10:]] == [encode_alaw(said).tobytes()] * 10
    assert is_one_stream(bridge.heard()) and not bridge.desk.board.players


def test_listener_with_another_packet_time_hears_the_noise_too_and_then_the_voice():
    bridge = Bridge(ptime_ms=30)
    said = (3000 * np.sin(np.arange(FRAME) / 4)).astype(np.int16)
    bridge.says(30, said)
    hush(bridge, 50)
    bridge.desk.turn(60)
    bridge.number += 29
    sound = decode_alaw(np.frombuffer(b"".join(p.payload for p in bridge.heard()[-12:]), np.uint8))
    assert float(dbfs(sound)) == pytest.approx(-50, abs=1.5)
    bridge.says(30, said)
    sound = decode_alaw(np.frombuffer(b"".join(p.payload for p in bridge.heard()[-12:]), np.uint8))
    assert float(dbfs(sound)) > -25
    packets = bridge.heard()[1:]
    assert is_one_stream(packets)
    assert set((np.diff([p.timestamp for p in packets]) % (1 << 32)).tolist()) == {240}


# --- masks --------------------------------------------------------------------------------------
def test_masked_leg_is_not_for_first_aid_and_is_counted_as_recorded():
    bridge = Bridge(dtmf_payload_type=101)
    desk = bridge.desk
    track = Track(recording=RecordingId("r"), channel=RecordingChannel.CALLER)
    place = desk.board.legs[LegId("a")].place
    for version, is_masked in ((2, False), (3, True), (4, False)):
        desk.leg("a", far=far_end(), hears=PeerAudio(leg=LegId("b")), version=version,
                 track=track, is_masked=is_masked)  # fmt: skip
        assert bool(desk.columns.is_masked[place]) == is_masked
        assert bool(desk.columns.sole_listener[place]) != is_masked
        bridge.says(3)
    assert len(desk.recorded) == 9
    desk.leg("b", far=far_end(host="10.0.0.2"), hears=Silence(), version=3)
