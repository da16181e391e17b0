"""What a desk phone can do: calls of its own and feature codes. Steps 7 and 8 of the main job."""

import pytest
from shop_steps import state_of

from appliance.vocabulary.events import LegRefused
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    CallBlocked,
    CallEnded,
    CallEntered,
    CallOutcome,
    Direction,
    RecordingOpened,
)
from appliance.vocabulary.lines import Cause


def test_an_agent_dials_out_recorded_and_is_offered_nothing_meanwhile(shop):
    leg = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    assert shop.dialled[out].number == "13800138000"
    assert shop.hears(leg) == f"peer {out}"
    assert shop.facts(RecordingOpened)
    assert shop.audio[leg].track.channel == "agent"
    assert shop.audio[out].track.channel == "caller"
    assert state_of(shop, "1001") is AgentState.BUSY
    shop.call_in()
    shop.advance(2.5)
    shop.press(next(iter(shop.audio)), "1")
    assert not shop.ringing_leg("8001")
    shop.hang_up(out)
    ended = shop.facts(CallEnded)[0]
    assert ended.outcome is CallOutcome.ANSWERED


def test_international_is_refused_unless_named_and_emergency_always_goes(shop):
    leg = shop.dial("8001", "90044123456")
    assert shop.ended[leg] is Cause.FORBIDDEN
    assert shop.facts(CallBlocked)[0].reason == "international_not_allowed"
    shop.dial("8001", "9110")
    assert shop.outside_answers()


def test_8001_dials_8002(shop):
    leg = shop.dial("8001", "8002")
    called = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {called}"
    assert not shop.facts(RecordingOpened)
    shop.hang_up(leg)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED
    assert state_of(shop, "1001") is AgentState.READY


def test_a_busy_phone_tells_the_one_who_dials(shop):
    leg = shop.dial("8001", "8002")
    shop.refuse("8002", Cause.BUSY)
    assert shop.ended[leg] is Cause.BUSY
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.NOT_ANSWERED


def test_signing_in_by_code_with_pin_and_out_again(shop):
    leg = shop.dial("8003", "*8010034713")
    assert shop.hears(leg) == "signed_in 1003"
    assert state_of(shop, "1003") is AgentState.UNREACHABLE  # no such phone is registered
    shop.advance(3)
    assert shop.legs[leg] == "over"
    leg = shop.dial("8003", "*81")
    assert shop.hears(leg) == "signed_out"
    assert state_of(shop, "1003") is AgentState.SIGNED_OUT


def test_a_wrong_pin_is_refused_and_five_lock_the_phone(shop):
    for _ in range(5):
        leg = shop.dial("8003", "*8010039999")
        assert shop.hears(leg) == "wrong_pin"
        shop.advance(3)
    leg = shop.dial("8003", "*8010034713")
    assert shop.hears(leg) == "pin_locked"
    shop.advance(301)
    leg = shop.dial("8003", "*8010034713")
    assert shop.hears(leg) == "signed_in 1003"


def test_sign_in_by_keys_after_the_question(shop):
    leg = shop.dial("8003", "*80")
    assert shop.hears(leg) == "enter_agent_and_pin"
    shop.keys(leg, "10034713#")
    assert shop.hears(leg) == "signed_in 1003"


@pytest.mark.parametrize("keys", ["1003#4713#", "1003*4713#"])
def test_number_and_pin_may_be_parted(shop, keys):
    leg = shop.dial("8003", "*80")
    shop.keys(leg, keys)
    assert shop.hears(leg) == "signed_in 1003"


@pytest.mark.parametrize("dialled", ["*801003", "*801003*"])
@pytest.mark.parametrize("keys", ["4713#", "10034713#", "1003*4713#"])
def test_an_agents_number_alone_asks_for_the_pin_and_is_no_wrong_one(shop, dialled, keys):
    for _ in range(6):  # and locks nobody's phone
        leg = shop.dial("8003", dialled)
        assert shop.hears(leg) == "enter_agent_pin"
        shop.hang_up(leg)
    leg = shop.dial("8003", dialled)
    shop.keys(leg, keys)
    assert shop.hears(leg) == "signed_in 1003"


