"""Hold: a side that wants no audio leaves the other with music, and the talk's clock stands still.

Both sides may hold at once; the hold is over when the last of them takes the other back. Besides,
the box can hold the customer by itself (`hold`), for a page or a program that asks.
"""

from appliance.engines.calls import clocks, seating
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegState, Place, Stage
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.facts_handling import Held, Retrieved


def audio_moved(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    """The far end wants its audio elsewhere, or holds, or takes the other side back."""
    exchange.set_audio(call, leg, far=far)
    if call.stage is not Stage.TALKING or leg.place is Place.APART:
        return
    is_holding = leg.leg in call.holders
    if not far.receives and not is_holding:
        call.holders.append(leg.leg)
        exchange.write(call, Held(by=clocks.side_of(call, leg)), leg.leg)
        seating.arrange(exchange, call)
    elif far.receives and is_holding:
        call.holders.remove(leg.leg)
        if not call.holders:
            exchange.write(call, Retrieved(by=clocks.side_of(call, leg)), leg.leg)
        seating.arrange(exchange, call)


def by_the_box(exchange: Exchange, call: CallState, *, is_held: bool, asked_by: str) -> bool:
    """Put the customer on hold, or take him back; False when that cannot be just now."""
    customer = call.customer
    if call.stage is not Stage.TALKING or customer is None or call.consult is not None:
        return False
    if call.is_held_by_box is is_held or customer.place is Place.APART:
        return False
    call.is_held_by_box = is_held
    customer.place = Place.WAITING if is_held else Place.TALKING
    server = call.leg_named(call.talks[0].server) if call.talks else None
    side = clocks.side_of(call, server or customer)
    fact = (Held if is_held else Retrieved)(by=side, asked_by=asked_by)
    exchange.write(call, fact, server.leg if server is not None else None)
    seating.arrange(exchange, call)
    return True
