"""The verbs of the web page and the API, carried out on calls; each is answered at once."""

from appliance.engines.calls import recording_control, talk
from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.facts_handling import ForcedRelease
from appliance.vocabulary.journal import Side
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.verbs import EndCall, SetRecording, Verb, VerbAnswered


def carry_out(exchange: Exchange, verb: Verb) -> None:
    """Do it, and answer."""
    match verb:
        case EndCall():
            problem = _end_call(exchange, verb)
        case SetRecording():
            problem = recording_control.carry_out(exchange, verb)
        case _:
            problem = "not_allowed"
    exchange.do(VerbAnswered(ask=verb.ask, problem=problem))


def _end_call(exchange: Exchange, verb: EndCall) -> str:
    call = exchange.calls.get(verb.call)
    if call is None:
        return "call_unknown"
    exchange.write(call, ForcedRelease(by=verb.by))
    talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)
    return ""
