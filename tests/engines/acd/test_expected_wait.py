"""What callers are told of their wait, against what it was: a seeded day, three kinds of it."""

import random
from statistics import median

import pytest
from floor_stage import Stage, phone, queue, site
from shift import Arrival, Shift

from appliance.engines.acd.commands import TellPosition
from appliance.vocabulary.ids import AgentId
from appliance.vocabulary.settings import Agent, Site

HOUR = 3600.0
RUSH = (6, 9, 14, 19, 22, 20, 16, 19, 22, 20, 14, 8)
"""Callers per quarter of an hour and three agents, hour by hour from 8 to 20."""


def a_day(seed: int, to: str, busy: float) -> list[Arrival]:
    """Arrivals of a day with a rush before noon and one after."""
    source = random.Random(seed)
    found: list[Arrival] = []
    for hour, callers in enumerate(RUSH):
        now = hour * HOUR
        while (now := now + source.expovariate(callers * 4 * busy / HOUR)) < (hour + 1) * HOUR:
            found.append((now, to, f"139{source.randrange(10**8):08d}"))
    return found


def talk(source: random.Random, _: str) -> float:
    """Lognormal, as call centres' talk times are (Brown et al., JASA 100, 2005): mean 120 s, and a
    deviation of half of that."""
    return source.lognormvariate(4.676, 0.472)


def errors(played: Shift) -> list[float]:
    """|promised − real| / real of every promise to a caller who came to an agent."""
    found = []
    for at, command in played.log:
        if isinstance(command, TellPosition) and command.wait is not None:
            call = played.calls[command.visit]
            if call.began is not None and call.began - at >= 10:
                found.append(abs(command.wait - (call.began - at)) / (call.began - at))
    return found


def day(seed: int, patience: float | None = None) -> Shift:
    """Eight agents, one queue."""
    one = site("abcdefgh", max_wait_seconds=3600, announce_wait=True)
    played = Shift(one, a_day(seed, "sales", 2.35), handle=talk, patience=patience)
    return played.run()


def off_by(played: Shift) -> float:
    """Which way promises err, in the median: 0.1, that a tenth too much is promised."""
    promised = [
        (command.wait, played.calls[command.visit].began, at)
        for at, command in played.log
        if isinstance(command, TellPosition) and command.wait is not None
    ]
    real = [(wait, began - at) for wait, began, at in promised if began is not None]
    return median((wait - then) / then for wait, then in real if then >= 10)


@pytest.mark.parametrize("seed", range(3))
def test_on_the_seeded_day_the_median_promise_errs_by_a_quarter_at_most(seed: int) -> None:
    played = day(seed)
    found = errors(played)
    assert len(found) > 300, "many were told"
    assert median(found) <= 0.25
    assert abs(off_by(played)) < 0.1, "nobody is put off, or lured"


def test_callers_who_give_up_are_reckoned_with() -> None:
    played = day(4, patience=400.0)
    assert sum(one.has_left for one in played.calls.values()) > 40
    assert median(errors(played)) <= 0.25


def test_queues_that_share_agents_are_reckoned_with() -> None:
    both = [
        queue("sales", "abcdef", announce_wait=True, max_wait_seconds=3600),
        queue("repair", "defghi", announce_wait=True, max_wait_seconds=3600, weight=2),
    ]
    agents = tuple(
        Agent(id=AgentId(one), extension=phone(one), signed_in=True) for one in "abcdefghi"
    )
    callers = sorted([*a_day(5, "sales", 1.6), *a_day(6, "repair", 1.4)])
    played = Shift(Site(agent=agents, queue=tuple(both)), callers, handle=talk).run()
    found = errors(played)
    assert len(found) > 200
    assert median(found) <= 0.25


# --- what is known ---
def served(stage: Stage, calls: int, seconds: float) -> None:
    """The agents have had so many calls of this length."""
    for number in range(calls):
        stage.serve_any(f"old{number}", at=stage.now + 1000.0)
        stage.wake_until(stage.now + 100)


def told(stage: Stage) -> list[float | None]:
    return [c.wait for _, c in stage.log if isinstance(c, TellPosition)]


def test_nothing_is_said_before_enough_calls_were_handled() -> None:
    stage = Stage(site("a", wrap_up_seconds=5, announce_wait=True))
    served(stage, 4, 10)
    stage.join("v1")
    stage.join("v2")
    assert set(told(stage)) == {None}


def test_nothing_is_said_while_nobody_is_on_duty() -> None:
    stage = Stage(site("a", wrap_up_seconds=5, announce_wait=True))
    served(stage, 6, 10)
    stage.do(stage.floor.not_ready(AgentId("a"), "1", stage.now))
    stage.join("v1")
    assert told(stage)[-1] is None


def test_the_place_counts_and_the_time_that_the_talk_has_taken() -> None:
    stage = Stage(site("a", wrap_up_seconds=5, announce_wait=True))
    served(stage, 6, 10)  # each took 5 s of talk and 5 s of wrap-up
    at = stage.now
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.at(at + 4)
    stage.join("v2")
    stage.join("v3")
    stage.join("v4")
    found = told(stage)[-3:]
    assert found == pytest.approx([6.0, 16.0, 26.0], abs=6.0)
    assert found == sorted(found)


def test_nothing_is_said_where_the_queue_does_not_want_it() -> None:
    stage = Stage(site("a", wrap_up_seconds=5))
    served(stage, 6, 10)
    stage.join("v1")
    stage.join("v2")
    assert set(told(stage)) == {None}
