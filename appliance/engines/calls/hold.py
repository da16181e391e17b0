"""Hold: a side that wants no audio leaves the other with music, and the talk's clock stands still.

Both sides may hold at once; the hold is over when the last of them takes the other back.
"""

from appliance.engines.calls import queueing
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegRole, LegState, Stage
from appliance.vocabulary.audio import FarEnd, Hears, PeerAudio, Playlist, Silence
from appliance.vocabulary.ids import Instant, PlayId


def audio_moved(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    """The far end wants its audio elsewhere, or holds, or takes the other side back."""
    exchange.set_audio(call, leg, far=far)
    if call.stage is not Stage.TALKING:
        return
    is_holding = leg.leg in call.holders
    if not far.receives and not is_holding:
        _begin(exchange, call, leg)
    elif far.receives and is_holding:
        _end(exchange, call, leg)


def _begin(exchange: Exchange, call: CallState, leg: LegState) -> None:
    if not call.holders:
        call.held_since = exchange.now
    call.holders.append(leg.leg)
    other = _other(call, leg)
    if other is not None:
        exchange.set_audio(call, other, hears=_music(exchange, call))
    _tell_floor(exchange, call, leg, is_held=True)


def _end(exchange: Exchange, call: CallState, leg: LegState) -> None:
    call.holders.remove(leg.leg)
    if not call.holders:
        call.hold_seconds = seconds(call, exchange.now)
        call.held_since = None
    other = _other(call, leg)
    if other is not None:
        exchange.set_audio(call, other, hears=PeerAudio(leg=leg.leg))
    _tell_floor(exchange, call, leg, is_held=False)


def seconds(call: CallState, now: Instant) -> float:
    """How much of the talk so far was hold."""
    running = now - call.held_since if call.held_since is not None else 0.0
    return call.hold_seconds + running


def _music(exchange: Exchange, call: CallState) -> Hears:
    music = exchange.prompts.music()
    if not music:
        return Silence()
    play = PlayId(f"{call.call}.{call.plays}")
    call.plays += 1
    return Playlist(play=play, prompts=music, since=exchange.now, loop=True)


def _other(call: CallState, leg: LegState) -> LegState | None:
    return call.called_leg if leg.role is LegRole.CALLER else call.caller_leg


def _tell_floor(exchange: Exchange, call: CallState, leg: LegState, *, is_held: bool) -> None:
    if leg.agent is not None:
        queueing.carry_out(exchange, exchange.floor.hold(leg.agent, is_held, exchange.now))
