"""Legs of G.722 and Opus: heard and recorded in A-law, spoken to in their own codec."""

import numpy as np
import pytest
from G722 import G722
from msgspec import structs
from rtp_desk import Desk, far_end

from appliance.signals import libopus
from appliance.signals.coder import CLOCK_RATIO, coder
from appliance.signals.g711 import decode_alaw, decode_ulaw, encode_alaw
from appliance.vocabulary.audio import (
    Channel,
    Codec,
    Mix,
    PeerAudio,
    Playlist,
    Silence,
    Track,
)
from appliance.vocabulary.events import DigitHeard
from appliance.vocabulary.ids import LegId, PlayId, PromptHash, RecordingId

FRAME = 160
TYPES = {Codec.PCMA: 8, Codec.PCMU: 0, Codec.G722: 9, Codec.OPUS: 107}
needs_opus = pytest.mark.skipif(not libopus.is_available(), reason="no libopus")
WIDE = [Codec.G722, pytest.param(Codec.OPUS, marks=needs_opus)]
TRACK = Track(recording=RecordingId("r"), channel=Channel.CALLER)


def sine(hertz, first, count=FRAME):
    at = np.arange(first, first + count)
    return (8000 * np.sin(2 * np.pi * hertz * at / 8000)).astype(np.int16)


def signal_to_noise(sound, hertz):
    sound = sound[800:].astype(float)
    at = np.arange(len(sound))
    base = np.stack([np.sin(2 * np.pi * hertz * at / 8000), np.cos(2 * np.pi * hertz * at / 8000)])
    tone = np.linalg.lstsq(base.T, sound, rcond=None)[0] @ base
    return 10 * np.log10(np.square(tone).sum() / max(np.square(sound - tone).sum(), 1e-9))


class Phone:
    """A far end with a coder of its own."""

    def __init__(self, desk, name, codec, **far):
        self.desk, self.name, self.codec = desk, name, codec
        self.host = f"10.0.0.{ord(name)}"
        self.coder = coder(codec)
        self.ratio = CLOCK_RATIO[codec]
        self.number = 0
        # Not far from the end of the timestamp's range, so that it wraps around.
        self.start = (1 << 32) - 20 * FRAME * self.ratio
        self.far = far_end(
            host=self.host, codec=codec, payload_type=TYPES[codec],
            dtmf_clock_rate=48000 if codec is Codec.OPUS else 8000, **far,
        )  # fmt: skip

    def payload(self, hertz):
        sound = sine(hertz, self.number * FRAME)
        return self.coder.encode(sound) if self.coder else encode_alaw(sound).tobytes()

    def say(self, hertz, payload=None):
        self.desk.arrives(
            self.name, sequence=500 + self.number,
            timestamp=self.start + self.number * FRAME * self.ratio,
            payload=self.payload(hertz) if payload is None else payload,
            payload_type=TYPES[self.codec], ssrc=ord(self.name), source=(self.host, 4000),
        )  # fmt: skip
        self.number += 1

    def heard(self):
        packets = [p for p in self.desk.heard(self.name) if p.payload_type == TYPES[self.codec]]
        steps = np.diff([p.timestamp for p in packets]) % (1 << 32)
        assert set(steps.tolist()) <= {FRAME * self.ratio}
        if self.coder is None:
            decode = decode_ulaw if self.codec is Codec.PCMU else decode_alaw
            return decode(np.frombuffer(b"".join(p.payload for p in packets), np.uint8))
        return np.concatenate([self.coder.decode(p.payload) for p in packets])


def pair(one, other, **more):
    desk = Desk()
    a, b = Phone(desk, "a", one), Phone(desk, "b", other)
    desk.leg("a", far=a.far, hears=PeerAudio(leg=LegId("b")), track=more.get("track"))
    desk.leg("b", far=b.far, hears=PeerAudio(leg=LegId("a")))
    return desk, a, b


def talk(desk, *speakers, packets=60):
    for _ in range(packets):
        for phone, hertz in speakers:
            phone.say(hertz)
        desk.turn(2)


@pytest.mark.parametrize("other", [Codec.PCMA, Codec.PCMU])
@pytest.mark.parametrize("codec", WIDE)
def test_wide_phone_and_telephone_hear_each_other(codec, other):
    desk, a, b = pair(codec, other)
    for _ in range(60):
        a.say(440)
        b.say(700, None if other is Codec.PCMA else bytes(160))
        desk.turn(2)
    least = 30 if codec is Codec.G722 else 14
    assert signal_to_noise(b.heard(), 440) > least
    if other is Codec.PCMA:
        assert signal_to_noise(a.heard(), 700) > least
    assert len(desk.heard("a")) == len(desk.heard("b")) == 60


@needs_opus
@pytest.mark.rfc("7587", "4.1")
def test_g722_and_opus_hear_each_other_over_a_timestamp_that_wraps():
    desk, a, b = pair(Codec.G722, Codec.OPUS)
    talk(desk, (a, 440), (b, 700))
    assert signal_to_noise(b.heard(), 440) > 14 and signal_to_noise(a.heard(), 700) > 14


@needs_opus
@pytest.mark.rfc("3264", "6.1")
def test_an_opus_phone_that_answered_with_a_number_of_its_own_is_heard_by_ours():
    desk, a, b = pair(Codec.OPUS, Codec.PCMA)
    a.far = structs.replace(a.far, payload_type=96)
    desk.leg("a", far=a.far, hears=PeerAudio(leg=LegId("b")), version=2)
    talk(desk, (a, 440), (b, 700))
    assert signal_to_noise(b.heard(), 440) > 14
    assert {one.payload_type for one in desk.heard("a")} == {96}


