"""Several voices in one ear: conference, listen, whisper, barge, and the seams between them."""

import numpy as np
import pytest
from rtp_desk import Desk, far_end

from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.vocabulary.audio import Mix, PeerAudio, Playlist, Silence
from appliance.vocabulary.ids import Instant, LegId, PlayId, PromptHash

FRAME = 160
HOSTS = {name: f"10.0.0.{number}" for number, name in enumerate("abcdef", 1)}
HERTZ = {"a": 400, "b": 620, "c": 1000, "d": 1400}
LOUDNESS = 5000


def sine(hertz, first, count=FRAME):
    at = np.arange(first, first + count)
    return (LOUDNESS * np.sin(2 * np.pi * hertz * at / 8000)).astype(np.int16)


class Talk:
    """A desk on which each leg says its own tone, a packet every second tick."""

    def __init__(self, *names, phases=None, quiet=(), memory=None):
        self.desk = Desk(memory=memory)
        self.names, self.phases, self.quiet = names, phases or {}, set(quiet)
        self.count = dict.fromkeys(names, 0)
        self.version = dict.fromkeys(names, 0)

    def hears(self, **wishes):
        for name, hears in wishes.items():
            self.version[name] += 1
            host = HOSTS[name]
            far = far_end(host=host)
            self.desk.leg(name, far=far, hears=hears, version=self.version[name])

    def say(self, name):
        number = self.count[name]
        self.count[name] += 1
        sound = sine(HERTZ[name], number * FRAME)
        payload = encode_alaw(0 * sound if name in self.quiet else sound).tobytes()
        self.desk.arrives(
            name, sequence=1000 + number, timestamp=7 + number * FRAME, payload=payload,
            ssrc=ord(name), source=(HOSTS[name], 4000),
        )  # fmt: skip

    def go_on(self, ticks):
        for _ in range(ticks):
            for name in self.names:
                if (self.desk.tick + self.phases.get(name, 0)) % 2 == 0:
                    self.say(name)
            self.desk.turn()

    def sound(self, name, last=None):
        packets = self.desk.heard(name)[-last if last else None :]
        return decode_alaw(np.frombuffer(b"".join(p.payload for p in packets), np.uint8))


def strength(sound, hertz):
    """Amplitude of one tone."""
    at = np.arange(len(sound))
    return 2 * abs(np.mean(sound * np.exp(-2j * np.pi * hertz * at / 8000)))


def is_one_stream(packets):
    """Sequence numbers and timestamps go on without a hole or a repeat."""
    sequences = np.diff([p.sequence for p in packets]) % 65536
    timestamps = np.diff([p.timestamp for p in packets]) % (1 << 32)
    return set(sequences.tolist()) <= {1} and set(timestamps.tolist()) <= {FRAME}


def conference(*names, **more):
    talk = Talk(*names, **more)
    talk.hears(**dict.fromkeys(names, Silence()))
    others = {n: Mix(legs=tuple(LegId(o) for o in names if o != n)) for n in names}
    talk.hears(**others)
    return talk


@pytest.mark.parametrize("phases", [{}, {"b": 1}, {"a": 1, "c": 1}])
def test_each_in_a_conference_hears_the_others_and_not_himself(phases):
    talk = conference("a", "b", "c", phases=phases)
    talk.go_on(60)
    for name in "abc":
        sound = talk.sound(name, 10)
        for other in "abc":
            expected = 0 if other == name else LOUDNESS
            assert strength(sound, HERTZ[other]) == pytest.approx(expected, abs=LOUDNESS * 0.1)
        assert is_one_stream(talk.desk.heard(name)[2:])
        assert len(talk.desk.heard(name)) >= 29


def test_loud_voices_are_clipped_and_do_not_wrap():
    talk = Talk("a", "b", "c")
    talk.hears(a=Silence(), c=Silence(), b=Mix(legs=(LegId("a"), LegId("c"))))
    loud = encode_alaw(np.full(FRAME, 30000, np.int16)).tobytes()
    for number in range(20):
        for name in "ac":
            talk.desk.arrives(name, sequence=number, payload=loud, source=(HOSTS[name], 4000))
        talk.desk.turn(2)
    assert talk.sound("b", 5).min() > 31000


def bridge(*names, **more):
    talk = Talk(*names, **more)
    talk.hears(**dict.fromkeys(names, Silence()))
    talk.hears(a=PeerAudio(leg=LegId("b")), b=PeerAudio(leg=LegId("a")))
    return talk


def steps_of_a_sine(hertz):
    """The largest step between two samples of the tone, with A-law's coarseness."""
    sound = decode_alaw(encode_alaw(sine(hertz, 0, 8000))).astype(int)
    return np.abs(np.diff(sound)).max()


