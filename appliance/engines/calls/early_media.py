"""What a carrier says before anybody answers: its own ringing tone, "the number is switched off".

Only for who has not been answered himself, a phone of ours that dials out: it hears the carrier
and is heard by it (its packets open the way back through a router). An answered caller hears what
the box plays to him. Nothing of it is talk: no clock runs, nothing is recorded.
"""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.audio import FarEnd, PeerAudio
from appliance.vocabulary.commands import Ring
from appliance.vocabulary.lines import TrunkLine


def heard(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd | None) -> None:
    """A dialled leg rings; `far` is where its audio comes from already, if it does."""
    caller = call.caller_leg
    if far is None or caller is None or caller.phase is not LegPhase.OFFERED:
        return
    if not isinstance(leg.line, TrunkLine) or leg.role is not LegRole.CALLED:
        return
    if call.stage is not Stage.RINGING or leg.phase is not LegPhase.RINGING or caller.port is None:
        return
    exchange.set_audio(call, leg, far=far, hears=PeerAudio(leg=caller.leg))
    exchange.set_audio(call, caller, hears=PeerAudio(leg=leg.leg))
    exchange.do(Ring(leg=caller.leg, port=caller.port))
