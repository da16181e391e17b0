"""Consultation within the call: our side speaks to a third party while the other hears music.

By feature codes for phones that have no transfer key (talk_codes.py): asking a number begins it;
hanging up hands the call on (attended, or semi-attended while the third party still rings); one
code gives up and takes the other back, another makes a conference of it.
"""

from appliance.engines.calls import (
    clocks,
    conference,
    dialling,
    queueing,
    seating,
    transfer,
    wishes,
)
from appliance.engines.calls.destinations import ToExtension, ToNumber, ToQueue, destination
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import (
    CallState,
    ConsultState,
    LegPhase,
    LegRole,
    LegState,
    Place,
)
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.facts_handling import (
    ConsultBegun,
    ConsultEnded,
    ConsultFailed,
    TransferBegun,
    TransferFinished,
    TransferWay,
)
from appliance.vocabulary.ids import LegId, Seconds
from appliance.vocabulary.journal import AgentAnswered
from appliance.vocabulary.lines import Cause, Party, PhoneLine, TrunkLine

RING_SECONDS = 30.0


def begin(
    exchange: Exchange, call: CallState, leg: LegState, to: str, *, asked_by: str = ""
) -> Cause | None:
    """`leg` asks a third party; return why not, or None. `asked_by`: a program, not the phone."""
    other = transfer.other_party(call, leg)
    if other is None or call.is_held_by_box:
        return Cause.FORBIDDEN
    target = _whom(exchange, call, to, leg, other)
    if isinstance(target, Cause):
        if not asked_by:  # a program is told, and its try stands in the audit log
            failed = ConsultFailed(to=to, cause=target, extension=leg.extension)
            exchange.write(call, failed, leg.leg)
        return target
    if leg.is_customer:
        _swap_customer(exchange, call, leg, other)
    begun = ConsultBegun(to=to, agent=leg.agent, extension=leg.extension, asked_by=asked_by)
    exchange.write(call, begun, leg.leg)
    leg.place, other.place = Place.ASIDE, Place.WAITING
    if isinstance(target, ToExtension):
        call.trunks_left = []
        third = _third(
            exchange, leg, PhoneLine(extension=target.extension), number=target.extension
        )
        third.extension = target.extension
        third.agent = exchange.floor.agent_at(target.extension)
    else:
        call.trunks_left = list(target.trunks)
        if target.kind == "emergency":
            dialling.mark_emergency(exchange, call, target.number, leg.extension)
        found = _next_trunk(exchange, call)
        if found is None:
            leg.place = other.place = Place.TALKING
            exchange.write(call, ConsultEnded(to=to, seconds=Seconds(0.0)), leg.leg)
            return Cause.CONGESTION
        third = _third(exchange, leg, found, number=target.number)
    call.consult = ConsultState(by=leg.leg, leg=third.leg, to=to, since=exchange.now)
    _ring(exchange, call, third)
    return None


def _whom(
    exchange: Exchange, call: CallState, to: str, leg: LegState, other: LegState
) -> ToExtension | ToNumber | Cause:
    """Return who is asked: a phone or a number outside; queues and groups answer no questions."""
    target = destination(exchange, to, leg.extension)
    if isinstance(target, ToQueue):
        return Cause.FORBIDDEN
    if isinstance(target, ToExtension):
        if target.extension in (leg.extension, other.extension):
            return Cause.BUSY
        if target.extension in exchange.desk.groups:
            return Cause.FORBIDDEN
        hindrance = wishes.obstacle(exchange, target.extension, call)
        if hindrance is not None:
            return hindrance[1]
    return target


def _swap_customer(exchange: Exchange, call: CallState, leg: LegState, other: LegState) -> None:
    """Between two phones of ours, whoever asks a third party serves the other from now on."""
    for clock in call.talks:
        if clock.server == other.leg:
            clock.server = leg.leg
    seating.make_customer(call, other)


def _third(exchange: Exchange, by: LegState, line: PhoneLine | TrunkLine, number: str) -> LegState:
    return LegState(
        leg=LegId(exchange.new_name("l")),
        role=LegRole.THIRD,
        line=line,
        phase=LegPhase.CLAIMING,
        number=number,
        shown=Party(number=by.extension or "", name=_name_of(exchange, by)),
    )


def _name_of(exchange: Exchange, leg: LegState) -> str:
    own = exchange.extensions.get(leg.extension) if leg.extension is not None else None
    return own.name if own is not None else ""


def _next_trunk(exchange: Exchange, call: CallState) -> TrunkLine | None:
    while call.trunks_left:
        trunk = call.trunks_left.pop(0)
        if trunk not in exchange.trunks:
            continue
        if call.is_emergency or not dialling.trunk_is_full(exchange, trunk):
            return TrunkLine(trunk=trunk)
    return None


def _ring(exchange: Exchange, call: CallState, third: LegState) -> None:
    if third.extension is not None:
        queueing.carry_out(
            exchange, exchange.floor.phone_busy(third.extension, call.call, exchange.now)
        )
    exchange.add_leg(call, third)
    if call.consult is not None:
        exchange.set_timer(call, "consult", RING_SECONDS)
        seating.arrange(exchange, call)


