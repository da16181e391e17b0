"""longest-idle: whoever has been free for the longest time is rung first."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_idle(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Longest idle first; ties by the queue's own order."""
    return sorted(candidates, key=lambda candidate: (candidate.idle_since, candidate.place))


STRATEGY = Strategy(key="longest-idle", ordered=ordered_by_idle)
