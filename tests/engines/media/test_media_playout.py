"""Prompts, music and tones on the playout clock; keys that stop them; far ends that fall silent."""

import numpy as np
import pytest
from rtp_desk import START_TICK, Desk, far_end

from appliance.engines.media import playout
from appliance.signals.g711 import ALAW_SILENCE, ALAW_TO_ULAW, encode_alaw
from appliance.vocabulary.audio import (
    Codec,
    PeerAudio,
    Playlist,
    Silence,
    Tone,
)
from appliance.vocabulary.events import AudioLost, DigitForm, DigitHeard, PlayEnded
from appliance.vocabulary.ids import Instant, LegId, PlayId, PromptHash

WELCOME = bytes(range(1, 201)) * 4
"""800 samples: 100 ms, five packets of 20 ms."""
START = Instant(START_TICK / 100)


def playlist(*prompts: str, since: Instant = START, play: str = "p1", **more: bool) -> Playlist:
    hashes = tuple(PromptHash(prompt) for prompt in prompts)
    return Playlist(play=PlayId(play), prompts=hashes, since=since, **more)


def playing(hears: Playlist | Tone, **far: object) -> Desk:
    desk = Desk({"welcome": WELCOME, "short": b"\x01" * 100})
    desk.leg("a", far=far_end(**far), hears=hears)
    return desk


def test_a_prompt_is_played_whole_every_20_ms_and_its_end_is_told_once() -> None:
    desk = playing(playlist("welcome"))
    sent = []
    for _ in range(14):
        desk.turn()
        sent.append(len(desk.sent))
    assert sent == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5]
    heard = desk.heard("a")
    assert b"".join(p.payload for p in heard) == WELCOME
    assert [p.timestamp - heard[0].timestamp for p in heard] == [0, 160, 320, 480, 640]
    assert [p.sequence - heard[0].sequence for p in heard] == [0, 1, 2, 3, 4]
    assert [p.is_marked for p in heard] == [True, False, False, False, False]
    assert desk.events == [PlayEnded(leg=LegId("a"), play=PlayId("p1"))]


@pytest.mark.parametrize(("ptime_ms", "packets"), [(10, 10), (20, 5), (30, 4)])
def test_the_leg_s_packet_time_is_kept(ptime_ms: int, packets: int) -> None:
    desk = playing(playlist("welcome"), ptime_ms=ptime_ms)
    desk.turn(20)
    whole = b"".join(p.payload for p in desk.heard("a"))
    assert len(desk.heard("a")) == packets
    assert whole[:800] == WELCOME
    assert set(whole[800:]) <= {ALAW_SILENCE}


def test_prompts_follow_each_other_without_a_gap_and_missing_ones_are_left_out() -> None:
    desk = playing(playlist("short", "lost", "welcome"))
    desk.turn(20)
    whole = b"".join(p.payload for p in desk.heard("a"))
    assert whole[:900] == b"\x01" * 100 + WELCOME


def test_a_playlist_of_nothing_ends_at_once() -> None:
    desk = playing(playlist("lost"))
    desk.turn(2)
    assert not desk.sent
    assert [type(event) for event in desk.events] == [PlayEnded]


def test_mu_law_listeners_hear_the_same() -> None:
    desk = playing(playlist("welcome"), codec=Codec.PCMU)
    desk.turn(20)
    whole = b"".join(p.payload for p in desk.heard("a"))
    assert whole == ALAW_TO_ULAW[np.frombuffer(WELCOME, np.uint8)].tobytes()
    assert {p.payload_type for p in desk.heard("a")} == {0}


def test_music_begins_again_for_ever() -> None:
    desk = playing(playlist("welcome", loop=True))
    desk.turn(40)
    assert b"".join(p.payload for p in desk.heard("a")) == WELCOME * 4
    assert not desk.events


