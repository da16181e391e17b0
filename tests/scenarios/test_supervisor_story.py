"""A supervisor at an agent's talk: listen, whisper, barge, take over, force release."""

import pytest
from ledger_checks import record_of
from shop_steps import mix, nothing_is_left, state_of, supervised, talking

from appliance.vocabulary.facts_handling import (
    ForcedRelease,
    SupervisionWay,
    SupervisorJoined,
    SupervisorLeft,
)
from appliance.vocabulary.journal import AgentState, RecordingOpened
from appliance.vocabulary.verbs import Supervise


@pytest.fixture
def shop(bakery):
    shop = supervised(bakery, signed_in=False)
    shop.dial("8003", "*8010034713")
    shop.advance(3)
    yield shop
    nothing_is_left(shop)


def ways(shop):
    return [one.way for one in shop.facts(SupervisorJoined)]


def test_listening_changes_nothing_for_the_caller_and_the_agent(shop):
    leg, agent = talking(shop)
    before = shop.audio[leg], shop.audio[agent]
    boss = shop.dial("8003", "*851001")
    assert shop.hears(boss) == mix(leg, agent)
    assert (shop.audio[leg], shop.audio[agent]) == before
    assert shop.audio[boss].track is None
    assert shop.audio[boss].call == shop.audio[leg].call
    assert not shop.moved, "his audio began on the talk's own worker"
    joined = shop.facts(SupervisorJoined)[0]
    assert (joined.supervisor, joined.agent, joined.extension) == ("1003", "1001", "8003")
    shop.advance(10)
    shop.hang_up(boss)
    assert shop.facts(SupervisorLeft)[0].seconds == 10.0
    assert shop.hears(leg) == f"peer {agent}"


def test_who_listens_is_busy_on_the_live_page_and_counts_as_ready_nowhere(shop):
    talking(shop)
    assert [one.ready_agents for one in shop.board.live().queues] == [1, 1]
    assert state_of(shop, "1003") is AgentState.READY
    boss = shop.dial("8003", "*851001")
    begun = shop.board.live().at
    shop.advance(10)
    listening = next(one for one in shop.board.live().agents if one.agent == "1003")
    assert (listening.state, listening.since) == (AgentState.BUSY, begun)
    assert [one.ready_agents for one in shop.board.live().queues] == [1, 0]
    shop.hang_up(boss)
    assert state_of(shop, "1003") is AgentState.READY
    assert [one.ready_agents for one in shop.board.live().queues] == [1, 1]


def test_a_whisper_is_for_the_agent_alone_and_in_no_recording(shop):
    leg, agent = talking(shop)
    before = shop.audio[leg]
    boss = shop.dial("8003", "*851001")
    shop.keys(boss, "5")
    assert shop.hears(agent) == mix(leg, boss)
    assert shop.audio[leg] == before
    assert shop.audio[boss].track is None
    shop.keys(boss, "4")
    assert shop.hears(agent) == f"peer {leg}"
    assert shop.audio[leg] == before
    assert ways(shop) == [SupervisionWay.LISTEN, SupervisionWay.WHISPER, SupervisionWay.LISTEN]


