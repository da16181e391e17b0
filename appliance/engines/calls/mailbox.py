"""Hearing messages at a desk phone: *97 opens the phone's own box, *98 and a number any box.

PIN and # open it: so many new and old messages; then, one after the other, whose and from when, the
message, and what keys do: 1 again, 2 keep and next, 3 delete, 5 call back, # next, 0 another PIN,
* to the menu. Every key cuts a sentence short. Three wrong PINs end the call, five lock the phone
for five minutes (pin_tries.py). A message counts as heard when its sound begins.

Theory of operation. All of it is one MailboxRun in the call's slot: `step` says what keys mean,
`then` what follows when the present sentence is over. A timer stands behind each sentence, so that
one whose end was lost with a media worker does not leave anybody waiting.
"""

from hashlib import sha256

from appliance.engines.calls import mailbox_words, messages, outside, pin_tries, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.mailbox_state import MailboxRun, Step, Then
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.audio import Playlist
from appliance.vocabulary.facts_messages import BoxPinUsed, PinChange
from appliance.vocabulary.ids import BoxName, ExtensionNumber, PromptHash, RecordingId
from appliance.vocabulary.journal import PromptMissing
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.messages import MESSAGE
from appliance.vocabulary.pins import pin_digest, pin_matches
from appliance.vocabulary.speech import PhraseKey, Utterance

OWN, ANY = "*97", "*98"
LONGEST_SECONDS = 3600.0
KEY_SECONDS = 8.0
DIGIT_PAUSE_SECONDS = 5.0
GUARD_SECONDS = 10.0
"""Behind the end of each sentence: then it was lost."""
MOST_WRONG = 3
"""PINs in one call."""
MOST_REPEATS = 2
SHORTEST_PIN, LONGEST_PIN = 4, 8


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> bool:
    """Open a box, or ask what for; False when the code is none of ours."""
    if code[: len(ANY)] not in (OWN, ANY):
        return False
    _begin(exchange, call, extension, code)
    return True


