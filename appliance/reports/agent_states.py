"""What agents were doing when: their states as stretches of time, and whose wrap-up was whose.

A state holds from its entry to the agent's next one, but for the time in which the box was without
power: nobody could be called then. Wrap-up (话后整理) has no call in the journal:
it belongs to the talk of this agent that ended when it began, and so to that talk's call and queue.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from appliance.reports.story import CallStory, Leg, Visit
from appliance.vocabulary.ids import AgentId, QueueId, Seconds, Utc
from appliance.vocabulary.journal import AgentState, AgentStateChanged, BoxStarted, Direction, Entry
from appliance.vocabulary.shape import Value

BEFORE_S, AFTER_S = 0.5, 2.0
"""A wrap-up begins with the end of its talk; the two entries may be written so far apart."""


class Stretch(Value, frozen=True, kw_only=True):
    """One agent in one state."""

    agent: AgentId
    state: AgentState
    start: Utc
    end: Utc
    reason: str = ""
    queue: QueueId | None = None

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start


def stretches_of(entries: Sequence[Entry], until: Utc) -> dict[AgentId, list[Stretch]]:
    """Return each agent's states in order; the last one goes on until `until`.

    A state that power cuts interrupted is as many stretches as there were with power.
    """
    outages = _outages_of(entries)
    changes: dict[AgentId, list[tuple[Utc, AgentStateChanged]]] = {}
    for entry in entries:
        if isinstance(entry.fact, AgentStateChanged):
            changes.setdefault(entry.fact.agent, []).append((entry.at, entry.fact))
    found: dict[AgentId, list[Stretch]] = {}
    for agent, own in changes.items():
        own.sort(key=lambda change: change[0])
        ends = [at for at, _ in own[1:]] + [max(until, own[-1][0])]
        whole = [
            Stretch(
                agent=agent,
                state=fact.state,
                start=at,
                end=end,
                reason=fact.reason,
                queue=fact.queue,
            )
            for (at, fact), end in zip(own, ends, strict=True)
        ]
        found[agent] = [part for stretch in whole for part in _with_power(stretch, outages)]
    return found


def _outages_of(entries: Sequence[Entry]) -> list[tuple[Utc, Utc]]:
    """Return when the box was without power: from its last sign of life to its next start.

    A sign of life is an entry, or the mark that the box found when it started.
    """
    starts = sorted(
        (entry.at, entry.fact.alive_until or Utc(0.0))
        for entry in entries
        if isinstance(entry.fact, BoxStarted) and entry.fact.after == "power_cut"
    )
    times = sorted(entry.at for entry in entries) if starts else []
    found = []
    for start, mark in starts:
        place = bisect_left(times, start)
        if place > 0:
            found.append((max(times[place - 1], min(mark, start)), start))
    return found


def _with_power(stretch: Stretch, outages: Sequence[tuple[Utc, Utc]]) -> list[Stretch]:
    """Return the parts of a stretch outside of the outages, which are in order."""
    parts, rest = [], stretch
    for dark, light in outages:
        if dark >= rest.end or light <= rest.start:
            continue
        if dark > rest.start:
            parts.append(replace(rest, end=dark))
        if light >= rest.end:
            return parts
        rest = replace(rest, start=light)
    return [*parts, rest]


def clipped(stretches: Iterable[Stretch], start: Utc, end: Utc) -> list[Stretch]:
    """Return the parts of the stretches that lie in [start, end)."""
    return [
        replace(stretch, start=max(stretch.start, start), end=min(stretch.end, end))
        for stretch in stretches
        if stretch.start < end and stretch.end > start
    ]


def seconds_by_state(stretches: Iterable[Stretch]) -> dict[AgentState, float]:
    """Return how long each state lasted, together."""
    total: dict[AgentState, float] = {}
    for stretch in stretches:
        total[stretch.state] = total.get(stretch.state, 0.0) + stretch.seconds
    return total


WrapUps = dict[tuple[AgentId, Utc], Seconds]
"""Wrap-up by the agent and the end of his talk."""


def talker(story: CallStory, leg: Leg) -> AgentId | None:
    """Return whose talk a leg is: where we dialled out it is told by the called party's leg, and
    is the dialling agent's; a talk that was handed on outside, or to a phone where nobody is signed
    in, is nobody's."""
    is_outbound = story.direction is Direction.OUTBOUND
    is_handed_on = bool(leg.number) or (is_outbound and leg.extension is not None)
    return leg.agent or (None if is_handed_on else story.dialled_by)


def wrap_ups_of(stories: Sequence[CallStory], stretches: dict[AgentId, list[Stretch]]) -> WrapUps:
    """Return the wrap-up after each talk that had one."""
    ends: dict[AgentId, list[Utc]] = {}
    for story in stories:
        for leg in story.legs:
            agent = talker(story, leg)
            if agent is not None and leg.ended is not None:
                ends.setdefault(agent, []).append(leg.ended)
    found: WrapUps = {}
    for agent, own in ends.items():
        own.sort()
        previous: Stretch | None = None
        key: tuple[AgentId, Utc] | None = None
        for stretch in stretches.get(agent, ()):
            if stretch.state is AgentState.WRAP_UP:
                if previous is None or previous.state is not AgentState.WRAP_UP:
                    key = _talk_before(agent, own, stretch.start, previous)
                if key is not None:
                    found[key] = Seconds(round(found.get(key, 0.0) + stretch.seconds, 3))
            previous = stretch
    return found


def _talk_before(
    agent: AgentId, ends: list[Utc], start: Utc, previous: Stretch | None
) -> tuple[AgentId, Utc] | None:
    """Return the talk that ended when a wrap-up began; None when it is not among these.

    Who hands a call on counts as talking until the target has it: his talk ended before.
    """
    before = bisect_right(ends, start + BEFORE_S)
    earliest = start - AFTER_S
    if previous is not None and previous.state in (AgentState.TALKING, AgentState.HOLDING):
        earliest = min(earliest, previous.start)
    if before and ends[before - 1] >= earliest:
        return agent, ends[before - 1]
    return None


def with_wrap_ups(stories: Sequence[CallStory], wrap_ups: WrapUps) -> list[CallStory]:
    """Return the stories with each leg's wrap-up filled in."""
    return [_with_wrap_ups(story, wrap_ups) for story in stories]


def _with_wrap_ups(story: CallStory, wrap_ups: WrapUps) -> CallStory:
    if not story.legs:
        return story

    def whole(leg: Leg) -> Leg:
        agent = talker(story, leg)
        if agent is None or leg.ended is None:
            return leg
        return replace(leg, agent=agent, wrap_up=wrap_ups.get((agent, leg.ended), Seconds(0.0)))

    def whole_visit(visit: Visit) -> Visit:
        return replace(visit, legs=tuple(whole(leg) for leg in visit.legs))

    return replace(
        story,
        legs=tuple(whole(leg) for leg in story.legs),
        visits=tuple(whole_visit(visit) for visit in story.visits),
    )
