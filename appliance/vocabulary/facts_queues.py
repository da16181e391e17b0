"""Facts of queues and agents beyond journal.py."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import AgentId, Seconds


class BreakOverran(Fact, frozen=True, kw_only=True):
    """An agent's breaks for one reason are longer than his budget for it; once a break."""

    agent: AgentId
    reason: str
    budget: Seconds
    used: Seconds
    """In all his breaks for it within the hours that count as a shift."""


QueueFact = BreakOverran
