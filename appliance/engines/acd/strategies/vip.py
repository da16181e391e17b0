"""vip: VIP callers ring the agents kept for them first; other callers ring those last."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_fit(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Those who are there for this kind of caller first; then who is idle longest."""
    return sorted(candidates, key=lambda one: (not one.is_fitting, one.idle_since, one.place))


STRATEGY = Strategy(key="vip", ordered=ordered_by_fit)
