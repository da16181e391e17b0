"""Click to dial: the phone rings (or picks up by itself), and then it has dialled.

The call begins with a leg that we dial, not one that was offered; once it is answered everything
is as if the phone had dialled the number itself, its rights included.
"""

from appliance.engines.calls import arrival, dialling, queueing, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegState, Purpose
from appliance.vocabulary.audio import FarEnd, Silence
from appliance.vocabulary.ids import ExtensionNumber, LegId
from appliance.vocabulary.journal import CallEntered, Side
from appliance.vocabulary.lines import Cause, Party, PhoneLine

RING_SECONDS = 30.0


def begin(
    exchange: Exchange, extension: ExtensionNumber, number: str, *, asked_by: str
) -> CallState:
    """Ring the phone for a call of its own to `number`, as `asked_by` (CallEntered) wants."""
    line = PhoneLine(extension=extension)
    own = exchange.extensions.get(extension)
    call = exchange.open_call(
        leg=LegId(exchange.new_name("l")),
        line=line,
        direction=arrival.direction_of(exchange, line, number),
        caller=Party(number=extension, name=own.name if own is not None else ""),
        called=number,
    )
    call.extension = extension
    leg = call.legs[0]
    leg.phase, leg.is_auto_answered = LegPhase.CLAIMING, True
    leg.shown = Party(number=number)
    exchange.write(
        call,
        CallEntered(
            direction=call.direction,
            line=line,
            caller=call.caller,
            called=number,
            extension=extension,
            agent=leg.agent,
            asked_by=asked_by,
        ),
        leg.leg,
    )
    queueing.busy_with_own_call(exchange, call)
    exchange.set_timer(call, "originate", RING_SECONDS)
    exchange.claim(call, leg)
    return call


def audio_claimed(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """Its port is known: ring it."""
    leg.phase, leg.dialled_at = LegPhase.DIALLED, exchange.now
    exchange.touch(call)
    dialling.dial_phone(exchange, call, leg)


def answered(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    """The phone picked up: it has dialled, and hears how it rings there."""
    leg.far, leg.phase = far, LegPhase.ANSWERED
    call.due.pop("originate", None)
    exchange.set_audio(call, leg, hears=Silence())
    exchange.play_tone(call, Purpose.MUSIC, "ringback")
    arrival.audio_claimed(exchange, call)


def refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    """The phone did not pick up."""
    talk.end(exchange, call, by=Side.CALLER, cause=cause, gone=leg)
