"""Flows that call back out of hours, and that ask how it was."""

from ledger_checks import kept, not_reconciled, wrong_in_the_ledger
from msgspec.structs import replace
from shop import MONDAY_10, Shop
from test_queue_story import ask, with_queue

from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.vocabulary.facts_customers import SurveyAsked, SurveyScored
from appliance.vocabulary.journal import CallEnded
from appliance.vocabulary.settings import Callback, Flow, Overflow, Survey

MONDAY_20 = MONDAY_10 + 10 * 3600
CALLER = "13900001111"


def night_shop(bakery, *, at=MONDAY_20, **node):
    """The bakery's closed node calls back; it is evening."""
    site = with_queue(bakery, "orders", agents=("1001",), callback=Callback(calendar="shop"))
    closed = {"kind": "callback", "queue": "orders", "text": "We are closed.", **node}
    flow = replace(site.flow[0], node={**site.flow[0].node, "closed": closed})
    return Shop(replace(site, flow=(flow,)), phones=("8001",), at=at)


def test_out_of_hours_a_callback_is_registered_for_the_next_morning(bakery):
    shop = night_shop(bakery)
    leg = shop.call_in(caller=CALLER)
    assert shop.hears(leg) == "We are closed."
    shop.advance(2.1)
    assert shop.hears(leg) == f"callback_number+{CALLER}+callback_confirm"
    shop.press(leg, "1")
    shop.advance(3)
    assert shop.legs[leg] == "over"
    assert [str(one.outcome) for one in shop.facts(CallEnded)] == ["callback"]
    shop.advance(12.9 * 3600)
    assert not shop.ringing_leg("8001")
    shop.advance(0.2 * 3600)
    agent = shop.ringing_leg("8001") or shop.advance(2) or shop.ringing_leg("8001")
    assert agent
    shop.pick_up("8001")
    shop.advance(4.1)
    customer = shop.outside_answers()
    shop.advance(10)
    shop.hang_up(customer)
    shop.advance(30)
    assert [str(one.phase) for one in shop.board.live().callbacks] == ["done"]
    assert not wrong_in_the_ledger(shop)


def test_a_callback_out_of_a_flow_counts_with_messages_and_notices(bakery):
    shop = night_shop(bakery)
    leg = shop.call_in(caller=CALLER)
    shop.advance(2.1)
    shop.press(leg, "1")
    shop.advance(3)
    day = day_at(MONDAY_10, "Asia/Shanghai")
    counts = daily_report(kept(shop), shop.site, day, day.end).box.counts
    assert (counts.entered, counts.notice, counts.offered) == (1, 1, 0)
    assert not not_reconciled(shop)


def test_who_does_not_want_it_goes_where_the_flow_says(bakery):
    shop = night_shop(bakery, otherwise="bye")
    shop.apply(
        replace(
            shop.site,
            flow=(
                replace(
                    shop.site.flow[0],
                    node={**shop.site.flow[0].node, "bye": {"kind": "hangup", "text": "Bye."}},
                ),
            ),
        )
    )
    leg = shop.call_in(caller=CALLER)
    shop.advance(2.1)
    shop.killed()
    shop.press(leg, "*")
    assert shop.hears(leg) == "Bye."
    silent = shop.call_in(caller="13900002222")
    shop.advance(60)
    assert shop.legs[silent] == "over"
    assert not shop.board.live().callbacks
    assert not wrong_in_the_ledger(shop)


def survey_flow_shop(bakery):
    """Callers whom nobody of the queue answers come to a flow that asks them."""
    flow = Flow(
        id="after",
        start="ask",
        node={
            "ask": {"kind": "survey", "survey": "how", "next": "bye"},
            "bye": {"kind": "hangup", "text": "Bye."},
        },
    )
    site = with_queue(
        bakery, "orders", agents=("1001",), overflow=Overflow(to="flow", flow="after")
    )
    return Shop(
        replace(site, flow=(*site.flow, flow), survey=(Survey(id="how", reason_from=0),)),
        phones=(),
    )


def test_a_flow_asks_how_it_was_and_goes_on(bakery):
    shop = survey_flow_shop(bakery)
    leg = ask(shop)
    shop.advance(121)
    assert shop.hears(leg) == "survey_ask"
    shop.killed()
    shop.press(leg, "2")
    assert shop.hears(leg) == "Bye."
    shop.advance(3)
    assert [(one.why, one.agent) for one in shop.facts(SurveyAsked)] == [("flow", None)]
    assert [one.score for one in shop.facts(SurveyScored)] == [2]
    silent = ask(shop, caller="13900002222")
    shop.advance(121 + 20)
    assert shop.legs[silent] == "over"
    assert not wrong_in_the_ledger(shop)
