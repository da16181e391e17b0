"""What happens to a leg, handed to the file of its call's stage. Late events are ignored."""

from collections.abc import Callable
from typing import assert_never

from appliance.engines.calls import (
    arrival,
    callback_asking,
    callbacks,
    consult,
    desk,
    dialling,
    early_media,
    flows,
    groups,
    hold,
    keys,
    mailbox,
    originate,
    park,
    prompt_recording,
    queue_words,
    queueing,
    replacing,
    seating,
    side_legs,
    supervision,
    surveys,
    talk,
    talk_codes,
    voicemail,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Purpose, Stage
from appliance.vocabulary.commands import CheckLeg, HangUp, MoveAudio
from appliance.vocabulary.events import (
    AudioClaimed,
    AudioLost,
    AudioRefused,
    DigitHeard,
    DigitsUnsent,
    FarEndQuiet,
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegRefused,
    LegRinging,
    PlayEnded,
)
from appliance.vocabulary.journal import Side
from appliance.vocabulary.lines import Cause

LegEvent = (
    LegRinging
    | LegAnswered
    | LegRefused
    | LegEnded
    | LegAudioMoved
    | AudioClaimed
    | AudioRefused
    | DigitHeard
    | DigitsUnsent
    | PlayEnded
    | AudioLost
    | FarEndQuiet
)

ECHO_SECONDS = 2.0
"""Phones send INFO when the key is released, tones when it is pressed: until then the other form of
the same key is the same press."""


def leg_event(exchange: Exchange, event: LegEvent) -> None:
    """Find the leg's call and hand the event on."""
    call_id = exchange.call_of_leg.get(event.leg)
    call = exchange.calls.get(call_id) if call_id is not None else None
    leg = call.leg_named(event.leg) if call is not None else None
    if call is None or leg is None:
        return
    match event:
        case AudioClaimed():
            _claimed(exchange, call, leg, event.port)
        case LegRinging() | LegAnswered() | LegEnded() | LegRefused() | LegAudioMoved():
            _line_event(exchange, call, leg, event)
        case AudioRefused():
            _audio_refused(exchange, call, leg)
        case DigitHeard():
            _digit(exchange, call, leg, event)
        case DigitsUnsent():
            keys.unsent(exchange, event)
        case PlayEnded():
            _play_ended(exchange, call, event)
        case FarEndQuiet():
            voicemail.quiet(exchange, call)
            flows.quiet(exchange, call)
        case AudioLost():
            exchange.do(CheckLeg(leg=leg.leg))
        case _:
            assert_never(event)


def _line_event(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    event: LegRinging | LegAnswered | LegRefused | LegEnded | LegAudioMoved,
) -> None:
    if isinstance(event, LegAnswered):
        leg.transport = event.transport
    if side_legs.line_event(exchange, call, leg, event):
        return
    match event:
        case LegRinging():
            _ringing(exchange, call, leg)
            early_media.heard(exchange, call, leg, event.audio)
        case LegAnswered():
            _answered(exchange, call, leg, event)
        case LegRefused():
            _refused(exchange, call, leg, event.cause)
        case LegEnded():
            _ended(exchange, call, leg, event.cause)
        case LegAudioMoved():
            hold.audio_moved(exchange, call, leg, event.audio)
        case _:
            assert_never(event)


def _claimed(exchange: Exchange, call: CallState, leg: LegState, port: int) -> None:
    if leg.port == port:
        return
    has_moved = leg.port is not None and leg.phase is LegPhase.ANSWERED
    leg.is_moved = leg.is_moved or (leg.port is not None and not has_moved)
    leg.port = port
    exchange.touch(call)
    if has_moved:
        # The worker came back without its sockets (the whole box was killed, not one process).
        exchange.do(MoveAudio(leg=leg.leg, port=port))
    if leg.phase is LegPhase.CLAIMING and leg.role is LegRole.CALLER:
        originate.audio_claimed(exchange, call, leg)
    elif leg.phase is LegPhase.CLAIMING:
        dialling.audio_claimed(exchange, call, leg)
    elif leg.role is LegRole.REPLACING:
        replacing.audio_claimed(exchange, call, leg)
    elif leg.phase is LegPhase.OFFERED and call.stage is Stage.ARRIVING:
        arrival.audio_claimed(exchange, call)


def _audio_refused(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """A call that begins is refused; in one that goes on (the worker came back without its sockets,
    and the ports are gone) nobody would hear anything any more."""
    if leg.role is LegRole.CALLER and call.stage is Stage.ARRIVING:
        dialling.block(exchange, call, Cause.CONGESTION, "no_audio_port")
    elif leg.role not in (LegRole.CALLER, LegRole.CALLED):
        side_legs.audio_refused(exchange, call, leg)
    elif leg.role is LegRole.CALLED and leg.phase is not LegPhase.ANSWERED:
        if leg.phase is not LegPhase.CLAIMING:
            exchange.do(HangUp(leg=leg.leg, cause=Cause.CANCELLED))
        _refused(exchange, call, leg, Cause.CONGESTION)
    else:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.CONGESTION)


def _ringing(exchange: Exchange, call: CallState, leg: LegState) -> None:
    if leg.phase is not LegPhase.DIALLED:
        return
    leg.phase = LegPhase.RINGING
    exchange.touch(call)
    queueing.agent_ringing(exchange, call, leg)
    dialling.called_ringing(exchange, call)


def _answered(exchange: Exchange, call: CallState, leg: LegState, event: LegAnswered) -> None:
    if leg.phase not in (LegPhase.DIALLED, LegPhase.RINGING):
        return
    call.due.pop("ring", None)
    groups.answered(exchange, call, leg)
    leg.far = event.audio
    if leg.is_moved and leg.port is not None:
        leg.is_moved = False
        exchange.do(MoveAudio(leg=leg.leg, port=leg.port))
    talk.called_answered(exchange, call, leg)


def _refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    if leg.phase is LegPhase.ANSWERED:
        _ended(exchange, call, leg, cause)
    elif call.visit_open:
        queueing.agent_refused(exchange, call, leg, cause)
    else:
        dialling.called_refused(exchange, call, leg, cause)


def _ended(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    if leg.role is LegRole.CALLED and leg.phase is not LegPhase.ANSWERED:
        _refused(exchange, call, leg, cause)
        return
    if leg.role is LegRole.CALLED and call.stage is Stage.ANNOUNCING:
        # The agent hung up while the caller was told his number: the caller keeps his place.
        call.stage = Stage.QUEUED
        exchange.play_music(call)
        is_his_wish = cause is not Cause.FAILURE
        cause = Cause.REJECTED if is_his_wish else Cause.CANCELLED  # no pause for what is our fault
        queueing.agent_refused(exchange, call, leg, cause)
        return
    talk.leg_gone(exchange, call, leg, cause)


def _is_echo(exchange: Exchange, leg: LegState, event: DigitHeard) -> bool:
    """The same press may come twice, as INFO and as RFC 4733 or tone: count it once."""
    is_echo = (
        leg.last_digit == event.digit
        and leg.last_digit_form != event.form
        and leg.last_digit_at is not None
        and exchange.now - leg.last_digit_at < ECHO_SECONDS
    )
    if not is_echo:
        leg.last_digit, leg.last_digit_form = event.digit, str(event.form)
        leg.last_digit_at = exchange.now
    return is_echo


def _digit(exchange: Exchange, call: CallState, leg: LegState, event: DigitHeard) -> None:
    if _is_echo(exchange, leg, event):
        return
    pressed = event.digit
    if call.stage is Stage.TALKING:
        keys.relay(exchange, call, leg, event)
        talk_codes.digit(exchange, call, leg, pressed)
        return
    if leg.role is not LegRole.CALLER:
        return
    match call.stage:
        case Stage.QUEUED | Stage.ASKING:
            callback_asking.digit(exchange, call, pressed)
        case Stage.FLOW:
            flows.digit(exchange, call, pressed)
        case Stage.SURVEY:
            surveys.digit(exchange, call, pressed)
        case Stage.VOICEMAIL:
            voicemail.digit(exchange, call, pressed)
        case Stage.SERVICE:
            desk.digit(exchange, call, pressed)
        case Stage.RINGING:
            keys.before_answer(exchange, leg, event)
        case _:
            pass


def _play_ended(exchange: Exchange, call: CallState, event: PlayEnded) -> None:
    playing = call.playing
    if playing is None or playing.play != event.play:
        return
    call.playing = None
    exchange.touch(call)
    if playing.purpose is Purpose.FLOW:
        flows.play_ended(exchange, call, playing.number)
    elif playing.purpose in (Purpose.WHISPER, Purpose.AGENT_NUMBER):
        talk.announced(exchange, call, playing.purpose)
    elif playing.purpose is Purpose.MAILBOX:
        mailbox.said(exchange, call, was_stopped=event.was_stopped)
    elif (act := PLAY_OVER.get(playing.purpose)) is not None:
        act(exchange, call)


def _said(exchange: Exchange, call: CallState) -> None:
    talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)


def wake_call(exchange: Exchange, call: CallState) -> None:
    due = [name for name, instant in call.due.items() if instant <= exchange.now]
    for name in due:
        call.due.pop(name)
    for name in due:
        if call.call not in exchange.calls:
            return
        _timer(exchange, call, name)
    if call.call in exchange.calls and call.stage is Stage.FLOW:
        flows.wake(exchange, call)
    if call.call in exchange.calls:
        exchange.schedule(call)


def _timer(exchange: Exchange, call: CallState, name: str) -> None:
    act = TIMERS.get(name)
    if act is not None:
        act(exchange, call)
    else:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)


