"""Queues of the whole shop in virtual time: ring-all, priority that travels, a changed site."""

import pytest
from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.facts_handling import TransferBegun
from appliance.vocabulary.facts_queues import BreakOverran
from appliance.vocabulary.journal import (
    AgentRinging,
    AgentStateChanged,
    CallQueued,
    MissReason,
    OfferMissed,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Flow, Overflow, Site

PHONES = ("8001", "8002", "8003")


def with_queue(site: Site, queue: str, **settings: object) -> Site:
    """The site with other settings of one queue."""
    return replace(
        site,
        queue=tuple(replace(one, **settings) if one.id == queue else one for one in site.queue),
    )


def ring_all_shop(bakery: Site, **settings: object) -> Shop:
    """Three agents at work in one queue that rings them all."""
    site = replace(bakery, agent=tuple(replace(one, signed_in=True) for one in bakery.agent))
    agents = tuple(one.id for one in site.agent)
    return Shop(
        with_queue(site, "orders", strategy="ring-all", agents=agents, **settings), phones=PHONES
    )


def ask(shop: Shop, key: str = "1", caller: str = "13900001111") -> str:
    """A caller who chooses a queue in the menu."""
    leg = shop.call_in(caller=caller)
    shop.advance(2.5)
    shop.press(leg, key)
    return leg


def ringing(shop: Shop) -> list[str]:
    return [one for one in PHONES if shop.ringing_leg(one)]


def test_all_agents_ring_and_the_first_to_answer_has_the_caller(bakery):
    shop = ring_all_shop(bakery)
    leg = ask(shop)
    assert ringing(shop) == list(PHONES)
    rest = [shop.ringing_leg(one) for one in ("8001", "8003")]
    shop.advance(3)
    called = shop.pick_up("8002")
    assert [shop.ended[one] for one in rest] == [Cause.ANSWERED_ELSEWHERE] * 2
    assert ringing(shop) == []
    shop.advance(3)
    assert shop.hears(leg) == f"peer {called}"
    shop.advance(10)
    shop.hang_up(leg)
    assert [one.agent for one in shop.facts(TalkEnded)] == ["1002"]
    missed = {one.agent: one.reason for one in shop.facts(OfferMissed)}
    assert missed == {one: MissReason.ANSWERED_ELSEWHERE for one in ("1001", "1003")}
    shop.advance(15)
    assert {one.state for one in shop.board.live().agents} == {"ready"}
    assert not shop.board.live().calls


def test_a_caller_who_gives_up_silences_all_phones(bakery):
    shop = ring_all_shop(bakery)
    leg = ask(shop)
    legs = [shop.ringing_leg(one) for one in PHONES]
    shop.advance(3)
    shop.hang_up(leg)
    assert ringing(shop) == []
    assert {shop.ended[one] for one in legs} == {Cause.CANCELLED}
    assert [one.outcome for one in shop.facts(VisitEnded)] == [VisitOutcome.ABANDONED]


def test_one_refusal_leaves_the_others_ringing_and_a_kill_forgets_none(bakery):
    shop = ring_all_shop(bakery)
    leg = ask(shop)
    shop.refuse("8001")
    assert ringing(shop) == ["8002", "8003"]
    shop.killed()
    assert ringing(shop) == ["8002", "8003"]
    second = ask(shop)
    called = shop.pick_up("8003")
    assert ringing(shop) == ["8002"], "it rings for the second caller"
    shop.advance(3)
    assert shop.hears(leg) == f"peer {called}"
    shop.pick_up("8002")
    shop.advance(3)
    assert shop.hears(second).startswith("peer ")


def test_nobody_answers_and_all_ring_again_until_the_limit_of_the_wait(bakery):
    shop = ring_all_shop(bakery)
    ask(shop)
    shop.advance(20)
    assert ringing(shop) == list(PHONES), "again, after a moment"
    shop.advance(120)
    assert ringing(shop) == []
    [over] = shop.facts(VisitEnded)
    assert (over.outcome, over.wait) == (VisitOutcome.VOICEMAIL, 120.0)
    assert len(shop.facts(AgentRinging)) >= 3 * 7


def test_a_vip_comes_before_those_who_waited_less_than_his_credit(bakery):
    vip = "13800138000"
    site = with_queue(bakery, "orders", vip_numbers=(vip,), vip_credit_seconds=30)
    shop = Shop(site, phones=("8001",))
    first = ask(shop)
    shop.pick_up("8001")
    waiting = [ask(shop, caller=f"1370000000{n}") for n in range(2)]
    shop.advance(60)
    later = ask(shop, caller="13700000009")
    important = ask(shop, caller=vip)
    shop.hang_up(first)
    shop.advance(11)
    served = []
    for _ in range(4):
        shop.pick_up("8001")
        shop.advance(3)
        order = [*waiting, later, important]
        served.append(next(one for one in order if shop.hears(one).startswith("peer ")))
        shop.hang_up(served[-1])
        order.remove(served[-1])
        waiting = [one for one in waiting if one != served[-1]]
        later = later if served[-1] != later else important
        shop.advance(11)
    assert served.index(important) == 2, "before the last, after those who waited longer"


def test_priority_goes_along_to_another_queue(bakery):
    vip = "13800138000"
    site = with_queue(bakery, "orders", vip_numbers=(vip,), vip_credit_seconds=300)
    site = with_queue(
        with_queue(site, "office", agents=("1002",), number="8200", announce_agent=False),
        "orders",
        agents=("1001",),
    )
    shop = Shop(site, phones=("8001", "8002"))
    busy = ask(shop, "2")
    shop.pick_up("8002")
    ordinary = ask(shop, "2", caller="13700000001")
    important = ask(shop, "1", caller=vip)
    shop.pick_up("8001")
    shop.advance(3)
    agent = next(one for one, command in shop.dialled.items() if command.extension == "8001")
    shop.keys(agent, "##8200#")
    shop.advance(1)
    assert shop.facts(TransferBegun)
    shop.hang_up(busy)
    shop.advance(1)
    shop.pick_up("8002")
    shop.advance(1)
    assert shop.hears(important).startswith("peer ")
    assert not shop.hears(ordinary).startswith("peer ")


def test_a_changed_site_counts_at_once_and_nobody_loses_his_place(bakery):
    shop = Shop(bakery, phones=())
    callers = [ask(shop, caller=f"1370000000{n}") for n in range(3)]
    shop.advance(30)
    changed = with_queue(
        bakery, "orders", name="Bestellungen", strategy="skills", skills={"bread": 1}
    )
    baker = replace(changed.agent[0], skills={"bread": 3})
    shop.apply(replace(changed, agent=(baker, *changed.agent[1:])))
    shop.tell_registered("8002")
    assert ringing(shop) == [], "he knows nothing of bread"
    shop.tell_registered("8001")
    assert ringing(shop) == ["8001"]
    assert len(shop.facts(CallQueued)) == 3, "nobody was queued anew"
    for caller in callers:
        shop.pick_up("8001")
        shop.advance(3)
        assert shop.hears(caller).startswith("peer "), "each at his turn"
        shop.hang_up(caller)
        shop.advance(11)
    assert shop.facts(VisitEnded)[-1].wait > 30


def test_queues_that_send_callers_to_each_other_do_so_for_ever_no_more(bakery):
    site = with_queue(bakery, "orders", overflow=Overflow(to="queue", queue="office"))
    site = with_queue(site, "office", overflow=Overflow(to="queue", queue="orders"))
    shop = Shop(site, phones=())
    leg = ask(shop)
    shop.advance(10 * 120)
    assert shop.legs[leg] == "over"
    assert len(shop.facts(CallQueued)) <= 7


def test_agents_of_two_queues_wrap_up_once_for_both(bakery):
    both = ("1001",)
    site = with_queue(with_queue(bakery, "orders", agents=both), "office", agents=both)
    shop = Shop(site, phones=("8001",))
    first = ask(shop, "1")
    shop.pick_up("8001")
    ask(shop, "2")
    shop.advance(5)
    shop.hang_up(first)
    shop.advance(9)
    assert ringing(shop) == [], "the orders' wrap-up holds for the office as well"
    shop.advance(2)
    assert ringing(shop) == ["8001"]


def test_an_agent_who_is_away_is_not_rung_for_ever_and_his_lamp_says_so(bakery):
    shop = Shop(with_queue(bakery, "orders", agents=("1001",), miss_limit=2), phones=PHONES)
    leg = ask(shop)
    shop.advance(80)  # twice in vain, and once to say so
    assert not shop.ringing_leg("8001")
    [anna] = [one for one in shop.board.live().agents if one.agent == "1001"]
    assert (anna.state, anna.reason) == ("not_ready", "missed")
    assert shop.facts(AgentStateChanged)[-1].reason == "missed"
    code = shop.dial("8001", "*82")
    shop.advance(3)
    shop.hang_up(code)
    shop.pick_up("8001")
    shop.advance(3)
    assert shop.hears(leg).startswith("peer ")


def test_the_agents_phone_shows_for_which_queue_it_rings_and_who_calls(bakery):
    shop = Shop(bakery)
    ask(shop)
    shown = shop.dialled[shop.ringing_leg("8001")].caller
    assert (shown.number, shown.name) == ("13900001111", "Orders: 13900001111")


def test_a_break_that_is_too_long_stands_in_the_journal_and_on_live(bakery):
    anna = replace(bakery.agent[0], break_minutes={"1": 10})
    shop = Shop(replace(bakery, agent=(anna, *bakery.agent[1:])))
    code = shop.dial("8001", "*831")
    shop.advance(5)
    shop.hang_up(code)
    shop.advance(590)
    assert shop.facts(BreakOverran) == []
    shop.advance(20)
    [told] = shop.facts(BreakOverran)
    assert (told.agent, told.reason, told.budget) == ("1001", "1", 600)
    live = {one.agent: one.is_over_break for one in shop.board.live().agents}
    assert live == {"1001": True, "1002": False, "1003": False}


@pytest.mark.parametrize("is_private", [False, True])
def test_what_the_caller_keyed_in_is_shown_unless_it_is_private(bakery, is_private):
    node = {"kind": "collect", "text": "Your order's number?", "next": "q", "otherwise": "q"}
    asking = Flow(
        id="asking",
        start="ask",
        node={
            "ask": {**node, "max_digits": 4, "is_private": is_private},
            "q": {"kind": "queue", "queue": "orders"},
        },
    )
    site = with_queue(bakery, "orders", agents=("1001",))
    site = with_queue(site, "office", agents=("1002",), number="8200")
    route = replace(site.route[0], flow="asking")
    shop = Shop(replace(site, flow=(*site.flow, asking), route=(route,)))
    leg = shop.call_in()
    shop.advance(2.5)
    shop.keys(leg, "4711")
    shop.advance(6)
    shown = shop.dialled[shop.ringing_leg("8001")].caller.name
    assert shown == ("Orders: 13900001111" if is_private else "Orders 4711: 13900001111")
    agent = shop.pick_up("8001")
    shop.advance(3)
    shop.keys(agent, "##8200#")
    shop.advance(1)
    shown = shop.dialled[shop.ringing_leg("8002")].caller.name
    assert shown == ("Office: 13900001111" if is_private else "Office 4711: 13900001111")
