"""What a strict reader of callbacks once found: each story failed before it was mended."""

import pytest
from desk_sites import with_phone
from ledger_checks import wrong_in_the_ledger
from msgspec.structs import replace
from shop import Shop
from shop_steps import state_of
from test_callback_story import (
    CUSTOMER,
    agent_busy,
    asks_to_be_called_back,
    callbacks,
    open_callbacks,
    outside,
    power_cut,
    shop_of,
)
from test_queue_story import ask, with_queue

from appliance.engines.calls.callback_book import MOST_OF_CALLER, MOST_OPEN
from appliance.reports.names import names_of
from appliance.reports.timeline import timeline_of
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import LegRefused, TrunkChanged
from appliance.vocabulary.facts_customers import (
    CallbackAsked,
    CallbackClosed,
    CallbackTaken,
    CallbackTried,
)
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.journal import AgentState, AgentStateChanged
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Callback, Language


class DeadLine(Shop):
    """A carrier who answers nothing, be it ringing or refusal."""

    def _carry_out(self, command):
        if isinstance(command, DialTrunk):
            self.dialled[command.leg] = command
            self.legs[command.leg] = "dialled"
        else:
            super()._carry_out(command)


def rung_for_callback(shop):
    """The only agent comes free, and his phone rings for the callback."""
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.hang_up(first)
    shop.advance(16)
    assert shop.ringing_leg("8001")


def customer_is_rung(shop):
    """Return the agent's leg, and the customer's."""
    agent = shop.pick_up("8001")
    shop.advance(4.1)
    [(customer, _)] = outside(shop)
    return agent, customer


def refused(shop, customer, cause):
    shop.legs[customer] = "over"
    shop.tell(LegRefused(leg=customer, cause=cause))


def rings_again(shop):
    """The pause is over, and the agent's phone begins to ring."""
    for _ in range(400):
        shop.advance(1)
        if shop.ringing_leg("8001"):
            return
    raise AssertionError("8001 is not rung again")


# --- the agent is not to blame ---
@pytest.mark.parametrize("cause", [Cause.BUSY, None])
def test_an_agent_whose_customer_does_not_answer_has_rejected_nothing(bakery, cause):
    site = replace(bakery, agent=tuple(replace(one, signed_in=True) for one in bakery.agent))
    rules = Callback(offer_after_seconds=10, between_minutes=5)
    site = with_queue(site, "orders", agents=("1001", "1002"), callback=rules)
    shop = Shop(site, phones=("8001",))
    rung_for_callback(shop)
    _, customer = customer_is_rung(shop)
    shop.tell_registered("8002")
    if cause is not None:
        refused(shop, customer, cause)
    shop.advance(40)
    assert [one.result for one in shop.facts(CallbackTried)] == [cause or "no_answer"]
    assert "8002" not in [getattr(one, "extension", None) for one in shop.dialled.values()]
    assert "rejected" not in [one.reason for one in shop.facts(AgentStateChanged)]
    assert state_of(shop, "1001") is AgentState.READY
    shop.phone_lost("8002")
    ask(shop, caller="13900005555")
    shop.advance(1)
    assert shop.ringing_leg("8001")
    assert not shop.facts(Healed)


# --- nobody picks it up ---
@pytest.mark.parametrize("way", ["**8001", "*8", "replaces"])
def test_a_phone_that_rings_for_a_callback_is_not_picked_up_elsewhere(bakery, way):
    shop = shop_of(bakery, phones=("8001", "8002"))
    for number in ("8001", "8002"):
        shop.apply(with_phone(shop.site, number, pickup_group="counter"))
    rung_for_callback(shop)
    ringing = shop.ringing_leg("8001")
    if way == "replaces":
        taken = shop.dial("8002", "8001", replaces=ringing)
        assert shop.ended[taken] is Cause.FORBIDDEN
    else:
        taken = shop.dial("8002", way)
    shop.advance(5)
    assert shop.legs[taken] == "over" and shop.ringing_leg("8001") == ringing
    agent, customer = customer_is_rung(shop)
    shop.outside_answers()
    assert shop.hears(customer) == f"peer {agent}"


