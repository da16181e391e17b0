"""What people decide about a call's recording: on, off, paused, and the caller's own choice.

Paused means masked: the recording goes on with silence on both sides (card numbers are being
said), and the ledger has both moments. Off ends the recording; on begins a new one of the same
call. Neither brings back what a caller refused or a missing notice forbids.
"""

from appliance.engines.calls import seating, talk
from appliance.engines.calls.desk_state import RecordingWishes
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegState, Place, Stage
from appliance.vocabulary.audio import Tone
from appliance.vocabulary.facts_handling import ConsentAsked, RecordingMasked, RecordingUnmasked
from appliance.vocabulary.ids import PlayId, Seconds
from appliance.vocabulary.journal import Direction
from appliance.vocabulary.verbs import RecordingWish, SetRecording

BEEP_MS = 200
BEEP_SECONDS = 0.4


def carry_out(exchange: Exchange, verb: SetRecording) -> str:
    """Do what a page or a program asks; return the problem, or nothing."""
    call = exchange.calls.get(verb.call)
    if call is None:
        return "call_unknown"
    if call.stage is not Stage.TALKING:
        return "not_talking"
    return control(exchange, call, verb.wish, by=verb.by)


def control(exchange: Exchange, call: CallState, wish: RecordingWish, *, by: str) -> str:
    """Do it to this talk's recording; return the problem, or nothing."""
    wishes = wishes_of(call)
    match wish:
        case RecordingWish.ON:
            return _switch_on(exchange, call, wishes, by)
        case RecordingWish.OFF:
            if call.recording is None:
                return "not_recorded"
            wishes.is_off, wishes.is_on = True, False
            talk.close_recording(exchange, call, by=by)
            seating.arrange(exchange, call)
        case RecordingWish.PAUSE:
            if call.recording is None:
                return "not_recorded"
            if wishes.masked is not None:
                return "already"
            _mask(exchange, call, wishes, by)
        case RecordingWish.RESUME:
            if wishes.masked is None:
                return "not_recorded" if call.recording is None else "already"
            unmask(exchange, call, by)
    return ""


def _switch_on(exchange: Exchange, call: CallState, wishes: RecordingWishes, by: str) -> str:
    if call.recording is not None:
        return "already"
    is_unasked = call.direction is Direction.INBOUND and call.notice is None
    if wishes.is_refused or is_unasked:
        return "not_allowed"
    wishes.is_off, wishes.is_on = False, True
    talk.open_recording(exchange, call, by=by)
    seating.arrange(exchange, call)
    return ""


def _mask(exchange: Exchange, call: CallState, wishes: RecordingWishes, by: str) -> None:
    if call.recording is None:
        return
    wishes.masked, wishes.masked_since = call.recording, exchange.now
    exchange.write(call, RecordingMasked(recording=call.recording, by=by))
    _tell_media(exchange, call)


def unmask(exchange: Exchange, call: CallState, by: str) -> None:
    """The recording has sound again, or ends; nothing where it is not masked."""
    wishes = call.recording_wishes
    if wishes is None or wishes.masked is None:
        return
    masked = Seconds(exchange.now - wishes.masked_since)
    exchange.write(call, RecordingUnmasked(recording=wishes.masked, by=by, masked=masked))
    wishes.masked = None
    _tell_media(exchange, call)


def _tell_media(exchange: Exchange, call: CallState) -> None:
    for leg in call.legs:
        if leg.track is not None:
            exchange.set_audio(call, leg)


def wishes_of(call: CallState) -> RecordingWishes:
    """Return what was decided about this call's recording, made when nothing was."""
    if call.recording_wishes is None:
        call.recording_wishes = RecordingWishes()
    return call.recording_wishes


def choice(exchange: Exchange, call: CallState, is_granted: bool, digit: str) -> None:
    """The caller was asked whether he may be recorded. Who never heard the notice was not."""
    if is_granted and call.notice is None:
        return
    exchange.write(call, ConsentAsked(is_granted=is_granted, digit=digit))
    wishes_of(call).is_refused = not is_granted


# --- keys within a talk ---
def pause_by_key(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """Pause or resume; who pressed hears a beep, the busy tone for nothing done."""
    wishes = wishes_of(call)
    wish = RecordingWish.PAUSE if wishes.masked is None else RecordingWish.RESUME
    _beep(exchange, call, leg, control(exchange, call, wish, by=leg.extension or "key"))


def switch_by_key(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """Switch off or on; who pressed hears a beep, the busy tone for nothing done."""
    wish = RecordingWish.ON if call.recording is None else RecordingWish.OFF
    _beep(exchange, call, leg, control(exchange, call, wish, by=leg.extension or "key"))


def _beep(exchange: Exchange, call: CallState, leg: LegState, problem: str) -> None:
    if leg.place is not Place.TALKING:
        return
    play = PlayId(f"{call.call}.{call.plays}")
    call.plays += 1
    tone = Tone(
        play=play,
        name="busy" if problem else "beep",
        country=exchange.country,
        since=exchange.now,
        duration_ms=None if problem else BEEP_MS,
    )
    exchange.set_audio(call, leg, hears=tone)
    exchange.set_timer(call, "beep", BEEP_SECONDS if not problem else 2 * BEEP_SECONDS)
