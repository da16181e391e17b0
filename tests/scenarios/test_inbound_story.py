"""Whole inbound calls in virtual time: steps 3 to 7 of the main job."""

from shop_steps import to_orders

from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    Bridged,
    CallBlocked,
    CallEnded,
    CallOutcome,
    DigitPressed,
    PromptPlayed,
    RecordingFailed,
    RecordingFiled,
    RecordingOpened,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause

SUNDAY = 1795399200.0 - 86400


def talking(shop):
    leg = to_orders(shop)
    shop.advance(3)
    agent = shop.pick_up("8001")
    shop.advance(2.1)
    return leg, agent


def test_caller_goes_through_notice_menu_queue_to_the_longest_idle_agent(shop):
    leg = shop.call_in()
    assert shop.legs[leg] == "answered"
    assert "recorded" in shop.hears(leg)
    shop.advance(2)
    assert "press 1" in shop.hears(leg)
    shop.press(leg, "1")
    assert shop.ringing_leg("8001")
    assert shop.dialled[shop.ringing_leg("8001")].caller.number == "13900001111"
    agent = shop.pick_up("8001")
    assert "1001" in shop.hears(leg)
    assert shop.hears(agent) == shop.hears(leg)
    shop.advance(2)
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.hears(agent) == f"peer {leg}"


def test_a_key_interrupts_the_menu_at_once(shop):
    leg = shop.call_in()
    shop.advance(2.2)
    shop.press(leg, "1")
    assert shop.hears(leg) in ("music", "position 1")


def test_wait_ends_at_the_bridge_and_talk_is_counted_from_there(shop):
    leg = to_orders(shop)
    shop.advance(5)
    shop.pick_up("8001")
    shop.advance(2)
    shop.advance(60)
    shop.hang_up(leg)
    visit = shop.facts(VisitEnded)[0]
    assert visit.outcome is VisitOutcome.ANSWERED
    assert visit.wait == 7.0
    assert shop.facts(TalkEnded)[0].talk == 60.0
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED
    assert shop.facts(CallEnded)[0].by is Side.CALLER


def test_no_answer_goes_to_the_next_agent_and_keeps_the_place(shop):
    to_orders(shop)
    first = shop.ringing_leg("8001")
    shop.advance(15.1)
    assert shop.legs[first] == "over"
    assert shop.ended[first] is Cause.CANCELLED
    assert shop.ringing_leg("8002")
    assert len(shop.facts(VisitEnded)) == 0


def test_a_reject_skips_that_agent(shop):
    to_orders(shop)
    shop.refuse("8001", Cause.REJECTED)
    assert shop.ringing_leg("8002")
    assert not shop.ringing_leg("8001")


def test_callers_hang_up_while_queued_is_an_abandon_and_stops_the_ringing(shop):
    leg = to_orders(shop)
    ringing = shop.ringing_leg("8001")
    shop.advance(4)
    shop.hang_up(leg)
    assert shop.ended[ringing] is Cause.CANCELLED
    assert shop.facts(VisitEnded)[0].outcome is VisitOutcome.ABANDONED
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ABANDONED
    assert shop.board.calls() == ()


def test_agent_hangs_up_then_wraps_up_then_takes_the_next(shop):
    leg, agent = talking(shop)
    shop.advance(30)
    shop.hang_up(agent)
    assert shop.legs[leg] == "over"
    assert shop.facts(CallEnded)[0].by is Side.AGENT
    states = [one.state for one in shop.facts(AgentStateChanged) if one.agent == "1001"]
    assert states[-1] is AgentState.WRAP_UP
    shop.advance(10.1)
    states = [one.state for one in shop.facts(AgentStateChanged) if one.agent == "1001"]
    assert states[-1] is AgentState.READY


