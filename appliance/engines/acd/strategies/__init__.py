"""How a queue orders its ready agents: one file a strategy, and STRATEGIES.

To add one: a file with a STRATEGY here, its name in STRATEGIES, and
tests/contracts/test_strategies_contract.py tells when it is right.
"""

from appliance.engines.acd.strategies import (
    at_random,
    fewest_calls,
    fixed_order,
    last_agent,
    least_talk,
    longest_idle,
    ring_all,
    round_robin,
    skills,
    vip,
    weighted,
)
from appliance.engines.acd.strategies.strategy import Strategy

STRATEGIES: tuple[Strategy, ...] = (
    longest_idle.STRATEGY,
    round_robin.STRATEGY,
    fixed_order.STRATEGY,
    fewest_calls.STRATEGY,
    least_talk.STRATEGY,
    ring_all.STRATEGY,
    at_random.STRATEGY,
    weighted.STRATEGY,
    skills.STRATEGY,
    last_agent.STRATEGY,
    vip.STRATEGY,
)

STRATEGY_KEYS: tuple[str, ...] = tuple(strategy.key for strategy in STRATEGIES)
"""What a site may write; check it when a site is applied."""

_BY_KEY = {strategy.key: strategy for strategy in STRATEGIES}


def strategy_of(key: str) -> Strategy:
    """The strategy of this key; longest-idle for an unknown one: a caller is served regardless."""
    return _BY_KEY.get(key, longest_idle.STRATEGY)
