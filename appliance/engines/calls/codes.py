"""What a desk phone's user sets by feature code, each answered by voice; kept over a power cut.

*72 number, *73: forward all calls, on and off · *90, *91: when busy · *92, *93: when nobody
answers · *94, *95: when the phone is not there · *78, *79: do not disturb · *70, *71: call
waiting · *66: ring me when the busy phone is free · *8, ** and a number: pick up (pickup.py).
A forwarding code alone waits for the number's keys, then # or a pause.
"""

from appliance.engines.calls import dialling, queueing, reach, redial, talk, wishes
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, Purpose
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.speech import PhraseKey

FORWARD_ON = {"*72": "always", "*90": "busy", "*92": "no_answer", "*94": "unreachable"}
FORWARD_OFF = {"*73": "always", "*91": "busy", "*93": "no_answer", "*95": "unreachable"}
QUIET = {"*78": True, "*79": False}
WAITING = {"*70": True, "*71": False}
BEEP_MS = 300
FIRST_DIGIT_SECONDS = 8.0


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> bool:
    """Do what a whole code says; False when it is none of ours."""
    verb, rest = code[:3], code[3:]
    if verb in FORWARD_ON:
        if rest:
            _forward(exchange, call, extension, FORWARD_ON[verb], rest)
        else:
            _ask_for_number(exchange, call, code)
    elif code in FORWARD_OFF:
        _set_forward(exchange, extension, FORWARD_OFF[code], "")
        talk.say_goodbye(exchange, call, PhraseKey.FORWARDING_OFF)
    elif code in QUIET:
        _set_quiet(exchange, call, extension, QUIET[code])
    elif code in WAITING:
        _set_waiting(exchange, call, extension, WAITING[code])
    elif code == "*66":
        talk.say_goodbye(exchange, call, redial.ask(exchange, extension))
    elif code.startswith("**") or code == "*8":
        # Whatever rang has been given to this phone when it dialled (arrival.py); nothing did.
        talk.say_goodbye(exchange, call, PhraseKey.NOTHING_TO_PICK_UP)
    else:
        return False
    return True


def digit(exchange: Exchange, call: CallState, pressed: str, pause: float) -> bool:
    """A key of the number to forward to; False when no code of ours waits for keys."""
    if call.code[:3] not in FORWARD_ON:
        return False
    if call.playing is not None:
        exchange.stop_playing(call)
    if pressed == "#":
        keyed_in(exchange, call)
        return True
    call.code += pressed
    exchange.set_timer(call, "digits", pause)
    return True


def keyed_in(exchange: Exchange, call: CallState) -> bool:
    """The number is complete; False when no code of ours waits for keys."""
    verb = call.code[:3]
    if verb not in FORWARD_ON:
        return False
    call.due.pop("digits", None)
    number, call.code = call.code[3:], ""
    if call.extension is not None:
        _forward(exchange, call, call.extension, FORWARD_ON[verb], number)
    return True


def _ask_for_number(exchange: Exchange, call: CallState, code: str) -> None:
    call.code = code
    exchange.play_tone(call, Purpose.CODE, "beep", BEEP_MS)
    exchange.set_timer(call, "digits", FIRST_DIGIT_SECONDS)


def _forward(
    exchange: Exchange, call: CallState, extension: ExtensionNumber, why: str, target: str
) -> None:
    problem = _problem(exchange, extension, target)
    if problem is not None:
        talk.say_goodbye(exchange, call, problem)
        return
    _set_forward(exchange, extension, why, target)
    talk.say_goodbye(exchange, call, PhraseKey.FORWARDING_ON)


def _problem(exchange: Exchange, extension: ExtensionNumber, target: str) -> PhraseKey | None:
    """Refuse now what could never be rung later."""
    if target == extension or not target.removeprefix("+").isdigit():
        return PhraseKey.NUMBER_UNKNOWN
    if dialling.is_emergency(exchange, target):
        return PhraseKey.NOT_ALLOWED
    if target in exchange.extensions or target in exchange.desk.groups:
        return None
    found = reach.outside(exchange, extension, target)
    match found:
        case Cause.NOT_FOUND:
            return PhraseKey.NUMBER_UNKNOWN
        case Cause():
            return PhraseKey.NOT_ALLOWED
        case _:
            return None


def _set_forward(exchange: Exchange, extension: ExtensionNumber, why: str, target: str) -> None:
    exchange.desk.wishes_of(extension).forward[why] = target
    exchange.touched.add(f"own:{extension}")


def _set_quiet(
    exchange: Exchange, call: CallState, extension: ExtensionNumber, is_quiet: bool
) -> None:
    exchange.desk.wishes_of(extension).do_not_disturb = is_quiet
    exchange.touched.add(f"own:{extension}")
    exchange.desk.stale.add(extension)
    told = exchange.floor.phone_quiet(extension, wishes.is_quiet(exchange, extension), exchange.now)
    queueing.carry_out(exchange, told)
    key = PhraseKey.DO_NOT_DISTURB_ON if is_quiet else PhraseKey.DO_NOT_DISTURB_OFF
    talk.say_goodbye(exchange, call, key)


def _set_waiting(
    exchange: Exchange, call: CallState, extension: ExtensionNumber, takes: bool
) -> None:
    exchange.desk.wishes_of(extension).call_waiting = takes
    exchange.touched.add(f"own:{extension}")
    key = PhraseKey.CALL_WAITING_ON if takes else PhraseKey.CALL_WAITING_OFF
    talk.say_goodbye(exchange, call, key)
