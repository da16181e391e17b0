"""A leg leaves: does its call go on without it? And what else is over when a call ends."""

from appliance.engines.calls import conference, consult, seating, supervision, transfer
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegRole, LegState
from appliance.vocabulary.lines import Cause


def goes_on_without(exchange: Exchange, call: CallState, leg: LegState) -> bool:
    """Take the leg out where the call goes on without it, and say so.

    False: the call is over (it was a talk of two, or the customer from outside hung up).
    """
    match leg.role:
        case LegRole.SUPERVISOR:
            supervision.left(exchange, call, leg, tell=False)
            return True
        case LegRole.REPLACING | LegRole.LEAVING:
            seating.remove(exchange, call, leg, Cause.NORMAL, tell=False)
            seating.arrange(exchange, call)
            return True
        case _:
            pass
    if call.consult is not None:
        return consult.leg_gone(exchange, call, leg)
    return conference.leg_gone(exchange, call, leg)


def close(exchange: Exchange, call: CallState) -> None:
    """The call ends: so does what was going on in it, and the ledger says so."""
    transfer.given_up(exchange, call)
    consult.given_up(exchange, call)
    supervision.end_all(exchange, call)
