"""Asking a caller where he is to be called back: the number he calls from, or one that he keys in.

Theory of operation. In a queue it is asked while he keeps his place: an agent who comes free in
the middle has him, and the question is forgotten. Out of a flow (node callback) the call is in a
stage of its own meanwhile. Nothing but a right key or a right number goes on: after MOST_TRIES
silences and wrong keys he waits on, or the flow goes on where it says.

    number known    "we call you back at 1 3 9…": 1 right, 2 another one, * back
    another one     keyed in, # or a silence ends it; checked (callbacks.way_out), then asked again
"""

from appliance.engines.calls import callbacks, flows, queueing, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import stored
from appliance.engines.calls.state import AskingState, CallState, Purpose, Stage
from appliance.vocabulary.callbacks import CallbackPhase, CallbackRow
from appliance.vocabulary.facts_customers import CallbackAsked
from appliance.vocabulary.ids import CallbackId, QueueId, Utc
from appliance.vocabulary.journal import CallOutcome, VisitOutcome
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.speech import PhraseKey, Utterance

MOST_TRIES = 3
SILENCE_SECONDS = 6.0
"""Without a key after the question, or after a digit."""
QUESTION_SECONDS = 60.0
"""No question lasts so long: its end was lost with a media worker."""
LONGEST_NUMBER = 20
BACK = "*"
KEYED_CLASSES = frozenset({"local", "national"})
"""What a number that was keyed in may be (number_forms.dearest_class; mobiles are among them).
Whoever keys it in need not own it: nobody is to have us ring numbers that cost, or abroad."""


def is_offered(exchange: Exchange, call: CallState) -> bool:
    """Say whether this caller, who waits, may be called back."""
    rules = callbacks.rules_of(exchange, call.queue)
    if rules is None or call.is_being_called_back:
        return False
    if not _has_room(exchange, call, call.caller.number):
        return False
    return rules.other_number or _can_be_rung(exchange, call.caller.number)


def begin(exchange: Exchange, call: CallState, queue: QueueId) -> None:
    """Ask. In the call's own queue he waits on meanwhile, else it is a flow that has it asked."""
    call.asking = AskingState(queue=queue)
    if call.stage is Stage.FLOW:
        call.stage = Stage.ASKING
    rules = callbacks.rules_of(exchange, queue)
    if rules is None or not _has_room(exchange, call, call.caller.number):
        _give_up(exchange, call, call.asking)
        return
    if _can_be_rung(exchange, call.caller.number):
        call.asking.number = call.caller.number
    elif not rules.other_number:
        _give_up(exchange, call, call.asking)
        return
    _ask(exchange, call, call.asking)


def _can_be_rung(exchange: Exchange, number: str) -> bool:
    return not isinstance(callbacks.way_out(exchange, number), Cause)


def _may_be_keyed_in(exchange: Exchange, call: CallState, number: str) -> bool:
    """Say so of a number that need not be his."""
    way = callbacks.way_out(exchange, number)
    if isinstance(way, Cause):
        return False
    is_his = number == call.caller.number
    return (is_his or way.kind in KEYED_CLASSES) and _has_room(exchange, call, number)


def _has_room(exchange: Exchange, call: CallState, number: str) -> bool:
    return exchange.customers.callbacks.has_room(call.caller.number, number)


def _ask(exchange: Exchange, call: CallState, asking: AskingState, *before: PhraseKey) -> None:
    language = call.language
    keys: tuple[PhraseKey, ...] = (PhraseKey.CALLBACK_KEY_IN,)
    sentences = [Utterance(language=language, phrase=key) for key in before]
    if asking.number:
        keys = (PhraseKey.CALLBACK_CONFIRM,)
        sentences += [
            Utterance(language=language, phrase=PhraseKey.CALLBACK_NUMBER),
            Utterance(language=language, said=SayKind.DIGITS, text=asking.number),
        ]
    sentences += [Utterance(language=language, phrase=key) for key in keys]
    asking.keyed = ""
    exchange.set_timer(call, "asking", QUESTION_SECONDS)
    if not exchange.play(call, Purpose.ASKING, sentences, stop_on_digit=True):
        _give_up(exchange, call, asking)


def asked(exchange: Exchange, call: CallState) -> None:
    """The question is over: now his keys are waited for."""
    if call.asking is not None:
        exchange.set_timer(call, "asking", SILENCE_SECONDS)