def test_the_recording_begins_at_the_bridge_and_the_notice_stands_with_it(shop):
    leg, agent = talking(shop)
    opened = shop.facts(RecordingOpened)[0]
    notice = next(one for one in shop.facts(PromptPlayed) if one.is_notice)
    assert opened.notice == notice.prompt
    assert shop.audio[leg].track.recording == shop.audio[agent].track.recording
    assert {shop.audio[leg].track.channel, shop.audio[agent].track.channel} == {"caller", "agent"}
    shop.hang_up(leg)
    assert len(shop.sealings) == 1
    shop.seal_all()
    assert shop.facts(RecordingFiled)[0].recording == opened.recording


def test_a_caller_who_heard_no_notice_is_not_recorded(shop):
    shop.catalogue.missing.add("Welcome to Bread and Co. This call is recorded.")
    leg = shop.call_in()
    shop.advance(0.5)
    shop.press(leg, "1")
    shop.pick_up("8001")
    shop.advance(2)
    assert shop.facts(Bridged)
    assert not shop.facts(RecordingOpened)
    assert shop.facts(RecordingFailed)


def test_wrong_key_and_silence_end_in_the_flows_default(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "7")
    assert shop.facts(DigitPressed)[0].leads_to == ""
    shop.advance(60)
    assert shop.facts(VisitEnded) or shop.board.live().calls[0].queue == "orders"


def test_outside_hours_a_message_is_taken(shop_at):
    shop = shop_at(at=SUNDAY)
    leg = shop.call_in()
    assert "closed" in shop.hears(leg)
    shop.advance(2)
    assert shop.hears(leg) == "beep"
    shop.advance(0.5)
    assert shop.audio[leg].track is not None
    shop.advance(10)
    shop.hang_up(leg)
    assert shop.facts(RecordingOpened)[0].is_message
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.VOICEMAIL
    assert len(shop.sealings) == 1


def test_a_caller_who_waits_too_long_goes_to_voicemail(shop_at):
    shop = shop_at(phones=())
    leg = to_orders(shop)
    shop.advance(121)
    assert shop.facts(VisitEnded)[0].outcome is VisitOutcome.VOICEMAIL
    assert shop.hears(leg) in ("leave_message", "beep", "Silence")
    shop.advance(10)
    shop.press(leg, "#")
    shop.advance(5)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.VOICEMAIL


def test_no_common_codec_and_unknown_numbers_are_refused_and_counted(shop):
    first = shop.call_in(audio=None)
    second = shop.call_in(called="999")
    assert shop.ended[first] is Cause.INCOMPATIBLE_AUDIO
    assert shop.ended[second] is Cause.NOT_FOUND
    assert [one.reason for one in shop.facts(CallBlocked)] == ["no_common_codec", "number_unknown"]
    assert [one.outcome for one in shop.facts(CallEnded)] == [CallOutcome.BLOCKED] * 2


def test_hang_up_in_the_menu_is_an_ivr_end(shop):
    leg = shop.call_in()
    shop.advance(1)
    shop.hang_up(leg)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.IVR


def test_a_straight_call_to_an_extension_is_direct(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "3")
    assert shop.hears(leg) == "ringback"
    agent = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {agent}"
    shop.hang_up(agent)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.DIRECT


def test_a_thousand_callers_at_two_agents_all_get_through_or_are_counted(shop):
    legs = [to_orders(shop, caller=f"139{number:08d}") for number in range(1000)]
    shop.advance(3)
    for _ in range(30):
        for phone in ("8001", "8002"):
            if shop.ringing_leg(phone):
                agent = shop.pick_up(phone)
                shop.advance(3)
                shop.hang_up(agent)
        shop.advance(11)
    for leg in legs:
        if shop.legs[leg] != "over":
            shop.hang_up(leg)
    shop.advance(400)
    outcomes = [one.outcome for one in shop.facts(CallEnded)]
    assert len(outcomes) == 1000
    assert shop.board.calls() == ()
    visits = shop.facts(VisitEnded)
    assert len(visits) == 1000
    assert len({entry.key for entry in shop.entries}) == len(shop.entries)
