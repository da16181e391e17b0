"""Parking: at a place, told by voice, fetched at any phone, given back, never forgotten."""

import pytest
from shop import Shop

from appliance.reports.record import record_of
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.events import TransferAsked
from appliance.vocabulary.facts_handling import Parked, Unparked
from appliance.vocabulary.journal import (
    AgentState,
    CallEnded,
    CallEntered,
    RecordingOpened,
    TalkEnded,
)
from appliance.vocabulary.lines import Cause

PHONES = ("8001", "8002", "8003")


@pytest.fixture
def shop(bakery):
    return Shop(bakery, phones=PHONES)


def talking(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001" if shop.ringing_leg("8001") else "8002")
    shop.advance(2.0)
    return leg, agent


def keys(shop, leg, pressed):
    for key in pressed:
        shop.press(leg, key)


def parked(shop, seconds=30.0):
    leg, agent = talking(shop)
    shop.advance(seconds)
    keys(shop, agent, "*7")
    return leg, agent


def state(shop, agent="1001"):
    return next(one.state for one in shop.board.live().agents if one.agent == agent)


def test_a_parked_caller_hears_music_and_who_parked_hears_the_place(shop):
    leg, agent = parked(shop)
    assert shop.hears(leg) == "music"
    assert shop.hears(agent) == "call_parked 701"
    assert shop.board.live().calls[0].stage == "parked"
    assert state(shop) is AgentState.WRAP_UP or state(shop) is AgentState.TALKING
    shop.advance(3)
    assert shop.legs[agent] == "over"
    assert state(shop) is AgentState.WRAP_UP
    assert shop.facts(Parked)[0] == Parked(slot="701", extension="8001")


def test_fetched_at_another_phone_it_is_one_call_with_the_talk_of_each(shop):
    leg, _ = parked(shop)
    shop.advance(20)
    other = shop.dial("8003", "701")
    assert shop.hears(leg) == f"peer {other}" and shop.hears(other) == f"peer {leg}"
    assert shop.facts(Unparked) == [Unparked(slot="701", extension="8003", parked=20.0)]
    shop.advance(45)
    shop.hang_up(leg)
    assert [(one.extension, one.talk) for one in shop.facts(TalkEnded)] == [
        ("8001", 30.0),
        ("8003", 45.0),
    ]
    assert len(shop.facts(CallEntered)) == len(shop.facts(CallEnded)) == 1
    record = record_of(shop.entries)
    assert record.talk == 75.0
    assert len(shop.facts(RecordingOpened)) == 2
    assert {entry.call for entry in shop.entries if entry.call} == {record.call}


def test_the_next_free_place_is_taken_and_a_place_may_be_named(shop):
    parked(shop)
    shop.advance(15)
    _, agent = talking(shop)
    shop.tell(TransferAsked(leg=agent, to="705"))
    assert [one.slot for one in shop.facts(Parked)] == ["701", "705"]


def test_the_phones_transfer_key_to_the_park_number(shop):
    leg, agent = talking(shop)
    told = []
    carry_out = shop._carry_out
    shop._carry_out = lambda one: (told.append(one), carry_out(one))
    shop.tell(TransferAsked(leg=agent, to="700"))
    stages = [one.stage for one in told if isinstance(one, TellTransfer)]
    assert stages == [TransferStage.TRYING, TransferStage.DONE]
    assert shop.hears(leg) == "music"
    assert shop.facts(Parked)[0].slot == "701"


def test_a_full_place_is_refused_and_the_talk_goes_on(shop):
    parked(shop)
    shop.advance(15)
    leg, agent = talking(shop)
    shop.tell(TransferAsked(leg=agent, to="701"))
    assert shop.hears(leg) == f"peer {agent}"


def test_nobody_fetches_it_and_who_parked_is_rung(shop):
    leg, _ = parked(shop)
    shop.advance(60)
    assert shop.ringing_leg("8001")
    assert shop.facts(Unparked) == [Unparked(slot="701", parked=60.0)]
    back = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {back}"
    shop.advance(10)
    shop.hang_up(back)
    assert sum(one.talk for one in shop.facts(TalkEnded)) == 40.0


def test_nobody_there_either_and_it_waits_again_but_not_for_ever(shop):
    leg, _ = parked(shop)
    shop.advance(60)
    shop.refuse("8001")
    assert [one.slot for one in shop.facts(Parked)] == ["701", "701"]
    assert shop.hears(leg) == "music"
    shop.advance(61)
    shop.refuse("8001", Cause.BUSY)
    shop.advance(61)
    assert shop.board.live().calls[0].stage == "ringing"
    shop.refuse("8001")
    assert shop.board.live().calls[0].stage == "queued"


def test_a_parked_caller_who_gives_up_frees_the_place(shop):
    leg, _ = parked(shop)
    shop.advance(5)
    shop.hang_up(leg)
    assert not shop.board.live().calls
    parked(shop)
    assert [one.slot for one in shop.facts(Parked)] == ["701", "701"]


def test_a_kill_keeps_the_call_at_its_place_and_its_time(shop):
    leg, _ = parked(shop)
    shop.advance(10)
    shop.killed()
    other = shop.dial("8002", "701")
    assert shop.hears(leg) == f"peer {other}"
    shop.hang_up(other)
    assert shop.facts(Unparked)[0].parked == 10.0


def test_an_empty_place_is_no_number(shop):
    leg = shop.dial("8002", "701")
    assert shop.ended[leg] is Cause.NOT_FOUND


def test_a_call_that_our_side_dialled_is_parked_too(shop):
    leg = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    shop.advance(20)
    keys(shop, leg, "*7")
    assert shop.hears(out) == "music"
    other = shop.dial("8003", "701")
    shop.advance(15)
    assert shop.audio[out].track.channel == "caller"
    assert shop.audio[other].track.channel == "agent"
    shop.hang_up(out)
    assert [one.talk for one in shop.facts(TalkEnded)] == [20.0, 15.0]


def test_callers_keys_park_nothing(shop):
    leg, agent = talking(shop)
    keys(shop, leg, "*7")
    assert shop.hears(leg) == f"peer {agent}"
