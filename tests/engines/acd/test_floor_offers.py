"""Stories of callers and agents: who is rung, who comes next, who keeps his place."""

import pytest
from floor_stage import Stage, queue, site

from appliance.engines.acd.commands import OverflowReason
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Overflow


def test_the_agent_who_is_idle_longest_is_rung() -> None:
    stage = Stage(site(agents="ab"))
    stage.serve("v0", "a", talk=10, at=0)
    assert stage.state("a") is AgentState.WRAP_UP
    assert stage.at(30).join("v1") == {"b": "v1"}
    stage.at(31).missed("v1", "b", MissReason.REJECTED)
    assert stage.ringing() == {"a": "v1"}


def test_equally_idle_agents_are_rung_in_the_order_of_the_queue() -> None:
    stage = Stage(site(agents="cab"))
    stage.join("v1")
    stage.join("v2")
    stage.join("v3")
    assert stage.ringing() == {"c": "v1", "a": "v2", "b": "v3"}


def test_no_answer_goes_to_the_next_agent_and_the_place_is_kept() -> None:
    stage = Stage(site(agents="ab", ring_seconds=20))
    stage.floor.not_ready("b", "1", stage.now)
    stage.join("v1")
    stage.at(1).join("v2")
    stage.at(19).floor.ready("b", stage.now)
    assert stage.ringing() == {"a": "v1", "b": "v2"}
    stage.at(19.5).missed("v2", "b", MissReason.REJECTED)
    stage.wake_until(20)
    assert stage.withdrawn() == [("v1", "a", MissReason.NO_ANSWER)]
    assert stage.floor.positions("sales") == ("v1", "v2")


def test_the_one_who_let_it_ring_is_tried_last_for_that_caller() -> None:
    stage = Stage(site(agents="abc", ring_seconds=20, reject_pause_seconds=0))
    stage.join("v1")
    rung = [stage.ringing_agent("v1")]
    for turn in range(1, 6):
        stage.wake_until(turn * 20.0)
        rung.append(stage.ringing_agent("v1"))
    assert "".join(rung) == "abcabc"


def test_a_lone_agent_who_did_not_answer_is_rung_again_after_a_moment() -> None:
    stage = Stage(site(agents="a", ring_seconds=20))
    stage.join("v1")
    stage.wake_until(20)
    assert stage.ringing() == {}
    stage.wake_until(21)
    assert stage.ringing() == {"a": "v1"}


def test_a_reject_skips_that_agent_for_the_pause_of_the_queue() -> None:
    stage = Stage(site(agents="a", reject_pause_seconds=30))
    stage.join("v1")
    stage.at(2).missed("v1", "a", MissReason.REJECTED)
    stage.wake_until(31.9)
    assert stage.ringing() == {}
    assert stage.state("a") is AgentState.READY
    assert stage.floor.faults(stage.now) == []
    stage.wake_until(32)
    assert stage.ringing() == {"a": "v1"}


def test_a_reject_in_one_queue_does_not_pause_the_other() -> None:
    stage = Stage(site(agents="a", queues=[queue("sales", "a"), queue("repair", "a")]))
    stage.join("v1")
    stage.at(2).missed("v1", "a", MissReason.REJECTED)
    stage.wake_until(4)
    stage.join("v2", to="repair")
    assert stage.ringing() == {"a": "v2"}


def test_the_oldest_caller_of_all_queues_is_served_first() -> None:
    stage = Stage(site(agents="ab", queues=[queue("sales", "ab"), queue("repair", "ab")]), ready="")
    stage.at(1).join("v1", to="repair")
    stage.at(2).join("v2", to="sales")
    stage.at(3).floor.ready("b", stage.now)
    assert stage.ringing() == {"b": "v1"}


def test_waiting_credit_goes_before_older_callers_but_does_not_shorten_the_wait() -> None:
    stage = Stage(site(agents="a", max_wait_seconds=100), ready="")
    stage.at(10).join("v1")
    stage.at(20).join("v2", credit=15)
    assert stage.floor.positions("sales") == ("v2", "v1")
    stage.wake_until(119)
    assert [command.visit for command in stage.overflown()] == ["v1"]
    stage.wake_until(120)
    assert [command.visit for command in stage.overflown()] == ["v1", "v2"]


