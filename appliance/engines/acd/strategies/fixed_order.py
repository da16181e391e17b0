"""fixed-order: always the first of the queue's list who is free (the owner last, say)."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_place(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """As the site lists them."""
    return sorted(candidates, key=lambda candidate: candidate.place)


STRATEGY = Strategy(key="fixed-order", ordered=ordered_by_place)
