"""Where callers go whom a queue can or will not keep: by wait, by length, without agents, to each
kind of place; and never round for ever."""

import pytest
from msgspec.structs import replace
from shop import Shop
from test_queue_story import ask, with_queue

from appliance.engines.acd.commands import OverflowReason
from appliance.vocabulary.journal import (
    CallEnded,
    CallOutcome,
    CallQueued,
    RouteChosen,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Flow, Overflow

MOBILE = Overflow(to="number", number="913800138000")
DESK = Overflow(to="extension", extension="8003")


def shop_with(bakery, *, phones=("8001", "8003"), **settings):
    """Only 1001 is at work, and talks with the first caller."""
    site = with_queue(bakery, "orders", agents=("1001",), **settings)
    closing = Flow(id="sorry", start="end", node={"end": {"kind": "hangup", "text": "Sorry."}})
    shop = Shop(replace(site, flow=(*site.flow, closing)), phones=phones)
    return shop


def busy_shop(bakery, **settings):
    shop = shop_with(bakery, **settings)
    ask(shop)
    shop.pick_up("8001")
    shop.advance(3)
    return shop


def reasons(shop):
    return [
        one.reason for one in shop.facts(VisitEnded) if one.outcome is not VisitOutcome.ANSWERED
    ]


def test_after_the_longest_wait_the_owners_mobile_rings_and_they_talk(bakery):
    shop = busy_shop(bakery, overflow=MOBILE, max_wait_seconds=60)
    leg = ask(shop)
    shop.advance(60)
    assert reasons(shop) == [OverflowReason.WAIT]
    assert shop.hears(leg) == "ringback"
    [dialled] = [one for one in shop.dialled.values() if hasattr(one, "trunk")]
    assert dialled.number == "13800138000"
    called = shop.outside_answers()
    assert shop.hears(leg) == f"peer {called}"
    shop.advance(30)
    shop.hang_up(leg)
    assert shop.legs[called] == "over"
    assert shop.facts(CallEnded)[-1].outcome is CallOutcome.ANSWERED


def test_nobody_at_the_mobile_either_and_the_caller_is_told_and_let_go(bakery):
    shop = busy_shop(bakery, overflow=MOBILE, max_wait_seconds=60)
    leg = ask(shop)
    shop.advance(60)
    shop.advance(61)
    assert shop.hears(leg) == "not_reachable"
    shop.advance(3)
    assert shop.legs[leg] == "over"


def test_a_full_queue_has_a_way_out_of_its_own(bakery):
    shop = busy_shop(bakery, max_waiting=1, overflow_full=DESK)
    ask(shop)
    over = ask(shop)
    assert reasons(shop) == [OverflowReason.FULL]
    assert shop.ringing_leg("8003")
    called = shop.pick_up("8003")
    assert shop.hears(over) == f"peer {called}"


def test_without_agents_the_caller_hears_the_flow_for_it_at_once(bakery):
    shop = shop_with(
        bakery,
        overflow_when_unstaffed=True,
        overflow_no_agent=Overflow(to="flow", flow="sorry"),
        overflow=DESK,
    )
    code = shop.dial("8001", "*81")
    shop.advance(3)
    shop.hang_up(code)
    leg = ask(shop)
    if shop.facts(VisitEnded) == []:
        pytest.fail("the agent is signed in still")
    assert reasons(shop) == [OverflowReason.NO_AGENT]
    assert shop.hears(leg) == "Sorry."
    shop.advance(3)
    assert shop.legs[leg] == "over"


def test_what_has_no_way_out_of_its_own_goes_as_overflow_says(bakery):
    shop = busy_shop(bakery, max_waiting=0, overflow=Overflow(to="voicemail", box="shop"))
    ask(shop)
    assert shop.facts(VisitEnded)[-1].outcome is VisitOutcome.VOICEMAIL


def test_in_the_next_queue_the_wait_so_far_counts(bakery):
    site = with_queue(
        bakery,
        "orders",
        agents=(),
        max_wait_seconds=60,
        overflow=Overflow(to="queue", queue="office"),
    )
    site = with_queue(site, "office", agents=("1001",), announce_agent=False)
    shop = Shop(site, phones=("8001",))
    talking = ask(shop, "2")
    shop.pick_up("8001")
    early = ask(shop, "1")
    shop.advance(40)
    late = ask(shop, "2")
    shop.advance(20)
    assert len(shop.facts(CallQueued)) == 4
    shop.hang_up(talking)
    shop.advance(1)
    called = shop.pick_up("8001")
    assert shop.hears(early) == f"peer {called}", "he has waited longer than who came here before"
    assert not shop.hears(late).startswith("peer ")


def test_a_desk_that_leads_back_to_the_queue_does_not_do_so_for_ever(bakery):
    """The phone that overflow rings refuses, and the flow that rang it begins anew."""
    site = with_queue(bakery, "orders", agents=(), max_wait_seconds=5, overflow=DESK)
    shop = Shop(site, phones=("8003",))
    leg = ask(shop)
    for _ in range(40):
        shop.advance(5)
        if shop.ringing_leg("8003"):
            shop.refuse("8003", Cause.BUSY)
    shop.advance(60)
    assert shop.legs[leg] == "over"
    assert len(shop.facts(RouteChosen)) < 12