def _begin(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> None:
    own = exchange.extensions.get(extension)
    call.language = (own.language if own is not None else None) or exchange.language
    exchange.set_timer(call, "service", LONGEST_SECONDS)
    if pin_tries.is_locked(exchange, extension):
        talk.say_goodbye(exchange, call, PhraseKey.PIN_LOCKED)
        return
    run = call.mailbox = MailboxRun()
    number = code[len(ANY) :].strip("*#")
    if code.startswith(OWN):
        _ask_pin(exchange, call, run, own.voicemail_box if own is not None else None)
    elif number:
        _ask_pin(exchange, call, run, _numbered(exchange, number))
    else:
        run.step = Step.NUMBER
        _say(exchange, call, run, Then.WAIT, _phrase(call, PhraseKey.MAILBOX_NUMBER))


def said(exchange: Exchange, call: CallState, *, was_stopped: bool) -> None:
    """A sentence, or a message, is over; a key that stopped it comes by itself."""
    run = call.mailbox
    if run is None:
        return
    if was_stopped:
        exchange.set_timer(call, "mailbox", KEY_SECONDS)
    else:
        _follow(exchange, call, run)


def digit(exchange: Exchange, call: CallState, run: MailboxRun, pressed: str) -> None:
    """A key."""
    if call.playing is not None:
        exchange.stop_playing(call)
    run.repeats, run.is_unsaid = 0, False
    if run.step is Step.MESSAGE:
        _key_at_message(exchange, call, run, pressed)
    elif run.step is Step.MENU:
        _key_in_menu(exchange, call, run, pressed)
    elif pressed == "#":
        _keyed_in(exchange, call, run)
    elif pressed.isdigit() and len(run.keyed) < 2 * LONGEST_PIN:
        run.keyed += pressed
        exchange.set_timer(call, "mailbox", DIGIT_PAUSE_SECONDS)
    else:
        run.keyed = ""  # * begins anew
        exchange.set_timer(call, "mailbox", DIGIT_PAUSE_SECONDS)


def time_over(exchange: Exchange, call: CallState) -> None:
    """No key came, or the end of a sentence was lost."""
    run = call.mailbox
    if run is None or call.stage is not Stage.SERVICE:
        return
    if call.playing is not None or run.is_unsaid:
        run.is_unsaid = False
        exchange.stop_playing(call)
        _follow(exchange, call, run)
    elif run.keyed:
        _keyed_in(exchange, call, run)
    elif run.step in (Step.MESSAGE, Step.MENU) and run.repeats < MOST_REPEATS:
        run.repeats += 1
        _tell_keys(exchange, call, run)
    else:
        talk.say_goodbye(exchange, call, PhraseKey.GOODBYE)


def call_to_make(exchange: Exchange, call: CallState, cause: Cause) -> str:
    """The call is over: return whom its phone is to call back, "" for nobody."""
    run = call.mailbox
    if run is None or not run.call_back or cause is Cause.BOX_RESTARTED or call.extension is None:
        return ""
    return run.call_back if call.extension in exchange.known.phones else ""


# --- opening it -----------------------------------------------------------------------------------
def _numbered(exchange: Exchange, number: str) -> BoxName | None:
    facts = exchange.messages.facts.values()
    return next((one.id for one in facts if one.number == number), None)


def _ask_pin(exchange: Exchange, call: CallState, run: MailboxRun, box: BoxName | None) -> None:
    if box is None or not exchange.messages.pin_digest(box):
        talk.say_goodbye(exchange, call, PhraseKey.MAILBOX_CLOSED)
        return
    run.step, run.box = Step.PIN, box
    _say(exchange, call, run, Then.WAIT, _phrase(call, PhraseKey.MAILBOX_PIN))


def _keyed_in(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    keyed, run.keyed = run.keyed, ""
    match run.step:
        case Step.NUMBER:
            _ask_pin(exchange, call, run, _numbered(exchange, keyed))
        case Step.PIN:
            _pin_keyed(exchange, call, run, keyed)
        case Step.NEW_PIN:
            _new_pin(exchange, call, run, keyed)
        case Step.REPEAT_PIN:
            _repeated_pin(exchange, call, run, keyed)
        case Step.MESSAGE | Step.MENU:
            _tell_keys(exchange, call, run)


def _pin_keyed(exchange: Exchange, call: CallState, run: MailboxRun, keyed: str) -> None:
    extension = call.extension
    if extension is None:
        return
    if pin_matches(keyed, exchange.messages.pin_digest(run.box)):
        _open(exchange, call, run)
        return
    pin_tries.was_wrong(exchange, extension)
    run.wrong += 1
    is_locked = pin_tries.is_locked(exchange, extension)
    change = PinChange.LOCKED if is_locked else PinChange.WRONG
    exchange.write(call, BoxPinUsed(box=run.box, extension=extension, change=change))
    if is_locked:
        talk.say_goodbye(exchange, call, PhraseKey.PIN_LOCKED)
    elif run.wrong >= MOST_WRONG:
        talk.say_goodbye(exchange, call, PhraseKey.MAILBOX_WRONG_PIN)
    else:
        _say(
            exchange,
            call,
            run,
            Then.WAIT,
            _phrase(call, PhraseKey.MAILBOX_WRONG_PIN),
            _phrase(call, PhraseKey.MAILBOX_PIN),
        )


def _open(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    box = exchange.messages.box(run.box)
    run.order, run.at, run.step = [*box.new, *box.old], -1, Step.MENU
    words = mailbox_words.counts(call.language, len(box.new), len(box.old))
    _say(exchange, call, run, Then.NEXT if run.order else Then.MENU, *words)


# --- from one message to the next -----------------------------------------------------------------
def _follow(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    match run.then:
        case Then.WAIT:
            exchange.set_timer(call, "mailbox", KEY_SECONDS)
        case Then.SOUND:
            _play(exchange, call, run)
        case Then.KEYS:
            _tell_keys(exchange, call, run)
        case Then.NEXT:
            _next(exchange, call, run)
        case Then.MENU:
            run.step = Step.MENU
            _tell_keys(exchange, call, run)


def _present(run: MailboxRun) -> RecordingId | None:
    return run.order[run.at] if 0 <= run.at < len(run.order) else None


def _next(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    """Tell of the next message that nobody has deleted meanwhile."""
    boxes = exchange.messages
    while run.at + 1 < len(run.order):
        run.at += 1
        box = boxes.holding(run.order[run.at])
        if box is None:
            continue
        run.step = Step.MESSAGE
        run.was_new = run.order[run.at] in box.new
        note = boxes.note(box, run.order[run.at])
        zone = exchange.site.site.timezone
        words = mailbox_words.message(call.language, note, zone, is_new=run.was_new)
        _say(exchange, call, run, Then.SOUND, *words)
        return
    run.at = len(run.order)
    run.step = Step.MENU
    _say(exchange, call, run, Then.MENU, _phrase(call, PhraseKey.MAILBOX_LAST))


def _play(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    """The message itself: from here on it is heard."""
    recording = _present(run)
    box = exchange.messages.holding(recording) if recording is not None else None
    if recording is None or box is None:
        _next(exchange, call, run)
        return
    note = exchange.messages.note(box, recording)
    if not note.file:
        _tell_keys(exchange, call, run)
        return
    _begin_playing(exchange, call, run, Then.KEYS, (PromptHash(MESSAGE + note.file),), note.seconds)
    messages.heard(exchange, recording, str(call.extension or ""))


def _tell_keys(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    is_menu = run.step is Step.MENU
    key = PhraseKey.MAILBOX_MENU if is_menu else PhraseKey.MAILBOX_KEYS
    _say(exchange, call, run, Then.WAIT, _phrase(call, key))


def _key_at_message(exchange: Exchange, call: CallState, run: MailboxRun, pressed: str) -> None:
    recording = _present(run)
    match pressed:
        case "1":
            _play(exchange, call, run)
        case "2":
            _say(exchange, call, run, Then.NEXT, _phrase(call, PhraseKey.MAILBOX_KEPT))
        case "3" if recording is not None:
            messages.deleted(exchange, recording, str(call.extension or ""))
            _say(exchange, call, run, Then.NEXT, _phrase(call, PhraseKey.MAILBOX_DELETED))
        case "5" if recording is not None:
            _call_back(exchange, call, run, recording)
        case "#":
            _next(exchange, call, run)
        case "*":
            run.step = Step.MENU
            _tell_keys(exchange, call, run)
        case "0":
            _ask_new_pin(exchange, call, run)
        case _:
            _tell_keys(exchange, call, run)


def _key_in_menu(exchange: Exchange, call: CallState, run: MailboxRun, pressed: str) -> None:
    match pressed:
        case "1":
            _open(exchange, call, run)
        case "0":
            _ask_new_pin(exchange, call, run)
        case "#" if run.at + 1 < len(run.order):
            _next(exchange, call, run)
        case _:
            _tell_keys(exchange, call, run)


# --- calling back ---------------------------------------------------------------------------------
def _call_back(
    exchange: Exchange, call: CallState, run: MailboxRun, recording: RecordingId
) -> None:
    """Have this phone ring once it is put down, and call the caller, if it may."""
    box = exchange.messages.holding(recording)
    number = exchange.messages.note(box, recording).caller if box is not None else ""
    if not number:
        _say(exchange, call, run, Then.KEYS, _phrase(call, PhraseKey.MAILBOX_WITHHELD))
        return
    dialled = outside.as_dialled(exchange, number, call.extension)
    if not isinstance(dialled, Cause):
        run.call_back = dialled
        talk.say_goodbye(exchange, call, PhraseKey.MAILBOX_CALLING)
        return
    is_forbidden = dialled is Cause.FORBIDDEN
    key = PhraseKey.NOT_ALLOWED if is_forbidden else PhraseKey.NUMBER_UNKNOWN
    _say(exchange, call, run, Then.KEYS, _phrase(call, key))


# --- another PIN ----------------------------------------------------------------------------------
def _ask_new_pin(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    run.step, run.wanted_pin = Step.NEW_PIN, ""
    _say(exchange, call, run, Then.WAIT, _phrase(call, PhraseKey.MAILBOX_ENTER_PIN))


def _new_pin(exchange: Exchange, call: CallState, run: MailboxRun, keyed: str) -> None:
    if not SHORTEST_PIN <= len(keyed) <= LONGEST_PIN:
        _no_new_pin(exchange, call, run)
        return
    salt = sha256(exchange.new_name("pin").encode()).digest()[:16]
    run.step, run.wanted_pin = Step.REPEAT_PIN, pin_digest(keyed, salt)
    _say(exchange, call, run, Then.WAIT, _phrase(call, PhraseKey.MAILBOX_REPEAT_PIN))


def _repeated_pin(exchange: Exchange, call: CallState, run: MailboxRun, keyed: str) -> None:
    digest, run.wanted_pin = run.wanted_pin, ""
    if not pin_matches(keyed, digest) or call.extension is None:
        _no_new_pin(exchange, call, run)
        return
    exchange.messages.set_pin(run.box, digest)
    messages.changed(exchange, exchange.messages.box(run.box))
    fact = BoxPinUsed(box=run.box, extension=call.extension, change=PinChange.CHANGED)
    exchange.write(call, fact)
    run.step = Step.MENU
    _say(exchange, call, run, Then.MENU, _phrase(call, PhraseKey.MAILBOX_PIN_CHANGED))


def _no_new_pin(exchange: Exchange, call: CallState, run: MailboxRun) -> None:
    run.step = Step.MENU
    _say(exchange, call, run, Then.MENU, _phrase(call, PhraseKey.MAILBOX_PIN_NOT_CHANGED))


# --- saying it ------------------------------------------------------------------------------------
def _phrase(call: CallState, key: PhraseKey) -> Utterance:
    return Utterance(language=call.language, phrase=key)


def _say(
    exchange: Exchange, call: CallState, run: MailboxRun, then: Then, *words: Utterance
) -> None:
    """Say it; what cannot be said is left out, and what follows follows."""
    found: list[PromptHash] = []
    for one in words:
        parts = exchange.prompts.parts(one)
        if not parts:
            missing = PromptMissing(text=one.shown, language=str(one.language))
            exchange.write(call, missing)
        found += parts
    if found:
        seconds = sum(map(exchange.prompts.seconds, found))
        _begin_playing(exchange, call, run, then, tuple(found), seconds)
    else:
        run.then, run.is_unsaid = then, True
        exchange.set_timer(call, "mailbox", 0.1)  # not at once: nobody's box is a loop


def _begin_playing(
    exchange: Exchange,
    call: CallState,
    run: MailboxRun,
    then: Then,
    prompts: tuple[PromptHash, ...],
    seconds: float,
) -> None:
    leg = call.caller_leg
    if leg is None:
        return
    run.then, run.is_unsaid = then, False
    play = exchange.next_play(call, Purpose.MAILBOX)
    hears = Playlist(play=play, prompts=prompts, since=exchange.now, stop_on_digit=True)
    exchange.set_audio(call, leg, hears=hears)
    exchange.set_timer(call, "mailbox", seconds + GUARD_SECONDS)