def test_listening_changes_nothing_for_those_who_talk():
    talk = bridge("a", "b", "c")
    talk.go_on(20)
    talk.hears(c=Mix(legs=(LegId("a"), LegId("b"))))
    talk.go_on(40)
    for name, other in (("a", "b"), ("b", "a")):
        said = np.concatenate([sine(HERTZ[other], n * FRAME) for n in range(talk.count[other])])
        heard = talk.sound(name)
        assert (heard == decode_alaw(encode_alaw(said))[: len(heard)]).all()
        assert is_one_stream(talk.desk.heard(name))
    assert strength(talk.sound("c", 10), HERTZ["a"]) > 0.9 * LOUDNESS
    assert strength(talk.sound("c", 10), HERTZ["b"]) > 0.9 * LOUDNESS


@pytest.mark.parametrize("was_listening", [False, True])
@pytest.mark.parametrize("phase", [0, 1])
def test_supervisor_who_joins_makes_no_click_and_no_gap(was_listening, phase):
    talk = bridge("a", "b", "c", quiet=("c",), phases={"a": phase})
    talk.go_on(21)
    if was_listening:
        talk.hears(c=Mix(legs=(LegId("a"), LegId("b"))))
        talk.go_on(31)
    talk.hears(b=Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(60)
    heard = talk.sound("b").astype(int)
    # Everything that was said is heard: the splice repeats a few periods and drops none.
    assert len(talk.desk.heard("b")) >= talk.count["a"] - 2
    assert is_one_stream(talk.desk.heard("b"))
    assert np.abs(np.diff(heard)).max() <= 1.25 * steps_of_a_sine(HERTZ["a"])
    # No gap: in every 5 ms there is the tone, as loud as ever.
    for start in range(0, len(heard) - 80, 40):
        assert np.abs(heard[start : start + 40]).max() > 0.85 * LOUDNESS


def test_whisper_is_in_the_agents_ear_alone():
    talk = bridge("a", "b", "c")
    talk.go_on(20)
    talk.hears(c=Mix(legs=(LegId("a"), LegId("b"))), b=Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(100)
    assert strength(talk.sound("b", 20), HERTZ["c"]) > 0.9 * LOUDNESS
    assert strength(talk.sound("a"), HERTZ["c"]) < 20
    said = np.concatenate([sine(HERTZ["b"], n * FRAME) for n in range(talk.count["b"])])
    heard = talk.sound("a")
    assert (heard == decode_alaw(encode_alaw(said))[: len(heard)]).all()


def test_back_from_the_mix_nothing_is_lost_and_the_relay_takes_over_in_a_pause():
    talk = bridge("a", "b", "c", quiet=("c",))
    talk.go_on(20)
    talk.hears(b=Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(60)
    talk.hears(b=PeerAudio(leg=LegId("a")))
    talk.go_on(60)
    place = talk.desk.board.legs[LegId("b")].place
    assert place in talk.desk.engine.mixing.blends
    heard = talk.sound("b").astype(int)
    assert np.abs(np.diff(heard)).max() <= 1.25 * steps_of_a_sine(HERTZ["a"])
    assert is_one_stream(talk.desk.heard("b"))
    talk.quiet.add("a")
    talk.go_on(12)
    assert place not in talk.desk.engine.mixing.blends
    talk.quiet.discard("a")
    before = talk.count["a"]
    talk.go_on(20)
    said = np.concatenate([sine(HERTZ["a"], n * FRAME) for n in range(before, talk.count["a"])])
    heard = talk.sound("b", talk.count["a"] - before)
    assert (heard == decode_alaw(encode_alaw(said))).all()
    assert not talk.desk.engine.mixing.blends


def test_changed_mind_before_the_mix_began_leaves_the_relay_as_it_was():
    talk = bridge("a", "b", "c")
    talk.go_on(20)
    talk.hears(b=Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(1)
    talk.hears(b=PeerAudio(leg=LegId("a")))
    talk.go_on(40)
    assert not talk.desk.engine.mixing.blends
    said = np.concatenate([sine(HERTZ["a"], n * FRAME) for n in range(talk.count["a"])])
    heard = talk.sound("b")
    assert (heard == decode_alaw(encode_alaw(said))[: len(heard)]).all()


@pytest.mark.parametrize("wait", [0, 1, 30])
def test_prompt_in_the_midst_of_a_mix_ends_it(wait):
    talk = bridge("a", "b", "c")
    talk.desk.prompts["hello"] = encode_alaw(sine(2000, 0, 8000)).tobytes()
    talk.go_on(20)
    talk.hears(b=Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(wait)
    since = Instant(talk.desk.now)
    play = Playlist(play=PlayId("p"), prompts=(PromptHash("hello"),), since=since)
    talk.hears(b=play)
    talk.go_on(20)
    heard = talk.sound("b", 8)
    assert strength(heard, 2000) > 0.9 * LOUDNESS and strength(heard, HERTZ["a"]) < 50


def test_leg_that_hangs_up_is_missing_in_the_mix_and_nothing_else_happens():
    talk = conference("a", "b", "c")
    talk.go_on(40)
    talk.desk.engine.release(LegId("c"))
    talk.names = ("a", "b")
    talk.go_on(40)
    heard = talk.sound("a", 10)
    assert strength(heard, HERTZ["b"]) > 0.9 * LOUDNESS and strength(heard, HERTZ["c"]) < 50
    talk.desk.engine.release(LegId("b"))
    talk.desk.engine.release(LegId("a"))
    assert not talk.desk.engine.mixing.blends and not talk.desk.board.players


@pytest.mark.fault
def test_conference_survives_a_kill_with_its_streams_going_on():
    talk = conference("a", "b", "c")
    talk.go_on(60)
    slots = [talk.desk.board.slot(LegId(name)) for name in "abc"]
    last = talk.desk.heard("a")[-1]
    killed = talk.desk
    talk.desk = Desk(memory=killed.memory)
    talk.desk.tick = killed.tick + 6
    talk.desk.engine.resume(slots, talk.desk.tick, talk.desk.now)
    talk.go_on(40)
    packets = talk.desk.heard("a")
    assert packets[0].sequence == (last.sequence + 1) % 65536 and packets[0].ssrc == last.ssrc
    gap = (packets[0].timestamp - last.timestamp) % (1 << 32)
    assert gap % 80 == 0 and 640 <= gap <= 800
    for other in "bc":
        assert strength(talk.sound("a", 10), HERTZ[other]) > 0.9 * LOUDNESS


def test_late_and_lost_packets_leave_no_hole():
    talk = Talk("a", "b")
    talk.hears(a=Silence(), b=Mix(legs=(LegId("a"),)))
    for number in range(100):
        if number != 50:
            talk.say("a")
        else:
            talk.count["a"] += 1
        # From the thirtieth on they come 20 ms later than before.
        talk.desk.turn(4 if number == 30 else 2)
    heard = talk.sound("b")[2000:].astype(int)
    for start in range(0, len(heard) - 320, 40):
        assert np.abs(heard[start : start + 160]).max() > 0.5 * LOUDNESS


def test_far_end_whose_clock_runs_fast_is_not_further_and_further_behind():
    talk = Talk("a", "b")
    talk.hears(a=Silence(), b=Mix(legs=(LegId("a"),)))
    worst = 0
    for number in range(1500):
        talk.say("a")
        if number % 25 == 0:
            # 4 % too fast: a packet more in half a second.
            talk.say("a")
        talk.desk.turn(2)
        voice = talk.desk.engine.mixing._voices.voice(talk.desk.board.legs[LegId("a")].place)
        worst = max(worst, voice.end - talk.desk.tick * 80)
    assert worst < 1600


@pytest.mark.parametrize("ptime", [10, 30])
def test_listener_with_another_packet_time_hears_no_seam_either(ptime):
    talk = Talk("a", "b", "c", quiet=("c",))
    talk.hears(a=Silence(), c=Silence())
    version = 0

    def hears(wish):
        nonlocal version
        version += 1
        far = far_end(host=HOSTS["b"], ptime_ms=ptime)
        talk.desk.leg("b", far=far, hears=wish, version=version)

    talk.names = ("a", "c")
    hears(PeerAudio(leg=LegId("a")))
    talk.go_on(60)
    hears(Mix(legs=(LegId("a"), LegId("c"))))
    talk.go_on(60)
    hears(PeerAudio(leg=LegId("a")))
    talk.go_on(40)
    packets = talk.desk.heard("b")[3:]
    assert len(packets) * ptime >= 1600 - 150
    frame = ptime * 8
    assert set((np.diff([p.timestamp for p in packets]) % (1 << 32)).tolist()) == {frame}
    assert set((np.diff([p.sequence for p in packets]) % 65536).tolist()) == {1}
    heard = decode_alaw(np.frombuffer(b"".join(p.payload for p in packets), np.uint8)).astype(int)
    assert np.abs(np.diff(heard)).max() <= 1.25 * steps_of_a_sine(HERTZ["a"])
    for start in range(0, len(heard) - 80, 40):
        assert np.abs(heard[start : start + 40]).max() > 0.85 * LOUDNESS
    talk.quiet.add("a")
    talk.go_on(20)
    assert not talk.desk.engine.mixing.blends
    talk.quiet.discard("a")
    talk.go_on(40)
    assert strength(talk.sound("b", 6), HERTZ["a"]) > 0.9 * LOUDNESS
