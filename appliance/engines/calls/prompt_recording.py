"""*77: record a prompt at a desk phone.

*77, the prompt's number, * and the PIN of [prompt_recording], all at once or as it is asked for.
Then he speaks behind a tone, # ends it; he hears it as it was recorded, and 1 keeps it, 2 begins
again, 3 plays it again. Nothing is changed before it is kept, whatever is killed, and whoever hangs
up has changed nothing.

Theory of operation. One PromptTake in the call's slot; `step` says what keys mean. Behind each
sentence and each wait stands the timer "prompt", so that an end, a file or an answer that got
lost leaves nobody waiting: keeping is asked for twice and then given up.
"""

from appliance.engines.calls import pin_tries, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.prompt_take_state import PromptTake, TakeStep
from appliance.engines.calls.state import CallState, Purpose
from appliance.vocabulary.audio import Channel, Playlist, Silence, Track
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.facts_desk import PromptRecorded
from appliance.vocabulary.ids import ExtensionNumber, PromptHash, RecordingId
from appliance.vocabulary.journal import RecordingOpened
from appliance.vocabulary.messages import MESSAGE
from appliance.vocabulary.pins import pin_matches
from appliance.vocabulary.prompt_takes import KeepPrompt, PromptKept
from appliance.vocabulary.speech import PhraseKey, Utterance

CODE = "*77"
BOX = "prompt"
"""In the ledger, of the recordings that are made so."""
BEEP_MS = 400
LONGEST_SECONDS = 240.0
LONGEST_CALL_SECONDS = 1800.0
DIGIT_PAUSE_SECONDS = 6.0
CHOICE_SECONDS = 10.0
GUARD_SECONDS = 20.0
MOST_ASKS = 3


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> bool:
    """Begin; False when the code is none of ours."""
    if code[:3] != CODE:
        return False
    if not exchange.site.prompt_recording.pin_digest:
        talk.say_goodbye(exchange, call, PhraseKey.CODE_UNKNOWN)
        return True
    exchange.set_timer(call, "service", LONGEST_CALL_SECONDS)
    take = call.prompt_take = PromptTake(keyed=code[3:].strip("#"))
    if "*" in take.keyed:
        _keyed_in(exchange, call, take)
    else:
        take.keyed = ""
        _say(exchange, call, Purpose.PROMPT, PhraseKey.PROMPT_NUMBER)
    return True


def digit(exchange: Exchange, call: CallState, take: PromptTake, pressed: str) -> None:
    """A key."""
    match take.step:
        case TakeStep.ASKING:
            _silence(exchange, call)
            if pressed == "#":
                _keyed_in(exchange, call, take)
                return
            take.keyed = (take.keyed + pressed)[:32]
            exchange.set_timer(call, "prompt", DIGIT_PAUSE_SECONDS)
        case TakeStep.SPEAKING if pressed == "#":
            _spoken(exchange, call, take)
        case TakeStep.CHOOSING:
            take.asks = 0
            _chosen(exchange, call, take, pressed)
        case _:
            pass


def said(exchange: Exchange, call: CallState) -> None:
    """A sentence, the tone, or the recording is over."""
    take = call.prompt_take
    if take is None:
        return
    if take.step is TakeStep.INVITING:
        if take.recording is None:
            take.recording = RecordingId(exchange.new_name("r"))
            exchange.play_tone(call, Purpose.PROMPT, "beep", BEEP_MS)
            exchange.set_timer(call, "prompt", GUARD_SECONDS)
        else:
            _record(exchange, call, take, take.recording)
    else:
        exchange.set_timer(call, "prompt", CHOICE_SECONDS)


def time_over(exchange: Exchange, call: CallState) -> None:
    """No key came, or an end, a file, an answer was lost."""
    take = call.prompt_take
    if take is None:
        return
    match take.step:
        case TakeStep.ASKING if take.keyed:
            _keyed_in(exchange, call, take)
        case TakeStep.INVITING:
            _silence(exchange, call)
            said(exchange, call)
        case TakeStep.SPEAKING:
            _spoken(exchange, call, take)
        case TakeStep.CHOOSING if take.asks < MOST_ASKS:
            take.asks += 1
            _tell_keys(exchange, call)
        case TakeStep.KEEPING if take.asks < MOST_ASKS:
            _keep(exchange, call, take)
        case TakeStep.SEALING | TakeStep.KEEPING:
            talk.say_goodbye(exchange, call, PhraseKey.PROMPT_NOT_KEPT)
        case _:
            talk.say_goodbye(exchange, call, PhraseKey.GOODBYE)


def sealed(exchange: Exchange, event: RecordingSealed) -> None:
    """Its file is made: he hears it."""
    call = exchange.calls.get(event.call)
    take = None if call is None else call.prompt_take
    if call is None or take is None or take.recording != event.recording:
        return
    if take.step is not TakeStep.SEALING:
        return
    if not event.file:  # nothing came of what he said: there is nothing to keep
        _invite(exchange, call, take)
    else:
        take.file = event.file
        take.step, take.asks = TakeStep.CHOOSING, 0
        _play(exchange, call, take)