def test_after_the_question_a_pause_ends_the_pin_and_a_wrong_one_is_wrong(shop):
    leg = shop.dial("8003", "*801003")
    shop.keys(leg, "9999")
    shop.advance(5)
    assert shop.hears(leg) == "wrong_pin"
    shop.advance(3)
    leg = shop.dial("8003", "*801003")
    shop.press(leg, "#")
    assert shop.hears(leg) == "wrong_pin", "no PIN at all is none"


def test_an_agents_number_keyed_in_and_a_pause_asks_for_the_pin(shop):
    leg = shop.dial("8003", "*80")
    shop.keys(leg, "1003")
    shop.advance(5)
    assert shop.hears(leg) == "enter_agent_pin"
    shop.keys(leg, "4713#")
    assert shop.hears(leg) == "signed_in 1003"


def test_an_agents_number_and_the_hash_key_are_answered_by_the_question_for_the_pin(shop):
    leg = shop.dial("8003", "*80")
    shop.keys(leg, "1003#")
    assert shop.hears(leg) == "enter_agent_pin"
    shop.advance(20)  # he looks for his note; the number holds
    shop.keys(leg, "4713#")
    assert shop.hears(leg) == "signed_in 1003"


def test_a_number_that_is_nobodys_is_not_told_apart_from_a_wrong_pin(shop):
    leg = shop.dial("8003", "*80")
    shop.keys(leg, "5555#")
    assert shop.hears(leg) == "wrong_pin"


def test_not_ready_with_a_reason_and_ready_again(shop):
    leg = shop.dial("8001", "*831")
    assert shop.hears(leg) == "not_ready 1"
    changed = [one for one in shop.facts(AgentStateChanged) if one.agent == "1001"][-1]
    assert (changed.state, changed.reason) == (AgentState.NOT_READY, "1")
    shop.advance(3)
    leg = shop.dial("8001", "*82")
    assert shop.hears(leg) == "ready"
    shop.advance(3)
    assert state_of(shop, "1001") is AgentState.READY


def test_a_code_from_a_phone_where_nobody_is_signed_in_says_so(shop):
    leg = shop.dial("8003", "*82")
    assert shop.hears(leg) == "not_signed_in"


def test_star_84_ends_the_wrap_up(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(5)
    shop.hang_up(agent)
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    code = shop.dial("8001", "*84")
    assert shop.hears(code) == "wrap_up_ended"
    shop.advance(3)
    assert state_of(shop, "1001") is AgentState.READY


def test_a_guest_at_an_unconfigured_box_hears_a_greeting_and_then_himself():
    from shop import Shop

    from appliance.vocabulary.settings import Site

    empty = Shop(Site(), phones=())
    leg = empty.call_in(trunk=None)
    assert empty.hears(leg) == "greeting"
    empty.advance(2)
    assert empty.hears(leg) == "Echo"
    empty.hang_up(leg)
    assert len(empty.facts(CallEnded)) == 1


def test_service_codes_are_no_customers_calls(shop):
    shop.dial("8001", "*82")
    shop.advance(5)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.SERVICE
    assert shop.facts(CallEntered)[0].direction is Direction.SERVICE


def test_a_pin_stands_nowhere_to_be_read(shop):
    shop.dial("8003", "*8010034713")
    assert shop.facts(CallEntered)[0].called == "*80…"
    assert shop.board.live().calls[0].called == "*80…"
    assert not any("4713" in str(entry) for entry in shop.entries)


def test_an_emergency_number_goes_out_as_it_is_dialled(shop):
    shop.dial("8001", "110")
    out = shop.outside_answers()
    assert shop.dialled[out].number == "110"


def test_a_trunk_that_does_not_reply_to_a_call_shows_it(shop):
    shop.dial("8001", "913800138000")
    leg = next(iter(shop.dialled))
    shop.legs[leg] = "over"
    shop.tell(LegRefused(leg=leg, cause=Cause.UNREACHABLE))
    lamp = next(one for one in shop.board.live().lines if one.kind == "trunk")
    assert not lamp.is_up and lamp.text == "no reply to a call"
    shop.call_in()
    assert next(one for one in shop.board.live().lines if one.kind == "trunk").is_up
