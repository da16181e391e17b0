"""Stories of agents and their phones: signing in and out, lost phones, own calls, changed sites."""

import pytest
from floor_stage import Stage, phone, queue, site

from appliance.engines.acd.commands import AgentMoved, OverflowReason
from appliance.engines.acd.floor import Floor
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Overflow, Site


def test_agents_who_start_signed_in_are_unreachable_until_their_phone_registers() -> None:
    floor = Floor()
    floor.configure(site(agents="a"), Instant(0.0))
    assert [view.state for view in floor.agents()] == [AgentState.UNREACHABLE]
    [moved] = floor.phone_reachable(phone("a"), True, Instant(1.0))
    assert isinstance(moved, AgentMoved)
    assert (moved.state, moved.extension) == (AgentState.READY, "8a")


def test_an_agent_who_does_not_start_signed_in_signs_in_at_any_phone() -> None:
    stage = Stage(site(agents="a", signed_in=False))
    assert stage.state("a") is AgentState.SIGNED_OUT
    stage.join("v1")
    stage.do(stage.floor.phone_reachable(ExtensionNumber("8009"), True, stage.now))
    stage.at(5).do(stage.floor.sign_in(AgentId("a"), ExtensionNumber("8009"), stage.now))
    assert stage.ringing() == {"a": "v1"}
    assert stage.floor.agent_at(ExtensionNumber("8009")) == "a"
    assert stage.floor.agent_at(phone("a")) is None


def test_one_phone_has_one_agent() -> None:
    stage = Stage(site(agents="ab"))
    stage.at(5).do(stage.floor.sign_in(AgentId("b"), phone("a"), stage.now))
    assert stage.state("a") is AgentState.SIGNED_OUT
    assert stage.moved("a")[-1] == (5, "signed_out", "replaced")
    assert stage.floor.agent_at(phone("a")) == "b"


def test_nobody_signs_in_whom_the_site_does_not_have() -> None:
    stage = Stage(site(agents="a"))
    with pytest.raises(IllegalMove):
        stage.floor.sign_in(AgentId("x"), phone("x"), stage.now)


def test_signing_out_while_it_rings_gives_the_caller_to_the_next() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.at(3).do(stage.floor.sign_out("a", stage.now))
    assert stage.withdrawn() == [("v1", "a", MissReason.REJECTED)]
    assert stage.ringing() == {"b": "v1"}
    assert stage.moved("a")[-1] == (3, "signed_out", "signed_out")


def test_signing_out_in_a_talk_waits_for_its_end() -> None:
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.do(stage.floor.sign_out("a", stage.now))
    assert stage.state("a") is AgentState.TALKING
    stage.at(9).do(stage.floor.talk_ended("a", stage.now))
    assert stage.state("a") is AgentState.SIGNED_OUT


def test_a_lost_phone_makes_unreachable_and_its_return_gives_the_former_state_back() -> None:
    stage = Stage(site(agents="ab"), ready="a")
    for agent in "ab":
        stage.do(stage.floor.phone_reachable(phone(agent), False, stage.now))
        assert stage.state(agent) is AgentState.UNREACHABLE
    stage.join("v1")
    assert stage.ringing() == {}
    for agent in "ab":
        stage.do(stage.floor.phone_reachable(phone(agent), True, stage.now))
    assert (stage.state("a"), stage.state("b")) == (AgentState.RINGING, AgentState.NOT_READY)
    view = stage.floor.agent("b")
    assert view is not None and view.reason == "1"


def test_a_phone_lost_in_wrap_up_comes_back_to_what_is_left_of_it() -> None:
    stage = Stage(site(agents="a", wrap_up_seconds=15))
    stage.serve("v1", "a", talk=10, at=0)
    stage.do(stage.floor.phone_reachable(phone("a"), False, stage.now))
    stage.at(20).do(stage.floor.phone_reachable(phone("a"), True, stage.now))
    assert stage.state("a") is AgentState.WRAP_UP
    stage.do(stage.floor.phone_reachable(phone("a"), False, stage.now))
    stage.at(30).do(stage.floor.phone_reachable(phone("a"), True, stage.now))
    assert stage.state("a") is AgentState.READY


def test_a_phone_lost_while_it_rings_gives_the_caller_to_the_next() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.do(stage.floor.phone_reachable(phone("a"), False, stage.now))
    assert stage.withdrawn() == [("v1", "a", MissReason.UNREACHABLE)]
    assert stage.ringing() == {"b": "v1"}


def test_a_registered_phone_that_cannot_be_reached_is_tried_again_later_or_when_it_registers() -> (
    None
):
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.missed("v1", "a", MissReason.UNREACHABLE)
    assert stage.state("a") is AgentState.UNREACHABLE
    stage.wake_until(59)
    assert stage.ringing() == {}
    stage.wake_until(60)
    assert stage.ringing() == {"a": "v1"}
    stage.missed("v1", "a", MissReason.UNREACHABLE)
    stage.at(65).do(stage.floor.phone_reachable(phone("a"), True, stage.now))
    assert stage.ringing() == {"a": "v1"}


