"""A line rings: which call is it, and where does it go first?"""

import ipaddress

from appliance.engines.calls import (
    box_events,
    desk,
    dialling,
    emergency_mode,
    flows,
    queueing,
    replacing,
    supervision,
    talk,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import stored
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.facts_legs import CallDiverted
from appliance.vocabulary.ids import ExtensionNumber, TrunkId
from appliance.vocabulary.journal import CallAnswered, CallEntered, Direction, RouteChosen
from appliance.vocabulary.lines import (
    SELF_TEST_CODE,
    SELF_TEST_EXTENSION,
    Cause,
    Diversion,
    GuestLine,
    Line,
    Party,
    PhoneLine,
    TrunkLine,
)
from appliance.vocabulary.settings import Route
from appliance.vocabulary.speech import PhraseKey

LONGEST_ARRIVAL_SECONDS = 30.0
"""Without an audio port by then (no media worker) the caller is refused, not left to ring."""
MOST_CALLS = 2000
"""Above it new calls are refused: those in progress must not suffer (reliability)."""

_WITH_PINS = ("*80", "*09", "*97", "*98", "*77")
"""Codes behind which people key in a PIN."""


def leg_offered(exchange: Exchange, offered: LegOffered) -> None:
    """Open the call, write it down, claim its audio; or refuse it, written down all the same."""
    if offered.leg in exchange.call_of_leg:
        return
    if offered.replaces is not None:
        replacing.offered(exchange, offered, offered.replaces)
        return
    if replacing.came_in(exchange, offered):
        return
    direction = direction_of(exchange, offered.line, offered.called)
    call = exchange.open_call(
        leg=offered.leg,
        line=offered.line,
        direction=direction,
        caller=_shown_caller(exchange, offered),
        called=_shown_called(offered, direction),
    )
    call.code = offered.called
    call.diverted_from = offered.diverted_from
    extension = offered.line.extension if isinstance(offered.line, PhoneLine) else None
    exchange.write(
        call,
        CallEntered(
            direction=direction,
            line=offered.line,
            caller=call.caller,
            called=call.called,
            line_call=offered.line_call,
            extension=extension,
            agent=exchange.floor.agent_at(extension) if extension is not None else None,
        ),
        offered.leg,
    )
    if offered.diversion is not None:
        exchange.write(call, CallDiverted(by=_sender(exchange, offered.diversion)), offered.leg)
    if direction is not Direction.INBOUND:
        call.extension = extension
        queueing.busy_with_own_call(exchange, call)
    if isinstance(offered.line, TrunkLine):
        box_events.trunk_answered(exchange, offered.line.trunk, True)
    leg = call.caller_leg
    if leg is None:
        return
    leg.far, leg.transport = offered.audio, offered.transport
    refusal = _refusal(exchange, call, offered)
    if refusal is not None:
        dialling.block(exchange, call, *refusal)
        return
    call.room = supervision.room_for(exchange, offered.called) or call.room
    exchange.claim(call, leg)
    exchange.set_timer(call, "arrival", LONGEST_ARRIVAL_SECONDS)


def direction_of(exchange: Exchange, line: Line, called: str) -> Direction:
    """Return which way a call goes that comes from `line` for `called`."""
    if not isinstance(line, PhoneLine):
        return Direction.INBOUND
    if called.startswith("*"):
        return Direction.SERVICE
    if dialling.is_emergency(exchange, called):
        return Direction.OUTBOUND
    if called in exchange.extensions or called in exchange.desk.groups:
        return Direction.INTERNAL
    return Direction.OUTBOUND


def _shown_called(offered: LegOffered, direction: Direction) -> str:
    """What is keyed in behind a code with a PIN is nobody's to read, in the ledger or on a page."""
    code = offered.called[:3]
    if direction is Direction.SERVICE and code in _WITH_PINS:
        return code + "…" * (len(offered.called) > 3)
    return offered.called


def _shown_caller(exchange: Exchange, offered: LegOffered) -> Party:
    if isinstance(offered.line, TrunkLine):
        facts = exchange.site.site
        number = stored(offered.caller.number, facts.country, facts.area_code)
        return Party(number=number, name=offered.caller.name)
    if not isinstance(offered.line, PhoneLine):
        return offered.caller
    own = exchange.extensions.get(offered.line.extension)
    return Party(number=offered.line.extension, name=own.name if own is not None else "")


def _sender(exchange: Exchange, diversion: Diversion) -> Diversion:
    """Who sent it on, his number in the one form that numbers of outside have."""
    facts = exchange.site.site
    number = stored(diversion.number, facts.country, facts.area_code)
    return Diversion(number=number, reason=diversion.reason)


def _refusal(exchange: Exchange, call: CallState, offered: LegOffered) -> tuple[Cause, str] | None:
    if offered.audio is None:
        return Cause.INCOMPATIBLE_AUDIO, offered.refusal or "no_common_codec"
    if len(exchange.calls) > MOST_CALLS and not dialling.is_emergency(exchange, offered.called):
        return Cause.CONGESTION, "box_full"
    line: Line = offered.line
    match line:
        case TrunkLine():
            trunk = exchange.trunks.get(line.trunk)
            if trunk is None or dialling.trunk_is_beyond(exchange, line.trunk, trunk.channels):
                return Cause.CONGESTION, "trunk_full"
            route = _route(exchange, line.trunk, offered.called)
            if route is None:
                return Cause.NOT_FOUND, "number_unknown"
            flow, is_emergency = emergency_mode.flow_for(exchange, route.flow)
            call.pending_flow = flow
            why = "emergency_mode" if is_emergency else f"route {route.number}"
            exchange.write(call, RouteChosen(number=offered.called, flow=flow, why=why))
        case PhoneLine(extension=extension) if extension == SELF_TEST_EXTENSION:
            if offered.called != SELF_TEST_CODE or not _is_near(offered.audio.signalling_address):
                return Cause.FORBIDDEN, "self_test_only"
        case PhoneLine() if call.direction is Direction.OUTBOUND:
            if dialling.outbound_rule(exchange, offered.called) is None:
                return Cause.NOT_FOUND, "number_unknown"
        case _:
            pass
    return None


def _is_near(address: str) -> bool:
    """Whether this is the machine itself."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _route(exchange: Exchange, trunk: TrunkId, called: str) -> Route | None:
    routes = [one for one in exchange.site.route if one.trunk == trunk]
    exact = next((one for one in routes if one.number == called), None) or next(
        (one for one in routes if _is_same(exchange, one.number, called)), None
    )
    return exact or next((one for one in routes if one.number == "*"), None)


def _is_same(exchange: Exchange, number: str, called: str) -> bool:
    """Carriers deliver one number in several forms (number_forms.py)."""
    facts = exchange.site.site
    one, other = (stored(text, facts.country, facts.area_code) for text in (number, called))
    return one == other


def audio_claimed(exchange: Exchange, call: CallState) -> None:
    """The caller's audio is there: go where the call belongs."""
    call.due.pop("arrival", None)
    match call.direction:
        case Direction.SERVICE:
            desk.begin(exchange, call)
        case Direction.INTERNAL:
            dialling.ring_extension(exchange, call, ExtensionNumber(call.called))
        case Direction.OUTBOUND:
            rule = dialling.outbound_rule(exchange, call.called)
            if rule is None:
                dialling.block(exchange, call, Cause.NOT_FOUND, "number_unknown")
            else:
                dialling.dial_out(exchange, call, rule)
        case Direction.INBOUND:
            _receive(exchange, call)


def _receive(exchange: Exchange, call: CallState) -> None:
    exchange.answer(call)
    call.is_answered = True
    exchange.write(call, CallAnswered())
    if isinstance(call.line, GuestLine):
        call.stage = Stage.SERVICE
        if not exchange.play_phrase(call, Purpose.ECHO, PhraseKey.GREETING):
            talk.echo(exchange, call)
        return
    flows.begin(exchange, call, call.pending_flow)
