"""least-talk: whoever has talked least in calls of this queue is rung first."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_talk(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Least talk first; then who is idle longest."""
    return sorted(candidates, key=lambda one: (one.talk, one.idle_since, one.place))


STRATEGY = Strategy(key="least-talk", ordered=ordered_by_talk)
