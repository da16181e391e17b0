"""Three and more talk: everybody hears the sum of the others.

It begins when a consultation is joined, or a second talk is merged into one that was a conference.
Whoever of our side leaves, the others talk on; the last two are a plain talk again. The customer
from outside is what the call is about: when he hangs up, the call is over for all.
"""

from appliance.engines.calls import clocks, seating
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegState, Place, Stage
from appliance.vocabulary.facts_handling import ConferenceBegun
from appliance.vocabulary.lines import Cause, PhoneLine


def begin(exchange: Exchange, call: CallState, joining: LegState) -> None:
    """All who wait or speak aside talk together from now on; `joining` is new to the customer."""
    for leg in call.legs:
        if leg.place in (Place.ASIDE, Place.WAITING):
            seating.seat(exchange, call, leg, Place.TALKING)
    ensure(exchange, call)
    clocks.begin(exchange, call, joining)
    seating.arrange(exchange, call)


def ensure(exchange: Exchange, call: CallState) -> None:
    """Say that it is a conference, where three talk that were not one before."""
    if call.conference_at is not None or len(call.talking) < 3:
        return
    call.conference_at, call.overlap = exchange.now, 0.0
    exchange.write(call, ConferenceBegun(parties=tuple(_shown(call, one) for one in call.talking)))


def _shown(call: CallState, leg: LegState) -> str:
    if leg.extension is not None:
        return leg.extension
    return leg.number or (call.caller.number if leg.is_customer else "")


def leg_gone(exchange: Exchange, call: CallState, leg: LegState) -> bool:
    """One of several who talk hung up; False: it was a talk of two, or the customer outside."""
    is_outside_customer = leg.is_customer and not isinstance(leg.line, PhoneLine)
    if call.stage is not Stage.TALKING or leg not in call.talking or is_outside_customer:
        return False
    others = [one for one in call.talking if one is not leg]
    if len(others) < 2:
        return False
    leave(exchange, call, leg, tell=False)
    return True


def leave(exchange: Exchange, call: CallState, leg: LegState, *, tell: bool) -> None:
    """Take one of at least three out of the conference."""
    was_customer = leg.is_customer
    seating.remove(exchange, call, leg, Cause.NORMAL, tell=tell)
    served = next((one for one in call.talking if one.is_customer), call.talking[0])
    if was_customer:
        clocks.end(exchange, call, served.leg)
    seating.make_customer(call, served)
    if len(call.talking) < 3:
        clocks.end_conference(exchange, call)
    seating.arrange(exchange, call)