def test_an_agent_on_a_call_of_his_own_is_offered_nothing() -> None:
    stage = Stage(site(agents="ab"))
    stage.do(stage.floor.phone_busy(phone("a"), CallId("own"), stage.now))
    assert stage.state("a") is AgentState.BUSY
    stage.at(10).join("v1")
    assert stage.ringing() == {"b": "v1"}
    stage.join("v2")
    stage.at(15).do(stage.floor.phone_free(phone("a"), CallId("own"), stage.now))
    assert stage.ringing() == {"b": "v1", "a": "v2"}


def test_a_feature_code_makes_nobody_busy_but_nothing_is_offered_meanwhile() -> None:
    stage = Stage(site(agents="a"))
    stage.do(stage.floor.phone_busy(phone("a"), CallId("code"), stage.now, is_service=True))
    assert stage.state("a") is AgentState.READY
    stage.join("v1")
    assert stage.ringing() == {}
    stage.do(stage.floor.phone_free(phone("a"), CallId("code"), stage.now))
    assert stage.ringing() == {"a": "v1"}


def test_dialling_out_while_the_queue_rings_lets_the_queue_ring_the_next() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.do(stage.floor.phone_busy(phone("a"), CallId("own"), stage.now))
    assert stage.withdrawn() == [("v1", "a", MissReason.BUSY)]
    assert stage.ringing() == {"b": "v1"}


def test_hold_is_seen_and_ends_with_the_talk() -> None:
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.do(stage.floor.hold("a", True, stage.now))
    assert stage.state("a") is AgentState.HOLDING
    stage.do(stage.floor.hold("a", False, stage.now))
    assert stage.state("a") is AgentState.TALKING
    stage.do(stage.floor.hold("a", True, stage.now))
    stage.do(stage.floor.talk_ended("a", stage.now))
    assert stage.state("a") is AgentState.WRAP_UP


def test_a_whole_call_is_told_state_by_state_with_its_queue() -> None:
    stage = Stage(site(agents="a", wrap_up_seconds=15))
    stage.serve("v1", "a", talk=60, at=10)
    stage.wake_until(100)
    assert stage.moved("a")[-4:] == [
        (10, "ringing", "offer"),
        (10, "talking", "answered"),
        (70, "wrap_up", "talk_ended"),
        (85, "ready", "wrap_up_over"),
    ]
    moved = [c for _, c in stage.log if isinstance(c, AgentMoved)]
    assert [(c.queue, c.call) for c in moved[-4:]] == [
        ("sales", "call-v1"),
        ("sales", "call-v1"),
        ("sales", None),
        (None, None),
    ]


def test_ending_the_wrap_up_by_hand_works_only_in_a_wrap_up() -> None:
    stage = Stage(site(agents="a", wrap_up_seconds=15))
    assert stage.floor.end_wrap_up(AgentId("a"), stage.now) == []
    stage.serve("v1", "a", talk=60, at=0)
    assert stage.do(stage.floor.end_wrap_up(AgentId("a"), stage.now)) != []
    assert stage.state("a") is AgentState.READY


# --- the site -----------------------------------------------------------------------------------
def test_configuring_again_signs_nobody_in_or_out() -> None:
    stage = Stage(site(agents="ab"))
    stage.do(stage.floor.sign_out("a", stage.now))
    assert stage.do(stage.floor.configure(site(agents="ab"), stage.now)) == []
    assert stage.do(stage.floor.configure(site(agents="ab", signed_in=False), stage.now)) == []
    assert (stage.state("a"), stage.state("b")) == (AgentState.SIGNED_OUT, AgentState.READY)


def test_a_changed_site_keeps_every_place() -> None:
    stage = Stage(site(agents="ab"), ready="")
    for number in range(5):
        stage.at(number).join(f"v{number}")
    before = stage.floor.positions("sales")
    changed = Site(
        agent=site(agents="abc").agent,
        queue=(queue("repair", "a"), queue("sales", "cab", name="Sales!", max_waiting=2)),
    )
    stage.do(stage.floor.configure(changed, stage.now))
    assert stage.floor.positions("sales") == before
    stage.do(stage.floor.phone_reachable(phone("c"), True, stage.now))
    assert stage.ringing() == {"c": "v0"}


def test_a_shorter_wait_limit_holds_for_those_who_wait_already() -> None:
    stage = Stage(site(agents="a", max_wait_seconds=300), ready="")
    stage.join("v1")
    stage.at(50).do(stage.floor.configure(site(agents="a", max_wait_seconds=60), stage.now))
    stage.wake_until(59)
    assert stage.overflown() == []
    stage.wake_until(60)
    assert [command.visit for command in stage.overflown()] == ["v1"]


