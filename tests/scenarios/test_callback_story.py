"""Called back instead of waiting: the place is kept, the agent is rung first, nobody twice."""

import pytest
from ledger_checks import kept, not_reconciled, record_of, records_of, wrong_in_the_ledger
from msgspec.structs import replace
from shop import MONDAY_10, Shop
from test_queue_story import ask, with_queue

from appliance.daemons.control.box import LASTING
from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import BoxRestarted, ClockSet, LegRefused
from appliance.vocabulary.facts_customers import (
    CallbackAsked,
    CallbackBegun,
    CallbackClosed,
    CallbackTaken,
    CallbackTried,
)
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.journal import CallEnded, VisitEnded
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Callback
from appliance.vocabulary.verbs import CancelCallback

CUSTOMER = "13900001111"


def shop_of(bakery, *, phones=("8001",), callback=None, **settings):
    rules = callback or Callback(offer_after_seconds=10, between_minutes=5, max_tries=2)
    site = with_queue(bakery, "orders", agents=("1001",), callback=rules, **settings)
    return Shop(site, phones=phones)


def callbacks(shop):
    return shop.board.live().callbacks


def open_callbacks(shop):
    return [one for one in callbacks(shop) if str(one.phase) in ("pending", "running")]


def asks_to_be_called_back(shop, caller=CUSTOMER):
    """A caller who waits presses 1 and confirms his own number."""
    leg = ask(shop, caller=caller)
    shop.advance(12)
    shop.press(leg, "1")
    shop.advance(7)
    shop.press(leg, "1")
    shop.advance(3)
    assert shop.legs[leg] == "over"
    return leg


def agent_busy(shop):
    """A first caller has the only agent; return his leg."""
    leg = ask(shop, caller="13900009999")
    shop.pick_up("8001")
    shop.advance(5)
    return leg


def outside(shop):
    return [
        (leg, one)
        for leg, one in shop.dialled.items()
        if isinstance(one, DialTrunk) and shop.legs[leg] in ("dialled", "ringing", "answered")
    ]


def test_who_waits_is_told_that_he_may_be_called_back_and_by_which_key(bakery):
    shop = shop_of(bakery, announce_position_seconds=0, comfort=("Thank you.",), comfort_seconds=30)
    agent_busy(shop)
    leg = ask(shop)
    shop.advance(10.1)
    assert shop.hears(leg) == "callback_offer 1"
    shop.advance(20)
    assert shop.hears(leg) == "Thank you.+callback_offer 1"


def test_the_callers_number_is_said_and_confirmed_and_he_may_hang_up(bakery):
    shop = shop_of(bakery)
    agent_busy(shop)
    leg = ask(shop)
    shop.advance(12)
    shop.press(leg, "1")
    assert shop.hears(leg) == f"callback_number+{CUSTOMER}+callback_confirm"
    shop.advance(7)
    shop.press(leg, "1")
    assert shop.hears(leg) == "callback_saved"
    shop.advance(3)
    assert shop.legs[leg] == "over"
    [asked] = shop.facts(CallbackAsked)
    assert (asked.number, asked.queue) == (CUSTOMER, "orders")
    assert [str(one.outcome) for one in shop.facts(VisitEnded)][-1] == "callback"
    assert [str(one.outcome) for one in shop.facts(CallEnded)] == ["callback"]
    assert [str(one.phase) for one in callbacks(shop)] == ["pending"]


