"""round-robin: each in turn, going on after the one who was offered a call last."""

from collections.abc import Sequence

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_in_turn(candidates: Sequence[Candidate], last_place: int | None) -> list[Candidate]:
    """Those behind the last one first, then round to the front; the last one himself at the end."""
    last = -1 if last_place is None else last_place
    return sorted(candidates, key=lambda candidate: (candidate.place <= last, candidate.place))


STRATEGY = Strategy(key="round-robin", ordered=ordered_in_turn)