def test_callers_of_a_removed_queue_go_where_it_said() -> None:
    overflow = Overflow(to="voicemail", box="sales")
    stage = Stage(site(agents="a", overflow=overflow))
    stage.join("v1")
    stage.at(5).do(stage.floor.configure(Site(agent=stage.site.agent), stage.now))
    assert stage.withdrawn() == [("v1", "a", MissReason.OVERFLOW)]
    [command] = stage.overflown()
    assert (command.reason, command.overflow) == (OverflowReason.QUEUE_REMOVED, overflow)
    stage.join("v2")
    assert [command.visit for command in stage.overflown()] == ["v1", "v2"]


def test_a_removed_agent_finishes_his_talk() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.at(5).do(stage.floor.configure(site(agents="b"), stage.now))
    assert stage.state("a") is AgentState.TALKING
    stage.at(60).do(stage.floor.talk_ended("a", stage.now))
    assert stage.floor.agent("a") is None
    assert stage.moved("a")[-1][:2] == (60, "signed_out")
    assert stage.floor.slot("agent:a") is None


def test_a_removed_agent_who_rings_hands_his_caller_on() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.do(stage.floor.configure(site(agents="b"), stage.now))
    assert stage.ringing() == {"b": "v1"}
    assert stage.floor.agent("a") is None


def test_a_removed_agent_who_had_picked_up_goes_with_his_leg() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.do(stage.floor.configure(site(agents="b"), stage.now))
    stage.at(1).missed("v1", "a", MissReason.REJECTED)
    assert stage.floor.agent("a") is None
    assert stage.floor.slot("agent:a") is None
    assert stage.ringing() == {"b": "v1"}


def test_an_agent_is_told_unreachable_by_the_leg_of_who_had_his_phone_before() -> None:
    stage = Stage(site(agents="ab"))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.do(stage.floor.sign_in(AgentId("b"), phone("a"), stage.now))
    assert stage.state("b") is AgentState.READY
    stage.at(1).missed("v1", "a", MissReason.UNREACHABLE)
    assert stage.state("b") is AgentState.UNREACHABLE
    assert stage.moved("b")[-1] == (1, "unreachable", "phone")


def test_an_agent_taken_out_of_a_queue_gets_none_of_its_callers() -> None:
    stage = Stage(site(agents="ab"))
    changed = Site(agent=stage.site.agent, queue=(queue("sales", "b"),))
    stage.do(stage.floor.configure(changed, stage.now))
    stage.join("v1")
    assert stage.ringing() == {"b": "v1"}
    assert stage.state("a") is AgentState.READY


# --- views --------------------------------------------------------------------------------------
def test_the_live_page_sees_who_waits_how_long_and_who_works() -> None:
    stage = Stage(site(agents="abc"), ready="a")
    stage.do(stage.floor.sign_out("c", stage.now))
    stage.at(10).join("v1")
    stage.at(20).join("v2")
    [view] = stage.floor.queues(Instant(30.0))
    assert (view.waiting, view.longest_wait, view.ready_agents, view.signed_in_agents) == (
        2,
        20.0,
        0,
        2,
    )
    assert [(w.visit, w.position, w.offered_to) for w in stage.floor.waiting("sales")] == [
        ("v1", 1, "a"),
        ("v2", 2, None),
    ]
    assert [(v.agent, v.state, v.since) for v in stage.floor.agents()] == [
        ("a", AgentState.RINGING, 10.0),
        ("b", AgentState.NOT_READY, 0.0),
        ("c", AgentState.SIGNED_OUT, 0.0),
    ]


def test_who_lets_three_calls_ring_in_vain_is_made_not_ready_until_he_says_he_is_there() -> None:
    stage = Stage(site(agents="a", ring_seconds=10, miss_limit=3))
    stage.join("v1")
    stage.wake_until(22)
    assert stage.ringing() == {"a": "v1"}, "two were not enough"
    stage.wake_until(33)
    assert stage.state("a") is AgentState.NOT_READY
    assert stage.moved("a")[-1][1:] == ("not_ready", "missed")
    stage.wake_until(100)
    assert stage.ringing() == {}
    stage.do(stage.floor.ready(AgentId("a"), stage.now))
    assert stage.ringing() == {"a": "v1"}
    stage.wake_until(122)
    assert stage.state("a") is AgentState.RINGING, "counted anew"


def test_an_answer_between_and_a_refusal_are_no_misses_in_a_row() -> None:
    stage = Stage(site(agents="a", ring_seconds=10, miss_limit=2, wrap_up_seconds=0))
    stage.join("v1")
    stage.wake_until(11)
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.do(stage.floor.talk_ended(AgentId("a"), stage.now))
    stage.at(20).join("v2")
    stage.wake_until(30)
    assert stage.state("a") is AgentState.READY
    stage.at(31).missed("v2", "a", MissReason.REJECTED)
    assert stage.state("a") is AgentState.READY


def test_where_everybody_rings_a_call_that_nobody_took_is_no_one_agents_miss() -> None:
    stage = Stage(site(agents="ab", ring_seconds=10, miss_limit=1, strategy="ring-all"))
    stage.join("v1")
    stage.wake_until(40)
    assert stage.ringing_agent("v1") == "a"
    assert stage.state("b") is AgentState.RINGING
