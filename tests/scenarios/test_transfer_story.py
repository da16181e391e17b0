"""Handing a call on: to a phone, a queue, a number outside; and what becomes of it when nobody
is there. The talk of each adds up to the talk of the call, under one call id."""

import pytest
from ledger_checks import record_of, records_of, wrong_in_the_ledger
from msgspec.structs import replace
from shop import Shop
from shop_steps import hold, state_of, talking

from appliance.vocabulary.commands import TransferStage
from appliance.vocabulary.facts_handling import (
    CallMerged,
    TransferBegun,
    TransferFailed,
    TransferFinished,
    TransferWay,
)
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    Bridged,
    CallEnded,
    CallOutcome,
    RecordingClosed,
    RecordingOpened,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import RingGroup

pytestmark = pytest.mark.usefixtures("the_ledger_adds_up")


def test_blind_by_the_phones_own_key_gives_each_his_own_talk(shop):
    leg, agent = talking(shop)
    shop.advance(180)
    assert shop.refer(agent, "8002") == [TransferStage.TRYING, TransferStage.RINGING]
    assert shop.hears(leg) == "music"
    shop.advance(5)
    target = shop.pick_up("8002")
    assert shop.told[-1].stage is TransferStage.DONE
    assert shop.legs[agent] == "over"
    assert shop.hears(leg) == f"peer {target}"
    shop.advance(90)
    shop.hang_up(leg)
    record = record_of(shop)
    assert [(one.agent, one.talk) for one in record.talks] == [("1001", 180.0), ("1002", 90.0)]
    assert record.talk == 270.0
    assert record.outcome is CallOutcome.ANSWERED
    assert len(shop.facts(RecordingOpened)) == len(shop.facts(RecordingClosed)) == 2
    assert len(record.recordings) == 2
    assert shop.facts(TransferBegun)[0].way is TransferWay.BLIND
    assert shop.facts(TransferFinished)[0].to == "8002"


def test_by_feature_code_the_agent_is_free_at_once(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "##8002#")
    assert shop.legs[agent] == "over"
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    assert shop.hears(leg) == "music"
    target = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {target}"
    assert not shop.told


def test_a_number_may_end_with_silence(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "##8002")
    assert not shop.ringing_leg("8002")
    shop.advance(4.1)
    assert shop.ringing_leg("8002")


def test_the_callers_own_keys_hand_nothing_on(shop):
    leg, agent = talking(shop)
    shop.keys(leg, "##8002#")
    shop.advance(5)
    assert not shop.ringing_leg("8002")
    assert shop.hears(leg) == f"peer {agent}"


def test_keys_long_apart_are_no_code(shop):
    _, agent = talking(shop)
    shop.press(agent, "#")
    shop.advance(10)
    shop.keys(agent, "#8002#")
    shop.advance(5)
    assert not shop.ringing_leg("8002")


def test_nobody_answers_and_the_caller_is_back_with_the_agent_who_is_still_there(shop):
    leg, agent = talking(shop)
    shop.refer(agent, "8002")
    shop.advance(31)
    assert shop.told[-1].stage is TransferStage.FAILED
    assert shop.told[-1].cause is Cause.NO_ANSWER
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.facts(TransferFailed)[0].is_returned
    assert state_of(shop, "1001") is AgentState.TALKING


def test_busy_and_gone_the_agents_phone_rings_again_with_the_caller_on_music(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "##8002#")
    shop.refuse("8002", Cause.BUSY)
    assert shop.ringing_leg("8001")
    assert shop.hears(leg) == "music"
    again = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {again}"
    assert len(shop.facts(Bridged)) == 2
    assert not shop.facts(TransferFinished)


