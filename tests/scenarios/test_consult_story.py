"""Consultation by feature codes: *2 asks a third party, hanging up hands on, *0 gives up."""

import pytest
from ledger_checks import record_of
from shop_steps import state_of, talking

from appliance.vocabulary.facts_handling import (
    ConsultBegun,
    ConsultEnded,
    TransferBegun,
    TransferFailed,
    TransferFinished,
    TransferWay,
)
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.lines import Cause

pytestmark = pytest.mark.usefixtures("the_ledger_adds_up")


def asking(shop, number="8002"):
    leg, agent = talking(shop)
    shop.keys(agent, f"*2{number}#")
    return leg, agent


def test_the_caller_hears_music_while_the_agent_asks_and_then_has_him_back(shop):
    leg, agent = asking(shop)
    assert shop.hears(leg) == "music"
    assert shop.hears(agent) == "ringback"
    assert shop.dialled[shop.ringing_leg("8002")].caller.number == "8001"
    third = shop.pick_up("8002")
    assert shop.hears(agent) == f"peer {third}"
    assert shop.hears(third) == f"peer {agent}"
    assert shop.hears(leg) == "music"
    assert state_of(shop, "1001") is AgentState.HOLDING
    shop.advance(20)
    shop.keys(agent, "*0")
    assert shop.legs[third] == "over"
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.hears(agent) == f"peer {leg}"
    assert state_of(shop, "1001") is AgentState.TALKING
    assert shop.facts(ConsultBegun)[0].agent == "1001"
    assert shop.facts(ConsultEnded)[0].seconds == pytest.approx(20.2)
    assert not shop.facts(TransferBegun)


def test_what_colleagues_say_aside_is_in_no_recording(shop):
    leg, agent = asking(shop)
    third = shop.pick_up("8002")
    assert shop.audio[agent].is_masked
    assert shop.audio[third].is_masked
    assert not shop.audio[leg].is_masked
    shop.keys(agent, "*3")
    assert [shop.audio[one].is_masked for one in (leg, agent, third)] == [False] * 3
    assert shop.audio[third].track is not None


def test_hanging_up_hands_the_caller_on(shop):
    leg, agent = asking(shop)
    third = shop.pick_up("8002")
    shop.advance(10)
    shop.hang_up(agent)
    assert shop.hears(leg) == f"peer {third}"
    assert shop.hears(third) == f"peer {leg}"
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    shop.advance(30)
    shop.hang_up(leg)
    assert shop.facts(TransferBegun)[0].way is TransferWay.ATTENDED
    record = record_of(shop)
    assert [one.agent for one in record.talks] == ["1001", "1002"]
    assert record.talks[1].talk == 30.0
    assert record.talks[0].hold == pytest.approx(10.2, abs=0.5)
    assert len(record.recordings) == 1, "one recording goes through an attended transfer"


def test_hanging_up_while_it_still_rings_hands_on_all_the_same(shop):
    leg, agent = asking(shop)
    shop.hang_up(agent)
    assert shop.hears(leg) == "music"
    third = shop.pick_up("8002")
    assert shop.hears(leg) == f"peer {third}"
    assert shop.facts(TransferBegun)[0].way is TransferWay.SEMI_ATTENDED
    assert shop.facts(TransferFinished)


def test_handed_on_ringing_and_refused_rings_the_agent_again(shop):
    leg, agent = asking(shop)
    shop.hang_up(agent)
    shop.refuse("8002", Cause.BUSY)
    assert shop.facts(TransferFailed)[0].is_returned
    again = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {again}"


def test_a_third_party_who_does_not_want_to_gives_the_caller_back(shop):
    leg, agent = asking(shop)
    shop.refuse("8002", Cause.BUSY)
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.facts(ConsultEnded)[0].seconds == 0.0


def test_a_third_party_who_lets_it_ring_gives_the_caller_back(shop):
    leg, agent = asking(shop)
    shop.advance(31)
    assert shop.hears(leg) == f"peer {agent}"


def test_a_third_party_who_hangs_up_gives_the_caller_back(shop):
    leg, agent = asking(shop)
    third = shop.pick_up("8002")
    shop.advance(5)
    shop.hang_up(third)
    assert shop.hears(leg) == f"peer {agent}"


def test_the_caller_hangs_up_and_all_is_over(shop):
    leg, agent = asking(shop)
    third = shop.pick_up("8002")
    shop.hang_up(leg)
    assert shop.legs[agent] == shop.legs[third] == "over"


def test_an_outside_number_can_be_asked_by_the_agents_right(shop):
    leg, agent = asking(shop, "90044123456")
    assert shop.hears(leg) == f"peer {agent}"
    shop.keys(agent, "*2913800138000#")
    out = shop.outside_answers()
    assert shop.hears(agent) == f"peer {out}"
    shop.hang_up(agent)
    assert shop.hears(leg) == f"peer {out}"
    shop.advance(25)
    shop.hang_up(leg)
    record = record_of(shop)
    assert [(one.agent, one.number) for one in record.talks] == [
        ("1001", ""),
        (None, "13800138000"),
    ]


def test_the_dialling_side_of_an_outbound_call_can_ask_too(shop):
    mine = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    shop.advance(10)
    shop.keys(mine, "*28002#")
    third = shop.pick_up("8002")
    assert shop.hears(out) == "music"
    shop.hang_up(mine)
    assert shop.hears(out) == f"peer {third}"
    shop.advance(20)
    shop.hang_up(out)
    assert [one.agent for one in record_of(shop).talks] == [None, "1002"]


def test_between_two_phones_either_may_ask(shop):
    first = shop.dial("8001", "8002")
    second = shop.pick_up("8002")
    shop.tell_registered("8003")
    shop.keys(first, "*28003#")
    third = shop.pick_up("8003")
    assert shop.hears(second) == "music"
    assert shop.hears(first) == f"peer {third}"
    shop.hang_up(first)
    assert shop.hears(second) == f"peer {third}"


def test_a_consultation_survives_a_killed_control(shop):
    leg, agent = asking(shop)
    third = shop.pick_up("8002")
    shop.killed()
    shop.keys(agent, "*0")
    assert shop.legs[third] == "over"
    assert shop.hears(leg) == f"peer {agent}"
