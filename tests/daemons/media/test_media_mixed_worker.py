"""What is more than a plain relay, through the worker as a process: codecs, comfort noise, keys."""

import time

import numpy as np
import pytest
from lane import free_rtp_ports
from msgspec.structs import replace
from rtp_far_end import MediaLink, RtpFarEnd, start_worker

from appliance.engines.recording.frames import read_rows
from appliance.signals.coder import coder
from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.signals.levels import dbfs
from appliance.vocabulary.audio import (
    Channel,
    Codec,
    LegAudio,
    PeerAudio,
    Track,
)
from appliance.vocabulary.commands import RelayDigit, SetAudio
from appliance.vocabulary.ids import CallId, LegId, RecordingId
from appliance.wire.media import FiguresAsked, WorkerFigures

# A key's tones last 160 ms of real time, and a worker that a busy machine lets wait skips some.
pytestmark = pytest.mark.alone


class Bridge:
    """Two far ends through a worker; each as the test describes it."""

    def __init__(self, folder, **far):
        self.folder = folder
        self.worker = start_worker(folder, LINGHE_RTP_PORTS=free_rtp_ports())
        self.link = MediaLink(folder / "run/media-0.sock")
        self.ends = {name: RtpFarEnd(ssrc=ord(name)) for name in "ab"}
        self.ports = {name: self.link.claim(name) for name in "ab"}
        self.fars = {
            name: replace(end.far(), **far.get(name, {})) for name, end in self.ends.items()
        }
        self.version = 0
        self.wish()

    def wish(self, **more):
        self.version += 1
        for name, other in ("ab", "ba"):
            channel = Channel.CALLER if name == "a" else Channel.AGENT
            self.link.say(
                SetAudio(
                    audio=LegAudio(
                        leg=LegId(name), call=CallId("call"), version=self.version,
                        far=self.fars[name], hears=PeerAudio(leg=LegId(other)),
                        track=Track(recording=RecordingId("r"), channel=channel),
                        **more.get(name, {}),
                    )
                )
            )  # fmt: skip
        self.done()

    def done(self):
        """By then all that was said before is done."""
        self.link.say(FiguresAsked())
        self.link.wait_for(lambda event: isinstance(event, WorkerFigures))

    def says(self, name, payloads, payload_type=8):
        """One packet each 20 ms."""
        due = time.monotonic()
        for payload in payloads:
            time.sleep(max(0.0, due - time.monotonic()))
            self.ends[name].say(self.ports[name], payload, payload_type=payload_type)
            due += 0.02

    def waits(self, name, count, within=5.0):
        limit = time.monotonic() + within
        while len(self.ends[name].listen()) < count:
            assert time.monotonic() < limit, f"{len(self.ends[name].heard)} of {count}"
            time.sleep(0.002)
        return self.ends[name].heard

    def rows(self):
        journals = sorted(self.folder.glob("frames/*.lhf"))
        return read_rows(b"".join(path.read_bytes() for path in journals))

    def end(self):
        self.link.close()
        self.worker.kill()
        self.worker.wait()
        for end in self.ends.values():
            end.close()


@pytest.fixture
def bridge(tmp_path):
    made = []

    def make(**far):
        made.append(Bridge(tmp_path, **far))
        return made[-1]

    yield make
    for one in made:
        one.end()


def sine(hertz, packets):
    at = np.arange(packets * 160) / 8000
    return (6000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16).reshape(-1, 160)


def strength(sound, hertz):
    at = np.arange(len(sound))
    return 2 * abs(np.mean(sound * np.exp(-2j * np.pi * hertz * at / 8000)))


def test_g722_phone_and_telephone_talk_and_are_recorded_in_a_law(bridge):
    call = bridge(a={"codec": Codec.G722, "payload_type": 9})
    own = coder(Codec.G722)
    call.says("a", [own.encode(piece) for piece in sine(440, 40)], payload_type=9)
    heard = b"".join(packet.payload for packet in call.waits("b", 40)[10:])
    assert strength(decode_alaw(np.frombuffer(heard, np.uint8)), 440) > 5500
    call.says("b", [encode_alaw(piece).tobytes() for piece in sine(700, 40)])
    packets = call.waits("a", 40)
    assert {packet.payload_type for packet in packets} == {9}
    sound = np.concatenate([own.decode(packet.payload) for packet in packets])
    assert strength(sound[1600:], 700) > 5500
    call.done()
    rows = call.rows()
    caller = rows["payload"][rows["track"]["channel"] == 0]
    assert strength(decode_alaw(caller.reshape(-1))[1600:], 440) > 5500


def test_speaker_who_falls_silent_is_a_quiet_line_and_no_dead_one(bridge):
    call = bridge()
    silence = encode_alaw(np.zeros(160, np.int16)).tobytes()
    call.says("a", [silence] * 5)
    call.says("a", [bytes((50,))], payload_type=13)
    heard = call.waits("b", 40)
    sound = np.frombuffer(b"".join(packet.payload for packet in heard[10:]), np.uint8)
    assert float(dbfs(decode_alaw(sound))) == pytest.approx(-50, abs=2)
    sequences = np.diff([packet.sequence for packet in heard]) % 65536
    assert set(sequences.tolist()) == {1}


def test_masked_minutes_are_silence_in_the_journal_and_are_heard_all_the_same(bridge):
    call = bridge()
    card = [encode_alaw(piece).tobytes() for piece in sine(440, 10)]
    call.says("a", card)
    call.waits("b", 10)
    call.wish(a={"is_masked": True})
    call.says("a", card)
    assert [packet.payload for packet in call.waits("b", 20)[10:]] == card
    call.wish()
    call.says("a", card)
    call.waits("b", 30)
    call.done()
    payloads = [row.tobytes() for row in call.rows()["payload"]]
    assert payloads == card + [b"\xd5" * 160] * 10 + card


def test_key_that_signalling_told_of_is_an_event_for_one_and_tones_for_the_other(bridge):
    call = bridge(a={"dtmf_payload_type": None})
    silence = encode_alaw(np.zeros(160, np.int16)).tobytes()
    for name in "ab":
        call.says(name, [silence] * 5)
    call.link.say(RelayDigit(leg=LegId("a"), digit="5"), RelayDigit(leg=LegId("b"), digit="5"))
    events = [packet for packet in call.waits("b", 13) if packet.payload_type == 101]
    assert len(events) == 8 and {packet.payload[0] for packet in events} == {5}
    sound = b"".join(packet.payload for packet in call.waits("a", 5 + 8)[5:10])
    for hertz in (770, 1336):
        assert strength(decode_alaw(np.frombuffer(sound, np.uint8)), hertz) > 4000