def test_music_that_began_long_ago_goes_on_where_it_would_be() -> None:
    desk = playing(playlist("welcome", since=Instant(START - 10.04), loop=True))
    desk.turn(2)
    [first] = desk.heard("a")
    assert first.payload == WELCOME[480:640], "10.06 s are 503 packets"


def test_a_tone_lasts_as_long_as_it_is_told() -> None:
    tone = Tone(play=PlayId("t"), name="ringback", country="cn", since=START, duration_ms=60)
    desk = playing(tone)
    desk.turn(20)
    assert [p.payload for p in desk.heard("a")] == [bytes(range(160))] * 3
    assert desk.events == [PlayEnded(leg=LegId("a"), play=PlayId("t"))]


def test_few_packets_and_many_are_written_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are written one by one, many as columns: nobody can hear which."""
    heard = []
    for few in (0, 100):
        monkeypatch.setattr(playout, "FEW", few)
        desk = Desk({"welcome": WELCOME, "short": b"\x01" * 100})
        forms = [(codec, ptime) for codec in (Codec.PCMA, Codec.PCMU) for ptime in (10, 20, 30)]
        for number, (codec, ptime) in enumerate(forms):
            far = far_end(codec=codec, ptime_ms=ptime)
            desk.leg(f"music-{number}", far=far, hears=playlist("welcome", loop=True))
            desk.leg(f"prompt-{number}", far=far, hears=playlist("short", play=f"p{number}"))
        desk.turn(5)
        desk.tick += 7  # late
        desk.turn(5)
        for number, (codec, ptime) in enumerate(forms):
            far = far_end(codec=codec, ptime_ms=ptime)
            again = playlist("welcome", since=Instant(desk.tick / 100), play="again")
            desk.leg(f"prompt-{number}", far=far, hears=again, version=2)
        desk.turn(20)
        heard.append((desk.sent, desk.events))
    (sent, events), as_columns = heard[1], heard[0]
    assert len(sent) > 100
    assert len(events) == 12
    assert (sent, events) == as_columns


def test_late_ticks_make_a_gap_and_never_a_burst() -> None:
    desk = playing(playlist("welcome", loop=True))
    desk.turn(2)
    desk.tick += 10
    desk.turn(4)
    heard = desk.heard("a")
    assert len(heard) == 3
    assert [p.timestamp - heard[0].timestamp for p in heard] == [0, 960, 1120]
    assert [p.sequence - heard[0].sequence for p in heard] == [0, 1, 2]


def test_from_music_to_the_agent_is_one_stream() -> None:
    desk = playing(playlist("welcome", loop=True))
    desk.leg("agent", far=far_end("10.0.0.2", 5000))
    desk.turn(10)
    desk.leg("a", far=far_end(), hears=PeerAudio(leg=LegId("agent")), version=2)
    desk.turn(90)
    desk.arrives("agent", sequence=777, source=("10.0.0.2", 5000))
    desk.turn()
    *_, music, agent = desk.heard("a")
    assert agent.sequence == music.sequence + 1
    assert agent.is_marked
    assert (agent.timestamp - music.timestamp) & 0xFFFFFFFF == 92 * 80


def test_a_killed_worker_plays_on_where_the_listener_is() -> None:
    desk = playing(playlist("welcome", loop=True))
    desk.turn(4)
    slot = desk.board.slot(LegId("a"))
    again = Desk(desk.prompts, memory=desk.memory)
    again.tick = desk.tick + 10
    again.engine.resume([slot or b""], again.tick, again.now)
    again.turn(4)
    before, after = desk.heard("a")[-1], again.heard("a")[0]
    assert after.sequence == before.sequence + 1
    assert after.timestamp - before.timestamp == 12 * 80
    assert after.payload == (WELCOME * 2)[160 + 12 * 80 : 320 + 12 * 80]
    assert again.heard("a")[1].timestamp - after.timestamp == 160


def test_a_play_that_was_over_is_not_begun_again_by_a_restart() -> None:
    desk = playing(playlist("welcome"))
    desk.turn(20)
    slot = desk.board.slot(LegId("a"))
    again = Desk(desk.prompts, memory=desk.memory)
    again.tick = desk.tick + 10
    again.engine.resume([slot or b""], again.tick, again.now)
    again.turn(4)
    assert not again.sent
    assert not again.events


# --- keys -------------------------------------------------------------------------------------
def presses(desk: Desk) -> list[tuple[str, DigitForm]]:
    return [(e.digit, e.form) for e in desk.events if isinstance(e, DigitHeard)]


def event(code: int, *, is_end: bool = False, duration: int = 160) -> bytes:
    return bytes((code, 0x8A if is_end else 0x0A)) + duration.to_bytes(2, "big")


def test_a_key_stops_the_prompt_in_the_very_tick() -> None:
    desk = playing(playlist("welcome", stop_on_digit=True))
    desk.turn(2)
    desk.arrives("a", sequence=1, payload=event(5), payload_type=101)
    desk.turn(6)
    assert len(desk.heard("a")) == 1
    assert desk.events == [
        PlayEnded(leg=LegId("a"), play=PlayId("p1"), was_stopped=True),
        DigitHeard(leg=LegId("a"), digit="5", form=DigitForm.RFC4733),
    ]


def test_music_goes_on_under_a_key() -> None:
    desk = playing(playlist("welcome", loop=True))
    desk.arrives("a", sequence=1, payload=event(5), payload_type=101)
    desk.turn(6)
    assert len(desk.heard("a")) == 3
    assert presses(desk) == [("5", DigitForm.RFC4733)]


def test_one_press_is_one_digit_however_many_packets_it_takes() -> None:
    desk = Desk()
    desk.leg("a", far=far_end())
    for number in range(5):
        desk.arrives("a", sequence=number, timestamp=800, payload=event(9), payload_type=101)
        desk.turn(2)
    for number in range(5, 8):
        packet = event(9, is_end=True)
        desk.arrives("a", sequence=number, timestamp=800, payload=packet, payload_type=101)
    desk.turn()
    desk.arrives("a", sequence=9, timestamp=4000, payload=event(9, is_end=True), payload_type=101)
    desk.turn()
    desk.arrives("a", sequence=8, timestamp=800, payload=event(9, is_end=True), payload_type=101)
    desk.turn()
    assert presses(desk) == [("9", DigitForm.RFC4733)] * 2, "the second lost all but its end"


def test_a_press_longer_than_a_segment_is_one_digit() -> None:
    desk = Desk()
    desk.leg("a", far=far_end())
    for timestamp in (1000, 1000 + 0xFFFF):
        desk.arrives("a", sequence=1, timestamp=timestamp, payload=event(1), payload_type=101)
        desk.turn(20)
    assert presses(desk) == [("1", DigitForm.RFC4733)]


def test_our_own_event_number_is_understood_where_the_far_end_named_another() -> None:
    desk = Desk()
    desk.leg("a", far=far_end(dtmf_payload_type=96))
    for number, payload_type in enumerate((96, 101)):
        desk.arrives(
            "a",
            sequence=number,
            timestamp=number * 8000,
            payload=event(11),
            payload_type=payload_type,
        )
        desk.turn(20)
    assert presses(desk) == [("#", DigitForm.RFC4733)] * 2


def test_a_hook_flash_is_no_digit() -> None:
    desk = Desk()
    desk.leg("a", far=far_end())
    desk.arrives("a", sequence=1, payload=event(16), payload_type=101)
    desk.turn()
    assert presses(desk) == []


def tone_of(row_hz: float, column_hz: float, samples: int) -> bytes:
    turns = 2 * np.pi * np.arange(samples) / 8000
    wave = 6000 * (np.sin(row_hz * turns) + np.sin(column_hz * turns))
    return encode_alaw(wave.astype(np.int16)).tobytes()


def test_a_tone_is_a_key_and_stops_the_prompt() -> None:
    desk = Desk({"welcome": WELCOME * 10})
    hears = playlist("welcome", stop_on_digit=True)
    desk.leg("a", far=far_end(), hears=hears, hears_inband_digits=True)
    sound = tone_of(770, 1336, 800)
    for number in range(5):
        packet = sound[number * 160 : number * 160 + 160]
        desk.arrives("a", sequence=number, payload=packet)
        desk.turn(2)
    assert presses(desk) == [("5", DigitForm.INBAND)]
    assert [e.was_stopped for e in desk.events if isinstance(e, PlayEnded)] == [True]


def test_tones_are_not_looked_for_where_they_are_not_wanted() -> None:
    desk = Desk()
    desk.leg("a", far=far_end(), hears_inband_digits=False)
    sound = tone_of(770, 1336, 800)
    for number in range(5):
        desk.arrives("a", sequence=number, payload=sound[number * 160 : number * 160 + 160])
        desk.turn(2)
    assert presses(desk) == []


@pytest.mark.parametrize("event_at", [0, 2, 4])
def test_a_press_sent_both_ways_is_one_digit(event_at: int) -> None:
    desk = Desk()
    desk.leg("a", far=far_end(), hears_inband_digits=True)
    sound = tone_of(770, 1336, 800)
    for number in range(5):
        desk.arrives("a", sequence=number, payload=sound[number * 160 : number * 160 + 160])
        if number == event_at:
            desk.arrives("a", sequence=99, timestamp=1, payload=event(5), payload_type=101)
        desk.turn(2)
    assert [digit for digit, _ in presses(desk)] == ["5"]


def test_packets_of_one_leg_that_came_together_are_listened_to_in_order() -> None:
    desk = Desk()
    desk.leg("a", far=far_end(), hears_inband_digits=True)
    sound = tone_of(697, 1209, 800)
    for number in range(5):
        desk.arrives("a", sequence=number, payload=sound[number * 160 : number * 160 + 160])
    desk.turn()
    assert presses(desk) == [("1", DigitForm.INBAND)]


def test_a_key_is_heard_in_audio_that_was_relayed_while_the_worker_started() -> None:
    desk = Desk()
    for name in ("a", "b"):
        desk.leg(name, far=far_end(), hears_inband_digits=True)
    one, nine = tone_of(697, 1209, 800), tone_of(852, 1477, 800)
    heard = []
    for at in range(0, 800, 160):
        for name, sound in (("a", one), ("b", nine)):
            heard.append((desk.board.legs[LegId(name)].place, sound[at : at + 160]))
    desk.engine.overhear(heard)
    desk.turn()
    assert sorted(presses(desk)) == [("1", DigitForm.INBAND), ("9", DigitForm.INBAND)]


# --- loss -------------------------------------------------------------------------------------
def losses(desk: Desk) -> list[AudioLost]:
    return [event for event in desk.events if isinstance(event, AudioLost)]


def test_a_far_end_that_falls_silent_is_told_once_and_again_after_it_came_back() -> None:
    desk = Desk()
    desk.leg("a", far=far_end())
    desk.arrives("a", sequence=0)
    desk.turn(1900)
    assert not losses(desk)
    desk.turn(4000)
    assert [round(lost.silent_for) for lost in losses(desk)] == [20]
    desk.arrives("a", sequence=1)
    desk.turn(2100)
    assert len(losses(desk)) == 2


def test_a_silence_that_lasts_is_told_each_minute() -> None:
    desk = Desk()
    desk.leg("a", far=far_end())
    desk.arrives("a", sequence=0)
    desk.turn(15000)
    assert [round(lost.silent_for) for lost in losses(desk)] == [20, 80, 140]


def test_a_far_end_that_holds_us_is_not_missed() -> None:
    desk = Desk()
    desk.leg("held", far=far_end(sends=False))
    desk.leg("unwatched", far=far_end(), watch_for_loss=False)
    desk.leg("ringing", hears=Silence())
    desk.turn(4000)
    assert not losses(desk)
