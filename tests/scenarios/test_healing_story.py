"""The reconciler: whatever is forged into a state that nothing would end is mended in ten seconds,
with a Healed fact; and a day without faults has none."""

import logging

import pytest
import shop_steps
from ledger_checks import left_over, unpaired, wrong_in_the_ledger
from shop_steps import all_hang_up, state_of, supervised, to_orders

from appliance.daemons.control.call_log import tell
from appliance.engines.calls.state import LegRole, Place, Stage, TransferState
from appliance.vocabulary.facts_handling import Healed, TransferWay
from appliance.vocabulary.journal import AgentState, VisitEnded, VisitOutcome

HEALED_WITHIN = 10.0


@pytest.fixture
def shop(bakery):
    return supervised(bakery, signed_in=True)


def talking(shop):
    return *shop_steps.talking(shop), shop.board._exchange.calls[shop.board.calls()[-1]]


def healed(shop):
    return [one.what for one in shop.facts(Healed)]


def all_over(shop):
    all_hang_up(shop)
    return [*unpaired(shop), *left_over(shop)]


def test_a_leg_whose_far_end_is_gone_without_a_word(shop):
    leg, agent, _ = talking(shop)
    shop.legs[agent] = "over"
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["the leg of 8001 had no far end any more"]
    assert shop.legs[leg] == "over"
    assert state_of(shop, "1001") in (AgentState.WRAP_UP, AgentState.READY)
    assert not all_over(shop)
    assert not wrong_in_the_ledger(shop)


def test_a_call_without_legs(shop):
    leg, agent, call = talking(shop)
    for one in list(call.legs):
        call.legs.remove(one)
        shop.board._exchange.call_of_leg.pop(one.leg)
        shop.legs[one.leg] = "over"
        shop.audio.pop(one.leg)
    shop.advance(HEALED_WITHIN)
    assert healed(shop)[0] == "a call without legs"
    assert state_of(shop, "1001") is not AgentState.TALKING
    assert not all_over(shop)


def test_a_leg_of_no_call(shop):
    leg, agent, call = talking(shop)
    shop.board._exchange.calls.pop(call.call)
    shop.advance(HEALED_WITHIN)
    gone = f"agent 1001 was talking in call {call.call}, which is over"
    assert set(healed(shop)) == {"a leg belonged to no call", gone}
    assert shop.legs[leg] == shop.legs[agent] == "over"
    assert state_of(shop, "1001") is not AgentState.TALKING


def test_an_agent_talking_in_a_call_without_him(shop):
    leg, agent, call = talking(shop)
    other = shop.dial("8002", "*43")
    shop.board._exchange.floor._tables.agents["1001"].call = shop.board._exchange.call_of_leg[other]
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == [
        "agent 1001 was talking in a call without him",
        "agent 1001 was in a call and taken for free",
    ]
    assert state_of(shop, "1001") is AgentState.TALKING
    assert shop.board._exchange.floor.agent("1001").call == call.call


def test_a_phone_busy_with_a_call_without_it(shop):
    leg, agent, call = talking(shop)
    floor = shop.board._exchange.floor
    floor.phone_busy("8002", call.call, shop.now)
    assert state_of(shop, "1002") is AgentState.BUSY
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["phone 8002 was busy with a call without it"]
    assert state_of(shop, "1002") is AgentState.READY


def test_an_agent_whose_memory_was_lost_while_he_talked(shop):
    leg, agent, call = talking(shop)
    floor = shop.board._exchange.floor
    del floor._tables.agents["1001"]
    floor.configure(shop.site, shop.now)
    assert state_of(shop, "1001") is AgentState.READY, "he would be rung while he talks"
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["agent 1001 was in a call and taken for free"]
    assert state_of(shop, "1001") is AgentState.TALKING
    assert not all_over(shop)
    assert state_of(shop, "1001") in (AgentState.WRAP_UP, AgentState.READY)


def test_a_phone_whose_own_call_was_forgotten(shop):
    shop.dial("8002", "*43")
    floor = shop.board._exchange.floor
    floor._tables.phones["8002"].calls.clear()
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["agent 1002 was in a call and taken for free"]
    assert floor.phone_calls()


def test_a_phone_that_was_rung_by_its_own_call_is_still_in_it(shop):
    leg = shop.dial("8001", "8003")
    shop.pick_up("8003")
    shop.refer(leg, "8001")
    shop.refuse("8001")
    assert shop.legs[leg] == "answered"
    assert state_of(shop, "1001") is AgentState.BUSY
    shop.advance(HEALED_WITHIN)
    assert not healed(shop)


def test_a_far_end_that_no_call_knows_of(shop):
    leg, agent, _ = talking(shop)
    shop.legs["forgotten"] = "answered"
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["a far end was in no call"]
    assert shop.legs["forgotten"] == "over"
    assert shop.hears(leg) == f"peer {agent}"


