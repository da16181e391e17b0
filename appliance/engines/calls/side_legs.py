"""Line events of legs that ring and are no called side: a third party asked, a supervisor, a phone
for which a program dials."""

from appliance.engines.calls import consult, originate, queueing, supervision, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.commands import HangUp, MoveAudio, Reject
from appliance.vocabulary.events import (
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegRefused,
    LegRinging,
)
from appliance.vocabulary.lines import Cause

Ringing = (LegPhase.DIALLED, LegPhase.RINGING, LegPhase.CLAIMING)


def line_event(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    event: LegRinging | LegAnswered | LegRefused | LegEnded | LegAudioMoved,
) -> bool:
    """Take an event of a leg that we rang; False: it is to be taken as any other leg's."""
    if leg.phase not in Ringing or leg.role is LegRole.CALLED:
        return False
    match event:
        case LegRinging():
            if leg.phase is LegPhase.DIALLED:
                leg.phase = LegPhase.RINGING
                exchange.touch(call)
                if leg.role is LegRole.THIRD:
                    queueing.agent_ringing(exchange, call, leg)
        case LegAnswered():
            if leg.is_moved and leg.port is not None:
                leg.is_moved = False
                exchange.do(MoveAudio(leg=leg.leg, port=leg.port))
            _answered(exchange, call, leg, event.audio)
        case LegRefused() | LegEnded():
            _refused(exchange, call, leg, event.cause)
        case LegAudioMoved():
            exchange.set_audio(call, leg, far=event.audio)
    return True


def audio_refused(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The media worker has no port for it: the talk goes on without it."""
    if leg.phase in Ringing:
        if leg.phase is not LegPhase.CLAIMING:
            exchange.do(HangUp(leg=leg.leg, cause=Cause.CANCELLED))
        _refused(exchange, call, leg, Cause.CONGESTION)
        return
    if leg.phase is LegPhase.OFFERED:
        exchange.do(Reject(leg=leg.leg, cause=Cause.CONGESTION))
    else:
        exchange.do(HangUp(leg=leg.leg, cause=Cause.CONGESTION))
    talk.leg_gone(exchange, call, leg, Cause.CONGESTION)


def _refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    match leg.role:
        case LegRole.THIRD:
            consult.refused(exchange, call, leg, cause)
        case LegRole.SUPERVISOR:
            supervision.refused(exchange, call, leg, cause)
        case _:
            originate.refused(exchange, call, leg, cause)


def _answered(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    match leg.role:
        case LegRole.THIRD:
            consult.answered(exchange, call, leg, far)
        case LegRole.SUPERVISOR:
            supervision.answered(exchange, call, leg, far)
        case _:
            originate.answered(exchange, call, leg, far)
