"""How long a caller will probably wait: from his place, who is on duty, and how calls went lately.

Theory of operation. N(t) is how many agents are expected to come free until t from now. Of an
agent who has a call it is known for how long he has had it; what is left of it is as long as those
of the queue's latest calls took beyond that which took longer. Whoever has come free takes the
next caller and comes free again at the pace of the latest calls: m(t) = t/h + (c² − 1)/2 for calls
of mean h and coefficient of variation c (Cox, Renewal Theory, 1962, §4.2). The wait is the t at
which N(t) reaches the callers before him and himself, and how long phones ring lately.

    callers before him      as claims stand now, in every queue that shares agents with his
    a share of a caller     who gives up takes no agent: each counts as much as callers were served
                            lately; and where his queue has other agents besides, by their share

Nothing is said where too little is known (`None`): fewer than LEAST calls lately, nobody on duty.
Asterisk's holdtime is an average over all callers, whatever their place; this one goes by it.
"""

from statistics import fmean, pstdev

from appliance.engines.acd.memory import AgentMemory, VisitMemory
from appliance.engines.acd.priority import claim, levels_asked
from appliance.engines.acd.tables import Tables
from appliance.vocabulary.ids import Instant, QueueId, Seconds
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.settings import Queue

LEAST = 5
"""Calls lately without which an average is no knowledge."""

FEW = 10
"""Points of a distribution that are reckoned with: a thousand may wait, and each is told often."""

ON_DUTY = frozenset(
    {
        AgentState.READY,
        AgentState.RINGING,
        AgentState.TALKING,
        AgentState.HOLDING,
        AgentState.WRAP_UP,
    }
)
"""Not: who has a call of his own, a break, or a phone that is lost; nobody knows how long."""


def expected_wait(tables: Tables, visit: VisitMemory, now: Instant) -> Seconds | None:
    """Seconds from now until an agent is his; None where that is not known."""
    queue = tables.queue_settings.get(visit.queue)
    if queue is None or (latest := _latest(tables, queue.id)) is None:
        return None
    asked = levels_asked(visit, queue, now)
    mine = [
        agent
        for agent in _on_duty(tables, queue)
        if all(
            tables.agent_settings[agent.agent].skills.get(skill, 0) >= level
            for skill, level in asked.items()
        )
    ]
    if not mine:
        return None
    left = [_left(tables, agent, now, latest) for agent in mine]
    wanted = 1.0 + _before(tables, visit, queue, mine, now)
    return Seconds(_when_free(left, latest, wanted) + tables.rounds[queue.id].rang)


def _when_free(left: list[list[float]], latest: list[float], wanted: float) -> float:
    """The t at which N(t) is `wanted`, to a second; by halving."""
    usual = max(1.0, fmean(latest))
    again = ((pstdev(latest) / usual) ** 2 - 1) / 2

    def come_free(until: float) -> float:
        total = 0.0
        for agent in left:
            done = (until - one for one in agent if one <= until)
            total += sum(1 + max(0.0, more / usual + again) for more in done) / len(agent)
        return total

    low, high = 0.0, usual
    while come_free(high) < wanted:
        low, high = high, 2 * high
    while high - low > 1.0:
        middle = (low + high) / 2
        low, high = (low, middle) if come_free(middle) >= wanted else (middle, high)
    return high


def _latest(tables: Tables, queue: QueueId) -> list[float] | None:
    """What the latest calls of this queue took an agent, as FEW typical ones in order; None when
    there were too few."""
    memory = tables.rounds.get(queue)
    if memory is None or len(memory.handled) < LEAST:
        return None
    in_order = sorted(memory.handled)
    count = len(in_order)
    return [in_order[int((one + 0.5) * count / FEW)] for one in range(FEW)]


def _on_duty(tables: Tables, queue: Queue) -> list[AgentMemory]:
    found = (tables.agents.get(name) for name in queue.agents)
    return [
        agent
        for agent in found
        if agent is not None
        and agent.agent in tables.agent_settings
        and tables.state_of(agent) in ON_DUTY
    ]


def _left(tables: Tables, agent: AgentMemory, now: Instant, usual: list[float]) -> list[float]:
    """What may be left of the call that he has: how much longer those of the latest ones took
    which had taken as long by then."""
    if agent.offered_at is None:
        return [0.0]
    if agent.wrap_up_until is not None and agent.call is None:
        return [max(0.0, agent.wrap_up_until - now)]
    elapsed = now - agent.offered_at
    latest = (None if agent.queue is None else _latest(tables, agent.queue)) or usual
    # a call longer than all before is over soon, as far as anybody knows
    return [one - elapsed for one in latest if one > elapsed] or [fmean(latest) / 4]


def _before(
    tables: Tables, visit: VisitMemory, queue: Queue, mine: list[AgentMemory], now: Instant
) -> float:
    """How many of these agents those take who come before him."""
    own, total = claim(visit, queue, now), 0.0
    names = {agent.agent for agent in mine}
    for name, line_up in tables.line_ups.items():
        other = tables.queue_settings.get(name)
        if other is None:
            continue
        theirs = {agent.agent for agent in _on_duty(tables, other)}
        share = len(theirs & names) / len(theirs) if theirs else 0.0
        if share == 0.0:
            continue
        count = 0
        for _, serial, waiting in line_up:
            one = tables.visits[waiting]
            # who is being rung has an agent already
            is_before = (-claim(one, other, now), serial) < (-own, visit.serial)
            count += is_before and one.agent is None
        total += count * share * _served(tables, name)
    return total


def _served(tables: Tables, queue: QueueId) -> float:
    """The share of its latest callers who came to an agent."""
    memory = tables.rounds.get(queue)
    if memory is None or len(memory.served) < LEAST:
        return 1.0
    return fmean(memory.served)