def kept(exchange: Exchange, event: PromptKept) -> None:
    """The daemon has made a prompt of it, or cannot."""
    call = exchange.calls.get(event.call)
    take = None if call is None else call.prompt_take
    if call is None or take is None or take.step is not TakeStep.KEEPING:
        return
    call.prompt_take = None
    call.due.pop("prompt", None)
    if event.is_kept and take.recording is not None and call.extension is not None:
        fact = PromptRecorded(name=take.name, extension=call.extension, recording=take.recording)
        exchange.write(call, fact)
    key = PhraseKey.PROMPT_KEPT if event.is_kept else PhraseKey.PROMPT_NOT_KEPT
    talk.say_goodbye(exchange, call, key)


# --- number and PIN -------------------------------------------------------------------------------
def _keyed_in(exchange: Exchange, call: CallState, take: PromptTake) -> None:
    number, _, pin = take.keyed.strip("*").partition("*")
    take.keyed = ""
    extension = call.extension
    if extension is None:
        return
    if pin_tries.is_locked(exchange, extension):
        talk.say_goodbye(exchange, call, PhraseKey.PIN_LOCKED)
        return
    settings = exchange.site.prompt_recording
    if not number.isdigit() or not pin_matches(pin.replace("*", ""), settings.pin_digest):
        pin_tries.was_wrong(exchange, extension)
        talk.say_goodbye(exchange, call, PhraseKey.WRONG_PIN)
        return
    take.name = settings.numbers.get(number, number)
    _invite(exchange, call, take)


# --- recording ------------------------------------------------------------------------------------
def _invite(exchange: Exchange, call: CallState, take: PromptTake) -> None:
    take.step, take.recording, take.file = TakeStep.INVITING, None, ""
    _say(exchange, call, Purpose.PROMPT, PhraseKey.PROMPT_SPEAK)


def _record(exchange: Exchange, call: CallState, take: PromptTake, recording: RecordingId) -> None:
    caller = call.caller_leg
    if caller is None:
        return
    call.playing = None
    take.step, call.recording = TakeStep.SPEAKING, recording
    exchange.write(call, RecordingOpened(recording=recording, is_message=True, box=BOX))
    track = Track(recording=recording, channel=Channel.CALLER)
    exchange.set_audio(call, caller, hears=Silence(), track=track)
    exchange.set_timer(call, "prompt", LONGEST_SECONDS)


def _spoken(exchange: Exchange, call: CallState, take: PromptTake) -> None:
    take.step = TakeStep.SEALING
    caller = call.caller_leg
    if caller is not None:
        exchange.stop_track(call, caller)
    talk.close_recording(exchange, call)
    exchange.set_timer(call, "prompt", GUARD_SECONDS)


# --- what he wants of it --------------------------------------------------------------------------
def _play(exchange: Exchange, call: CallState, take: PromptTake) -> None:
    leg = call.caller_leg
    if leg is None:
        return
    keys = exchange.prompts.parts(Utterance(language=call.language, phrase=PhraseKey.PROMPT_KEYS))
    prompts = (PromptHash(MESSAGE + take.file), *keys)
    play = exchange.next_play(call, Purpose.PROMPT)
    hears = Playlist(play=play, prompts=prompts, since=exchange.now, stop_on_digit=True)
    exchange.set_audio(call, leg, hears=hears)
    exchange.set_timer(call, "prompt", LONGEST_SECONDS + GUARD_SECONDS)


def _tell_keys(exchange: Exchange, call: CallState) -> None:
    _say(exchange, call, Purpose.PROMPT, PhraseKey.PROMPT_KEYS)


def _chosen(exchange: Exchange, call: CallState, take: PromptTake, pressed: str) -> None:
    _silence(exchange, call)
    match pressed:
        case "1":
            take.step, take.asks = TakeStep.KEEPING, 0
            _keep(exchange, call, take)
        case "2":
            _invite(exchange, call, take)
        case "3":
            _play(exchange, call, take)
        case _:
            _tell_keys(exchange, call)


def _keep(exchange: Exchange, call: CallState, take: PromptTake) -> None:
    if call.extension is None:
        return
    take.asks += 1
    exchange.do(
        KeepPrompt(call=call.call, name=take.name, file=take.file, extension=call.extension)
    )
    exchange.set_timer(call, "prompt", GUARD_SECONDS)


def _silence(exchange: Exchange, call: CallState) -> None:
    if call.playing is not None:
        exchange.stop_playing(call)


def _say(exchange: Exchange, call: CallState, purpose: Purpose, key: PhraseKey) -> None:
    """Say it; a sentence that cannot be said is over soon."""
    if exchange.play_phrase(call, purpose, key):
        exchange.set_timer(call, "prompt", GUARD_SECONDS)
    else:
        exchange.set_timer(call, "prompt", 0.1)
