"""skills: the most skilled of those who know enough is rung first."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_skill(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Highest level first; then who is idle longest. Who knows too little is no candidate."""
    return sorted(candidates, key=lambda one: (-one.skill, one.idle_since, one.place))


STRATEGY = Strategy(key="skills", ordered=ordered_by_skill)
