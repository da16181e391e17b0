"""Forwarding, do-not-disturb and call waiting: where a call goes that a phone does not take."""

import pytest
from desk_sites import with_phone
from msgspec.structs import replace
from shop import Shop

from appliance.daemons.control.box import LASTING
from appliance.vocabulary.facts_handling import Forwarded
from appliance.vocabulary.journal import (
    AgentState,
    CallBlocked,
    CallEnded,
    CallOutcome,
    OfferMissed,
    RecordingOpened,
    TalkEnded,
)
from appliance.vocabulary.lines import Cause

PHONES = ("8001", "8002", "8003")


def shop_with(bakery, number, **words):
    return Shop(with_phone(bakery, number, **words), phones=PHONES)


def keyed(shop, phone, code):
    """What the box says to a code."""
    leg = shop.dial(phone, code)
    said = shop.hears(leg)
    shop.advance(3)
    return said


def menu_key(shop, key):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, key)
    return leg


def test_all_calls_go_where_the_phone_was_forwarded_by_key(bakery):
    shop = Shop(bakery, phones=PHONES)
    assert keyed(shop, "8001", "*728003") == "forwarding_on"
    shop.dial("8002", "8001")
    assert shop.ringing_leg("8003") and not shop.ringing_leg("8001")
    forwarded = shop.facts(Forwarded)[0]
    assert (forwarded.extension, forwarded.to, forwarded.why) == ("8001", "8003", "always")
    shop.pick_up("8003")
    shop.advance(5)
    assert keyed(shop, "8001", "*73") == "forwarding_off"
    shop.dial("8002", "8001")
    assert shop.ringing_leg("8001")


def test_what_was_keyed_in_outlives_a_kill_and_a_power_cut(bakery):
    shop = Shop(bakery, phones=PHONES)
    keyed(shop, "8001", "*728003")
    keyed(shop, "8002", "*78")
    shop.killed()
    shop.dial("8003", "8002")
    assert not shop.ringing_leg("8002")
    shop.dial("8002", "8001")
    assert shop.ringing_leg("8003")
    kept = {name for name in shop.slots if name.startswith("own:")}
    assert kept == {"own:8001", "own:8002", "own:8003"}
    assert all(name.startswith(LASTING) for name in kept)


def test_the_live_page_can_tell_whose_phone_is_quiet_or_forwarded(bakery):
    shop = Shop(bakery, phones=PHONES)
    keyed(shop, "8001", "*728003")
    keyed(shop, "8002", "*78")
    lines = {one.name: one for one in shop.board.live().lines}
    assert (lines["8001"].forwarded_to, lines["8001"].is_quiet) == ("8003", False)
    assert (lines["8002"].forwarded_to, lines["8002"].is_quiet) == ("", True)


def test_a_busy_phone_sends_on_and_the_callers_one_call_is_right(bakery):
    shop = shop_with(bakery, "8001", forward_busy="8003")
    shop.dial("8001", "8002")
    shop.pick_up("8002")
    caller = menu_key(shop, "3")
    assert shop.ringing_leg("8003")
    called = shop.pick_up("8003")
    shop.advance(30)
    assert shop.hears(caller) == f"peer {called}"
    assert shop.facts(Forwarded)[0].why == "busy"
    shop.hang_up(caller)
    talk = shop.facts(TalkEnded)[-1]
    assert (talk.extension, talk.talk) == ("8003", 30.0)
    opened = [entry for entry in shop.entries if isinstance(entry.fact, RecordingOpened)]
    ended = [entry for entry in shop.entries if isinstance(entry.fact, CallEnded)]
    assert opened[-1].call == ended[-1].call
    assert ended[-1].fact.outcome is CallOutcome.DIRECT


def test_nobody_answers_in_the_phones_own_time(bakery):
    shop = shop_with(bakery, "8001", forward_no_answer="8002", forward_after_seconds=8)
    menu_key(shop, "3")
    shop.advance(7.9)
    assert shop.ringing_leg("8001")
    shop.advance(0.2)
    assert shop.ringing_leg("8002") and not shop.ringing_leg("8001")
    assert shop.facts(OfferMissed)[0].rang == 8.0
    assert shop.facts(Forwarded)[0].why == "no_answer"


def test_a_phone_that_is_not_there_sends_on_to_the_outside_with_its_own_rights(bakery):
    shop = shop_with(bakery, "8003", forward_unreachable="913800138000")
    shop.phone_lost("8003")
    leg = shop.dial("8001", "8003")
    out = shop.outside_answers()
    assert shop.dialled[out].number == "13800138000"
    assert shop.hears(leg) == f"peer {out}"
    shop.hang_up(out)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED


