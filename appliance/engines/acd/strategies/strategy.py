"""What a strategy is: an order of the agents who could take a caller now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from appliance.vocabulary.ids import AgentId, Instant
from appliance.vocabulary.shape import Value


class Candidate(Value, frozen=True, kw_only=True):
    """An agent who is free for this queue at this moment."""

    agent: AgentId
    place: int
    """His place in the queue's list of agents, from 0."""
    idle_since: Instant


Ordering = Callable[[Sequence[Candidate], int | None], list[Candidate]]
"""(candidates in the queue's order, place of the agent whom the queue offered a call last or
None) -> the same candidates, whom to ring first in front. Must lose and invent nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to order agents; `key` is what a site writes as `strategy`."""

    key: str
    ordered: Ordering
