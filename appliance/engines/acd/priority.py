"""Who comes before whom: priority is seconds of waiting credit, and never more than that.

A caller's rank is the instant at which he would have come had his credit been waited:
entered − credit. Within a queue the smaller rank is served first. Between queues that share agents
the larger *claim* is, weight × (now − rank).

Nobody is overtaken for ever. Let C be the largest credit a site gives (priority_seconds plus
vip_credit_seconds). A caller who came at t is overtaken within his queue only by callers who came
before t + C: from there on everybody comes after him, and those before him are finitely many.
Between queues of weights w < w' it takes a later caller (came at t + d, credit c) the claim
w'·(now − t − d + c) > w·(now − t): once the first has waited T, only those can be before him who
came with d < T·(1 − w/w') + c. The share w/w' of the time after him is behind him, however long it
lasts. Worked example: w = 1, w' = 2, no credit: after 60 s only those are before him who came
within his first 30 s.
"""

from math import floor

from appliance.engines.acd.memory import VisitMemory
from appliance.vocabulary.ids import Instant, Seconds
from appliance.vocabulary.settings import Queue


def is_vip(queue: Queue, caller: str) -> bool:
    """Whether this queue knows the caller's number as a VIP's."""
    return bool(caller) and caller in queue.vip_numbers


def priority_of(queue: Queue, caller: str) -> Seconds:
    """Waiting credit that this queue gives such a caller, besides what he waited elsewhere."""
    credit = queue.vip_credit_seconds if is_vip(queue, caller) else 0.0
    return Seconds(queue.priority_seconds + credit)


def claim(visit: VisitMemory, queue: Queue, now: Instant) -> float:
    """How strongly he wants to be next, against callers of other queues."""
    return queue.weight * (now - visit.rank[0])


def steps_relaxed(visit: VisitMemory, queue: Queue, now: Instant) -> int:
    """How often the levels asked for have fallen for him. Credit counts as waited: so whoever is
    first in the line-up is never asked for more than those behind him."""
    if queue.relax_after_seconds <= 0:
        return 0
    # a timer due at the very instant must find it reached, whatever floats make of the division
    return max(0, floor((now - visit.rank[0]) / queue.relax_after_seconds + 1e-6))


def levels_asked(visit: VisitMemory, queue: Queue, now: Instant) -> dict[str, int]:
    """The least level of each skill that an agent needs for him now; 0 is left out."""
    fallen = steps_relaxed(visit, queue, now) * queue.relax_by
    return {name: least - fallen for name, least in queue.skills.items() if least > fallen}


def next_relaxing(visit: VisitMemory, queue: Queue, now: Instant) -> Instant | None:
    """When less is asked for next; None when nothing is asked for, or never less."""
    if queue.relax_after_seconds <= 0 or not levels_asked(visit, queue, now):
        return None
    steps = steps_relaxed(visit, queue, now) + 1
    return Instant(visit.rank[0] + steps * queue.relax_after_seconds)
