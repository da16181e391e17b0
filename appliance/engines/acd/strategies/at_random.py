"""random: each caller's lots decide; in the long run everybody has the same share."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_lot(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """By the lots, smallest first."""
    return sorted(candidates, key=lambda one: (one.draw, one.place))


STRATEGY = Strategy(key="random", ordered=ordered_by_lot, draws_lots=True)
