"""What pages and programs ask of calls, and how each is answered."""

import pytest
import shop_steps
from ledger_checks import record_of
from shop import FAR
from shop_steps import state_of

from appliance.vocabulary.events import LegAnswered
from appliance.vocabulary.facts_handling import ForcedRelease, Held, Retrieved, TransferBegun
from appliance.vocabulary.journal import AgentState, CallEnded, CallOutcome, Direction
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.verbs import (
    AgentWish,
    EndCall,
    HoldCall,
    Originate,
    SetAgent,
    Supervise,
    SupervisionWay,
    TransferCall,
)

pytestmark = pytest.mark.usefixtures("the_ledger_adds_up")


def talking(shop):
    return *shop_steps.talking(shop), shop.board.calls()[-1]


def originate(shop, extension, number):
    return shop.verb(Originate(ask="1", by="crm", extension=extension, number=number))


def test_click_to_dial_rings_the_phone_first_and_then_the_number(shop):
    answer = originate(shop, "8001", "913800138000")
    assert (answer.problem, answer.call) == ("", shop.board.calls()[0])
    assert shop.dialled[answer.leg].is_auto_answered
    assert shop.dialled[answer.leg].caller.number == "913800138000"
    assert state_of(shop, "1001") is AgentState.BUSY
    mine = shop.pick_up("8001")
    assert shop.hears(mine) == "ringback"
    out = shop.outside_answers()
    assert shop.hears(mine) == f"peer {out}"
    shop.advance(20)
    shop.hang_up(out)
    record = record_of(shop)
    assert (record.direction, record.talk, record.agents) == (Direction.OUTBOUND, 20.0, ("1001",))
    assert record.outcome is CallOutcome.ANSWERED


def test_click_to_dial_a_colleague(shop):
    originate(shop, "8001", "8002")
    mine = shop.pick_up("8001")
    other = shop.pick_up("8002")
    assert shop.hears(mine) == f"peer {other}"


def test_click_to_dial_at_a_phone_that_does_not_answer(shop):
    originate(shop, "8001", "8002")
    shop.advance(31)
    assert not shop.board.calls()
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.NOT_ANSWERED
    originate(shop, "8001", "8002")
    shop.refuse("8001", Cause.BUSY)
    assert not shop.board.calls()


def test_click_to_dial_is_refused_with_the_reason(shop):
    assert originate(shop, "8099", "8002").problem == "extension_unknown"
    assert originate(shop, "8003", "8002").problem == "not_reachable"
    assert originate(shop, "8001", "90044123456").problem == "not_allowed"
    assert originate(shop, "8001", "777").problem == "number_unknown"
    talking(shop)
    assert originate(shop, "8001", "8002").problem == "busy"


def test_ending_a_call_says_who_did(shop):
    leg, agent, call = talking(shop)
    assert shop.verb(EndCall(ask="1", by="crm", call=call)).problem == ""
    assert shop.legs[leg] == shop.legs[agent] == "over"
    assert shop.facts(ForcedRelease)[0].by == "crm"
    assert shop.verb(EndCall(ask="2", by="crm", call=call)).problem == "call_unknown"


def test_transfer_by_a_program_is_blind_and_as_the_phone_may(shop):
    leg, agent, call = talking(shop)
    asked = TransferCall(ask="1", by="crm", call=call, to="90044123456")
    assert shop.verb(asked).problem == "not_allowed"
    assert shop.verb(TransferCall(ask="2", by="crm", call=call, to="8002")).problem == ""
    assert shop.legs[agent] == "over"
    target = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {target}"
    assert len(shop.facts(TransferBegun)) == 1


def test_hold_by_a_program_plays_music_and_stops_the_clock(shop):
    leg, agent, call = talking(shop)
    shop.advance(10)
    assert shop.verb(HoldCall(ask="1", by="crm", call=call, is_held=True)).problem == ""
    assert shop.hears(leg) == "music"
    assert state_of(shop, "1001") is AgentState.HOLDING
    assert shop.board.live().calls[0].stage == "held"
    assert shop.verb(HoldCall(ask="2", by="crm", call=call, is_held=True)).problem == "already"
    shop.advance(5)
    assert shop.verb(HoldCall(ask="3", by="crm", call=call, is_held=False)).problem == ""
    assert shop.hears(leg) == f"peer {agent}"
    shop.advance(5)
    shop.hang_up(leg)
    assert len(shop.facts(Held)) == len(shop.facts(Retrieved)) == 1
    record = record_of(shop)
    assert (record.talk, record.hold) == (15.0, 5.0)


def test_verbs_on_a_call_that_does_not_talk(shop):
    shop.call_in()
    call = shop.board.calls()[0]
    assert shop.verb(HoldCall(ask="1", by="crm", call=call, is_held=True)).problem == "not_talking"
    assert shop.verb(TransferCall(ask="2", by="crm", call=call, to="8002")).problem == "not_talking"


def set_agent(shop, agent, wish, **words):
    return shop.verb(SetAgent(ask="1", by="page", agent=agent, wish=wish, **words)).problem


def test_an_agents_state_is_changed_from_a_page(shop):
    assert set_agent(shop, "1001", AgentWish.NOT_READY, reason="1") == ""
    assert state_of(shop, "1001") is AgentState.NOT_READY
    assert set_agent(shop, "1001", AgentWish.READY) == ""
    assert state_of(shop, "1001") is AgentState.READY
    assert set_agent(shop, "1001", AgentWish.WRAP_UP_ENDED) == "already"
    assert set_agent(shop, "1001", AgentWish.SIGNED_OUT) == ""
    assert set_agent(shop, "1001", AgentWish.READY) == "not_allowed"
    assert set_agent(shop, "1001", AgentWish.SIGNED_IN) == ""
    assert state_of(shop, "1001") is AgentState.READY
    assert set_agent(shop, "1099", AgentWish.READY) == "agent_unknown"
    assert set_agent(shop, "1001", AgentWish.SIGNED_IN, extension="8099") == "extension_unknown"


def test_supervising_needs_a_supervisor_at_that_phone(shop):
    _, _, call = talking(shop)
    asked = Supervise(ask="1", by="page", call=call, extension="8002", way=SupervisionWay.LISTEN)
    assert shop.verb(asked).problem == "not_allowed"


def test_click_to_dial_survives_a_killed_control(shop):
    answer = originate(shop, "8001", "8002")
    shop.killed()
    shop.legs[answer.leg] = "answered"
    shop.tell(LegAnswered(leg=answer.leg, audio=FAR))
    assert shop.ringing_leg("8002")
