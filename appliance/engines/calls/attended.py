"""Attended transfer by the phone's own keys: two calls of one phone become one (RFC 3891, 5589).

The phone holds the customer in one call and has asked the third party in a call of its own. One
of the two goes on: the one that holds the customer (from outside before dialled out before
internal, older before younger). The others' legs go over into it, the phone's two legs leave, and
the other call's record ends with CallMerged. Where the third party still rings (semi-attended),
the call whose other side has answered goes on, as a transfer whose target rings.
"""

from appliance.engines.calls import clocks, conference, seating, supervision, talk, transfer
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place, Stage
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.facts_handling import (
    CallMerged,
    TransferBegun,
    TransferFinished,
    TransferWay,
)
from appliance.vocabulary.ids import LegId
from appliance.vocabulary.journal import Direction, Side
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.shape import State

WORTH = {Direction.INBOUND: 3, Direction.OUTBOUND: 2, Direction.INTERNAL: 1, Direction.SERVICE: 0}


class _Half(State, kw_only=True):
    """One of the two calls, and the phone's leg in it."""

    call: CallState
    leg: LegState

    @property
    def others(self) -> list[LegState]:
        """The legs that go over: who talks with the phone, or is rung by it."""
        return [
            one
            for one in self.call.legs
            if one is not self.leg and one.role in (LegRole.CALLER, LegRole.CALLED, LegRole.THIRD)
        ]

    @property
    def is_party(self) -> bool:
        """Whether the phone is one of those who talk or ring: no supervisor, nobody who leaves."""
        return self.leg.role in (LegRole.CALLER, LegRole.CALLED, LegRole.THIRD)

    @property
    def talks(self) -> bool:
        return self.is_party and self.call.stage is Stage.TALKING and len(self.others) > 0

    @property
    def rings(self) -> bool:
        is_ringing = self.call.stage is Stage.RINGING and self.call.transfer is None
        return self.is_party and is_ringing and not self.call.visit_open and len(self.others) == 1

    @property
    def worth(self) -> tuple[int, float]:
        return WORTH[self.call.direction], -self.call.entered


def join(exchange: Exchange, call: CallState, leg: LegState, replaces: LegId) -> Cause | None:
    """Carry out what the phone of `leg` asked for; return why not, or None."""
    other_id = exchange.call_of_leg.get(replaces)
    other = exchange.calls.get(other_id) if other_id is not None else None
    second = other.leg_named(replaces) if other is not None else None
    if other is None or second is None:
        return Cause.NOT_FOUND
    if other is call or leg.extension is None or leg.extension != second.extension:
        return Cause.FORBIDDEN
    first, asked = _Half(call=call, leg=leg), _Half(call=other, leg=second)
    if call.consult is not None or other.consult is not None:
        return Cause.FORBIDDEN
    if first.talks and asked.talks:
        kept, gone = (first, asked) if first.worth > asked.worth else (asked, first)
        _merge(exchange, kept, gone, asker=leg.leg)
    elif first.talks and asked.rings and len(first.others) == 1:
        _merge_ringing(exchange, first, asked, asker=leg.leg)
    elif asked.talks and first.rings and len(asked.others) == 1:
        _merge_ringing(exchange, asked, first, asker=leg.leg)
    else:
        return Cause.FORBIDDEN
    return None


def _merge(exchange: Exchange, kept: _Half, gone: _Half, asker: LegId) -> None:
    call, moving = kept.call, gone.others
    to = _shown(moving)
    _begun(exchange, kept, TransferWay.ATTENDED, to)
    exchange.do(TellTransfer(leg=asker, stage=TransferStage.DONE))
    side = clocks.side_of(gone.call, gone.leg)
    supervision.end_all(exchange, gone.call)
    talk.end_talk(exchange, gone.call)
    talk.close_recording(exchange, gone.call)
    for leg in moving:
        leg.is_customer = False
        seating.move_leg(exchange, leg, gone.call, call)
    served = _served(kept)
    call.is_held_by_box = False
    seating.remove(exchange, call, kept.leg, Cause.NORMAL)
    for leg in [*moving, *(one for one in kept.others if one.place is Place.WAITING)]:
        seating.seat(exchange, call, leg, Place.TALKING)
    seating.make_customer(call, served)
    clocks.end(exchange, call, served.leg)
    conference.ensure(exchange, call)
    for leg in moving:
        clocks.begin(exchange, call, leg)
    seating.arrange(exchange, call)
    exchange.write(call, TransferFinished(to=to))
    _end(exchange, gone, call, side)


def _merge_ringing(exchange: Exchange, kept: _Half, gone: _Half, asker: LegId) -> None:
    """Semi-attended: the target still rings."""
    call, (target,) = kept.call, gone.others
    to = _shown([target])
    served = _served(kept)
    _begun(exchange, kept, TransferWay.SEMI_ATTENDED, to)
    side = clocks.side_of(gone.call, gone.leg)
    is_asker = kept.leg.leg == asker
    if not is_asker:
        exchange.do(TellTransfer(leg=asker, stage=TransferStage.DONE))
    seating.move_leg(exchange, target, gone.call, call)
    target.role = LegRole.CALLED
    call.trunks_left = gone.call.trunks_left
    transfer.let_go(
        exchange,
        call,
        kept.leg,
        served,
        transfer.state_of(
            exchange, kept.leg, TransferWay.SEMI_ATTENDED, to, asker if is_asker else None
        ),
    )
    exchange.set_timer(call, "ring", transfer.RING_SECONDS)
    if target.phase is LegPhase.RINGING:
        transfer.target_rings(exchange, call)
    _end(exchange, gone, call, side)


def _begun(exchange: Exchange, kept: _Half, way: TransferWay, to: str) -> None:
    exchange.write(
        kept.call,
        TransferBegun(way=way, to=to, agent=kept.leg.agent, extension=kept.leg.extension),
        kept.leg.leg,
    )


def _served(kept: _Half) -> LegState:
    customer = kept.call.customer
    return kept.others[0] if customer is None or customer is kept.leg else customer


def _shown(legs: list[LegState]) -> str:
    return " ".join(leg.extension or leg.number or leg.leg for leg in legs)


def _end(exchange: Exchange, gone: _Half, into: CallState, side: Side) -> None:
    exchange.write(gone.call, CallMerged(into=into.call), gone.leg.leg)
    cause = Cause.NORMAL if gone.leg.phase is LegPhase.ANSWERED else Cause.CANCELLED
    talk.end(exchange, gone.call, by=side, cause=cause)
