"""Ring groups: several phones ring for one number; the first that answers has the call.

Members who want no calls, are on the phone without call waiting, or are not there are passed by.
A member's refusal takes him out of this call's ringing only. When nobody is left, or the time is
over, the call goes where the group says, else where any unanswered phone's call goes.
"""

from appliance.engines.calls import dialling, queueing, wishes
from appliance.engines.calls.desk_state import GroupRun
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Purpose
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.journal import MissReason
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import RingGroup


def ring(exchange: Exchange, call: CallState, number: ExtensionNumber) -> None:
    """Begin to ring the group's phones for this call."""
    group = exchange.desk.groups[number]
    free = [one for one in _in_turn(exchange, group) if _may_ring(exchange, call, one)]
    call.group = GroupRun(group=group.id, number=number, left=free)
    exchange.touch(call)
    if not free:
        _over(exchange, call, Cause.UNREACHABLE)
        return
    if call.is_answered and call.transfer is None:
        exchange.play_tone(call, Purpose.MUSIC, "ringback")
    if group.strategy == "ring_all":
        call.group.left = []
        exchange.set_timer(call, "group", group.ring_seconds)
        for member in free:
            dialling.ring_phone(exchange, call, member)
    else:
        _ring_next(exchange, call, group)


def _in_turn(exchange: Exchange, group: RingGroup) -> list[ExtensionNumber]:
    members = list(group.members)
    last = exchange.known.last_rung.get(group.id)
    if group.strategy != "round_robin" or last not in members:
        return members
    begin = members.index(last) + 1
    return members[begin:] + members[:begin]


def _may_ring(exchange: Exchange, call: CallState, member: ExtensionNumber) -> bool:
    own = {one.extension for one in call.legs}
    return member not in own and wishes.obstacle(exchange, member, call) is None


def _ring_next(exchange: Exchange, call: CallState, group: RingGroup) -> None:
    run = call.group
    while run is not None and run.left:
        member = run.left.pop(0)
        if not _may_ring(exchange, call, member):
            continue
        if group.strategy == "round_robin":
            exchange.known.last_rung[group.id] = member
            exchange.touched.add("known")
        exchange.set_timer(call, "group", group.ring_seconds)
        dialling.ring_phone(exchange, call, member)
        return
    _over(exchange, call, Cause.NO_ANSWER)


def member_missed(exchange: Exchange, call: CallState) -> bool:
    """One phone of the group refused: True, for the group goes on, or is over and says so."""
    if ringing(call):
        return True
    group = _group_of(exchange, call)
    if group is None:
        return False
    _ring_next(exchange, call, group)
    return True


def ring_time_over(exchange: Exchange, call: CallState) -> None:
    """Nobody answered in time: the next phone, or the end of the group's ringing."""
    group = _group_of(exchange, call)
    if group is None:
        return
    for leg in ringing(call):
        _withdraw(exchange, call, leg, MissReason.NO_ANSWER)
    _ring_next(exchange, call, group)


def answered(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """This phone has the call: the group's others stop ringing."""
    if call.group is not None:
        stop_ringing(exchange, call, leg)


def stop_ringing(exchange: Exchange, call: CallState, but: LegState | None = None) -> None:
    """The call was answered: whatever else rings for it stops, and lists no missed call."""
    call.group = None
    call.due.pop("group", None)
    for other in ringing(call):
        if other is not but:
            _withdraw(exchange, call, other, MissReason.ANSWERED_ELSEWHERE)


def ringing(call: CallState) -> list[LegState]:
    """Return the legs that ring, or are about to, on our side of the call."""
    return [
        one
        for one in call.legs
        if one.role is LegRole.CALLED and one.phase is not LegPhase.ANSWERED
    ]


def _withdraw(exchange: Exchange, call: CallState, leg: LegState, reason: MissReason) -> None:
    queueing.missed(exchange, call, leg, reason)
    is_elsewhere = reason is MissReason.ANSWERED_ELSEWHERE
    exchange.drop_leg(call, leg, Cause.ANSWERED_ELSEWHERE if is_elsewhere else Cause.CANCELLED)
    queueing.phone_free(exchange, call, leg)


def _group_of(exchange: Exchange, call: CallState) -> RingGroup | None:
    """Return the group at work; None when there is none (any more)."""
    if call.group is None:
        return None
    found = exchange.desk.groups.get(call.group.number)
    if found is None:
        call.group = None
    return found


def _over(exchange: Exchange, call: CallState, cause: Cause) -> None:
    group = _group_of(exchange, call)
    call.group = None
    call.due.pop("group", None)
    exchange.touch(call)
    if group is not None and group.otherwise.to != "hangup" and call.transfer is None:
        _otherwise(exchange, call, group)
    else:
        dialling.called_refused(exchange, call, None, cause)


def _otherwise(exchange: Exchange, call: CallState, group: RingGroup) -> None:
    """The group's own answer to an unanswered call; the caller is answered for it if need be."""
    caller = call.caller_leg
    if caller is not None and caller.phase is LegPhase.OFFERED:
        exchange.answer(call)
        call.is_answered = True
    call.run = None
    exchange.runs.pop(call.call, None)
    call.overflows += 1
    queueing.take_overflow(exchange, call, group.otherwise)
