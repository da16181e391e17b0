"""Somebody sets the clock while people talk: nobody's wait, talk or wrap-up gets longer or shorter.

Back and forward, over midnight, and over the nights in which the clock changes (DST): everything
is timed by the monotonic clock, and the wall's time only says when it was.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from shop import Shop
from shop_steps import hold, state_of, to_orders

from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.reports.names import names_of
from appliance.reports.public_events import Announcer
from appliance.reports.record import record_of
from appliance.reports.timeline import timeline_of
from appliance.vocabulary.events import ClockSet
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.public_events import EndedEvent

STEPS = (-3600.0, 3600.0, -86_400.0, 86_400.0, -30.0, 400 * 86_400.0)
RING, TALK, HOLD, WRAP_UP = 4.0, 20.0, 5.0, 10.0


def set_clock(shop, by):
    shop.offset += by
    shop.tell(ClockSet(utc_offset=shop.offset))


def told_to_programs(entries):
    announcer = Announcer(lambda row, call: [])
    events = [announcer.event(row, entry) for row, entry in enumerate(entries, 1)]
    return [one for one in events if one is not None]


def call_in_which_the_clock_is_set(shop, step=0.0, when=""):
    """A whole call; return its entries."""

    def now(moment):
        if moment == when:
            set_clock(shop, step)

    leg = shop.call_in()
    shop.advance(1.0)
    now("menu")
    shop.advance(1.5)
    shop.press(leg, "1")
    shop.advance(RING / 2)
    now("ringing")
    shop.advance(RING / 2)
    agent = shop.pick_up("8001")
    shop.advance(TALK / 2)
    now("talk")
    shop.advance(TALK / 2)
    hold(shop, agent)
    shop.advance(HOLD / 2)
    now("hold")
    shop.advance(HOLD / 2)
    hold(shop, agent, is_held=False)
    shop.advance(1.0)
    shop.hang_up(leg)
    shop.advance(WRAP_UP / 2)
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    now("wrap-up")
    shop.advance(WRAP_UP / 2 + 0.5)
    assert state_of(shop, "1001") is AgentState.READY, "not an hour later, not at once"
    return [entry for entry in shop.entries if entry.call is not None]


def durations(entries):
    """Everything of a call that is a number of seconds."""
    record = record_of(entries)
    (told,) = [one for one in told_to_programs(entries) if isinstance(one, EndedEvent)]
    return [
        round(one, 3)
        for one in (record.wait, record.talk, record.hold, told.seconds)
        + tuple(each for talk in record.talks for each in (talk.talk, talk.hold))
    ]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["menu", "ringing", "talk", "hold", "wrap-up"])
def test_a_clock_that_is_set_in_a_call_changes_no_duration(shop, shop_at, bakery, step, when):
    entries = call_in_which_the_clock_is_set(shop, step, when)
    undisturbed = durations(call_in_which_the_clock_is_set(shop_at()))
    assert durations(entries) == undisturbed
    assert min(undisturbed) > 0 and undisturbed[2] == HOLD
    assert timeline_of(entries, names_of(bakery))
    for moment in (entries[0].at, entries[-1].at):
        day = day_at(moment, bakery.site.timezone)
        daily_report(shop.entries, bakery, day, Utc(max(one.at for one in shop.entries)))


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_waiting_caller_keeps_place_and_patience_when_the_clock_is_set(shop_at, step):
    shop = shop_at(phones=())
    to_orders(shop)
    second = to_orders(shop)
    set_clock(shop, step)
    waiting = [one.position for one in shop.board.live().calls]
    assert waiting == [1, 2]
    shop.advance(20)
    assert shop.legs[second] != "ended", "nobody's patience is over by it"


@pytest.mark.parametrize(
    "night",
    [datetime(2026, 3, 29, 1, 59, 30), datetime(2026, 10, 25, 2, 59, 30)],
    ids=["spring", "autumn"],
)
def test_a_call_over_the_night_in_which_clocks_change_is_as_long_as_it_was(bakery, night):
    """The wall's time of Warsaw jumps or repeats an hour; Utc and the monotonic clock do not."""
    facts = replace(bakery.site, timezone="Europe/Warsaw")
    site = replace(bakery, site=facts, calendar=())
    at = night.replace(tzinfo=ZoneInfo("Europe/Warsaw")).timestamp()
    shop = Shop(site, at=at)
    leg = shop.call_in()
    shop.advance(60.0)
    shop.hang_up(leg)
    entries = [entry for entry in shop.entries if entry.call is not None]
    record = record_of(entries)
    assert record.ended - record.entered == pytest.approx(60.0, abs=0.01)
    (told,) = [one for one in told_to_programs(entries) if isinstance(one, EndedEvent)]
    assert told.seconds == pytest.approx(60.0, abs=0.01)
    day = day_at(record.entered, "Europe/Warsaw")
    assert day.end - day.start in (23 * 3600.0, 25 * 3600.0)
    daily_report(shop.entries, site, day, entries[-1].at)