def test_what_a_lost_slot_leaves_is_mended_at_the_restart(shop):
    leg, agent, call = talking(shop)
    shop.slots = {name: one for name, one in shop.slots.items() if name != "agent:1001"}
    shop.killed()
    assert healed(shop) == ["agent 1001 was in a call and taken for free"]
    assert state_of(shop, "1001") is AgentState.TALKING
    assert shop.hears(leg) == f"peer {agent}"


def test_a_supervisor_who_watches_nobody(shop):
    leg, agent, call = talking(shop)
    boss = shop.dial("8003", "*851001")
    call.leg_named(boss).supervises = "gone"
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["a supervisor watched nobody"]
    assert shop.legs[boss] == "over"
    assert shop.hears(leg) == f"peer {agent}"
    assert not all_over(shop)


def test_a_transfer_pending_for_ever_in_a_talk(shop):
    leg, agent, call = talking(shop)
    call.transfer = TransferState(way=TransferWay.BLIND, to="8002", since=shop.now)
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["a transfer was pending for ever"]
    assert call.transfer is None
    assert shop.hears(leg) == f"peer {agent}"


def test_a_transfer_whose_target_rings_with_no_timer(shop):
    leg, agent, call = talking(shop)
    shop.refer(agent, "8002")
    call.due.pop("ring")
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["nothing would end ringing"]
    assert shop.hears(leg) == f"peer {agent}", "the caller is back with who handed him on"
    assert not shop.ringing_leg("8002")
    assert not all_over(shop)


def test_a_caller_who_waits_in_no_queue(shop):
    shop.phone_lost("8001")
    shop.phone_lost("8002")
    leg = to_orders(shop)
    call = shop.board._exchange.calls[shop.board.calls()[0]]
    shop.board._exchange.floor._tables.forget_visit(
        shop.board._exchange.floor._tables.visits[call.visit]
    )
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["a caller waited in no queue"]
    shop.tell_registered("8002")
    assert shop.ringing_leg("8002")
    assert shop.legs[leg] == "answered"


def test_who_handed_on_never_left(shop):
    leg, agent, call = talking(shop)
    boss = shop.dial("8003", "*851001")
    stuck = call.leg_named(boss)
    stuck.role, stuck.place = LegRole.LEAVING, Place.APART
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == ["somebody who handed on never left"]
    assert shop.legs[boss] == "over"


def test_a_consultation_whose_third_party_is_gone(shop):
    leg, agent, call = talking(shop)
    shop.keys(agent, "*28002#")
    third = shop.pick_up("8002")
    gone = call.leg_named(third)
    call.legs.remove(gone)
    shop.advance(HEALED_WITHIN + 5)
    assert "a consultation with nobody" in healed(shop)
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.legs[third] == "over"


@pytest.mark.parametrize("stage", [Stage.CLOSING, Stage.VOICEMAIL, Stage.PARKED])
def test_a_stage_that_nothing_would_end(shop, stage):
    leg = shop.call_in()
    call = shop.board._exchange.calls[shop.board.calls()[0]]
    call.stage = stage
    call.due.clear()
    call.playing = None
    shop.advance(HEALED_WITHIN)
    assert healed(shop) == [f"nothing would end {stage}"]
    assert shop.legs[leg] == "over"


def test_a_forgotten_timer(shop):
    leg, agent, call = talking(shop)
    shop.hang_up(leg)
    leg = to_orders(shop)
    shop.pick_up("8002")
    call = shop.board._exchange.calls[shop.board.calls()[0]]
    assert call.stage is Stage.ANNOUNCING
    shop.plays_lost()
    call.due["announcing"] = shop.now + 1  # nobody is told of it
    shop.board._exchange._due.clear()
    shop.advance(15)
    assert healed(shop) == ["a timer was forgotten"]
    assert shop.facts(VisitEnded)[-1].outcome is VisitOutcome.ANSWERED


def test_ordinary_life_needs_no_healing(shop):
    leg, agent, _ = talking(shop)
    shop.keys(agent, "*28002#")
    shop.advance(12)
    shop.pick_up("8002")
    shop.advance(12)
    shop.keys(agent, "*3")
    shop.advance(12)
    shop.hang_up(agent)
    shop.advance(12)
    shop.hang_up(leg)
    guest = shop.dial("8001", "*43")
    shop.advance(60)
    shop.hang_up(guest)
    assert not healed(shop)
    assert not wrong_in_the_ledger(shop)


def test_every_mending_is_a_warning_in_the_log(shop, caplog):
    leg, agent, _ = talking(shop)
    shop.legs[agent] = "over"
    shop.advance(HEALED_WITHIN)
    with caplog.at_level(logging.WARNING, "calls"):
        for entry in shop.entries:
            tell(entry)
    said = "mended: the leg of 8001 had no far end any more; it counts as hung up"
    assert said in caplog.text
