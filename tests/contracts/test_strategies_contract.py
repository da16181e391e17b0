"""What every queue strategy promises. A new one in STRATEGIES is tested by being there."""

import random

import pytest

from appliance.engines.acd.strategies import STRATEGIES, STRATEGY_KEYS, strategy_of
from appliance.engines.acd.strategies.strategy import Candidate, Strategy
from appliance.vocabulary.ids import AgentId, Instant, QueueId, Seconds
from appliance.vocabulary.settings import Queue

pytestmark = pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.key)


def crowd(seed: int) -> list[Candidate]:
    """Up to ten agents of a queue of twelve, in the queue's order, some idle equally long."""
    source = random.Random(seed)
    places = sorted(source.sample(range(12), source.randint(1, 10)))
    return [
        Candidate(
            agent=AgentId(f"{place}"),
            place=place,
            idle_since=Instant(source.randint(0, 4)),
            calls=source.randint(0, 2),
            talk=Seconds(source.randint(0, 2)),
            weight=source.choice([0.5, 1.0, 3.0]),
            skill=source.randint(0, 2),
            draw=source.choice([0.25, 0.5, 0.75]),
            is_last_agent=source.random() < 0.1,
            is_fitting=source.random() < 0.5,
        )
        for place in places
    ]


def test_its_key_is_plain_and_its_own(strategy: Strategy) -> None:
    assert strategy.key == strategy.key.lower().replace(" ", "-")
    assert STRATEGY_KEYS.count(strategy.key) == 1
    assert strategy_of(strategy.key) is strategy


def test_it_loses_and_invents_nobody(strategy: Strategy) -> None:
    for seed in range(200):
        candidates = crowd(seed)
        for last in (None, 0, 5, 11):
            ordered = strategy.ordered(candidates, last)
            assert sorted(ordered, key=lambda c: c.place) == candidates


def test_it_orders_nobody_and_one(strategy: Strategy) -> None:
    assert strategy.ordered([], None) == []
    [one] = crowd(3)[:1]
    assert strategy.ordered([one], one.place) == [one]


def test_it_decides_the_same_again_and_changes_nothing(strategy: Strategy) -> None:
    candidates = crowd(7)
    before = list(candidates)
    assert strategy.ordered(candidates, 4) == strategy.ordered(tuple(candidates), 4)
    assert candidates == before


def test_the_order_does_not_hang_on_how_the_candidates_are_listed(strategy: Strategy) -> None:
    for seed in range(50):
        candidates = crowd(seed)
        shuffled = list(candidates)
        random.Random(seed).shuffle(shuffled)
        assert strategy.ordered(shuffled, 4) == strategy.ordered(candidates, 4)


def test_a_site_that_names_it_gets_it_and_one_that_errs_gets_the_default(
    strategy: Strategy,
) -> None:
    assert strategy_of(Queue(id=QueueId("q"), strategy=strategy.key).strategy) is strategy
    assert strategy_of(f"{strategy.key}?").key == Queue(id=QueueId("q")).strategy
