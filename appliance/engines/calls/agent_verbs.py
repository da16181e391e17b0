"""What a page or a program asks of an agent's state: as he does himself with *80 to *84."""

from appliance.engines.calls import queueing
from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.verbs import AgentWish, SetAgent


def set_agent(exchange: Exchange, verb: SetAgent) -> str:
    """Do it; return the problem, or nothing."""
    settings = next((one for one in exchange.site.agent if one.id == verb.agent), None)
    view = exchange.floor.agent(verb.agent)
    if settings is None or view is None:
        return "agent_unknown"
    floor, now = exchange.floor, exchange.now
    if verb.wish is AgentWish.SIGNED_IN:
        extension = verb.extension or settings.extension
        if extension is None or extension not in exchange.extensions:
            return "extension_unknown"
        queueing.carry_out(exchange, floor.sign_in(verb.agent, extension, now))
        return ""
    if view.state is AgentState.SIGNED_OUT:
        return "already" if verb.wish is AgentWish.SIGNED_OUT else "not_allowed"
    match verb.wish:
        case AgentWish.READY:
            queueing.carry_out(exchange, floor.ready(verb.agent, now))
        case AgentWish.NOT_READY:
            queueing.carry_out(exchange, floor.not_ready(verb.agent, verb.reason or "0", now))
        case AgentWish.SIGNED_OUT:
            queueing.carry_out(exchange, floor.sign_out(verb.agent, now))
        case AgentWish.WRAP_UP_ENDED:
            if view.state is not AgentState.WRAP_UP:
                return "already"
            queueing.carry_out(exchange, floor.end_wrap_up(verb.agent, now))
    return ""
