"""Priority is waiting credit: it never starves anybody. The bounds of priority.py, held against
whatever hypothesis thinks up, and shares of agents who serve several queues."""

from statistics import mean

import pytest
from floor_stage import Stage, queue, site
from hypothesis import given, settings
from hypothesis import strategies as st
from shift import Served, Shift, steady

from appliance.vocabulary.ids import AgentId
from appliance.vocabulary.settings import Agent, Site

CREDIT = 300.0


def team(agents: str, *queues: object) -> Site:
    """Agents who serve all of these queues."""
    return Site(
        agent=tuple(Agent(id=AgentId(a), extension=f"8{a}", signed_in=True) for a in agents),
        queue=queues,
    )


arrivals = st.lists(
    st.tuples(
        st.floats(0, 60),  # after the one before
        st.sampled_from(["high", "low"]),
        st.floats(0, CREDIT),
        st.floats(1, 120),  # his talk
    ),
    min_size=2,
    max_size=40,
)


@given(arrivals, st.sampled_from([1.0, 2.0, 5.0]))
@settings(max_examples=150, deadline=None)
def test_nobody_is_overtaken_but_by_the_credit_and_the_weight_of_who_came_later(
    story: list[tuple[float, str, float, float]], weight: float
) -> None:
    """One agent, two queues. Whoever was rung before x though he came d later had
    d < T·(1 − w/w') + c, T being x's wait so far."""
    weights = {"high": weight, "low": 1.0}
    both = [
        queue(name, "a", weight=w, wrap_up_seconds=0, max_wait_seconds=86400)
        for name, w in weights.items()
    ]
    stage = Stage(team("a", *both))
    came: dict[str, tuple[float, str, float]] = {}
    offered: dict[str, float] = {}
    talks = {f"v{n}": talk for n, (_, _, _, talk) in enumerate(story)}
    joins = []
    now = 0.0
    for number, (gap, name, credit, _) in enumerate(story):
        now += gap
        joins.append((now, f"v{number}", name, credit))
    free_at = None
    while joins or stage.ringing() or free_at is not None:
        if joins and (free_at is None or joins[0][0] <= free_at):
            now, visit, name, credit = joins.pop(0)
            came[visit] = (now, name, credit)
            stage.at(now).join(visit, to=name, credit=credit)
        elif free_at is not None:
            stage.at(free_at).do(stage.floor.talk_ended(AgentId("a"), stage.now))
            free_at = None
        if (ringing := stage.ringing().get("a")) is not None:
            offered[ringing] = stage.now
            stage.answered(ringing, "a")
            stage.started(ringing, "a")
            free_at = stage.now + talks[ringing]
    assert set(offered) == set(came), "everybody was served in the end"
    order = list(offered)
    for place, first in enumerate(order):
        for x in order[place + 1 :]:
            d = came[first][0] - came[x][0]
            if d <= 0:
                continue  # came before
            waited = offered[first] - came[x][0]
            w, other = weights[came[x][1]], weights[came[first][1]]
            assert d <= waited * max(0.0, 1 - w / other) + came[first][2] + 1e-6


def test_an_endless_stream_of_vips_holds_nobody_up_for_longer_than_their_credit() -> None:
    vips = tuple(f"1{n:03d}" for n in range(500))
    asked = site("a", vip_numbers=vips, vip_credit_seconds=CREDIT, max_wait_seconds=86400)
    # one agent has as many VIPs as he can serve, for hours: without a bound the caller never comes
    stream = [(n * 77.5, "sales", vip) for n, vip in enumerate(vips[:300])]
    lot = sorted([*stream, (100.0, "sales", "13900001111")])
    played = Shift(asked, lot, handle=lambda source, _: 60.0)
    played.run()
    [plain] = [one for one in played.calls.values() if one.caller == "13900001111"]
    overtook = [
        one
        for one in played.calls.values()
        if one.came > plain.came and one.began is not None and one.began < (plain.began or 0)
    ]
    assert overtook, "the credit counts"
    assert all(one.came < plain.came + CREDIT for one in overtook)
    assert plain.wait < CREDIT + 2 * 77.5


