"""Between call control and the floor: what agents and queues decide is done to legs and audio."""

from collections.abc import Iterable

from appliance.engines.acd.commands import (
    AcdCommand,
    AgentMoved,
    BreakOver,
    FloorHealed,
    OfferToAgent,
    OverflowVisit,
    TellPosition,
    WithdrawOffer,
)
from appliance.engines.acd.priority import priority_of
from appliance.engines.calls import (
    agent_display,
    callback_asking,
    callbacks,
    flows,
    outside,
    queue_words,
    talk,
    voicemail,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.facts_queues import BreakOverran
from appliance.vocabulary.ids import AgentId, CallId, LegId, QueueId, Seconds, VisitId
from appliance.vocabulary.journal import (
    AgentRinging,
    AgentStateChanged,
    CallQueued,
    Direction,
    MissReason,
    OfferMissed,
    Side,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, PhoneLine
from appliance.vocabulary.settings import Overflow
from appliance.vocabulary.speech import PhraseKey

MOST_OVERFLOWS = 5
"""Queues that overflow into each other, or to a phone whose flow leads back, would pass a caller
round for ever."""

MISS_REASONS = {
    Cause.BUSY: MissReason.BUSY,
    Cause.REJECTED: MissReason.REJECTED,
    Cause.FORBIDDEN: MissReason.REJECTED,
    Cause.NO_ANSWER: MissReason.NO_ANSWER,
    Cause.CANCELLED: MissReason.CALLER_GONE,
}
"""Every other cause: the phone could not be reached."""


def miss_reason(cause: Cause) -> MissReason:
    """Return why an offer was missed, from why the leg was refused."""
    return MISS_REASONS.get(cause, MissReason.UNREACHABLE)


def missed(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    reason: MissReason,
    visit: VisitId | None = None,
) -> None:
    """Write that a phone of ours was rung in vain, and how long; nothing of a number outside."""
    if leg.extension is None:
        return
    exchange.write(
        call,
        OfferMissed(
            agent=leg.agent,
            extension=leg.extension,
            reason=reason,
            visit=visit,
            rang=Seconds(0.0 if leg.dialled_at is None else exchange.now - leg.dialled_at),
        ),
        leg.leg,
    )


# --- the caller ---
def enter(exchange: Exchange, call: CallState, queue: QueueId) -> None:
    """The wait begins: music, and the floor looks for an agent.

    What the call waited in other queues, and the priority that they gave it, goes along.
    """
    settings = exchange.queues.get(queue)
    if settings is not None:
        call.priority = max(call.priority, priority_of(settings, call.caller.number))
    call.stage = Stage.QUEUED
    call.is_overflowed = False
    call.queue = queue
    call.queued_at = exchange.now
    call.visit = VisitId(exchange.new_name("v"))
    call.visit_open = True
    call.collected = agent_display.collected(call)
    exchange.touch(call)
    waiting = len(exchange.floor.positions(queue))
    exchange.write(call, CallQueued(queue=queue, visit=call.visit, position=waiting + 1))
    exchange.play_music(call)
    queue_words.begin(exchange, call)
    carry_out(
        exchange,
        exchange.floor.join(
            visit=call.visit,
            call=call.call,
            queue=queue,
            caller=call.caller.number,
            now=exchange.now,
            credit=call.waited + call.priority,
        ),
    )


def caller_left(exchange: Exchange, call: CallState, by: Side) -> None:
    """The call ends while its visit is open: an abandon, unless something else was decided."""
    leave_with(exchange, call, VisitOutcome.ABANDONED, str(by))


def leave_with(
    exchange: Exchange, call: CallState, outcome: VisitOutcome, reason: str = ""
) -> None:
    """The caller leaves the queue, with this outcome; nobody is rung for him any more."""
    if not call.visit_open or call.visit is None:
        return
    visit = call.visit
    _visit_over(exchange, call, outcome, reason=reason)
    stop_ringing(exchange, call, MissReason.CALLER_GONE)
    carry_out(exchange, exchange.floor.leave(visit, exchange.now))


def visit_answered(exchange: Exchange, call: CallState, agent: AgentId) -> None:
    """Bridged: the visit is over, answered."""
    if call.visit is None:
        return
    _visit_over(exchange, call, VisitOutcome.ANSWERED, agent=agent)
    carry_out(exchange, exchange.floor.talk_started(call.visit, agent, exchange.now))
    # Where the floor knew of another one, or of none, it must not go on looking for somebody.
    carry_out(exchange, exchange.floor.leave(call.visit, exchange.now))


def _visit_over(
    exchange: Exchange,
    call: CallState,
    outcome: VisitOutcome,
    *,
    reason: str = "",
    agent: AgentId | None = None,
) -> None:
    if call.visit is None or call.queue is None or call.queued_at is None:
        return
    call.visit_open = False
    callback_asking.forget(call)
    if call.is_being_called_back:
        return  # whoever is called back waited in the call in which he asked for it
    call.waited += exchange.now - call.queued_at
    exchange.write(
        call,
        VisitEnded(
            queue=call.queue,
            visit=call.visit,
            outcome=outcome,
            wait=Seconds(exchange.now - call.queued_at),
            reason=reason,
            agent=agent,
        ),
    )


def taken_elsewhere(
    exchange: Exchange, call: CallState, ringing: LegState, agent: AgentId | None
) -> None:
    """Another phone picked the call up: the visit is over, answered by whoever is there."""
    if call.visit is None:
        return
    visit = call.visit
    _visit_over(exchange, call, VisitOutcome.ANSWERED, agent=agent)
    stop_ringing(exchange, call, MissReason.ANSWERED_ELSEWHERE)
    if ringing in call.legs:
        missed(exchange, call, ringing, MissReason.ANSWERED_ELSEWHERE, call.visit)
        hang_up_offer(exchange, call, ringing)
    carry_out(exchange, exchange.floor.leave(visit, exchange.now))


# --- the agent's phone ---
def agent_ringing(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The phone says that it rings."""
    if leg.extension is not None:
        exchange.write(call, AgentRinging(agent=leg.agent, extension=leg.extension), leg.leg)
    if call.visit is not None and call.visit_open and leg.agent is not None:
        carry_out(exchange, exchange.floor.offer_ringing(call.visit, leg.agent, exchange.now))


def agent_refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    """The agent's phone did not take the offer; the caller keeps his place."""
    reason = miss_reason(cause)
    missed(exchange, call, leg, reason, call.visit)
    exchange.drop_leg(call, leg, cause, tell=False)
    callbacks.agent_missed(exchange, call)
    phone_free(exchange, call, leg)
    if call.visit is not None and leg.agent is not None:
        carry_out(
            exchange, exchange.floor.offer_missed(call.visit, leg.agent, reason, exchange.now)
        )


def called_leg_over(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The called side's part in the call is over: free him for the next."""
    # Both doors: only the floor knows which of them it was told when the leg began.
    if leg.agent is not None and leg.phase is LegPhase.ANSWERED:
        carry_out(exchange, exchange.floor.talk_ended(leg.agent, exchange.now, call.call))
    if leg.extension is not None:
        carry_out(exchange, exchange.floor.phone_free(leg.extension, call.call, exchange.now))


def phone_free(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """A phone that was rung or talked directly is free again, unless it is in the call besides: one
    that was rung by its own call, or picked itself up, talks on."""
    is_there = any(one is not leg and one.extension == leg.extension for one in call.legs)
    if leg.extension is not None and not is_there:
        carry_out(exchange, exchange.floor.phone_free(leg.extension, call.call, exchange.now))


def dialling_side_over(exchange: Exchange, call: CallState) -> None:
    """The phone that dialled is free again."""
    if isinstance(call.line, PhoneLine):
        carry_out(exchange, exchange.floor.phone_free(call.line.extension, call.call, exchange.now))


def hang_up_offer(
    exchange: Exchange, call: CallState, leg: LegState, reason: MissReason | None = None
) -> None:
    """Hang up; what was answered elsewhere is no missed call on the phone's own list."""
    is_elsewhere = reason is MissReason.ANSWERED_ELSEWHERE
    exchange.drop_leg(call, leg, Cause.ANSWERED_ELSEWHERE if is_elsewhere else Cause.CANCELLED)
    callbacks.agent_missed(exchange, call)
    phone_free(exchange, call, leg)


def stop_ringing(exchange: Exchange, call: CallState, reason: MissReason) -> None:
    """Nobody is rung for the call any more: one phone, or all that a queue rang at once."""
    for leg in list(call.legs):
        if leg.role is LegRole.CALLED and leg.phase is not LegPhase.ANSWERED:
            missed(exchange, call, leg, reason, call.visit)
            hang_up_offer(exchange, call, leg, reason)


# --- what the floor says ---
def carry_out(exchange: Exchange, commands: Iterable[AcdCommand]) -> None:
    """Do what the floor decided, first in first out: doing one may make the floor say more."""
    exchange.from_floor.extend(commands)
    if exchange.is_at_floor:
        return
    exchange.is_at_floor = True
    try:
        while exchange.from_floor:
            _carry_out_one(exchange, exchange.from_floor.popleft())
    finally:
        exchange.is_at_floor = False


def _carry_out_one(exchange: Exchange, command: AcdCommand) -> None:
    match command:
        case AgentMoved():
            _agent_moved(exchange, command)
        case OfferToAgent():
            _offer(exchange, command)
        case WithdrawOffer():
            _withdraw(exchange, command)
        case TellPosition():
            _tell_position(exchange, command)
        case OverflowVisit():
            _overflow(exchange, command)
        case BreakOver():
            exchange.write_free(
                BreakOverran(
                    agent=command.agent,
                    reason=command.reason,
                    budget=command.budget,
                    used=command.used,
                ),
                key=exchange.new_name("a"),
            )
        case FloorHealed(what=what, done=done):
            exchange.write_free(Healed(what=what, done=done), key=exchange.new_name("h"))


def _agent_moved(exchange: Exchange, moved: AgentMoved) -> None:
    exchange.desk.stale.add(moved.agent)
    exchange.write_free(
        AgentStateChanged(
            agent=moved.agent,
            state=moved.state,
            extension=moved.extension,
            reason=moved.reason,
            queue=moved.queue,
        ),
        key=exchange.new_name("a"),
        call=moved.call,
    )


def _queued(exchange: Exchange, call_id: CallId, visit: VisitId) -> CallState | None:
    call = exchange.calls.get(call_id)
    if call is None or call.visit != visit or not call.visit_open:
        return None
    return call


def _offer(exchange: Exchange, offer: OfferToAgent) -> None:
    call = callbacks.offered(exchange, offer) or _queued(exchange, offer.call, offer.visit)
    if call is None:
        return
    exchange.add_leg(
        call,
        LegState(
            leg=LegId(exchange.new_name("l")),
            role=LegRole.CALLED,
            line=PhoneLine(extension=offer.extension),
            phase=LegPhase.CLAIMING,
            extension=offer.extension,
            agent=offer.agent,
            shown=agent_display.of_call(exchange, call),
        ),
    )


def _withdraw(exchange: Exchange, withdrawn: WithdrawOffer) -> None:
    call = exchange.calls.get(withdrawn.call)
    if call is None or call.visit != withdrawn.visit or call.stage is Stage.TALKING:
        return
    for leg in list(call.legs):
        if leg.role is LegRole.CALLED and leg.agent == withdrawn.agent:
            missed(exchange, call, leg, withdrawn.reason, call.visit)
            hang_up_offer(exchange, call, leg, withdrawn.reason)


def _tell_position(exchange: Exchange, told: TellPosition) -> None:
    call = _queued(exchange, told.call, told.visit)
    if call is None or call.stage is not Stage.QUEUED:
        return
    queue_words.position(exchange, call, told)


def _overflow(exchange: Exchange, over: OverflowVisit) -> None:
    call = _queued(exchange, over.call, over.visit)
    if call is None:
        return
    stop_ringing(exchange, call, MissReason.OVERFLOW)
    to_voicemail = over.overflow.to == "voicemail" and over.overflow.box is not None
    _visit_over(
        exchange,
        call,
        VisitOutcome.VOICEMAIL if to_voicemail else VisitOutcome.OVERFLOW,
        reason=str(over.reason),
    )
    call.is_overflowed = True
    call.overflows += 1
    take_overflow(exchange, call, over.overflow)


def take_overflow(exchange: Exchange, call: CallState, overflow: Overflow) -> None:
    """Send a caller whom nobody answered where a queue or a ring group says."""
    if call.overflows > MOST_OVERFLOWS and overflow.to != "voicemail":
        talk.say_goodbye(exchange, call, PhraseKey.OVERFLOW_GOODBYE)
        return
    match overflow.to:
        case "voicemail" if overflow.box is not None:
            voicemail.begin(exchange, call, overflow.box, None)
        case "extension" if overflow.extension is not None:
            flows.ring_extension(exchange, call, overflow.extension)
        case "flow" if overflow.flow in exchange.flows:
            flows.begin(exchange, call, overflow.flow)
        case "queue" if overflow.queue in exchange.queues:
            enter(exchange, call, overflow.queue)
        case "number" if overflow.number:
            outside.ring(exchange, call, overflow.number, why="overflow")
        case _:
            talk.say_goodbye(exchange, call, PhraseKey.OVERFLOW_GOODBYE)


def busy_with_own_call(exchange: Exchange, call: CallState) -> None:
    """A desk phone began a call: no queue offers it anything meanwhile."""
    if isinstance(call.line, PhoneLine):
        carry_out(
            exchange,
            exchange.floor.phone_busy(
                call.line.extension,
                call.call,
                exchange.now,
                is_service=call.direction is Direction.SERVICE,
            ),
        )