def test_forwarding_abroad_needs_the_right_of_the_phone_that_forwards(bakery):
    shop = shop_with(bakery, "8001", forward_always="90048221234567")
    leg = shop.dial("8002", "8001")
    assert shop.ended[leg] is Cause.FORBIDDEN
    assert keyed(shop, "8003", "*7290048221234567") == "not_allowed"
    assert keyed(shop, "8003", "*729110") == "not_allowed"
    assert keyed(shop, "8003", "*7277") == "number_unknown"
    assert keyed(shop, "8003", "*728003") == "number_unknown"


def test_rounds_of_forwarding_end(bakery):
    site = with_phone(bakery, "8001", forward_always="8002")
    site = with_phone(site, "8002", forward_always="8003")
    site = with_phone(site, "8003", forward_always="8001")
    shop = Shop(site, phones=PHONES)
    shop.call_in()
    shop.advance(2.5)
    shop.press(next(iter(shop.audio)), "3")
    assert len(shop.facts(Forwarded)) == 3
    assert shop.ringing_leg("8001")


def test_do_not_disturb_passes_by_menus_colleagues_and_queues(bakery):
    shop = Shop(bakery, phones=PHONES)
    assert keyed(shop, "8001", "*78") == "do_not_disturb_on"
    assert next(one.state for one in shop.board.live().agents) is AgentState.READY
    leg = shop.dial("8003", "8001")
    assert shop.ended[leg] is Cause.BUSY
    menu_key(shop, "1")
    assert shop.ringing_leg("8002") and not shop.ringing_leg("8001")
    menu_key(shop, "1")
    shop.advance(30)
    assert not shop.ringing_leg("8001")
    assert not shop.board.faults(shop.now)
    assert keyed(shop, "8001", "*79") == "do_not_disturb_off"
    assert shop.ringing_leg("8001")


def ready_in(shop, queue):
    return next(one.ready_agents for one in shop.board.live().queues if one.queue == queue)


def test_who_wants_no_calls_is_shown_so_and_counted_as_ready_nowhere(bakery):
    shop = Shop(bakery, phones=PHONES)
    assert ready_in(shop, "orders") == 2
    keyed(shop, "8001", "*78")
    keyed(shop, "8002", "*728003")
    assert ready_in(shop, "orders") == 1
    agents = {one.extension: one for one in shop.board.live().agents if one.extension}
    assert (agents["8001"].is_quiet, agents["8001"].forwarded_to) == (True, "")
    assert (agents["8002"].is_quiet, agents["8002"].forwarded_to) == (False, "8003")
    keyed(shop, "8001", "*79")
    assert ready_in(shop, "orders") == 2


def test_do_not_disturb_while_it_rings_gives_the_caller_to_the_next(bakery):
    shop = Shop(bakery, phones=PHONES)
    menu_key(shop, "1")
    first = "8001" if shop.ringing_leg("8001") else "8002"
    keyed(shop, first, "*78")
    assert shop.ringing_leg({"8001": "8002", "8002": "8001"}[first])


@pytest.mark.parametrize(("code", "rings"), [("*70", True), ("*71", False)])
def test_a_second_call_rings_a_busy_phone_only_where_it_may(bakery, code, rings):
    shop = Shop(bakery, phones=PHONES)
    keyed(shop, "8001", code)
    shop.dial("8001", "8002")
    shop.pick_up("8002")
    leg = shop.dial("8003", "8001")
    assert bool(shop.ringing_leg("8001")) is rings
    assert rings or shop.ended[leg] is Cause.BUSY


def test_forwarding_by_keys_after_the_code(bakery):
    shop = Shop(bakery, phones=PHONES)
    leg = shop.dial("8001", "*90")
    assert shop.hears(leg) == "beep"
    shop.keys(leg, "8003")
    shop.advance(4.1)
    assert shop.hears(leg) == "forwarding_on"


def test_a_caller_of_an_unwilling_phone_follows_the_flow(bakery):
    flow = bakery.flow[0]
    anna = {**flow.node["anna"], "otherwise": "orders"}
    site = replace(bakery, flow=(replace(flow, node={**flow.node, "anna": anna}),))
    shop = Shop(with_phone(site, "8001", do_not_disturb=True), phones=PHONES)
    menu_key(shop, "3")
    assert shop.ringing_leg("8002")
    assert not shop.facts(CallBlocked)
