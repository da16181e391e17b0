"""Handing a call on without asking first: blind, by the phone's own key, a feature code or a verb.

Theory of operation. The talk of who hands on ends when he asks; the customer hears music until
the target answers (the call is RINGING, with a TransferState) or until he waits in the target's
queue. Who asked by his phone's own key stays as LEAVING leg, for he is owed words of the progress
(TellTransfer), and takes the customer back at once when nobody answers; any other's leg leaves at
once, and then his phone is rung again. Nobody there either: back to the queue that the call came
from, else a word of regret. Attended: attended.py and consult.py end in `bridged` here as well.
"""

from appliance.engines.calls import (
    attended,
    clocks,
    dialling,
    park,
    queueing,
    seating,
    surveys,
    talk,
)
from appliance.engines.calls.destinations import (
    Destination,
    ToExtension,
    ToNumber,
    ToQueue,
    destination,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import (
    CallState,
    LegPhase,
    LegRole,
    LegState,
    Place,
    Stage,
    TransferState,
)
from appliance.vocabulary.audio import Silence
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.events import TransferAsked
from appliance.vocabulary.facts_handling import (
    TransferBegun,
    TransferFailed,
    TransferFinished,
    TransferWay,
)
from appliance.vocabulary.ids import LegId, QueueId
from appliance.vocabulary.journal import RouteChosen
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.speech import PhraseKey

RING_SECONDS = 30.0
"""How long a target may ring, and then who handed the call on."""


def asked(exchange: Exchange, event: TransferAsked) -> None:
    """A phone asks with its own transfer key."""
    call_id = exchange.call_of_leg.get(event.leg)
    call = exchange.calls.get(call_id) if call_id is not None else None
    leg = call.leg_named(event.leg) if call is not None else None
    problem: Cause | None = Cause.NOT_FOUND
    if call is not None and leg is not None:
        if event.replaces is not None:
            problem = attended.join(exchange, call, leg, event.replaces)
        else:
            problem = begin(exchange, call, leg, event.to, asker=leg.leg)
    if problem is not None:
        stage = TransferStage.FAILED
        exchange.do(TellTransfer(leg=event.leg, stage=stage, cause=problem))


def begin(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    to: str,
    *,
    asker: LegId | None = None,
    asked_by: str = "",
) -> Cause | None:
    """Hand the other party of `leg` on; return why not, or None.

    `asker`: the leg that is owed words of the progress. `asked_by`: a program, not the phone.
    """
    other = other_party(call, leg)
    if other is None:
        return Cause.FORBIDDEN
    if to == exchange.site.talk_codes.survey:
        return surveys.handed_on(exchange, call, leg, asker=asker)
    if park.is_place(exchange, to):
        return park.begin(exchange, call, leg, to, asker=asker)
    target = destination(exchange, to, leg.extension)
    if isinstance(target, ToExtension) and target.extension == other.extension:
        target = Cause.BUSY
    if isinstance(target, Cause):
        if not asked_by:  # a program is told, and its try stands in the audit log
            failed = TransferFailed(to=to, cause=target, extension=leg.extension)
            exchange.write(call, failed, leg.leg)
        return target
    exchange.write(
        call,
        TransferBegun(
            way=TransferWay.BLIND,
            to=to,
            agent=leg.agent,
            extension=leg.extension,
            asked_by=asked_by,
        ),
        leg.leg,
    )
    let_go(exchange, call, leg, other, state_of(exchange, leg, TransferWay.BLIND, to, asker))
    _send(exchange, call, target)
    return None


def other_party(call: CallState, leg: LegState) -> LegState | None:
    """Return whom `leg` talks with, where it may hand him on: two talk, and it is a phone."""
    talkers = [one for one in call.legs if one.place in (Place.TALKING, Place.WAITING)]
    if call.stage is not Stage.TALKING or call.consult is not None or leg.extension is None:
        return None
    others = [one for one in talkers if one is not leg]
    return others[0] if leg in talkers and len(others) == 1 else None


def state_of(
    exchange: Exchange, leg: LegState, way: TransferWay, to: str, asker: LegId | None
) -> TransferState:
    """Return the state of a transfer that this leg begins."""
    return TransferState(
        way=way,
        to=to,
        since=exchange.now,
        extension=leg.extension,
        agent=leg.agent,
        asker=asker,
    )


def let_go(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    other: LegState,
    state: TransferState,
    *,
    is_gone: bool = False,
) -> None:
    """End the talk of who hands on; the other party waits with music from now on.

    `is_gone`: he hung up already.
    """
    call.transfer = state
    call.is_held_by_box = False
    if state.asker is None:
        seating.remove(exchange, call, leg, Cause.NORMAL, tell=not is_gone)
    else:
        clocks.end(exchange, call, leg.leg)
        leg.role, leg.place = LegRole.LEAVING, Place.APART
        if leg.leg in call.holders:
            call.holders.remove(leg.leg)
        seating.fit_audio(exchange, call, leg, Silence(), None)
        tell(exchange, call, TransferStage.TRYING)
    clocks.end(exchange, call, other.leg)
    talk.close_recording(exchange, call)
    seating.seat(exchange, call, other, Place.WAITING)
    seating.make_customer(call, other)
    call.stage = Stage.RINGING
    seating.arrange(exchange, call)


def _send(exchange: Exchange, call: CallState, target: Destination) -> None:
    match target:
        case ToExtension():
            dialling.ring_extension(exchange, call, target.extension)
        case ToQueue():
            _finished(exchange, call, target.queue)
            enter_queue(exchange, call, target.queue)
        case ToNumber():
            call.trunks_left = list(target.trunks)
            if target.kind == "emergency":
                by = call.transfer.extension if call.transfer is not None else None
                dialling.mark_emergency(exchange, call, target.number, by)
            exchange.write(
                call,
                RouteChosen(
                    number=target.number,
                    target=",".join(target.trunks),
                    why=f"prefix {target.kind}",
                ),
            )
            dialling.try_next_trunk(exchange, call, target.number, Cause.UNREACHABLE)
    if call.transfer is not None and "ring" in call.due:
        exchange.set_timer(call, "ring", RING_SECONDS)


def enter_queue(exchange: Exchange, call: CallState, queue: QueueId) -> None:
    """The customer waits (again): a new visit of the same call."""
    customer = call.customer
    if customer is not None:
        customer.place = Place.APART
    queueing.enter(exchange, call, queue)


# --- what becomes of it ---
def tell(
    exchange: Exchange, call: CallState, stage: TransferStage, cause: Cause = Cause.NORMAL
) -> None:
    """Tell the phone that asked, if it asked by its own key; it listens even when it has left."""
    asker = call.transfer.asker if call.transfer is not None else None
    if asker is not None:
        exchange.do(TellTransfer(leg=asker, stage=stage, cause=cause))


def target_rings(exchange: Exchange, call: CallState) -> None:
    """The target's phone says that it rings."""
    if call.transfer is not None and not call.transfer.is_returning:
        tell(exchange, call, TransferStage.RINGING)


def bridged(exchange: Exchange, call: CallState) -> None:
    """Somebody answered: the target, or who handed it on has it back."""
    if call.transfer is None:
        return
    if call.transfer.is_returning:
        call.transfer = None
        return
    _finished(exchange, call, None)


def _finished(exchange: Exchange, call: CallState, queue: QueueId | None) -> None:
    if call.transfer is None:
        return
    exchange.write(call, TransferFinished(to=call.transfer.to, queue=queue))
    tell(exchange, call, TransferStage.DONE)
    call.transfer = None
    for leg in [one for one in call.legs if one.role is LegRole.LEAVING]:
        seating.remove(exchange, call, leg, Cause.NORMAL)


def target_missed(exchange: Exchange, call: CallState, cause: Cause) -> None:
    """Nobody took it: back to who handed it on, and if he is not there either, to the queue."""
    state = call.transfer
    if state is None:
        return
    call.due.pop("ring", None)
    if state.is_returning:
        fall_back(exchange, call)
        return
    leaving = next((one for one in call.legs if one.role is LegRole.LEAVING), None)
    has_phone = state.extension is not None and state.extension in exchange.known.phones
    exchange.write(
        call,
        TransferFailed(to=state.to, cause=cause, is_returned=leaving is not None or has_phone),
    )
    tell(exchange, call, TransferStage.FAILED, cause)
    if leaving is not None and leaving.phase is LegPhase.ANSWERED:
        call.transfer = None
        leaving.role = LegRole.CALLED
        talk.bridge(exchange, call)
    elif has_phone and state.extension is not None:
        state.is_returning = True
        dialling.ring_extension(exchange, call, state.extension)
        if call.transfer is state and "ring" in call.due:
            exchange.set_timer(call, "ring", RING_SECONDS)
    else:
        fall_back(exchange, call)


def fall_back(exchange: Exchange, call: CallState) -> None:
    """Nobody takes the call any more: back to its queue, else a word of regret."""
    call.transfer = None
    if call.queue is not None and call.queue in exchange.queues:
        enter_queue(exchange, call, call.queue)
        return
    if call.customer is not None:
        call.customer.place = Place.APART
    talk.say_goodbye(exchange, call, PhraseKey.NOT_REACHABLE)


def given_up(exchange: Exchange, call: CallState) -> None:
    """The call ends while it was being handed on."""
    if call.transfer is not None and not call.transfer.is_returning:
        exchange.write(call, TransferFailed(to=call.transfer.to, cause=Cause.CANCELLED))
        tell(exchange, call, TransferStage.FAILED, Cause.CANCELLED)
    call.transfer = None