def digit(exchange: Exchange, call: CallState, pressed: str) -> bool:
    """Take a key of a caller who is asked, or who waits and may be; False: it is neither's."""
    rules = callbacks.rules_of(exchange, call.queue)
    if call.asking is None:
        if rules is None or pressed != rules.key or call.queue is None:
            return False
        if is_offered(exchange, call):
            begin(exchange, call, call.queue)
        return True
    if call.playing is not None and call.playing.purpose is Purpose.ASKING:
        exchange.stop_playing(call)
    if call.asking.number:
        _confirm(exchange, call, call.asking, pressed)
    else:
        _key_in(exchange, call, call.asking, pressed)
    return True


def _confirm(exchange: Exchange, call: CallState, asking: AskingState, pressed: str) -> None:
    rules = callbacks.rules_of(exchange, asking.queue)
    if pressed == "1":
        _save(exchange, call, asking)
    elif pressed == "2" and rules is not None and rules.other_number:
        asking.number, asking.tries = "", 0
        _ask(exchange, call, asking)
    elif pressed == BACK:
        _give_up(exchange, call, asking)
    else:
        _again(exchange, call, asking, PhraseKey.WRONG_KEY)


def _key_in(exchange: Exchange, call: CallState, asking: AskingState, pressed: str) -> None:
    if pressed == BACK:
        _give_up(exchange, call, asking)
    elif pressed == "#" or len(asking.keyed) >= LONGEST_NUMBER:
        _judge(exchange, call, asking)
    else:
        asking.keyed += pressed
        exchange.set_timer(call, "asking", SILENCE_SECONDS)


def _judge(exchange: Exchange, call: CallState, asking: AskingState) -> None:
    facts = exchange.site.site
    number = stored(asking.keyed, facts.country, facts.area_code)
    if not number or not _may_be_keyed_in(exchange, call, number):
        _again(exchange, call, asking, PhraseKey.CALLBACK_REFUSED)
        return
    asking.number, asking.tries = number, 0
    _ask(exchange, call, asking)


def silence(exchange: Exchange, call: CallState) -> None:
    """No key came: a number may be whole; else it is asked again."""
    asking = call.asking
    if asking is None or call.stage not in (Stage.QUEUED, Stage.ASKING):
        call.asking = None
    elif asking.keyed:
        _judge(exchange, call, asking)
    else:
        _again(exchange, call, asking)


def _again(exchange: Exchange, call: CallState, asking: AskingState, *before: PhraseKey) -> None:
    asking.tries += 1
    if asking.tries >= MOST_TRIES:
        _give_up(exchange, call, asking)
    else:
        _ask(exchange, call, asking, *before)


def forget(call: CallState) -> None:
    """He is asked no more."""
    call.asking = None
    call.due.pop("asking", None)


def _give_up(exchange: Exchange, call: CallState, asking: AskingState) -> None:
    """He waits on, or the flow goes on."""
    forget(call)
    exchange.touch(call)
    if call.stage is Stage.ASKING:
        if not flows.extension_missed(exchange, call):
            talk.say_goodbye(exchange, call, PhraseKey.GOODBYE)
    else:
        exchange.play_music(call)


def _save(exchange: Exchange, call: CallState, asking: AskingState) -> None:
    """He may hang up; his place is kept."""
    if not _has_room(exchange, call, asking.number):
        _give_up(exchange, call, asking)  # others were quicker
        return
    now = exchange.utc()
    waited = call.waited + call.priority
    if call.visit_open and call.queued_at is not None:
        waited += exchange.now - call.queued_at
    row = CallbackRow(
        callback=CallbackId(exchange.new_name("b")),
        number=asking.number,
        name=call.caller.name,
        queue=asking.queue,
        phase=CallbackPhase.PENDING,
        language=call.language,
        first=call.call,
        asked=now,
        since=Utc(now - waited),
    )
    state, is_known = exchange.customers.callbacks.ask(row, call.caller.number)
    exchange.write(
        call,
        CallbackAsked(
            callback=state.row.callback,
            queue=asking.queue,
            number=asking.number,
            is_known=is_known,
        ),
    )
    forget(call)
    queueing.leave_with(exchange, call, VisitOutcome.CALLBACK)
    call.outcome = CallOutcome.CALLBACK
    talk.say_goodbye(exchange, call, PhraseKey.CALLBACK_SAVED)
