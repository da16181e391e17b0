"""Three talk: begun from a consultation with *3; whoever leaves leaves the others talking."""

import pytest
from ledger_checks import record_of
from shop_steps import mix, state_of, talking

from appliance.vocabulary.facts_handling import ConferenceBegun, ConferenceEnded
from appliance.vocabulary.journal import AgentState, RecordingOpened

pytestmark = pytest.mark.usefixtures("the_ledger_adds_up")


def conferring(shop):
    leg, agent = talking(shop)
    shop.advance(100)
    shop.keys(agent, "*28002#")
    third = shop.pick_up("8002")
    shop.keys(agent, "*3")
    return leg, agent, third


def test_everybody_hears_the_sum_of_the_others(shop):
    leg, agent, third = conferring(shop)
    assert shop.hears(leg) == mix(agent, third)
    assert shop.hears(agent) == mix(leg, third)
    assert shop.hears(third) == mix(leg, agent)
    assert state_of(shop, "1001") is AgentState.TALKING
    assert shop.board.live().calls[0].stage == "conference"
    assert shop.facts(ConferenceBegun)[0].parties == ("13900001111", "8001", "8002")
    tracks = {shop.audio[one].track.recording for one in (leg, agent, third)}
    assert len(tracks) == len(shop.facts(RecordingOpened)) == 1
    assert shop.audio[third].track.channel == "agent"


def test_the_agent_leaves_and_the_others_talk_on_plainly(shop):
    leg, agent, third = conferring(shop)
    shop.advance(50)
    shop.hang_up(agent)
    assert shop.hears(leg) == f"peer {third}"
    assert shop.hears(third) == f"peer {leg}"
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    shop.advance(30)
    shop.hang_up(leg)
    record = record_of(shop)
    first, second = record.talks
    assert second.talk == pytest.approx(80.0, abs=0.5)
    assert first.talk == pytest.approx(151.4)
    assert record.talk == pytest.approx(first.talk + second.talk - 50.2), (
        "the customer talked 50 s to both at once: once for him, once for each of them"
    )
    ended = shop.facts(ConferenceEnded)[0]
    assert ended.seconds == ended.overlap == pytest.approx(50.2)


def test_the_third_party_leaves_and_the_first_talk_goes_on(shop):
    leg, agent, third = conferring(shop)
    shop.hang_up(third)
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.hears(agent) == f"peer {leg}"


def test_the_customer_from_outside_leaves_and_it_is_over(shop):
    leg, agent, third = conferring(shop)
    shop.hang_up(leg)
    assert shop.legs[agent] == shop.legs[third] == "over"


def test_between_phones_of_ours_who_called_them_may_leave(shop):
    shop.tell_registered("8003")
    first = shop.dial("8001", "8002")
    second = shop.pick_up("8002")
    shop.keys(first, "*28003#")
    third = shop.pick_up("8003")
    shop.keys(first, "*3")
    assert shop.hears(second) == mix(first, third)
    shop.advance(10)
    shop.hang_up(first)
    assert shop.hears(second) == f"peer {third}"
    shop.advance(10)
    shop.hang_up(second)
    assert shop.legs[third] == "over"


def test_an_outside_expert_in_the_conference(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(2.0)
    shop.keys(agent, "*2913800138000#")
    expert = shop.outside_answers()
    shop.keys(agent, "*3")
    assert shop.hears(leg) == mix(agent, expert)
    shop.hang_up(agent)
    assert shop.hears(leg) == f"peer {expert}"
    shop.advance(20)
    shop.hang_up(expert)
    assert [one.number for one in record_of(shop).talks] == ["", "13800138000"]


def test_nobody_joins_before_he_answered(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(2.0)
    shop.keys(agent, "*28002#")
    shop.keys(agent, "*3")
    assert shop.hears(leg) == "music"
    assert not shop.facts(ConferenceBegun)


def test_a_conference_survives_a_killed_control(shop):
    leg, agent, third = conferring(shop)
    shop.advance(10)
    shop.killed()
    assert shop.hears(leg) == mix(agent, third)
    shop.advance(10)
    shop.hang_up(agent)
    assert shop.facts(ConferenceEnded)[0].overlap == pytest.approx(20.2)
