"""Looking at the floor: views for pages, and the faults that must never be."""

from appliance.engines.acd import breaks
from appliance.engines.acd.matching import next_match
from appliance.engines.acd.memory import AgentMemory
from appliance.engines.acd.moves import QUEUE_STATES
from appliance.engines.acd.tables import Tables
from appliance.engines.acd.views import AgentView, QueueView, WaitingView
from appliance.vocabulary.ids import AgentId, Instant, QueueId, Seconds, VisitId
from appliance.vocabulary.journal import AgentState

LATE_SECONDS = 3.0
"""A timer this much overdue means that nobody wakes the floor."""


def agent_view(tables: Tables, agent: AgentMemory) -> AgentView:
    """One agent as he stands."""
    settings = tables.agent_settings.get(agent.agent)
    state = tables.state_of(agent)
    phone = None if agent.extension is None else tables.phones.get(agent.extension)
    return AgentView(
        agent=agent.agent,
        name="" if settings is None else settings.name,
        extension=None if state is AgentState.SIGNED_OUT else agent.extension,
        state=state,
        since=agent.since,
        reason=agent.pause_reason if state is AgentState.NOT_READY else "",
        queue=agent.queue if state in QUEUE_STATES else None,
        call=agent.call,
        is_over_break=state is AgentState.NOT_READY and _is_over_break(tables, agent),
        is_on_own_call=phone is not None and bool(phone.calls),
    )


def _is_over_break(tables: Tables, agent: AgentMemory) -> bool:
    left = breaks.left(agent, tables.agent_settings.get(agent.agent), tables.utc(tables.now))
    return left is not None and left <= 0


def agent_views(tables: Tables) -> tuple[AgentView, ...]:
    """All agents in the site's order, then those whom the site has no more."""
    names = [name for name in tables.agent_settings if name in tables.agents]
    names += [name for name in tables.agents if name not in tables.agent_settings]
    return tuple(agent_view(tables, tables.agents[name]) for name in names)


def queue_views(tables: Tables, now: Instant) -> tuple[QueueView, ...]:
    """All queues in the site's order."""
    views: list[QueueView] = []
    for queue in tables.queue_settings.values():
        there = [visit for visit in tables.waiting(queue.id) if not visit.is_absent]
        entered = [visit.entered_at for visit in there]
        memories = [tables.agents[name] for name in queue.agents if name in tables.agents]
        states = [tables.state_of(agent) for agent in memories]
        views.append(
            QueueView(
                queue=queue.id,
                name=queue.name,
                waiting=len(entered),
                longest_wait=Seconds(now - min(entered, default=now)),
                ready_agents=len(tables.free_for(queue, now)),
                signed_in_agents=len(states) - states.count(AgentState.SIGNED_OUT),
            )
        )
    return tuple(views)


def waiting_views(tables: Tables, queue: QueueId) -> tuple[WaitingView, ...]:
    """The waiting callers, next one first."""
    return tuple(
        WaitingView(
            visit=visit.visit,
            call=visit.call,
            queue=visit.queue,
            caller=visit.caller,
            position=position,
            entered_at=visit.entered_at,
            offered_to=visit.agent,
            offered_beside=tuple(visit.beside),
        )
        for position, visit in enumerate(tables.waiting(queue), start=1)
    )


def faults(tables: Tables, now: Instant, grace: float) -> list[str]:
    """What must never be after any door of the floor; between doors, after `grace` seconds.

    Whoever's pause is over this instant is offered as soon as somebody wakes the floor.
    """
    found = _broken_offers(tables) + _broken_lines(tables)
    match = next_match(tables, Instant(now - grace))
    if match is not None:
        visit, agent = match
        found.append(f"caller {visit.visit} waits though agent {agent.agent} is free")
    due = tables.agenda.earliest()
    if due is not None and due < now - LATE_SECONDS:
        found.append(f"something has been due for {now - due:.1f} s")
    return found


def _broken_offers(tables: Tables) -> list[str]:
    found: list[str] = []
    holders: dict[VisitId, list[AgentId]] = {}
    for agent in tables.agents.values():
        if agent.visit is None:
            if agent.call is not None and not agent.has_answered:
                found.append(f"agent {agent.agent} rings for nobody")
            continue
        visit = tables.visits.get(agent.visit)
        if visit is None:
            found.append(f"agent {agent.agent} is offered visit {agent.visit}, which is gone")
        elif agent.agent not in visit.rung:
            found.append(f"agent {agent.agent} holds visit {agent.visit} of {visit.agent}")
        elif visit.is_answered != agent.has_answered:
            found.append(f"agent {agent.agent} and visit {agent.visit} differ on the answer")
        holders.setdefault(agent.visit, []).append(agent.agent)
    for visit in tables.visits.values():
        knowing = holders.get(visit.visit, [])
        if sorted(knowing) != sorted(visit.rung):
            found.append(f"visit {visit.visit} is offered to {visit.rung}, {knowing} know of it")
        if len(knowing) > 1 and visit.is_answered:
            found.append(f"visit {visit.visit} is answered and offered on")
    return found


def _broken_lines(tables: Tables) -> list[str]:
    found: list[str] = []
    in_line = [rank[2] for ranks in tables.line_ups.values() for rank in ranks]
    waiting = [visit.visit for visit in tables.visits.values() if not visit.is_answered]
    if sorted(in_line) != sorted(waiting):
        found.append("the line-ups and the waiting callers differ")
    if any(ranks != sorted(ranks) for ranks in tables.line_ups.values()):
        found.append("a line-up is out of order")
    for visit in tables.visits.values():
        if visit.agent is not None and not visit.is_answered and visit.ring_until is None:
            found.append(f"visit {visit.visit} rings for ever")
    return found