# --- the third party ---
def answered(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    """The third party picked up."""
    leg.far, leg.phase = far, LegPhase.ANSWERED
    call.due.pop("consult", None)
    if leg.extension is not None:
        exchange.write(call, AgentAnswered(agent=leg.agent, extension=leg.extension), leg.leg)
    if call.consult is None:
        seating.remove(exchange, call, leg, Cause.NORMAL)
        return
    call.consult.answered_at = exchange.now
    seating.seat(exchange, call, leg, Place.ASIDE)
    exchange.set_audio(call, leg)
    seating.arrange(exchange, call)


def refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    """The third party did not pick up: another trunk, or back to the first one."""
    _missed(exchange, call, leg, cause)
    seating.remove(exchange, call, leg, cause, tell=False)
    if call.consult is None:
        return
    if isinstance(leg.line, TrunkLine) and cause in dialling.TRY_NEXT_TRUNK:
        line = _next_trunk(exchange, call)
        by = call.leg_named(call.consult.by)
        if line is not None and by is not None:
            third = _third(exchange, by, line, number=leg.number)
            call.consult.leg = third.leg
            _ring(exchange, call, third)
            return
    _over(exchange, call)


def ring_time_over(exchange: Exchange, call: CallState) -> None:
    """The third party let it ring."""
    third = call.leg_named(call.consult.leg) if call.consult is not None else None
    if third is None or third.phase is LegPhase.ANSWERED:
        return
    _missed(exchange, call, third, Cause.NO_ANSWER)
    seating.remove(exchange, call, third, Cause.CANCELLED)
    _over(exchange, call)


def _missed(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    if leg.phase is not LegPhase.CLAIMING:
        queueing.missed(exchange, call, leg, queueing.miss_reason(cause))


# --- its end ---
def give_up(exchange: Exchange, call: CallState) -> None:
    """Leave the third party and take the first one back."""
    third = call.leg_named(call.consult.leg) if call.consult is not None else None
    if third is not None:
        if third.phase is not LegPhase.ANSWERED:
            _missed(exchange, call, third, Cause.CANCELLED)
        seating.remove(exchange, call, third, Cause.NORMAL)
    _over(exchange, call)


def _over(exchange: Exchange, call: CallState) -> None:
    """Back to the talk as it was."""
    _ended(exchange, call)
    for leg in call.legs:
        if leg.place in (Place.ASIDE, Place.WAITING):
            leg.place = Place.TALKING
    seating.arrange(exchange, call)


def _ended(exchange: Exchange, call: CallState) -> None:
    consult = call.consult
    if consult is None:
        return
    call.consult = None
    call.due.pop("consult", None)
    spoken = exchange.now - consult.answered_at if consult.answered_at is not None else 0.0
    exchange.write(call, ConsultEnded(to=consult.to, seconds=Seconds(spoken)), consult.by)


def given_up(exchange: Exchange, call: CallState) -> None:
    """The whole call ends."""
    _ended(exchange, call)


def join(exchange: Exchange, call: CallState) -> bool:
    """Make a conference of all; False while the third party has not answered."""
    consult = call.consult
    if consult is None or consult.answered_at is None:
        return False
    third = call.leg_named(consult.leg)
    if third is None:
        return False
    _ended(exchange, call)
    conference.begin(exchange, call, third)
    return True


def leg_gone(exchange: Exchange, call: CallState, leg: LegState) -> bool:
    """A leg of the consultation hung up; False: the one who waited did, and all is over."""
    consult = call.consult
    if consult is None:
        return False
    if leg.leg == consult.leg:
        seating.remove(exchange, call, leg, Cause.NORMAL, tell=False)
        _over(exchange, call)
        return True
    return leg.leg == consult.by and hand_on(exchange, call, is_gone=True)


def hand_on(
    exchange: Exchange, call: CallState, *, is_gone: bool = False, asked_by: str = ""
) -> bool:
    """The third party has the call, or will when he answers; False: there is nobody to hand on.

    `is_gone`: who asked him has hung up already.
    """
    consult = call.consult
    if consult is None:
        return False
    leg, third = call.leg_named(consult.by), call.leg_named(consult.leg)
    waiting = next((one for one in call.legs if one.place is Place.WAITING), None)
    if leg is None or waiting is None or third is None:
        return False
    way = TransferWay.SEMI_ATTENDED if consult.answered_at is None else TransferWay.ATTENDED
    exchange.write(
        call,
        TransferBegun(
            way=way, to=consult.to, agent=leg.agent, extension=leg.extension, asked_by=asked_by
        ),
        leg.leg,
    )
    _ended(exchange, call)
    if way is TransferWay.ATTENDED:
        seating.remove(exchange, call, leg, Cause.NORMAL, tell=not is_gone)
        _join_both(exchange, call, waiting, third, consult.to)
    else:
        third.role = LegRole.CALLED
        state = transfer.state_of(exchange, leg, way, consult.to, None)
        transfer.let_go(exchange, call, leg, waiting, state, is_gone=is_gone)
        exchange.set_timer(call, "ring", transfer.RING_SECONDS)
    return True


def _join_both(
    exchange: Exchange, call: CallState, waiting: LegState, third: LegState, to: str
) -> None:
    """Who asked has left."""
    seating.seat(exchange, call, waiting, Place.TALKING)
    seating.seat(exchange, call, third, Place.TALKING)
    seating.make_customer(call, waiting)
    clocks.begin(exchange, call, third)
    seating.arrange(exchange, call)
    exchange.write(call, TransferFinished(to=to))
