"""A new leg takes another's place (SIP Replaces, RFC 3891; pickup): of one that talks or rings."""

from appliance.engines.calls import groups, park, pickup, queueing, seating, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place
from appliance.vocabulary.commands import Answer, Reject
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.facts_handling import PickedUp
from appliance.vocabulary.ids import ExtensionNumber, LegId
from appliance.vocabulary.lines import Cause, PhoneLine


def offered(exchange: Exchange, event: LegOffered, replaces: LegId) -> None:
    """A phone wants the place of `replaces`: it comes into that leg's call, as no call of its own.

    Phones of ours only; a leg that is gone is answered NOT_FOUND (481 is the line's to say).
    """
    call_id = exchange.call_of_leg.get(replaces)
    call = exchange.calls.get(call_id) if call_id is not None else None
    if call is None or event.audio is None or not isinstance(event.line, PhoneLine):
        exchange.do(
            Reject(leg=event.leg, cause=Cause.NOT_FOUND if call is None else refusal(event))
        )
        return
    if _is_for_callback(call, call.leg_named(replaces)):
        exchange.do(Reject(leg=event.leg, cause=Cause.FORBIDDEN))
        return
    _come_in(exchange, call, event, event.line.extension, replaces)


def _is_for_callback(call: CallState, old: LegState | None) -> bool:
    """Say whether a leg is one that nobody may take over: the agent's or the customer's of a
    callback. Its agent alone is to hear whom he calls back, and to be rung first."""
    return call.is_being_called_back and old is not None and old.place is Place.APART


def came_in(exchange: Exchange, event: LegOffered) -> bool:
    """Say whether what a phone dials fetches a parked call or picks up a ringing one: then its leg
    comes into that call."""
    if not isinstance(event.line, PhoneLine) or event.replaces is not None:
        return False
    parked = park.parked_at(exchange, event)
    if parked is not None:
        _come_in(exchange, parked, event, event.line.extension, None)
        return True
    ringing = pickup.target(exchange, event)
    call_id = exchange.call_of_leg.get(ringing) if ringing is not None else None
    if call_id is None:
        return False
    leg = _come_in(exchange, exchange.calls[call_id], event, event.line.extension, ringing)
    leg.is_pickup = True
    return True


def _come_in(
    exchange: Exchange,
    call: CallState,
    event: LegOffered,
    extension: ExtensionNumber,
    replaces: LegId | None,
) -> LegState:
    leg = LegState(
        leg=event.leg,
        role=LegRole.REPLACING,
        line=event.line,
        phase=LegPhase.OFFERED,
        far=event.audio,
        extension=extension,
        agent=exchange.floor.agent_at(extension),
        replaces=replaces,
        dialled_at=exchange.now,
        transport=event.transport,
    )
    queueing.carry_out(exchange, exchange.floor.phone_busy(extension, call.call, exchange.now))
    exchange.add_leg(call, leg)
    return leg


def refusal(event: LegOffered) -> Cause:
    """Why a phone may not come in."""
    return Cause.INCOMPATIBLE_AUDIO if event.audio is None else Cause.FORBIDDEN


def audio_claimed(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """Its audio is there: answer it, and let it take the place."""
    if leg.replaces is None:
        park.fetched(exchange, call, leg)
        return
    old = call.leg_named(leg.replaces)
    is_late = old is not None and leg.is_pickup and old.phase is LegPhase.ANSWERED
    if old is None or leg.port is None or old.role is LegRole.REPLACING or is_late:
        seating.remove(exchange, call, leg, Cause.NOT_FOUND)
        return
    leg.phase, leg.replaces = LegPhase.ANSWERED, None
    exchange.do(Answer(leg=leg.leg, port=leg.port))
    exchange.set_audio(call, leg)
    take_place(exchange, call, old, leg)


def take_place(exchange: Exchange, call: CallState, old: LegState, new: LegState) -> None:
    """`new`, answered and in this call, takes the place of `old`, which leaves.

    Of a leg that talks: the talk is split in the ledger. Of one that rings: whoever it rang for
    talks with `new` (pickup). Of any other (in a menu, at a feature code): `new` goes instead.
    """
    if old.place is not Place.APART:
        seating.take_seat(exchange, call, old, new, Cause.NORMAL)
        seating.arrange(exchange, call)
    elif _is_for_callback(call, old):
        seating.remove(exchange, call, new, Cause.FORBIDDEN)
    elif old.role is LegRole.CALLED and old.phase is not LegPhase.ANSWERED:
        _pick_up(exchange, call, old, new)
    else:
        seating.remove(exchange, call, new, Cause.FORBIDDEN)


def _pick_up(exchange: Exchange, call: CallState, old: LegState, new: LegState) -> None:
    """The ringing phone stops; a queue's caller was served by who picked up."""
    call.due.pop("ring", None)
    if new.extension is not None and old.extension is not None:
        exchange.write(call, PickedUp(extension=new.extension, ringing=old.extension), new.leg)
    if call.visit_open and old.agent is not None:
        queueing.taken_elsewhere(exchange, call, old, new.agent)
    else:
        groups.stop_ringing(exchange, call)
    new.role = LegRole.CALLED
    talk.bridge(exchange, call)