def test_a_caller_whom_nobody_can_serve_does_not_stop_younger_ones() -> None:
    stage = Stage(site(agents="ab", queues=[queue("sales", "a"), queue("repair", "b")]), ready="b")
    stage.join("v1", to="sales")
    assert stage.at(5).join("v2", to="repair") == {"b": "v2"}


def test_caller_who_hangs_up_takes_the_ringing_with_him() -> None:
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.at(3).leave("v1")
    assert stage.withdrawn() == [("v1", "a", MissReason.CALLER_GONE)]
    assert stage.state("a") is AgentState.READY
    assert stage.at(4).join("v2") == {"a": "v2"}, "no rest: it was not the agent's miss"


def test_caller_who_hangs_up_before_the_bridge_costs_the_agent_no_wrap_up() -> None:
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.at(3).answered("v1", "a")
    assert stage.state("a") is AgentState.TALKING
    assert stage.floor.position("v1") is None
    stage.at(4).leave("v1")
    assert stage.withdrawn() == [("v1", "a", MissReason.CALLER_GONE)]
    assert stage.state("a") is AgentState.READY


def test_agent_who_hangs_up_before_the_bridge_gives_the_caller_his_place_back() -> None:
    stage = Stage(site(agents="a"))
    stage.join("v1")
    stage.at(1).join("v2")
    stage.at(3).answered("v1", "a")
    stage.at(4).do(stage.floor.talk_ended("a", stage.now))
    assert stage.floor.positions("sales") == ("v1", "v2")
    assert stage.state("a") is AgentState.READY


def test_wrap_up_counts_for_all_queues_and_then_he_is_ready() -> None:
    queues = [queue("sales", "a", wrap_up_seconds=15), queue("repair", "a", wrap_up_seconds=0)]
    stage = Stage(site(agents="a", queues=queues))
    stage.serve("v1", "a", talk=60, at=0)
    stage.at(61).join("v2", to="repair")
    assert stage.ringing() == {}
    stage.wake_until(74.9)
    assert stage.state("a") is AgentState.WRAP_UP
    stage.wake_until(75)
    assert stage.ringing() == {"a": "v2"}


def test_not_ready_in_a_talk_holds_after_the_wrap_up() -> None:
    stage = Stage(site(agents="a", wrap_up_seconds=10))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.at(5).do(stage.floor.not_ready("a", "2", stage.now))
    assert stage.state("a") is AgentState.TALKING
    stage.at(20).do(stage.floor.talk_ended("a", stage.now))
    assert stage.state("a") is AgentState.WRAP_UP
    stage.wake_until(30)
    assert (stage.state("a"), stage.floor.agent("a").reason) == (AgentState.NOT_READY, "2")


def test_a_late_answer_to_a_withdrawn_offer_changes_nothing() -> None:
    stage = Stage(site(agents="ab", ring_seconds=20))
    stage.join("v1")
    stage.wake_until(20)
    assert stage.do(stage.floor.offer_answered("v1", "a", stage.now)) == []
    assert stage.ringing() == {"b": "v1"}


def test_ring_time_counts_from_the_phones_own_ringing() -> None:
    stage = Stage(site(agents="ab", ring_seconds=20))
    stage.join("v1")
    stage.at(2).do(stage.floor.offer_ringing("v1", "a", stage.now))
    stage.at(9).do(stage.floor.offer_ringing("v1", "a", stage.now))
    stage.wake_until(21.9)
    assert stage.ringing() == {"a": "v1"}
    stage.wake_until(22)
    assert stage.ringing() == {"b": "v1"}


def test_wait_limit_ends_the_ringing_and_says_where_to_go() -> None:
    overflow = Overflow(to="voicemail", box="sales")
    stage = Stage(site(agents="a", ring_seconds=30, max_wait_seconds=20, overflow=overflow))
    stage.join("v1")
    stage.wake_until(20)
    assert stage.withdrawn() == [("v1", "a", MissReason.OVERFLOW)]
    [command] = stage.overflown()
    assert (command.reason, command.overflow, command.waited) == (
        OverflowReason.WAIT,
        overflow,
        20.0,
    )
    assert stage.state("a") is AgentState.READY