def _announcement_over(exchange: Exchange, call: CallState) -> None:
    if call.stage is Stage.ANNOUNCING and call.is_being_called_back:
        callbacks.dial(exchange, call)
    elif call.stage is Stage.ANNOUNCING:
        talk.bridge(exchange, call)


def _greeting_over(exchange: Exchange, call: CallState) -> None:
    if call.stage is Stage.VOICEMAIL and call.recording is None:
        voicemail.record(exchange, call)


def _arrival_over(exchange: Exchange, call: CallState) -> None:
    dialling.block(exchange, call, Cause.CONGESTION, "no_audio_port")


TIMERS: dict[str, Callable[[Exchange, CallState], None]] = {
    "ring": dialling.ring_time_over,
    "group": groups.ring_time_over,
    "message": voicemail.finish,
    "announcing": _announcement_over,
    "greeting": _greeting_over,
    "arrival": _arrival_over,
    "digits": desk.digits_over,
    "code": talk_codes.time_over,
    "mailbox": mailbox.time_over,
    "prompt": prompt_recording.time_over,
    "consult": consult.ring_time_over,
    "supervisor": supervision.ring_time_over,
    "park": park.time_over,
    "parker": park.parker_told,
    "beep": seating.arrange,
    "comfort": queue_words.comfort,
    "offer": queue_words.offer,
    "asking": callback_asking.silence,
    "survey": surveys.time_over,
}
"""A call's own timers; any other ends the call."""

PLAY_OVER: dict[Purpose, Callable[[Exchange, CallState], None]] = {
    Purpose.POSITION: lambda exchange, call: exchange.play_music(call),
    Purpose.COMFORT: lambda exchange, call: exchange.play_music(call),
    Purpose.VOICEMAIL_GREETING: voicemail.beep,
    Purpose.BEEP: voicemail.record,
    Purpose.LAST_WORDS: _said,
    Purpose.ECHO: talk.echo,
    Purpose.ASKING: callback_asking.asked,
    Purpose.CALLBACK: callbacks.dial,
    Purpose.SURVEY: surveys.said,
    Purpose.PROMPT: prompt_recording.said,
}
"""What a sentence leads to when it is over; nothing, where it is not here (music, codes)."""