@pytest.mark.parametrize("codec", WIDE)
def test_two_phones_of_one_codec_get_each_others_very_bytes(codec):
    desk, a, b = pair(codec, codec, track=TRACK)
    said = []
    for _ in range(20):
        said.append(a.payload(440))
        a.say(440, said[-1])
        desk.turn(2)
    assert [p.payload for p in desk.heard("b")] == said
    assert [length for _, _, length in desk.recorded] == [FRAME] * 20


def test_wideband_g722_phone_is_heard_in_telephone_band():
    desk, a, b = pair(Codec.G722, Codec.PCMA)
    wide = G722(16000, 64000)
    at = np.arange(60 * 320)
    sound = (8000 * np.sin(2 * np.pi * 440 * at / 16000)).astype(np.int16)
    for start in range(0, len(sound), 320):
        a.say(440, bytes(wide.encode(sound[start : start + 320])))
        desk.turn(2)
    assert signal_to_noise(b.heard(), 440) > 30


@pytest.mark.parametrize("codec", WIDE)
def test_prompt_is_played_in_the_codec_of_the_leg(codec):
    desk = Desk({"hello": encode_alaw(sine(600, 0, 16000)).tobytes()})
    a = Phone(desk, "a", codec)
    play = Playlist(play=PlayId("p"), prompts=(PromptHash("hello"),), since=desk.now)
    desk.leg("a", far=a.far, hears=play)
    desk.turn(120)
    assert signal_to_noise(a.heard(), 600) > 14


@pytest.mark.parametrize("codec", WIDE)
def test_conference_of_all_codecs(codec):
    desk = Desk()
    phones = [Phone(desk, "a", Codec.PCMA), Phone(desk, "b", codec), Phone(desk, "c", Codec.G722)]
    for phone in phones:
        desk.leg(phone.name, far=phone.far)
    for phone in phones:
        others = tuple(LegId(one.name) for one in phones if one is not phone)
        desk.leg(phone.name, far=phone.far, hears=Mix(legs=others), version=2)
    talk(desk, (phones[0], 440))
    for phone in phones[1:]:
        assert signal_to_noise(phone.heard()[1600:], 440) > 14
    quiet = phones[0].heard()[3200:]
    assert np.abs(quiet.astype(int)).max() < 200


@needs_opus
@pytest.mark.rfc("4733", "2.3")
def test_key_of_an_opus_phone_is_told_by_the_listeners_clock_and_back():
    desk, a, b = pair(Codec.OPUS, Codec.PCMA)
    talk(desk, (a, 440), (b, 700), packets=10)
    for phone, duration in ((a, 960), (b, 160)):
        desk.arrives(
            phone.name, sequence=500 + phone.number, payload_type=101, is_marked=True,
            timestamp=phone.start + phone.number * FRAME * phone.ratio, ssrc=ord(phone.name),
            payload=bytes((5, 10)) + duration.to_bytes(2, "big"), source=(phone.host, 4000),
        )  # fmt: skip
        phone.number += 1
        desk.turn(2)
    for phone, duration in ((a, 960), (b, 160)):
        packets = desk.heard(phone.name)
        event = next(p for p in packets if p.payload_type == 101)
        assert int.from_bytes(event.payload[2:], "big") == duration
        before = packets[packets.index(event) - 1]
        step = (event.timestamp - before.timestamp) % (1 << 32)
        assert step == FRAME * phone.ratio
    keys = [(e.leg, e.digit) for e in desk.events if isinstance(e, DigitHeard)]
    assert keys == [("a", "5"), ("b", "5")]


@pytest.mark.parametrize("codec", WIDE)
def test_garbage_in_a_wide_codec_harms_nobody(codec):
    desk, a, b = pair(codec, Codec.PCMA)
    random = np.random.default_rng(5)
    for length in (1, 2, 7, 40, 160, 161, 300, 490):
        a.say(0, random.integers(0, 256, length, np.uint8).tobytes())
        desk.turn(2)
    a.number += 1
    talk(desk, (a, 440), packets=40)
    heard = b"".join(p.payload for p in desk.heard("b")[-30:])
    assert signal_to_noise(decode_alaw(np.frombuffer(heard, np.uint8)), 440) > 12


def test_leg_whose_codec_changes_in_mid_call_goes_on():
    desk, a, b = pair(Codec.G722, Codec.PCMA)
    talk(desk, (a, 440), (b, 700), packets=20)
    other = Phone(desk, "a", Codec.PCMA)
    other.number, other.start = a.number, a.start
    desk.leg("a", far=other.far, hears=PeerAudio(leg=LegId("b")), version=2)
    talk(desk, (other, 440), (b, 700), packets=40)
    heard = b"".join(p.payload for p in desk.heard("a")[-30:])
    assert signal_to_noise(decode_alaw(np.frombuffer(heard, np.uint8)), 700) > 30
    desk.leg("a", far=a.far, hears=Silence(), version=3)
    desk.engine.release(LegId("a"))


@pytest.mark.fault
@pytest.mark.parametrize("codec", WIDE)
def test_bridge_of_two_codecs_survives_a_kill(codec):
    desk, a, b = pair(codec, Codec.PCMA)
    talk(desk, (a, 440), (b, 700), packets=30)
    slots = [desk.board.slot(LegId(name)) for name in "ab"]
    last = desk.heard("a")[-1]
    again = Desk(memory=desk.memory)
    again.tick = desk.tick
    again.engine.resume(slots, again.tick, again.now)
    a.desk = b.desk = again
    talk(again, (a, 440), (b, 700), packets=60)
    assert again.heard("a")[0].sequence == (last.sequence + 1) % 65536
    assert (again.heard("a")[0].timestamp - last.timestamp) % (1 << 32) == FRAME * a.ratio
    assert signal_to_noise(a.heard(), 700) > 9 and signal_to_noise(b.heard(), 440) > 9
