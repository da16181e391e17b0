"""Leaving a message: greeting, beep, recording, good-bye."""

from appliance.engines.calls import messages, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.greeting import greeting_of
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.audio import Channel, Silence, Track
from appliance.vocabulary.ids import BoxName, RecordingId
from appliance.vocabulary.journal import CallOutcome, RecordingOpened
from appliance.vocabulary.speech import PhraseKey, Utterance

BEEP_MS = 400
LONGEST_GREETING_SECONDS = 120.0
"""Then the message is taken all the same: the greeting's end was lost."""


def begin(exchange: Exchange, call: CallState, box: str, greeting: Utterance | None) -> None:
    """Play the box's greeting (or ours), then take the message."""
    call.stage = Stage.VOICEMAIL
    call.box = box
    exchange.set_timer(call, "greeting", LONGEST_GREETING_SECONDS)
    call.outcome = CallOutcome.VOICEMAIL
    spoken = (greeting_of(exchange, call, greeting),)
    if not exchange.play(call, Purpose.VOICEMAIL_GREETING, spoken, stop_on_digit=True):
        beep(exchange, call)


def beep(exchange: Exchange, call: CallState) -> None:
    """The greeting is over."""
    exchange.play_tone(call, Purpose.BEEP, "beep", BEEP_MS)


def record(exchange: Exchange, call: CallState) -> None:
    """The beep is over: the message begins."""
    caller = call.caller_leg
    if caller is None:
        return
    call.playing = None
    call.due.pop("greeting", None)
    call.recording = RecordingId(exchange.new_name("r"))
    exchange.write(call, RecordingOpened(recording=call.recording, is_message=True, box=call.box))
    messages.begin(exchange, call, call.recording)
    facts = exchange.messages.facts_of(BoxName(call.box))
    caller.quiet_after = facts.silence_seconds or None
    exchange.set_audio(
        call,
        caller,
        hears=Silence(),
        track=Track(recording=call.recording, channel=Channel.CALLER),
    )
    exchange.set_timer(call, "message", facts.longest_seconds)


def digit(exchange: Exchange, call: CallState, pressed: str) -> None:
    """A key ends the greeting, # the message."""
    if call.playing is not None and call.playing.purpose is Purpose.VOICEMAIL_GREETING:
        # By SIP INFO: the worker, which stops it for other forms, has not seen this one.
        beep(exchange, call)
        return
    if pressed == "#" and call.recording is not None:
        finish(exchange, call)


def quiet(exchange: Exchange, call: CallState) -> None:
    """The caller has said nothing for a while: the message is over, though he has not hung up."""
    if call.stage is Stage.VOICEMAIL and call.recording is not None:
        finish(exchange, call)


def finish(exchange: Exchange, call: CallState) -> None:
    """The message is complete; say so."""
    call.due.pop("message", None)
    caller = call.caller_leg
    if caller is not None:
        caller.quiet_after = None
        exchange.stop_track(call, caller)
    talk.close_recording(exchange, call)
    talk.say_goodbye(exchange, call, PhraseKey.MESSAGE_SAVED)
