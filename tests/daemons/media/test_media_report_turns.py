"""Whose turn it is to be sent an RTCP report: in virtual time, on the port of the audio."""

import pytest

from appliance.daemons.media.reports import EVERY_TICKS, FIRST_TICKS, Reports
from appliance.engines.media.columns import Columns
from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.layout import bytes_for
from appliance.vocabulary.audio import Codec, FarEnd, LegAudio, Silence
from appliance.vocabulary.commands import ClaimAudio
from appliance.vocabulary.ids import CallId, Instant, LegId

LEGS = 64
FAR = FarEnd(address="127.0.0.1", port=4000, codec=Codec.PCMA, payload_type=8, rtcp_port=4000)


class Room:
    """An engine with legs, and its reports."""

    def __init__(self):
        columns = Columns(bytearray(bytes_for(LEGS)), LEGS)
        self.engine = MediaEngine(
            columns, prompt=lambda *_: b"", tone=lambda *_: b"", random32=lambda: 7
        )
        self.reports = Reports(self.engine, lambda place: None, "here")

    def leg(self, name, tick):
        leg = LegId(name)
        now = Instant(tick / 100)
        made = self.engine.board.claim(ClaimAudio(leg=leg, call=CallId("c")), 4000, tick, now)
        audio = LegAudio(leg=leg, call=CallId("c"), version=1, far=FAR, hears=Silence())
        self.engine.set_audio(audio, tick, now)
        return made.place

    def told(self, ticks):
        """(tick, place) of every report within these ticks."""
        return [
            (tick, place)
            for tick in ticks
            for _, place in self.reports.due(tick, Instant(tick / 100))
        ]


@pytest.fixture
def room():
    return Room()


@pytest.mark.rfc("3550", "6.2")
def test_the_first_report_comes_after_half_the_interval_then_one_each_interval(room):
    place = room.leg("a", 1000)
    room.reports.begin(place, 1000)
    first = 1000 + FIRST_TICKS
    assert room.told(range(1000, 1000 + FIRST_TICKS + 2 * EVERY_TICKS + 1)) == [
        (first, place), (first + EVERY_TICKS, place), (first + 2 * EVERY_TICKS, place)
    ]  # fmt: skip


def test_a_short_leg_is_sent_none_and_the_next_in_its_place_has_its_own_turn(room):
    place = room.leg("a", 1000)
    room.reports.begin(place, 1000)
    room.engine.release(LegId("a"))
    room.reports.forget(place)
    taken = [room.leg(f"b{n}", 1100) for n in range(LEGS)]
    assert taken[-1] == place  # places go round
    room.reports.begin(place, 1100)
    assert room.told(range(1000, 1100 + EVERY_TICKS)) == [(1100 + FIRST_TICKS, place)]


def test_late_ticks_leave_nobody_out(room):
    places = [room.leg(f"a{n}", 1000 + n) for n in range(5)]
    for n, place in enumerate(places):
        room.reports.begin(place, 1000 + n)
    assert [place for _, place in room.told([1000 + EVERY_TICKS])] == places


def test_after_a_restart_the_turns_are_spread_over_the_interval(room):
    places = [room.leg(f"a{n}", 1000) for n in range(LEGS)]
    room.reports.resume(places, 1000)
    told = room.told(range(1000, 1000 + EVERY_TICKS))
    assert sorted(place for _, place in told) == places
    assert len({tick for tick, _ in told}) == LEGS
