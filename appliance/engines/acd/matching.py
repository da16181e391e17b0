"""Who is rung next: the oldest caller of all queues first, by his queue's strategy.

The floor calls `next_match` until it gives None, so one agent never has two offers.
"""

from appliance.engines.acd.memory import AgentMemory, VisitMemory
from appliance.engines.acd.strategies import strategy_of
from appliance.engines.acd.strategies.strategy import Candidate
from appliance.engines.acd.tables import Tables
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.settings import Queue


def next_match(tables: Tables, now: Instant) -> tuple[VisitMemory, AgentMemory] | None:
    """The oldest unoffered caller (waiting credit counted) for whom an agent is free, and whom.

    A caller nobody is free for does not stop younger ones of other queues.
    """
    heads = []
    for line_up in tables.line_ups.values():
        head = next((rank for rank in line_up if tables.visits[rank[2]].agent is None), None)
        if head is not None:
            heads.append(head)
    for _, _, name in sorted(heads):
        visit = tables.visits[name]
        queue = tables.queue_settings.get(visit.queue)
        if queue is not None and (free := tables.free_for(queue, now)):
            return visit, _chosen(tables, queue, visit, free)
    return None


def _chosen(
    tables: Tables, queue: Queue, visit: VisitMemory, free: list[AgentMemory]
) -> AgentMemory:
    """The strategy's first; those who let this caller ring in vain come after all others."""
    places = {name: place for place, name in enumerate(queue.agents)}
    candidates = [
        Candidate(agent=agent.agent, place=places[agent.agent], idle_since=agent.idle_since)
        for agent in free
    ]
    memory = tables.rounds.get(queue.id)
    last = None if memory is None or memory.last_offered is None else memory.last_offered
    last_place = None if last is None else places.get(last)
    in_order = strategy_of(queue.strategy).ordered(candidates, last_place)
    # min is stable: among equally often missed ones the strategy's order holds
    first = min(in_order, key=lambda candidate: visit.misses.get(candidate.agent, 0))
    return tables.agents[first.agent]
