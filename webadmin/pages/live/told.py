"""What an open page "Live" is told: the picture as JSON, ids with their names, texts cut.

Callers choose their own names; whatever they are, they are values in JSON here and text nodes in
the page (static/rows.js). Nothing makes markup of them.
"""

import msgspec

from appliance.reports.names import Names
from appliance.vocabulary.live import Live, LiveAgent, LiveCall, LiveLine, LiveQueue
from appliance.vocabulary.shape import Value
from webadmin.live_feed import Picture

LONGEST_TEXT = 80
"""A name longer than this is cut; a caller may send 10 kB of it."""


class ToldLeg(Value, frozen=True, kw_only=True, omit_defaults=False):
    """How one party is connected."""

    party: str
    """Extension or number; empty: a withheld one."""
    transport: str
    is_encrypted: bool


class ToldCall(Value, frozen=True, kw_only=True, omit_defaults=False):
    call: str
    direction: str
    caller: str
    caller_name: str
    called: str
    stage: str
    since: float
    queue: str
    position: int | None
    queued_since: float | None
    agent: str
    extension: str
    talking_since: float | None
    is_recorded: bool
    park: str
    legs: tuple[ToldLeg, ...]
    """Those that are connected."""


class ToldAgent(Value, frozen=True, kw_only=True, omit_defaults=False):
    agent: str
    name: str
    extension: str
    state: str
    since: float
    reason: str
    is_over_break: bool
    is_quiet: bool
    forwarded_to: str


class ToldQueue(Value, frozen=True, kw_only=True, omit_defaults=False):
    queue: str
    name: str
    waiting: int
    longest_since: float | None
    """When the longest waiting caller came, as the box's time."""
    ready_agents: int
    signed_in_agents: int


class ToldLine(Value, frozen=True, kw_only=True, omit_defaults=False):
    kind: str
    name: str
    label: str
    is_up: bool
    text: str
    busy: int
    channels: int
    new_messages: int
    is_quiet: bool
    forwarded_to: str
    transport: str


class Told(Value, frozen=True, kw_only=True, omit_defaults=False):
    """One picture. Times are the box's, in seconds; `at` is now."""

    number: int
    is_away: bool
    at: float | None
    calls: tuple[ToldCall, ...] = ()
    agents: tuple[ToldAgent, ...] = ()
    queues: tuple[ToldQueue, ...] = ()
    lines: tuple[ToldLine, ...] = ()
    emergency_since: float | None = None
    emergency_by: str = ""
    """Emergency mode is on since then."""


def told(picture: Picture, names: Names, age: float) -> bytes:
    """Return the picture as JSON; `age` is how many seconds ago it came."""
    live = picture.live
    if live is None:
        return msgspec.json.encode(Told(number=picture.number, is_away=picture.is_away, at=None))
    return msgspec.json.encode(_told(picture, live, names, age))


def _told(picture: Picture, live: Live, names: Names, age: float) -> Told:
    return Told(
        number=picture.number,
        is_away=picture.is_away,
        # A picture of a control that is away stands still.
        at=live.at + (0.0 if picture.is_away else age),
        calls=tuple(_call(call, names) for call in live.calls),
        agents=tuple(_agent(agent) for agent in live.agents),
        queues=tuple(_queue(queue, live) for queue in live.queues),
        lines=tuple(_line(line) for line in live.lines),
        emergency_since=live.emergency_since,
        emergency_by=cut(live.emergency_by),
    )


def _call(call: LiveCall, names: Names) -> ToldCall:
    return ToldCall(
        call=call.call,
        direction=call.direction,
        caller=cut(call.caller.number),
        caller_name=cut(call.caller.name),
        called=cut(call.called),
        stage=call.stage,
        since=call.since,
        queue=cut(names.queues.get(call.queue, call.queue)) if call.queue else "",
        position=call.position,
        queued_since=call.queued_since,
        agent=cut(names.agents.get(call.agent, call.agent)) if call.agent else "",
        extension=call.extension or "",
        talking_since=call.talking_since,
        is_recorded=call.is_recorded,
        park=call.park or "",
        legs=tuple(
            ToldLeg(
                party=cut(leg.extension or leg.number),
                transport=leg.transport,
                is_encrypted=leg.is_encrypted,
            )
            for leg in call.legs
            if leg.transport
        ),
    )


def _agent(agent: LiveAgent) -> ToldAgent:
    return ToldAgent(
        agent=agent.agent,
        name=cut(agent.name),
        extension=agent.extension or "",
        state=agent.state,
        since=agent.since,
        reason=cut(agent.reason),
        is_over_break=agent.is_over_break,
        is_quiet=agent.is_quiet,
        forwarded_to=cut(agent.forwarded_to),
    )


def _queue(queue: LiveQueue, live: Live) -> ToldQueue:
    return ToldQueue(
        queue=queue.queue,
        name=cut(queue.name or queue.queue),
        waiting=queue.waiting,
        longest_since=live.at - queue.longest_wait if queue.waiting else None,
        ready_agents=queue.ready_agents,
        signed_in_agents=queue.signed_in_agents,
    )


def _line(line: LiveLine) -> ToldLine:
    return ToldLine(
        kind=line.kind,
        name=cut(line.name),
        label=cut(line.label),
        is_up=line.is_up,
        text=cut(line.text),
        busy=line.busy,
        channels=line.channels,
        new_messages=line.new_messages,
        is_quiet=line.is_quiet,
        forwarded_to=cut(line.forwarded_to),
        transport=line.transport,
    )


def cut(text: str) -> str:
    """Return the text, or its beginning with an ellipsis."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
