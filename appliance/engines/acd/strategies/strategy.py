"""What a strategy is: an order of the agents who could take a caller now.

A strategy has no memory and no dice of its own. What it goes by stands in the candidates: the floor
keeps counts and last agents in its slots, so that kill -9 forgets nothing, and draws the lots.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from appliance.vocabulary.ids import AgentId, Instant, Seconds
from appliance.vocabulary.shape import Value


class Candidate(Value, frozen=True, kw_only=True):
    """An agent who is free for this queue at this moment, as seen for one caller."""

    agent: AgentId
    place: int
    """His place in the queue's list of agents, from 0."""
    idle_since: Instant
    calls: int = 0
    """Calls of this queue that he has taken; who comes later begins with the fewest of the rest."""
    talk: Seconds = Seconds(0.0)
    """His talk in them, counted likewise."""
    weight: float = 1.0
    """His share of the queue's calls, against the others' (above 0)."""
    skill: int = 0
    """Sum of his levels in the skills that the queue asks for."""
    draw: float = 0.5
    """His lot for this caller: above 0, below 1, even; where the strategy draws lots."""
    is_last_agent: bool = False
    """He is who spoke with this caller last, not too long ago."""
    is_fitting: bool = True
    """He is for VIP callers and this is one, or neither."""


Ordering = Callable[[Sequence[Candidate], int | None], list[Candidate]]
"""(candidates in the queue's order, place of the agent whom the queue offered a call last or
None) -> the same candidates, whom to ring first in front. Must lose and invent nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to order agents; `key` is what a site writes as `strategy`."""

    key: str
    ordered: Ordering
    rings_all: bool = False
    """Everybody who is free rings at once; who answers first has the caller."""
    draws_lots: bool = False
    """It goes by Candidate.draw: lots cost too much to be drawn for those that do not."""
