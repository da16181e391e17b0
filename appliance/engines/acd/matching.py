"""Who is rung next: the caller with the strongest claim of all queues, by his queue's strategy.

The floor calls `next_match` until it gives None, so one agent never has two offers.
"""

from hashlib import blake2b

from appliance.engines.acd.memory import AgentMemory, VisitMemory
from appliance.engines.acd.priority import claim, is_vip, levels_asked
from appliance.engines.acd.strategies import strategy_of
from appliance.engines.acd.strategies.strategy import Candidate
from appliance.engines.acd.tables import Tables
from appliance.vocabulary.ids import AgentId, Instant, Seconds, VisitId
from appliance.vocabulary.settings import Queue

NO_LOT = 0.5
NO_TALK = Seconds(0.0)
LOTS = 2**53
"""A double holds each of so many fractions."""


def next_match(tables: Tables, now: Instant) -> tuple[VisitMemory, AgentMemory] | None:
    """The caller with the strongest claim for whom an agent is free, and whom to ring.

    A caller nobody is free for does not stop others of other queues. A caller whose queue rings
    everybody comes again as long as anybody is free.
    """
    heads: list[tuple[float, int, VisitId]] = []
    for name, line_up in tables.line_ups.items():
        queue = tables.queue_settings.get(name)
        if queue is None:
            continue
        rings_all = strategy_of(queue.strategy).rings_all
        for _, serial, visit in line_up:
            head = tables.visits[visit]
            if rings_all or head.agent is None:
                heads.append((-claim(head, queue, now), serial, visit))
                break
    for _, _, visit in sorted(heads):
        head = tables.visits[visit]
        queue = tables.queue_settings[head.queue]
        if suited := suited_for(tables, queue, head, now):
            return head, _chosen(tables, queue, head, suited)
    return None


def suited_for(tables: Tables, queue: Queue, visit: VisitMemory, now: Instant) -> list[AgentMemory]:
    """Who is free and knows enough for this caller."""
    free = tables.free_for(queue, now)
    asked = levels_asked(visit, queue, now)
    if not asked:
        return free
    return [agent for agent in free if _knows(tables, agent.agent, asked)]


def _knows(tables: Tables, agent: AgentId, asked: dict[str, int]) -> bool:
    has = tables.agent_settings[agent].skills
    return all(has.get(skill, 0) >= level for skill, level in asked.items())


def _chosen(
    tables: Tables, queue: Queue, visit: VisitMemory, suited: list[AgentMemory]
) -> AgentMemory:
    """The strategy's first of those with the least penalty; those who let this caller ring in vain
    come after all others."""
    if len(suited) == 1:
        return suited[0]
    candidates = _candidates(tables, queue, visit, suited)
    places = {name: place for place, name in enumerate(queue.agents)}
    memory = tables.rounds.get(queue.id)
    last = None if memory is None or memory.last_offered is None else memory.last_offered
    last_place = None if last is None else places.get(last)
    in_order = strategy_of(queue.strategy).ordered(candidates, last_place)
    if not (visit.misses or queue.penalties):
        return tables.agents[in_order[0].agent]
    # min is stable: among equals the strategy's order holds
    first = min(
        in_order,
        key=lambda one: (visit.misses.get(one.agent, 0), queue.penalties.get(one.agent, 0)),
    )
    return tables.agents[first.agent]


def _candidates(
    tables: Tables, queue: Queue, visit: VisitMemory, suited: list[AgentMemory]
) -> list[Candidate]:
    places = {name: place for place, name in enumerate(queue.agents)}
    acquainted = tables.last_agent_of(visit.caller, queue)
    is_for_vip = is_vip(queue, visit.caller)
    draws_lots = strategy_of(queue.strategy).draws_lots
    name, weights, vip_agents = queue.id, queue.agent_weights, queue.vip_agents
    asks_skill = bool(queue.skills)
    return [
        Candidate(
            agent=agent.agent,
            place=places[agent.agent],
            idle_since=agent.idle_since,
            calls=agent.calls_taken.get(name, 0),
            talk=agent.seconds_talked.get(name, NO_TALK),
            weight=weights.get(agent.agent, 1.0),
            skill=_skill(tables, queue, agent.agent) if asks_skill else 0,
            draw=lot(visit.visit, agent.agent) if draws_lots else NO_LOT,
            is_last_agent=agent.agent == acquainted,
            is_fitting=(agent.agent in vip_agents) is is_for_vip,
        )
        for agent in suited
    ]


def _skill(tables: Tables, queue: Queue, agent: AgentId) -> int:
    has = tables.agent_settings[agent].skills
    return sum(has.get(skill, 0) for skill in queue.skills)


def lot(visit: VisitId, agent: AgentId) -> float:
    """His lot for this caller, even in (0, 1). The visit's name was drawn by the box: the lot
    follows from it, so that a restart, or a second look, draws no other one."""
    digest = blake2b(f"{visit}/{agent}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) % LOTS + 0.5) / LOTS
