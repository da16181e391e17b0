"""Emergency mode: one code and a PIN, and every number of the site leads to one flow.

*09 and the PIN of [emergency_mode], at any phone, begin it; the same again ends it. *09 alone asks
for the PIN by a beep; # or a pause ends it. The owner does the same on the page. It stands in a
slot of its own ("emergency") that outlives kill -9 and a power cut: nobody has to remember it while
the water rises.

Calls that are in already go on where they are. Where the site has no such flow (any more), numbers
lead where they always do.
"""

import msgspec

from appliance.engines.calls import pin_tries, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, Purpose
from appliance.vocabulary.facts_desk import EmergencyModeEnded, EmergencyModeStarted
from appliance.vocabulary.ids import AgentId, ExtensionNumber, FlowId, Utc
from appliance.vocabulary.pins import pin_matches
from appliance.vocabulary.shape import State
from appliance.vocabulary.speech import PhraseKey
from appliance.vocabulary.verbs import SetEmergencyMode

CODE = "*09"
SLOT = "emergency"
BEEP_MS = 300
FIRST_DIGIT_SECONDS = 8.0
DIGIT_PAUSE_SECONDS = 4.0


class Kept(State, kw_only=True):
    """What stands in the slot."""

    since: Utc
    by: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Kept | Utc | None)
"""A bare time: written before it was known who had begun."""


def since(exchange: Exchange) -> Utc | None:
    """Since when every number leads to the emergency flow; None: they do not."""
    return exchange.desk.emergency_since if _flow(exchange) is not None else None


def by(exchange: Exchange) -> str:
    """Who began it; empty while it is off."""
    return "" if since(exchange) is None else exchange.desk.emergency_by


def set_by(exchange: Exchange, verb: SetEmergencyMode) -> str:
    """Do what the owner asks on the page; return one of PROBLEMS, "" for none."""
    if _flow(exchange) is None:
        return "not_allowed"
    if verb.is_on == (exchange.desk.emergency_since is not None):
        return "already"
    fact = _turned(exchange, ExtensionNumber(""), None, verb.by)
    exchange.write_free(fact, key=exchange.new_name("emergency:"))
    return ""


def flow_for(exchange: Exchange, flow: FlowId) -> tuple[FlowId, bool]:
    """Return where a number of this flow leads now, and whether the mode says so."""
    emergency = _flow(exchange)
    if emergency is None or exchange.desk.emergency_since is None:
        return flow, False
    return emergency, True


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, rest: str) -> None:
    """*09 and what was dialled behind it."""
    if not exchange.site.emergency_mode.pin_digest or _flow(exchange) is None:
        talk.say_goodbye(exchange, call, PhraseKey.CODE_UNKNOWN)
    elif rest:
        _keyed(exchange, call, extension, rest)
    else:
        call.code = CODE
        exchange.play_tone(call, Purpose.CODE, "beep", BEEP_MS)
        exchange.set_timer(call, "digits", FIRST_DIGIT_SECONDS)


def digit(exchange: Exchange, call: CallState, pressed: str) -> bool:
    """A key of the PIN; False when no PIN of ours is waited for."""
    if not call.code.startswith(CODE):
        return False
    if call.playing is not None:
        exchange.stop_playing(call)
    if pressed == "#":
        keyed_in(exchange, call)
        return True
    call.code += pressed
    exchange.set_timer(call, "digits", DIGIT_PAUSE_SECONDS)
    return True


def keyed_in(exchange: Exchange, call: CallState) -> bool:
    """The PIN is complete; False when none of ours is waited for."""
    if not call.code.startswith(CODE):
        return False
    call.due.pop("digits", None)
    pin, call.code = call.code.removeprefix(CODE), ""
    if call.extension is not None:
        _keyed(exchange, call, call.extension, pin)
    return True


def slot(exchange: Exchange) -> bytes:
    """Return the slot's content."""
    begun = exchange.desk.emergency_since
    return _encode(None if begun is None else Kept(since=begun, by=exchange.desk.emergency_by))


def restore(exchange: Exchange, content: bytes) -> None:
    """Put the slot back."""
    kept = _decoder.decode(content)
    if isinstance(kept, Kept):
        exchange.desk.emergency_since, exchange.desk.emergency_by = kept.since, kept.by
    else:
        exchange.desk.emergency_since, exchange.desk.emergency_by = kept, ""


def _flow(exchange: Exchange) -> FlowId | None:
    wanted = exchange.site.emergency_mode.flow
    return wanted if wanted in exchange.flows else None


def _keyed(exchange: Exchange, call: CallState, extension: ExtensionNumber, keyed: str) -> None:
    if pin_tries.is_locked(exchange, extension):
        talk.say_goodbye(exchange, call, PhraseKey.PIN_LOCKED)
        return
    pin = keyed.replace("*", "").replace("#", "")
    if not pin_matches(pin, exchange.site.emergency_mode.pin_digest):
        pin_tries.was_wrong(exchange, extension)
        talk.say_goodbye(exchange, call, PhraseKey.WRONG_PIN)
        return
    exchange.write(call, _turned(exchange, extension, exchange.floor.agent_at(extension)))
    is_on = exchange.desk.emergency_since is not None
    talk.say_goodbye(
        exchange, call, PhraseKey.EMERGENCY_MODE_ON if is_on else PhraseKey.EMERGENCY_MODE_OFF
    )


def _turned(
    exchange: Exchange, extension: ExtensionNumber, agent: AgentId | None, by: str = ""
) -> EmergencyModeStarted | EmergencyModeEnded:
    """Begin or end it; return the fact."""
    desk = exchange.desk
    exchange.touched.add(SLOT)
    if desk.emergency_since is None:
        desk.emergency_since, desk.emergency_by = exchange.utc(), by or extension
        flow = exchange.site.emergency_mode.flow
        return EmergencyModeStarted(extension=extension, by=by, agent=agent, flow=flow)
    lasted = max(0.0, exchange.utc() - desk.emergency_since)
    desk.emergency_since, desk.emergency_by = None, ""
    return EmergencyModeEnded(extension=extension, by=by, agent=agent, seconds=lasted)
