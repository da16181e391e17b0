"""weighted: lots again, but who has twice the weight comes first twice as often.

An exponential variate of rate w is -ln(u)/w for u even in (0, 1); the smallest of several is agent
i's with probability w_i / (sum of all w). So the shares are right among whoever is free just now,
and nothing has to be remembered. Worked example: weights 3 and 1, both free: 75 % and 25 %.
Source: P. Efraimidis, P. Spirakis, "Weighted random sampling with a reservoir", 2006.
"""

from collections.abc import Sequence
from math import log

from appliance.engines.acd.strategies.strategy import Candidate, Strategy


def ordered_by_weighted_lot(
    candidates: Sequence[Candidate], last_place: int | None
) -> list[Candidate]:
    """Smallest -ln(draw)/weight first."""
    return sorted(candidates, key=lambda one: (-log(one.draw) / one.weight, one.place))


STRATEGY = Strategy(key="weighted", ordered=ordered_by_weighted_lot, draws_lots=True)