def test_nobody_there_at_all_and_the_caller_waits_in_his_queue_again(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "##8002#")
    shop.refuse("8002", Cause.BUSY)
    shop.refuse("8001", Cause.BUSY)
    assert shop.board.live().calls[0].stage == "queued"
    assert len(shop.facts(VisitEnded)) == 1
    shop.hang_up(leg)
    visits = shop.facts(VisitEnded)
    assert [one.outcome for one in visits] == [VisitOutcome.ANSWERED, VisitOutcome.ABANDONED]
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED


def test_a_caller_who_gives_up_while_handed_on_stops_the_ringing(shop):
    leg, agent = talking(shop)
    shop.refer(agent, "8002")
    ringing = shop.ringing_leg("8002")
    shop.hang_up(leg)
    assert shop.ended[ringing] is Cause.CANCELLED
    assert shop.legs[agent] == "over"
    assert shop.facts(TransferFailed)[0].cause is Cause.CANCELLED


def test_a_phone_that_hangs_up_after_asking_does_not_end_the_transfer(shop):
    leg, agent = talking(shop)
    shop.refer(agent, "8002")
    shop.hang_up(agent)
    assert shop.hears(leg) == "music"
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    target = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {target}"


def test_to_a_queue_it_keeps_its_call_id_and_waits_anew(shop):
    shop.dial("8003", "*8010034713")
    shop.advance(5)
    leg, agent = talking(shop)
    shop.advance(20)
    shop.refer(agent, "office")
    assert shop.told[-1].stage is TransferStage.DONE
    assert shop.facts(TransferFinished)[0].queue == "office"
    assert shop.hears(leg) == "position 1"
    assert not shop.ringing_leg("8003")
    assert len({entry.call for entry in shop.entries if isinstance(entry.fact, VisitEnded)}) == 1