def test_a_caller_who_was_picked_up_does_not_overflow() -> None:
    stage = Stage(site(agents="a", max_wait_seconds=20))
    stage.join("v1")
    stage.at(19).answered("v1", "a")
    stage.wake_until(25)
    assert stage.overflown() == []


def test_a_full_queue_refuses_at_once_but_takes_whom_it_can_serve() -> None:
    stage = Stage(site(agents="a", max_waiting=1), ready="")
    stage.join("v1")
    stage.at(1).join("v2")
    assert [(c.visit, c.reason) for c in stage.overflown()] == [("v2", OverflowReason.FULL)]
    assert stage.floor.position("v2") is None
    stage = Stage(site(agents="a", max_waiting=0))
    assert stage.join("v1") == {"a": "v1"}
    stage.join("v2")
    assert [c.visit for c in stage.overflown()] == ["v2"]


def test_nobody_signed_in_is_told_as_the_reason_at_the_limit() -> None:
    stage = Stage(site(agents="a", max_wait_seconds=60))
    stage.do(stage.floor.sign_out("a", stage.now))
    stage.join("v1")
    stage.wake_until(60)
    assert [c.reason for c in stage.overflown()] == [OverflowReason.NO_AGENT]


def test_a_queue_may_refuse_to_let_callers_wait_for_nobody() -> None:
    stage = Stage(site(agents="a", overflow_when_unstaffed=True), ready="")
    stage.join("v1")
    assert stage.overflown() == []
    stage.at(5).do(stage.floor.sign_out("a", stage.now))
    stage.at(6).join("v2")
    assert [(c.visit, c.reason) for c in stage.overflown()] == [
        ("v1", OverflowReason.NO_AGENT),
        ("v2", OverflowReason.NO_AGENT),
    ]


def test_position_is_told_at_once_and_then_as_often_as_the_queue_says() -> None:
    stage = Stage(site(agents="a", announce_position_seconds=30), ready="")
    stage.join("v1")
    stage.at(10).join("v2")
    stage.wake_until(30)
    stage.at(35).leave("v1")
    stage.wake_until(75)
    assert stage.told() == [
        (0, "v1", 1),
        (10, "v2", 2),
        (30, "v1", 1),
        (40, "v2", 1),
        (70, "v2", 1),
    ]


def test_a_queue_that_announces_nothing_announces_nothing() -> None:
    stage = Stage(site(agents="a", announce_position_seconds=0), ready="")
    stage.join("v1")
    stage.wake_until(100)
    assert stage.told() == []


def test_joining_twice_is_a_bug_that_changes_nothing() -> None:
    stage = Stage(site(agents="a"), ready="")
    stage.join("v1")
    with pytest.raises(IllegalMove):
        stage.join("v1")
    assert stage.floor.positions("sales") == ("v1",)


def test_round_robin_goes_on_after_the_last_one() -> None:
    stage = Stage(site(agents="abc", strategy="round-robin", wrap_up_seconds=0))
    served = [stage.serve_any(f"v{turn}", at=turn * 10.0) for turn in range(7)]
    assert "".join(served) == "abcabca"


def test_fixed_order_takes_the_first_who_is_free() -> None:
    stage = Stage(site(agents="abc", strategy="fixed-order", wrap_up_seconds=0))
    served = [stage.serve_any(f"v{turn}", at=turn * 10.0) for turn in range(4)]
    assert "".join(served) == "aaaa"


def test_a_pause_that_is_over_this_instant_is_no_fault_but_one_that_nobody_ends_is() -> None:
    stage = Stage(site(agents="a", reject_pause_seconds=30))
    stage.join("v1")
    stage.missed("v1", "a", MissReason.REJECTED)
    stage.wake_until(29.9)
    assert stage.floor.faults(Instant(30.0), grace=3.0) == []
    late = stage.floor.faults(Instant(33.0), grace=3.0)
    assert late[0].endswith("waits though agent a is free")