def test_the_agent_is_rung_first_hears_whom_and_then_the_customer_is_rung(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    assert not shop.ringing_leg("8001")
    shop.hang_up(first)
    shop.advance(16)
    assert shop.ringing_leg("8001") and not outside(shop)
    agent = shop.pick_up("8001")
    assert shop.hears(agent) == f"callback_whisper+{CUSTOMER}"
    shop.advance(4.1)
    [(customer, dialled)] = outside(shop)
    assert dialled.number == CUSTOMER
    assert shop.hears(agent) == "ringback"
    shop.outside_answers()
    shop.advance(60)
    assert shop.hears(customer) == f"peer {agent}"
    shop.hang_up(customer)
    shop.advance(15)
    [row] = callbacks(shop)
    assert (str(row.phase), [one.result for one in row.tries]) == ("done", ["answered"])
    assert not wrong_in_the_ledger(shop)
    [begun] = shop.facts(CallbackBegun)
    assert begun.first == row.first and begun.number == CUSTOMER
    back = records_of(shop)[-1]
    assert (str(back.direction), str(back.outcome)) == ("outbound", "answered")
    assert (back.agent, back.talk) == ("1001", pytest.approx(60, abs=0.1))
    assert (back.callback, back.first) == (row.callback, row.first)
    assert record_of(shop).callback is None


def test_a_callback_counts_once_as_k_and_once_as_a_call_dialled(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    shop.pick_up("8001")
    shop.advance(4.1)
    customer = shop.outside_answers()
    shop.advance(30)
    shop.hang_up(customer)
    shop.advance(15)
    day = day_at(MONDAY_10, "Asia/Shanghai")
    report = daily_report(kept(shop), shop.site, day, day.end)
    counts = report.box.counts
    assert (counts.entered, counts.offered, counts.outbound, counts.outbound_answered) == (
        2,
        2,
        1,
        1,
    )
    figures = next(one for one in report.queues if one.queue == "orders").figures.counts
    assert (figures.offered, figures.answered, figures.callback, figures.abandoned) == (2, 1, 1, 0)
    agent = next(one for one in report.agents if one.agent == "1001")
    assert (agent.counts.answered, agent.counts.outbound, agent.counts.outbound_answered) == (
        1,
        1,
        1,
    )
    assert not not_reconciled(shop)


def test_the_place_in_the_queue_is_kept_before_those_who_came_later(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    later = ask(shop, caller="13900002222")
    shop.advance(8)
    shop.hang_up(first)
    shop.advance(11)
    agent = shop.pick_up("8001")
    assert shop.hears(agent) == f"callback_whisper+{CUSTOMER}"
    assert shop.hears(later) != f"peer {agent}"


def test_a_customer_who_does_not_answer_is_tried_again_and_then_given_up(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    for tries in (1, 2):
        agent = shop.pick_up("8001")
        shop.advance(4.1)
        assert len(outside(shop)) == 1
        shop.advance(31)
        assert shop.hears(agent) == "callback_missed"
        shop.advance(5)
        assert shop.legs[agent] == "over" and not outside(shop)
        assert len(shop.facts(CallbackTried)) == tries
        if tries == 1:
            shop.advance(4 * 60)
            assert not shop.ringing_leg("8001")
            shop.advance(70)
    [row] = callbacks(shop)
    assert (str(row.phase), row.reason) == ("failed", "tries")
    assert [one.result for one in row.tries] == ["no_answer"] * 2
    assert [one.tries for one in shop.facts(CallbackTaken)] == [1, 2]
    assert [one.reason for one in shop.facts(CallbackClosed)] == ["tries"]
    shop.advance(3600)
    assert not wrong_in_the_ledger(shop)


def test_an_agent_who_does_not_pick_up_is_no_try(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(11)
    assert shop.ringing_leg("8001")
    shop.advance(120)
    [row] = open_callbacks(shop)
    assert not row.tries and not shop.facts(Healed)
    if not shop.ringing_leg("8001"):
        shop.advance(2)
    shop.pick_up("8001")
    shop.advance(4.1)
    shop.outside_answers()
    assert [str(one.phase) for one in callbacks(shop)] == ["done"]


def test_an_agent_who_hangs_up_before_the_customer_was_rung_costs_no_try(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    shop.hang_up(shop.pick_up("8001"))
    shop.advance(2)
    [row] = open_callbacks(shop)
    assert (str(row.phase), row.tries) == ("pending", ())
    shop.advance(70)
    assert shop.ringing_leg("8001")


def test_another_number_is_keyed_in_checked_and_said_again(bakery):
    shop = shop_of(bakery)
    agent_busy(shop)
    leg = ask(shop)
    shop.advance(12)
    shop.keys(leg, "12")
    assert shop.hears(leg) == "callback_key_in"
    shop.keys(leg, "110#")
    assert shop.hears(leg) == "callback_refused+callback_key_in"
    shop.keys(leg, "013800138000#")
    assert shop.hears(leg) == "callback_number+13800138000+callback_confirm"
    shop.keys(leg, "1")
    assert shop.facts(CallbackAsked)[0].number == "13800138000"


@pytest.mark.parametrize("number", ["110", "16812345", "0044207123", "8001", "12"])
def test_no_number_that_may_not_be_dialled_is_called_back(bakery, number):
    shop = shop_of(bakery)
    agent_busy(shop)
    leg = ask(shop, caller="")
    shop.advance(12)
    shop.keys(leg, "1" + number + "#")
    assert shop.hears(leg) == "callback_refused+callback_key_in"
    assert not callbacks(shop)


def test_a_number_has_one_callback_and_keeps_the_earlier_place(bakery):
    shop = shop_of(bakery)
    agent_busy(shop)
    asks_to_be_called_back(shop)
    asks_to_be_called_back(shop)
    assert [one.is_known for one in shop.facts(CallbackAsked)] == [False, True]
    assert len(callbacks(shop)) == 1


def test_an_agent_who_comes_free_in_the_middle_of_the_question_has_the_caller(bakery):
    shop = shop_of(bakery, announce_agent=False)
    first = agent_busy(shop)
    leg = ask(shop)
    shop.advance(12)
    shop.press(leg, "1")
    shop.hang_up(first)
    shop.advance(10.5)
    agent = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {agent}"
    shop.advance(60)
    assert shop.hears(leg) == f"peer {agent}"
    shop.hang_up(leg)
    assert not callbacks(shop)


def test_who_says_nothing_or_presses_star_waits_on(bakery):
    shop = shop_of(bakery, announce_position_seconds=0)
    agent_busy(shop)
    leg = ask(shop)
    shop.advance(12)
    shop.keys(leg, "1*")
    assert shop.hears(leg) == "music"
    shop.press(leg, "1")
    shop.advance(40)
    assert shop.hears(leg) == "music"
    assert not callbacks(shop)


def test_kill_9_at_every_stage_loses_nothing_and_rings_nobody_twice(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    leg = ask(shop)
    shop.advance(12)
    shop.press(leg, "1")
    shop.killed()
    shop.advance(7)
    shop.press(leg, "1")
    shop.killed()
    shop.advance(10)
    assert shop.legs[leg] == "over"
    shop.hang_up(first)
    shop.killed()
    shop.advance(11)
    shop.killed()
    agent = shop.pick_up("8001")
    shop.killed()
    shop.advance(10)
    assert len(outside(shop)) == 1
    shop.killed()
    customer = shop.outside_answers()
    shop.killed()
    shop.advance(20)
    assert shop.hears(customer) == f"peer {agent}"
    shop.hang_up(customer)
    shop.advance(20)
    [row] = callbacks(shop)
    assert (str(row.phase), len(row.tries)) == ("done", 1)
    assert not wrong_in_the_ledger(shop)


def power_cut(shop):
    """Only what is lasting is there afterwards; phones register anew."""
    shop.slots = {name: one for name, one in shop.slots.items() if name.startswith(LASTING)}
    shop.legs = dict.fromkeys(shop.legs, "over")
    phones, shop.registered = shop.registered, {}
    shop.sealings.clear()
    shop.board = type(shop.board)(site=shop.site, prompts=shop.catalogue, new_id=shop._new_id)
    shop.tell(ClockSet(utc_offset=shop.offset))
    for name, content in shop.slots.items():
        shop.board.restore(name, content, shop.now)
    shop.tell(BoxRestarted())
    shop.apply(shop.site)
    shop._do(shop.board.resume(set(), shop.now))
    for phone in phones:
        shop.tell_registered(phone)


def test_a_power_cut_keeps_the_pending_ones_and_their_places(bakery):
    shop = shop_of(bakery)
    agent_busy(shop)
    asks_to_be_called_back(shop)
    since = callbacks(shop)[0].since
    shop.advance(20)
    power_cut(shop)
    [row] = callbacks(shop)
    assert (str(row.phase), row.since) == ("pending", since)
    shop.advance(10)
    shop.pick_up("8001")
    shop.advance(4.1)
    shop.outside_answers()
    assert [str(one.phase) for one in callbacks(shop)] == ["done"]


def test_the_box_is_busy_or_the_line_dead_and_the_try_says_so(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    shop.pick_up("8001")
    shop.advance(4.1)
    [(customer, _)] = outside(shop)
    shop.legs[customer] = "over"
    shop.tell(LegRefused(leg=customer, cause=Cause.BUSY))
    shop.advance(3)
    assert [one.result for one in shop.facts(CallbackTried)] == ["busy"]


def test_a_callback_waits_for_the_hours_and_is_given_up_when_it_is_too_old(bakery):
    rules = Callback(calendar="shop", days=1)
    shop = shop_of(bakery, callback=rules)
    agent_busy(shop)
    asks_to_be_called_back(shop)
    shut = replace(shop.site, calendar=(replace(shop.site.calendar[0], open=()),))
    shop.apply(shut)
    shop.hang_up(shop.board.audio_wishes(shop.board.calls()[0])[0].leg)
    shop.advance(3600)
    assert not shop.ringing_leg("8001")
    assert [str(one.phase) for one in callbacks(shop)] == ["pending"]
    shop.advance(24 * 3600)
    [row] = callbacks(shop)
    assert (str(row.phase), row.reason) == ("failed", "expired")


def test_a_queue_that_calls_nobody_back_any_more_gives_them_up(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.advance(10)
    shop.apply(with_queue(shop.site, "orders", callback=None))
    shop.hang_up(first)
    shop.advance(30)
    assert [one.reason for one in callbacks(shop)] == ["queue_removed"]
    assert not shop.ringing_leg("8001")
    assert not wrong_in_the_ledger(shop)


def test_no_agent_is_rung_any_more_when_the_hours_are_over(bakery):
    shop = shop_of(bakery, callback=Callback(calendar="shop"))
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    assert shop.ringing_leg("8001")
    shop.apply(replace(shop.site, calendar=(replace(shop.site.calendar[0], open=()),)))
    shop.advance(16)
    assert not shop.ringing_leg("8001")
    shop.advance(3600)
    assert not shop.ringing_leg("8001")
    [row] = open_callbacks(shop)
    assert (str(row.phase), row.tries) == ("pending", ())
    shop.apply(replace(shop.site, calendar=bakery.calendar))
    shop.advance(6)
    assert shop.ringing_leg("8001")


def test_one_who_waits_again_after_an_agent_missed_him_can_be_cancelled(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    [row] = callbacks(shop)
    verb = CancelCallback(ask="a", by="anna", callback=row.callback)
    assert shop.verb(verb).problem == "busy"
    shop.phone_lost("8001")
    shop.advance(1)
    assert shop.verb(verb).problem == "" and shop.verb(verb).problem == "already"
    shop.advance(60)
    [row] = callbacks(shop)
    assert (str(row.phase), row.reason) == ("cancelled", "anna")
    assert not wrong_in_the_ledger(shop)
