"""ring-all: everybody who is free rings at once; who answers first has the caller."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_for_all(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """The order in which the phones are dialled: as the site lists them."""
    return sorted(candidates, key=lambda one: one.place)


STRATEGY = Strategy(key="ring-all", ordered=ordered_for_all, rings_all=True)
