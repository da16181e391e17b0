"""The agent's desk phone as his only tool: feature codes, each answered by voice.

*80 id PIN signs in · *81 out · *82 ready · *83n not ready with reason n · *84 ends wrap-up ·
*43 echo · *60 self-test. `*80` alone asks for id and PIN; the id alone, dialled or keyed in (a
pause or "#" ends it), is answered by the sentence that asks for the PIN: then the PIN will do, or
both again. A separator "*" may stand between.
*85 and an agent's number, at a signed-in supervisor's phone: his talk is listened to; then 4
listens, 5 whispers, 6 barges in, 7 takes over, 9 ends the call for all (supervision.py). *97 and
*98 open voicemail boxes (mailbox.py), *77 records a prompt (prompt_recording.py). What phones want
for themselves (forwarding …) is in codes.py, *09 and its PIN in emergency_mode.py, what keys do
within a talk in talk_codes.py.
"""

from appliance.engines.calls import (
    codes,
    emergency_mode,
    mailbox,
    missed_calls,
    pin_tries,
    prompt_recording,
    queueing,
    supervision,
    talk,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.audio import Channel, Echo, Track
from appliance.vocabulary.ids import AgentId, ExtensionNumber, RecordingId
from appliance.vocabulary.journal import AgentState, DigitPressed, RecordingOpened, Side
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.pins import pin_matches
from appliance.vocabulary.speech import PhraseKey

DIGIT_PAUSE_SECONDS = 4.0
SELF_TEST_SECONDS = 3.0
LONGEST_SERVICE_SECONDS = 120.0


def begin(exchange: Exchange, call: CallState) -> None:
    """The phone's audio is there: answer and carry out the code."""
    exchange.answer(call)
    call.is_answered = True
    call.stage = Stage.SERVICE
    exchange.set_timer(call, "service", LONGEST_SERVICE_SECONDS)
    extension = call.extension
    if extension is None:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.FORBIDDEN)
        return
    code, call.code = call.code, ""
    carry_out(exchange, call, extension, code)


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> None:
    """Do what a whole code says."""
    verb, rest = code[:3], code[3:]
    match verb:
        case emergency_mode.CODE:
            emergency_mode.carry_out(exchange, call, extension, rest)
        case "*80" if not rest:
            call.code = code
            exchange.play_phrase(call, Purpose.CODE, PhraseKey.ENTER_AGENT_AND_PIN)
        case "*80":
            _sign_in(exchange, call, extension, rest.rstrip("*#"))
        case "*81" | "*82" | "*83" | "*84":
            _agent_verb(exchange, call, extension, verb, rest)
        case "*85":
            supervision.asked_by_code(exchange, call, extension, rest.strip("*#"))
        case "*43":
            if not exchange.play_phrase(call, Purpose.ECHO, PhraseKey.GREETING):
                talk.echo(exchange, call)
        case "*60":
            call.code = code
            exchange.play_phrase(call, Purpose.CODE, PhraseKey.SELF_TEST)
        case _:
            own = (mailbox.carry_out, prompt_recording.carry_out, missed_calls.carry_out)
            ways = (*own, codes.carry_out)
            if not any(way(exchange, call, extension, code) for way in ways):
                talk.say_goodbye(exchange, call, PhraseKey.CODE_UNKNOWN)


def digit(exchange: Exchange, call: CallState, pressed: str) -> None:
    """A key within a code that asks for more."""
    if call.mailbox is not None:
        mailbox.digit(exchange, call, call.mailbox, pressed)
        return
    if call.prompt_take is not None:
        prompt_recording.digit(exchange, call, call.prompt_take, pressed)
        return
    if call.code.startswith("*60"):
        if pressed == "1" and call.recording is None:
            _record_self_test(exchange, call)
        return
    if codes.digit(exchange, call, pressed, DIGIT_PAUSE_SECONDS) or emergency_mode.digit(
        exchange, call, pressed
    ):
        return
    if not call.code.startswith("*80"):
        return
    if call.playing is not None:
        exchange.stop_playing(call)
    if pressed == "#":
        _keyed_in(exchange, call)
        return
    call.code += pressed
    exchange.set_timer(call, "digits", DIGIT_PAUSE_SECONDS)
    exchange.touch(call)


