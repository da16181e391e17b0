"""Callers whom the box itself sends to an outside number: a queue's overflow, or a flow, says so;
and how a number that called from outside is called back.

Nobody's right to dial is asked for: the owner wrote the number down, and the [[outbound]] rule that
it goes by says what classes of numbers go out at all. Emergency services get no strangers' calls.
"""

from appliance.engines.calls import dialling
from appliance.engines.calls.destinations import ToNumber, destination
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.journal import RouteChosen
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Outbound


def ways(exchange: Exchange, number: str) -> list[tuple[Outbound, str]]:
    """Return the [[outbound]] rules that could call this caller, and the number that each calls.

    A prefix that is stripped whole is one that phones dial for the line: no part of the number,
    even where the number begins with the same digits. Whether its class may go out is not said.
    """
    found: list[tuple[Outbound, str]] = []
    for rule in exchange.site.outbound:
        if rule.strip == len(rule.prefix):
            found.append((rule, number))
        elif number.startswith(rule.prefix):
            found.append((rule, number[rule.strip :]))
    return found


def as_dialled(exchange: Exchange, number: str, by: ExtensionNumber | None) -> str | Cause:
    """Return what the phone `by` dials to call a caller back, or why it may not.

    Only phones of ours are called by the bare number. A caller's number is what somebody says it
    is: it reaches no emergency service.
    """
    if number in exchange.extensions or number in exchange.desk.groups:
        return Cause.FORBIDDEN if dialling.is_emergency(exchange, number) else number
    problem = Cause.NOT_FOUND
    for rule, called in ways(exchange, number):
        dialled = rule.prefix[: rule.strip] + called
        found = destination(exchange, dialled, by)
        match found:
            case ToNumber(number=meant, kind=kind) if meant == called:
                if kind != "emergency":
                    return dialled
                problem = Cause.FORBIDDEN
            case Cause.FORBIDDEN:
                problem = Cause.FORBIDDEN
            case _:
                pass  # a phone or a queue of ours, or another rule's number: somebody else
    return problem


def ring(exchange: Exchange, call: CallState, number: str, why: str) -> None:
    """Ring this number, as a phone would dial it, through the trunks of its rule.

    The caller hears ringback meanwhile; when nobody is there, a word, and the end.
    """
    rule = dialling.outbound_rule(exchange, number)
    if rule is None:
        dialling.called_refused(exchange, call, None, Cause.NOT_FOUND)
        return
    outside = number[rule.strip :]
    kind = dearest_class(outside, exchange.site.site.country)
    if kind == "emergency" or kind not in rule.allow:
        dialling.called_refused(exchange, call, None, Cause.FORBIDDEN)
        return
    call.stage = Stage.RINGING
    call.trunks_left = dialling.usable_trunks(exchange, rule.trunks)
    exchange.write(call, RouteChosen(number=outside, target=",".join(call.trunks_left), why=why))
    exchange.play_tone(call, Purpose.MUSIC, "ringback")
    dialling.try_next_trunk(exchange, call, outside, Cause.UNREACHABLE)