def waits(played: Shift, name: str) -> list[float]:
    served = [one for one in played.calls.values() if one.queue == name]
    return [one.wait for one in served if one.began is not None]


def test_queues_that_share_agents_wait_alike() -> None:
    names = ("sales", "repair", "office")
    shared = [
        queue(name, "abcd", max_wait_seconds=86400, announce_position_seconds=0) for name in names
    ]
    callers = [one for n, name in enumerate(names) for one in steady(n, 600, gap=62.0, to=name)]
    played = Shift(team("abcd", *shared), sorted(callers)).run()
    means = [mean(waits(played, name)) for name in names]
    assert min(means) > 5, "there was something to wait for"
    assert max(means) / min(means) < 1.15


def test_a_heavier_queue_waits_less_in_the_measure_of_its_weight_and_starves_nobody() -> None:
    heavy = queue("heavy", "ab", weight=3.0, max_wait_seconds=86400, announce_position_seconds=0)
    light = queue("light", "ab", max_wait_seconds=86400, announce_position_seconds=0)
    callers = [*steady(1, 500, 70.0, to="heavy"), *steady(2, 500, 70.0, to="light")]
    played = Shift(team("ab", heavy, light), sorted(callers)).run()
    ratio = mean(waits(played, "light")) / mean(waits(played, "heavy"))
    assert ratio == pytest.approx(3.0, rel=0.25)
    assert len(waits(played, "light")) == 500


def test_one_wrap_up_holds_for_all_queues_of_an_agent() -> None:
    one = queue("one", "a", wrap_up_seconds=30)
    other = queue("other", "a", wrap_up_seconds=0)
    stage = Stage(team("a", one, other))
    stage.join("v1", to="one")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.join("v2", to="other")
    stage.at(60).do(stage.floor.talk_ended(AgentId("a"), stage.now))
    stage.wake_until(89.9)
    assert stage.ringing() == {}
    stage.wake_until(90)
    assert stage.ringing() == {"a": "v2"}


def test_an_agent_helps_out_where_his_penalty_is_high_only_while_nobody_else_can() -> None:
    mine = queue("mine", "ab", penalties={AgentId("b"): 10})
    his = queue("his", "b")
    stage = Stage(team("ab", mine, his))
    stage.join("v1", to="mine")
    stage.join("v2", to="mine")
    assert stage.ringing() == {"a": "v1", "b": "v2"}
    stage.leave("v2")
    stage.join("v3", to="his")
    stage.join("v4", to="mine")
    assert stage.ringing() == {"a": "v1", "b": "v3"}


def test_less_skill_is_asked_for_at_the_very_second_and_credit_counts_as_waited() -> None:
    asking = queue("sales", "a", skills={"polish": 4}, relax_after_seconds=10, relax_by=2)
    knows_little = Agent(id=AgentId("a"), extension="8a", signed_in=True, skills={"polish": 1})
    stage = Stage(Site(agent=(knows_little,), queue=(asking,)))
    stage.join("v1")
    stage.wake_until(19.9)
    assert stage.ringing() == {}
    stage.wake_until(20)
    assert stage.ringing() == {"a": "v1"}
    stage.leave("v1")
    assert stage.at(30).join("v2", credit=20) == {"a": "v2"}


def test_each_caller_of_a_shift_is_counted_once() -> None:
    played = Shift(site("abc", max_wait_seconds=40), steady(3, 500, 12.0), kill_every=53).run()
    ends: list[Served] = list(played.calls.values())
    assert all((one.began is not None) != bool(one.overflow) for one in ends)
    assert {bool(one.overflow) for one in ends} == {True, False}


def test_a_full_queue_does_not_keep_who_needs_more_skill_than_the_free_agent_has() -> None:
    stage = Stage(site("a", max_waiting=0, skills={"polish": 1}))
    assert stage.join("v1") == {}
    assert [one.reason for one in stage.overflown()] == ["full"]
