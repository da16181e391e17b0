"""fewest-calls: whoever has taken the fewest calls of this queue is rung first."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_calls(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Fewest calls first; then who is idle longest."""
    return sorted(candidates, key=lambda one: (one.calls, one.idle_since, one.place))


STRATEGY = Strategy(key="fewest-calls", ordered=ordered_by_calls)
