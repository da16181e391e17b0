"""last-agent: whoever spoke with this caller last is rung first, else the longest idle."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_acquaintance(
    candidates: Sequence[Candidate], last_place: int | None
) -> list[Candidate]:
    """The acquaintance first; then who is idle longest."""
    return sorted(candidates, key=lambda one: (not one.is_last_agent, one.idle_since, one.place))


STRATEGY = Strategy(key="last-agent", ordered=ordered_by_acquaintance)