def test_to_a_number_outside_by_the_right_of_who_hands_on(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    assert shop.refer(agent, "90044123456") == [TransferStage.FAILED]
    assert shop.hears(leg) == f"peer {agent}"
    shop.refer(agent, "913800138000")
    out = shop.outside_answers()
    assert shop.dialled[out].number == "13800138000"
    assert shop.hears(leg) == f"peer {out}"
    shop.advance(60)
    shop.hang_up(out)
    record = record_of(shop)
    assert [(one.agent, one.number, one.talk) for one in record.talks] == [
        ("1001", "", 10.0),
        (None, "13800138000", 60.0),
    ]


def test_an_outbound_call_handed_on_is_credited_to_each(shop):
    mine = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    shop.advance(30)
    shop.refer(mine, "8002")
    target = shop.pick_up("8002")
    assert shop.hears(out) == f"peer {target}"
    assert shop.audio[out].track.channel == "caller"
    assert shop.audio[target].track.channel == "agent"
    assert state_of(shop, "1002") is AgentState.BUSY
    assert state_of(shop, "1001") is AgentState.READY
    shop.advance(40)
    shop.hang_up(out)
    record = record_of(shop)
    assert [(one.agent, one.talk) for one in record.talks] == [(None, 30.0), ("1002", 40.0)]
    assert record.agents == ("1001", "1002")


def test_attended_by_the_phones_own_keys_makes_one_call_of_two(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    hold(shop, agent)
    second = shop.dial("8001", "8002")
    colleague = shop.pick_up("8002")
    shop.advance(15)
    assert shop.refer(agent, "8002", replaces=second) == [TransferStage.DONE]
    assert shop.legs[agent] == shop.legs[second] == "over"
    assert shop.hears(leg) == f"peer {colleague}"
    assert shop.hears(colleague) == f"peer {leg}"
    shop.advance(50)
    shop.hang_up(leg)
    whole, asked = records_of(shop)
    assert [(one.agent, one.talk, one.hold) for one in whole.talks] == [
        ("1001", 10.0, 15.0),
        ("1002", 50.0, 0.0),
    ]
    assert whole.talk == 60.0
    assert asked.talk == 15.0
    assert asked.into == whole.call
    assert asked.outcome is CallOutcome.ANSWERED
    assert shop.facts(TransferBegun)[0].way is TransferWay.ATTENDED
    assert not shop.moved, "both calls were on one media worker: nobody's audio has moved"


def test_attended_asked_from_the_consultations_own_dialog(shop):
    leg, agent = talking(shop)
    hold(shop, agent)
    second = shop.dial("8001", "8002")
    colleague = shop.pick_up("8002")
    shop.refer(second, "8001", replaces=agent)
    assert shop.hears(leg) == f"peer {colleague}"
    assert len(shop.board.calls()) == 1


@pytest.mark.parametrize("is_named_first", [True, False])
def test_two_outside_parties_are_joined_whichever_call_is_named(shop, is_named_first):
    leg, agent = talking(shop)
    shop.advance(10)
    hold(shop, agent)
    second = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    shop.advance(20)
    if is_named_first:
        shop.refer(agent, "x", replaces=second)
    else:
        shop.refer(second, "x", replaces=agent)
    assert shop.hears(leg) == f"peer {out}"
    assert shop.hears(out) == f"peer {leg}"
    assert shop.audio[leg].track.recording == shop.audio[out].track.recording
    shop.advance(30)
    shop.hang_up(out)
    assert len(shop.facts(CallMerged)) == 1
    whole, asked = records_of(shop)
    assert [(one.agent, one.number, one.talk) for one in whole.talks] == [
        ("1001", "", 10.0),
        (None, "13800138000", 30.0),
    ]
    assert (asked.talk, asked.into) == (20.0, whole.call)


def test_semi_attended_while_the_target_still_rings(shop):
    leg, agent = talking(shop)
    hold(shop, agent)
    second = shop.dial("8001", "8002")
    assert shop.refer(agent, "8002", replaces=second) == [
        TransferStage.TRYING,
        TransferStage.RINGING,
    ]
    assert shop.ended[second] is Cause.CANCELLED
    assert shop.hears(leg) == "music"
    target = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {target}"
    assert shop.told[-1].stage is TransferStage.DONE
    assert shop.facts(TransferBegun)[0].way is TransferWay.SEMI_ATTENDED


def test_semi_attended_and_nobody_answers(shop):
    leg, agent = talking(shop)
    second = shop.dial("8001", "8002")
    shop.refer(agent, "8002", replaces=second)
    shop.refuse("8002", Cause.BUSY)
    assert shop.told[-1].stage is TransferStage.FAILED
    assert shop.hears(leg) == f"peer {agent}"


def test_only_a_phones_own_calls_are_joined(shop):
    leg, agent = talking(shop)
    strange = shop.dial("8002", "8003")
    assert shop.refer(agent, "8003", replaces=strange) == [TransferStage.FAILED]
    assert shop.refer(agent, "8003", replaces="nobody") == [TransferStage.FAILED]
    assert shop.hears(leg) == f"peer {agent}"


def test_audio_of_two_calls_begun_apart_is_brought_to_one_worker(shop):
    """8002 rings 8001, who is in a talk: the two calls have their audio wherever they began."""
    leg, agent = talking(shop)
    hold(shop, agent)
    caller = shop.dial("8002", "8001")
    if not shop.ringing_leg("8001"):
        return  # the box rings no second call at an agent's phone
    second = shop.pick_up("8001")
    shop.refer(agent, "8002", replaces=second)
    assert shop.hears(leg) == f"peer {caller}"
    assert shop.audio[leg].call == shop.audio[caller].call
    assert caller in shop.moved


def test_another_phone_takes_a_talks_place(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    other = shop.dial("8002", "8001", replaces=agent)
    assert shop.legs[agent] == "over"
    assert shop.hears(leg) == f"peer {other}"
    shop.advance(20)
    shop.hang_up(leg)
    record = record_of(shop)
    assert [(one.agent, one.talk) for one in record.talks] == [("1001", 10.0), ("1002", 20.0)]


def test_another_phone_takes_a_ringing_ones_call(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    ringing = shop.ringing_leg("8001")
    other = shop.dial("8002", "8001", replaces=ringing)
    assert shop.ended[ringing] in (Cause.CANCELLED, Cause.ANSWERED_ELSEWHERE)
    assert shop.hears(leg) == f"peer {other}"
    assert shop.facts(VisitEnded)[0].outcome is VisitOutcome.ANSWERED
    shop.hang_up(leg)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED


def test_replacing_what_is_gone_is_refused(shop):
    leg, agent = talking(shop)
    shop.hang_up(agent)
    other = shop.dial("8002", "8001", replaces=agent)
    assert shop.ended[other] is Cause.NOT_FOUND


def test_a_transfer_survives_a_killed_control(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    shop.refer(agent, "8002")
    shop.killed()
    target = shop.pick_up("8002")
    assert shop.told[-1].stage is TransferStage.DONE
    shop.killed()
    assert shop.hears(leg) == f"peer {target}"
    shop.advance(20)
    shop.hang_up(target)
    assert [one.talk for one in shop.facts(TalkEnded)] == [10.0, 20.0]


def test_the_states_of_both_agents_follow(shop):
    leg, agent = talking(shop)
    shop.refer(agent, "8002")
    shop.pick_up("8002")
    shop.advance(60)
    shop.hang_up(leg)
    states = [(one.agent, str(one.state)) for one in shop.facts(AgentStateChanged)]
    of_1001 = [state for agent, state in states if agent == "1001"]
    assert of_1001[-4:] == ["ringing", "talking", "wrap_up", "ready"]
    assert [state for agent, state in states if agent == "1002"][-2:] == ["busy", "ready"]


@pytest.fixture
def shop_with_group(bakery):
    group = RingGroup(id="sales", number="650", members=("8002", "8003"), ring_seconds=20)
    site = replace(bakery, ring_group=(group,))
    return Shop(site, phones=("8001", "8002", "8003"))


def test_to_a_ring_group_the_first_who_answers_has_the_call(shop_with_group):
    shop = shop_with_group
    leg, agent = talking(shop)
    shop.advance(10)
    shop.refer(agent, "650")
    other = shop.ringing_leg("8002")
    assert other and shop.ringing_leg("8003")
    assert shop.hears(leg) == "music"
    target = shop.pick_up("8003")
    assert shop.legs[other] == "over"
    assert shop.hears(leg) == f"peer {target}"
    assert shop.told[-1].stage is TransferStage.DONE
    shop.advance(30)
    shop.hang_up(leg)
    shop.advance(30)
    assert [one.talk for one in record_of(shop).talks] == [10.0, 30.0]
    assert not wrong_in_the_ledger(shop)


def test_a_ring_group_that_nobody_answers_gives_the_call_back(shop_with_group):
    shop = shop_with_group
    leg, agent = talking(shop)
    shop.refer(agent, "650")
    shop.advance(21)
    assert shop.told[-1].stage is TransferStage.FAILED
    assert shop.hears(leg) == f"peer {agent}"
    shop.hang_up(leg)
    shop.advance(30)
    assert not wrong_in_the_ledger(shop)


def test_what_a_caller_has_waited_goes_along_to_the_next_queue(shop):
    """Rivals put whoever is handed on at the end of the line."""
    shop.dial("8003", "*8010034713")
    shop.advance(5)
    shop.phone_lost("8001")
    shop.phone_lost("8002")
    waited = shop.call_in()
    shop.advance(2.5)
    shop.press(waited, "1")
    shop.advance(60)
    shop.tell_registered("8001")
    agent = shop.pick_up("8001")
    shop.advance(2.5)
    other = shop.call_in()
    shop.advance(2.5)
    shop.press(other, "2")
    shop.advance(20)
    shop.refer(agent, "office")
    assert shop.board.live().calls[0].position == 1
    shop.tell_registered("8003")
    target = shop.pick_up("8003")
    shop.advance(2.5)
    assert shop.hears(waited) == f"peer {target}"
