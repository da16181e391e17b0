"""The live page's picture, taken from the calls and the floor as they are."""

from appliance.engines.acd.views import AgentView
from appliance.engines.calls import emergency_mode, wishes
from appliance.engines.calls.connections import is_encrypted
from appliance.engines.calls.dialling import trunk_busy
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.ids import ExtensionNumber, Instant
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.lines import PhoneLine
from appliance.vocabulary.live import Live, LiveAgent, LiveCall, LiveLeg, LiveLine, LiveQueue

STAGES = {
    Stage.ARRIVING: "ringing",
    Stage.FLOW: "menu",
    Stage.QUEUED: "queued",
    Stage.RINGING: "ringing",
    Stage.ANNOUNCING: "talking",
    Stage.TALKING: "talking",
    Stage.PARKED: "parked",
    Stage.VOICEMAIL: "voicemail",
    Stage.SERVICE: "service",
    Stage.ASKING: "menu",
    Stage.SURVEY: "survey",
    Stage.CLOSING: "ending",
}


def live_of(exchange: Exchange) -> Live:
    """Return the box at exchange.now."""
    return Live(
        at=exchange.utc(),
        site_name=exchange.site.site.name,
        site_version=exchange.site.version,
        emergency_since=emergency_mode.since(exchange),
        emergency_by=emergency_mode.by(exchange),
        callbacks=exchange.customers.callbacks.rows(),
        lines=tuple(_trunks(exchange) + _phones(exchange)),
        calls=tuple(_call(exchange, call) for call in exchange.calls.values()),
        agents=tuple(_agent(exchange, one) for one in exchange.floor.agents()),
        queues=tuple(
            LiveQueue(
                queue=one.queue,
                name=one.name,
                waiting=one.waiting,
                longest_wait=one.longest_wait,
                ready_agents=one.ready_agents,
                signed_in_agents=one.signed_in_agents,
            )
            for one in exchange.floor.queues(exchange.now)
        ),
    )


def _trunks(exchange: Exchange) -> list[LiveLine]:
    lines = []
    for trunk in exchange.site.trunk:
        is_up, text = exchange.known.trunks_up.get(trunk.id, (not trunk.register, ""))
        lines.append(
            LiveLine(
                kind="trunk",
                name=trunk.id,
                label=f"{trunk.host}:{trunk.port}" if trunk.port else trunk.host,
                is_up=is_up,
                text=text,
                busy=trunk_busy(exchange, trunk.id),
                channels=trunk.channels,
            )
        )
    return lines


def _phones(exchange: Exchange) -> list[LiveLine]:
    busy: dict[str, int] = {}
    for call in exchange.calls.values():
        for leg in call.legs:
            if isinstance(leg.line, PhoneLine):
                busy[leg.line.extension] = busy.get(leg.line.extension, 0) + 1
    return [
        LiveLine(
            kind="phone",
            name=one.number,
            label=one.name,
            is_up=one.number in exchange.known.phones,
            text=exchange.known.phones.get(one.number, ""),
            busy=busy.get(one.number, 0),
            is_quiet=wishes.is_quiet(exchange, one.number),
            forwarded_to=wishes.forward_of(exchange, one.number, "always"),
            new_messages=exchange.messages.counts(one.voicemail_box)[0],
            transport=exchange.known.transports.get(one.number, ""),
        )
        for one in exchange.site.extension
    ]


def _agent(exchange: Exchange, one: AgentView) -> LiveAgent:
    state, since, at = one.state, one.since, one.extension
    if state is AgentState.READY and one.is_on_own_call and at is not None:
        # A feature code changes nothing of what he asked for; no call is offered to him meanwhile.
        state, since = AgentState.BUSY, _in_use_since(exchange, at, since)
    return LiveAgent(
        agent=one.agent,
        name=one.name,
        extension=at,
        state=state,
        since=exchange.utc(since),
        reason=one.reason,
        is_over_break=one.is_over_break,
        call=one.call,
        is_quiet=at is not None and wishes.is_quiet(exchange, at),
        forwarded_to="" if at is None else wishes.forward_of(exchange, at, "always"),
    )


def _in_use_since(exchange: Exchange, phone: ExtensionNumber, otherwise: Instant) -> Instant:
    line = PhoneLine(extension=phone)
    begun = (
        call.entered if leg.joined_at is None else leg.joined_at
        for call in exchange.calls.values()
        for leg in call.legs
        if leg.line == line
    )
    return min(begun, default=otherwise)


def _stage(call: CallState) -> str:
    if call.transfer is not None:
        return "transfer"
    if call.stage is Stage.TALKING:
        if call.consult is not None:
            return "consult"
        if call.conference_at is not None:
            return "conference"
        if call.holders or call.is_held_by_box:
            return "held"
    return STAGES[call.stage]


def _call(exchange: Exchange, call: CallState) -> LiveCall:
    # who is called back is dialled by his agent, whose leg stands in the caller's place
    called = call.called_leg if call.callback is None or call.visit_open else call.caller_leg
    is_queued = call.visit_open and call.visit is not None
    return LiveCall(
        call=call.call,
        direction=call.direction,
        caller=call.caller,
        called=call.called,
        since=exchange.utc(call.entered),
        stage=_stage(call),
        queue=call.queue,
        position=exchange.floor.position(call.visit) if is_queued and call.visit else None,
        queued_since=exchange.utc(call.queued_at) if is_queued and call.queued_at else None,
        agent=called.agent if called is not None and called.phase is LegPhase.ANSWERED else None,
        extension=called.extension if called is not None else None,
        talking_since=exchange.utc(call.bridged_at) if call.bridged_at is not None else None,
        is_recorded=call.recording is not None,
        park=call.park.slot if call.park is not None and call.stage is Stage.PARKED else None,
        legs=tuple(_leg(call, leg) for leg in call.legs),
    )


def _leg(call: CallState, leg: LegState) -> LiveLeg:
    outside = leg.number or (call.caller.number if leg.role is LegRole.CALLER else "")
    return LiveLeg(
        leg=leg.leg,
        extension=leg.extension,
        number="" if leg.extension is not None else outside,
        transport=leg.transport,
        is_encrypted=is_encrypted(leg),
    )
