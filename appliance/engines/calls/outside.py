"""Callers whom the box itself sends to an outside number: a queue's overflow, or a flow, says so.

Nobody's right to dial is asked for: the owner wrote the number down, and the [[outbound]] rule that
it goes by says what classes of numbers go out at all. Emergency services get no strangers' calls.
"""

from appliance.engines.calls import dialling
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.vocabulary.journal import RouteChosen
from appliance.vocabulary.lines import Cause


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