def test_the_agent_of_a_callback_is_not_replaced_before_the_talk(bakery):
    shop = shop_of(bakery, phones=("8001", "8002"))
    rung_for_callback(shop)
    agent, customer = customer_is_rung(shop)
    for leg in (agent, customer):
        assert shop.ended[shop.dial("8002", "8001", replaces=leg)] is Cause.FORBIDDEN
    shop.outside_answers()
    taken = shop.dial("8002", "8001", replaces=agent)
    assert shop.hears(customer) == f"peer {taken}"


# --- the trunk is to blame ---
def test_a_full_trunk_uses_up_no_try_and_the_pause_is_kept(bakery):
    shop = shop_of(bakery)
    rung_for_callback(shop)
    shop.apply(replace(shop.site, trunk=(replace(shop.site.trunk[0], channels=1),)))
    for times in range(1, 5):
        waiting = ask(shop, caller="13900004444")  # on the only channel
        agent = shop.pick_up("8001")
        shop.advance(4.1)
        assert shop.hears(agent) == "callback_missed" and not outside(shop)
        shop.hang_up(waiting)
        shop.advance(5)
        assert [one.result for one in shop.facts(CallbackTried)] == ["congestion"] * times
        shop.advance(4 * 60)
        assert not shop.ringing_leg("8001")
        rings_again(shop)
    for _ in range(2):
        _, customer = customer_is_rung(shop)
        refused(shop, customer, Cause.BUSY)
        shop.advance(5)
        if open_callbacks(shop):
            rings_again(shop)
    [row] = callbacks(shop)
    assert (str(row.phase), row.reason) == ("failed", "tries")
    assert [one.tries for one in shop.facts(CallbackTaken)] == [1, 1, 1, 1, 1, 2]


def test_a_customer_who_was_rung_counts_whatever_the_trunk_says_then(bakery):
    shop = shop_of(bakery)
    rung_for_callback(shop)
    for _ in range(2):
        _, customer = customer_is_rung(shop)
        refused(shop, customer, Cause.FAILURE)
        shop.advance(6 * 60)
    assert [one.reason for one in callbacks(shop)] == ["tries"]


@pytest.mark.parametrize("is_up", [True, False])
def test_a_trunk_that_is_down_and_says_nothing_costs_no_try(bakery, is_up):
    rules = Callback(offer_after_seconds=10, between_minutes=5, max_tries=1)
    shop = DeadLine(
        with_queue(bakery, "orders", agents=("1001",), callback=rules), phones=("8001",)
    )
    rung_for_callback(shop)
    shop.tell(TrunkChanged(trunk="carrier", is_up=is_up))
    customer_is_rung(shop)
    shop.advance(40)
    [row] = callbacks(shop)
    assert row.tries[-1].result == "no_answer"
    assert str(row.phase) == ("failed" if is_up else "pending")


# --- whom we ring for whom ---
def keys_in(shop, number, caller=CUSTOMER):
    """Press 1, then 2 for another number where the own one is said; return the caller's leg."""
    leg = ask(shop, caller=caller)
    shop.advance(12)
    shop.keys(leg, "1" + ("2" if caller else "") + number + "#")
    return leg


def test_no_number_abroad_can_be_keyed_in_though_staff_may_dial_it(bakery):
    rule = replace(bakery.outbound[0], allow=("local", "national", "international"))
    shop = shop_of(replace(bakery, outbound=(rule,)))
    agent_busy(shop)
    leg = keys_in(shop, "00442071234567")
    assert shop.hears(leg) == "callback_refused+callback_key_in"
    shop.keys(leg, "02166668888#")
    assert shop.hears(leg) == "callback_number+02166668888+callback_confirm"


def test_one_caller_has_so_many_numbers_called_back_and_waits_on_then(bakery):
    shop = shop_of(bakery, announce_position_seconds=0)
    agent_busy(shop)
    for one in range(MOST_OF_CALLER):
        leg = keys_in(shop, f"1380013800{one}")
        shop.keys(leg, "1")
        assert shop.hears(leg) == "callback_saved"
        shop.advance(4)
    leg = ask(shop)
    shop.advance(12)
    shop.press(leg, "1")
    assert shop.hears(leg) == "music"
    other = keys_in(shop, "13800138009", caller="13900007777")
    shop.keys(other, "1")
    assert shop.hears(other) == "callback_saved"
    assert len(shop.facts(CallbackAsked)) == len(open_callbacks(shop)) == MOST_OF_CALLER + 1


