"""What-if: a simulated day with more agents or fewer from ten to twelve, another strategy, another
wrap-up; and callers who stand in a queue at once, without the site's menus.

Both days, changed and unchanged, meet the very same callers (simulated_people.callers_of), so what
differs between them is the change's doing.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.reports.simulated_people import (
    MOST_AGENTS,
    Shift,
    SimulatedDay,
    StaffChange,
    clock_of,
    seconds_of,
)
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import (
    AgentId,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
    TrunkId,
)
from appliance.vocabulary.settings import Agent, Extension, Flow, Queue, Route, Site, Trunk

DIRECT = TrunkId("simulated-callers")
"""By this trunk come those who stand in a queue at once."""
FIRST_NEW = 90_000_001
"""The number of the first agent whom only the simulation has: eight digits, as no shop's."""


def direct_number(queue: QueueId) -> str:
    """Return what is dialled by who stands in this queue at once."""
    return f"to-{queue}"


def with_changes(site: Site, day: SimulatedDay) -> tuple[Site, SimulatedDay]:
    """Return the site and the day as the changes make them.

    RefusedError for a queue or strategy that is not there, and for agents that cannot be.
    """
    _check(site, day)
    site = _with_rules(_with_direct_ways(site, day), day)
    if day.change:
        day = replace(day, shift=tuple(_in_pieces(day.shift or _all_day(site))))
        # where nobody is left, no shift at all would mean whom the site signs in
        site = replace(site, agent=tuple(replace(one, signed_in=False) for one in site.agent))
    for change in day.change:
        site, day = _staffed(site, day, change)
    return site, replace(day, change=())


def _check(site: Site, day: SimulatedDay) -> None:
    known = {one.id for one in site.queue}
    asked = {one.queue for one in day.arrivals if one.queue is not None}
    for queue in sorted((asked | {one.queue for one in day.change} | set(day.strategies)) - known):
        names = ", ".join(sorted(known)) or "none"
        raise RefusedError(
            "queue_unknown", f'There is no queue "{queue}".', f"Queues of this day: {names}."
        )
    wanted = {*day.strategies.values(), *((day.shop.strategy,) if day.shop else ())}
    for strategy in sorted(wanted - set(STRATEGY_KEYS)):
        raise RefusedError(
            "strategy_unknown",
            f'There is no strategy "{strategy}".',
            f"Strategies: {', '.join(STRATEGY_KEYS)}.",
        )
    if sum(abs(one.agents) for one in day.change) > MOST_AGENTS:
        raise RefusedError("agents", f"At most {MOST_AGENTS} agents come and go.")


def _with_direct_ways(site: Site, day: SimulatedDay) -> Site:
    queues = sorted({one.queue for one in day.arrivals if one.queue is not None})
    if not queues:
        return site
    node = NodeName("queue")
    return replace(
        site,
        trunk=(*site.trunk, Trunk(id=DIRECT, host="127.0.0.1", channels=10000)),
        flow=(
            *site.flow,
            *(
                Flow(
                    id=FlowId(direct_number(queue)),
                    start=node,
                    node={node: {"kind": "queue", "queue": queue}},
                )
                for queue in queues
            ),
        ),
        route=(
            *site.route,
            *(
                Route(
                    trunk=DIRECT,
                    number=direct_number(queue),
                    flow=FlowId(direct_number(queue)),
                )
                for queue in queues
            ),
        ),
    )


def _with_rules(site: Site, day: SimulatedDay) -> Site:
    def changed(queue: Queue) -> Queue:
        wrap_up = queue.wrap_up_seconds if day.wrap_up_seconds is None else day.wrap_up_seconds
        return replace(
            queue,
            strategy=day.strategies.get(queue.id, queue.strategy),
            wrap_up_seconds=max(0.0, wrap_up),
        )

    return replace(site, queue=tuple(changed(one) for one in site.queue))


def _all_day(site: Site) -> tuple[Shift, ...]:
    there = tuple(one.id for one in site.agent if one.signed_in and one.extension is not None)
    return (Shift(agents=there, from_="00:00", to="24:00"),) if there else ()


def _in_pieces(shifts: Iterable[Shift]) -> list[Shift]:
    """One agent a shift: so each can be cut by itself."""
    return [replace(shift, agents=(agent,)) for shift in shifts for agent in shift.agents]


def _staffed(site: Site, day: SimulatedDay, change: StaffChange) -> tuple[Site, SimulatedDay]:
    first, last = seconds_of(change.from_), seconds_of(change.to)
    if last <= first:
        raise RefusedError("time_unknown", "A change ends after it begins.")
    if change.agents < 0:
        return site, replace(day, shift=_fewer(site, day, change, first, last))
    queue = next(one for one in site.queue if one.id == change.queue)
    taken = {one.id for one in site.agent}
    fresh = (AgentId(str(number)) for number in range(FIRST_NEW, FIRST_NEW + 2 * MOST_AGENTS))
    new = tuple(
        agent
        for agent, _ in zip(
            (one for one in fresh if one not in taken), range(change.agents), strict=False
        )
    )
    grown = replace(
        site,
        extension=(*site.extension, *(Extension(number=ExtensionNumber(one)) for one in new)),
        agent=(
            *site.agent,
            *(Agent(id=one, extension=ExtensionNumber(one), skills=queue.skills) for one in new),
        ),
        queue=tuple(
            replace(one, agents=(*one.agents, *new)) if one.id == queue.id else one
            for one in site.queue
        ),
    )
    more = tuple(Shift(agents=(one,), from_=change.from_, to=change.to) for one in new)
    return grown, replace(day, shift=(*day.shift, *more))


def _fewer(
    site: Site, day: SimulatedDay, change: StaffChange, first: float, last: float
) -> tuple[Shift, ...]:
    """Take the last of the queue's agents who would be there away for that time."""
    queue = next(one for one in site.queue if one.id == change.queue)
    there = {
        one.agents[0]
        for one in day.shift
        if seconds_of(one.from_) < last and seconds_of(one.to) > first
    }
    of_queue = [one for one in queue.agents if one in there]
    leave = set(of_queue[change.agents :])
    kept: list[Shift] = []
    for one in day.shift:
        if one.agents[0] not in leave:
            kept.append(one)
            continue
        begin, end = seconds_of(one.from_), seconds_of(one.to)
        for start, stop in ((begin, min(end, first)), (max(begin, last), end)):
            if stop > start:
                kept.append(replace(one, from_=clock_of(start), to=clock_of(stop)))
    return tuple(kept)