def test_barging_in_all_hear_him_and_he_is_recorded(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.keys(boss, "6")
    assert shop.hears(leg) == mix(agent, boss)
    assert shop.hears(agent) == mix(leg, boss)
    assert shop.audio[boss].track.channel == "agent"
    shop.hang_up(boss)
    assert shop.hears(leg) == f"peer {agent}"


def test_taking_over_the_agent_is_free_and_the_talk_is_split(shop):
    leg, agent = talking(shop)
    shop.advance(30)
    boss = shop.dial("8003", "*851001")
    shop.keys(boss, "7")
    assert shop.legs[agent] == "over"
    assert shop.hears(leg) == f"peer {boss}"
    assert shop.hears(boss) == f"peer {leg}"
    assert state_of(shop, "1001") is AgentState.WRAP_UP
    assert state_of(shop, "1003") is AgentState.BUSY
    shop.advance(20)
    shop.hang_up(leg)
    record = record_of(shop)
    assert [one.agent for one in record.talks] == ["1001", "1003"]
    assert record.talks[0].talk == pytest.approx(30, abs=0.5)
    assert len(shop.facts(RecordingOpened)) == 1
    shop.advance(1)
    assert state_of(shop, "1003") is AgentState.READY


def test_forced_release_ends_it_for_all_and_says_who(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.keys(boss, "9")
    assert shop.legs[leg] == shop.legs[agent] == shop.legs[boss] == "over"
    assert shop.facts(ForcedRelease)[0].by == "1003"


def test_an_agents_phone_may_not(shop):
    leg, agent = talking(shop)
    other = shop.dial("8002", "*851001")
    assert shop.hears(other) == "not_allowed"
    assert not shop.facts(SupervisorJoined)


def test_nobody_talks_there(shop):
    boss = shop.dial("8003", "*851001")
    assert shop.hears(boss) == "not_reachable"


def test_the_agent_hangs_up_and_the_supervisor_is_let_go(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.hang_up(agent)
    assert shop.legs[boss] == "over"
    assert shop.facts(SupervisorLeft)


def test_the_agents_own_outbound_call_can_be_listened_to(shop):
    mine = shop.dial("8001", "913800138000")
    out = shop.outside_answers()
    boss = shop.dial("8003", "*851001")
    assert shop.hears(boss) == mix(mine, out)
    shop.keys(boss, "5")
    assert shop.hears(mine) == mix(out, boss)
    assert shop.hears(out) == f"peer {mine}"


def test_the_supervisor_hears_the_consultation_the_customer_does_not(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.keys(agent, "*28002#")
    third = shop.pick_up("8002")
    assert shop.hears(boss) == mix(agent, third)
    assert shop.hears(leg) == "music"


def test_handing_on_lets_the_supervisor_go(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.keys(agent, "##8002#")
    assert shop.legs[boss] == "over"


def test_by_verb_his_phone_rings_and_picks_up_by_itself(shop):
    leg, agent = talking(shop)
    call = shop.board.calls()[-1]
    answer = shop.verb(
        Supervise(ask="1", by="page", call=call, extension="8003", way=SupervisionWay.WHISPER)
    )
    assert not answer.problem
    assert shop.dialled[shop.ringing_leg("8003")].is_auto_answered
    boss = shop.pick_up("8003")
    assert shop.hears(agent) == mix(leg, boss)
    answer = shop.verb(
        Supervise(ask="2", by="page", call=call, extension="8003", way=SupervisionWay.BARGE)
    )
    assert not answer.problem
    assert shop.hears(leg) == mix(agent, boss)


def test_by_verb_a_phone_that_lets_it_ring_disturbs_nobody(shop):
    leg, agent = talking(shop)
    call = shop.board.calls()[-1]
    shop.verb(Supervise(ask="1", by="page", call=call, extension="8003", way=SupervisionWay.LISTEN))
    shop.advance(31)
    assert not shop.ringing_leg("8003")
    assert shop.hears(leg) == f"peer {agent}"
    assert not shop.facts(SupervisorJoined)


def test_supervision_survives_a_killed_control(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    shop.keys(boss, "5")
    shop.killed()
    shop.keys(boss, "6")
    assert shop.hears(leg) == mix(agent, boss)


def test_the_supervisors_keys_are_not_passed_on_to_who_hears_him(shop):
    leg, agent = talking(shop)
    boss = shop.dial("8003", "*851001")
    assert shop.audio[leg].wants_relayed_digits
    shop.keys(boss, "6")
    assert not shop.audio[leg].wants_relayed_digits
    shop.keys(boss, "4")
    assert shop.audio[leg].wants_relayed_digits
    assert shop.audio[agent].wants_relayed_digits