def test_who_asked_before_may_ask_again_where_there_is_no_more_room(bakery):
    shop = shop_of(bakery)
    agent_busy(shop)
    asks_to_be_called_back(shop)
    [row] = callbacks(shop)
    book = shop.board._exchange.customers.callbacks
    for one in range(MOST_OPEN):
        other = replace(row, callback=f"other{one}", number=f"138{one:08}", language=Language.ZH)
        book.ask(other, other.number)
    leg = ask(shop, caller="13900007777")
    shop.advance(12)
    shop.press(leg, "1")
    assert shop.hears(leg) == "music"
    asks_to_be_called_back(shop)
    assert [one.is_known for one in shop.facts(CallbackAsked)] == [False, True]


# --- power, and what was forgotten ---
@pytest.mark.parametrize("max_tries", [1, 2])
def test_a_power_cut_in_a_try_stands_in_the_ledger(bakery, max_tries):
    rules = Callback(offer_after_seconds=10, between_minutes=5, max_tries=max_tries)
    shop = shop_of(bakery, callback=rules)
    rung_for_callback(shop)
    customer_is_rung(shop)
    power_cut(shop)
    [row] = callbacks(shop)
    [tried] = shop.facts(CallbackTried)
    assert (tried.result, tried.not_before) == ("box_restarted", row.not_before)
    closed = [(one.callback, one.reason) for one in shop.facts(CallbackClosed)]
    assert closed == ([(row.callback, "tries")] if max_tries == 1 else [])


def test_a_callback_that_the_floor_forgot_lines_up_anew(bakery):
    shop = shop_of(bakery)
    first = agent_busy(shop)
    asks_to_be_called_back(shop)
    shop.advance(10)
    tables = shop.board._exchange.floor._tables
    [visit] = [one for one in tables.visits.values() if one.is_absent]
    tables.forget_visit(visit)
    shop.hang_up(first)
    shop.advance(16)
    assert shop.ringing_leg("8001")
    agent, customer = customer_is_rung(shop)
    shop.outside_answers()
    assert shop.hears(customer) == f"peer {agent}"


def test_a_visit_that_is_mended_while_an_agent_is_rung_is_still_a_callbacks(bakery):
    shop = shop_of(bakery)
    rung_for_callback(shop)
    tables = shop.board._exchange.floor._tables
    [visit] = [one for one in tables.visits.values() if one.is_absent]
    tables.forget_visit(visit)
    shop.advance(11)
    assert shop.facts(Healed)
    [visit] = tables.visits.values()
    assert visit.is_absent and visit.caller == CUSTOMER


def test_a_phone_that_rings_unknown_to_the_floor_leaves_a_callback_that_waits(bakery):
    shop = shop_of(bakery)
    rung_for_callback(shop)
    floor = shop.board._exchange.floor
    [visit] = [one for one in floor._tables.visits.values() if one.is_absent]
    agent = floor._tables.agents["1001"]
    agent.is_ready = False
    visit.agent = visit.ring_until = None
    floor._rules.release(agent)
    shop.advance(11)
    assert not shop.ringing_leg("8001")
    assert [str(one.phase) for one in callbacks(shop)] == ["pending"]


def test_the_agent_who_ends_a_callback_is_said_to_have_hung_up(bakery):
    shop = shop_of(bakery)
    rung_for_callback(shop)
    agent, _ = customer_is_rung(shop)
    shop.outside_answers()
    shop.advance(30)
    shop.hang_up(agent)
    shop.advance(15)
    call = callbacks(shop)[0].call
    own = [one for one in shop.entries if one.call == call]
    said = [one.text_key for one in timeline_of(own, names_of(shop.site))]
    assert "agent hung up" in said and "caller hung up" not in said
    assert not wrong_in_the_ledger(shop)