def digits_over(exchange: Exchange, call: CallState) -> None:
    """No further key came."""
    if call.code.startswith("*60"):
        _end_self_test(exchange, call)
    elif call.code.startswith("*80"):
        _keyed_in(exchange, call)
    elif not emergency_mode.keyed_in(exchange, call):
        codes.keyed_in(exchange, call)


def _keyed_in(exchange: Exchange, call: CallState) -> None:
    call.due.pop("digits", None)
    code, call.code = call.code, ""
    if call.extension is not None:
        _sign_in(exchange, call, call.extension, code[3:] or "-")


def _sign_in(exchange: Exchange, call: CallState, extension: ExtensionNumber, keyed: str) -> None:
    if pin_tries.is_locked(exchange, extension):
        talk.say_goodbye(exchange, call, PhraseKey.PIN_LOCKED)
        return
    agent = _agent_keyed(exchange, keyed) or _agent_keyed(exchange, keyed.partition("*")[2])
    if agent is None and any(keyed == one.id for one in exchange.site.agent):
        call.code = f"*80{keyed}*"  # the PIN is still to come
        exchange.play_phrase(call, Purpose.CODE, PhraseKey.ENTER_AGENT_PIN)
        exchange.touch(call)
        return
    if agent is None:
        pin_tries.was_wrong(exchange, extension)
        talk.say_goodbye(exchange, call, PhraseKey.WRONG_PIN)
        return
    queueing.carry_out(exchange, exchange.floor.sign_in(agent, extension, exchange.now))
    talk.say_goodbye(exchange, call, PhraseKey.SIGNED_IN, agent=str(agent))


def _agent_keyed(exchange: Exchange, keyed: str) -> AgentId | None:
    """Return whose id and PIN these digits are: ids have no fixed length, so each is tried."""
    plain = keyed.replace("*", "").replace("#", "")
    for agent in exchange.site.agent:
        if plain.startswith(agent.id) and pin_matches(plain[len(agent.id) :], agent.pin_digest):
            return agent.id
    return None


def _agent_verb(
    exchange: Exchange, call: CallState, extension: ExtensionNumber, verb: str, rest: str
) -> None:
    agent = exchange.floor.agent_at(extension)
    if agent is None:
        talk.say_goodbye(exchange, call, PhraseKey.NOT_SIGNED_IN)
        return
    now = exchange.now
    match verb:
        case "*81":
            queueing.carry_out(exchange, exchange.floor.sign_out(agent, now))
            talk.say_goodbye(exchange, call, PhraseKey.SIGNED_OUT)
        case "*82":
            queueing.carry_out(exchange, exchange.floor.ready(agent, now))
            talk.say_goodbye(exchange, call, PhraseKey.READY)
        case "*83":
            reason = rest[:1] if rest[:1].isdigit() else "0"
            queueing.carry_out(exchange, exchange.floor.not_ready(agent, reason, now))
            talk.say_goodbye(exchange, call, PhraseKey.NOT_READY, reason=reason)
        case _:
            in_wrap_up = _state(exchange, agent) is AgentState.WRAP_UP
            queueing.carry_out(exchange, exchange.floor.end_wrap_up(agent, now))
            talk.say_goodbye(
                exchange,
                call,
                PhraseKey.WRAP_UP_ENDED if in_wrap_up else PhraseKey.NOT_IN_WRAP_UP,
            )


def _record_self_test(exchange: Exchange, call: CallState) -> None:
    """Key 1 was heard: record the caller for three seconds while he hears himself."""
    caller = call.caller_leg
    if caller is None:
        return
    exchange.write(call, DigitPressed(digit="1", leads_to="recording"))
    call.recording = RecordingId(exchange.new_name("r"))
    exchange.write(
        call, RecordingOpened(recording=call.recording, is_message=True, box="self-test")
    )
    exchange.set_audio(
        call,
        caller,
        hears=Echo(),
        track=Track(recording=call.recording, channel=Channel.CALLER),
    )
    call.playing = None
    exchange.set_timer(call, "digits", SELF_TEST_SECONDS)


def _end_self_test(exchange: Exchange, call: CallState) -> None:
    caller = call.caller_leg
    call.due.pop("digits", None)
    if caller is not None:
        exchange.stop_track(call, caller)
    talk.close_recording(exchange, call)
    talk.say_goodbye(exchange, call, PhraseKey.SELF_TEST_PASSED)


def _state(exchange: Exchange, agent: AgentId) -> AgentState:
    view = exchange.floor.agent(agent)
    return view.state if view is not None else AgentState.SIGNED_OUT
