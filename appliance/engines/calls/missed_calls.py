"""The miss limit told by voice: the phone of an agent who was made not ready is rung, and says why.

It rings as any call does and shows *82, so that calling it back makes him ready; whoever is not
there misses this one too, and finds lamp and state. Once for each time that it happens, also over
a kill; a phone that is in use, or not there, is rung when it is free or back.
"""

from appliance.engines.acd.moves import MISSED
from appliance.engines.calls import originate, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.vocabulary.ids import AgentId, ExtensionNumber
from appliance.vocabulary.journal import MISSED_CALLS, MISSED_CODE, AgentState
from appliance.vocabulary.lines import Party
from appliance.vocabulary.speech import PhraseKey

SHOWN = "*82"
_OVER = (AgentState.READY, AgentState.SIGNED_OUT)


def tell(exchange: Exchange) -> None:
    """Ring those to whom it has happened in this turn, or whose phone is free now."""
    if exchange.desk.changed:
        exchange.desk.refresh(exchange.calls)
    if not exchange.desk.stale:
        return
    told = exchange.known.told_missed
    for agent in _looked_at(exchange):
        view = exchange.floor.agent(agent)
        if view is None or view.state in _OVER:
            if agent in told:
                told.remove(agent)
                exchange.touched.add("known")
        elif view.state is AgentState.NOT_READY and view.reason == MISSED and agent not in told:
            _ring(exchange, agent, view.extension)


def carry_out(exchange: Exchange, call: CallState, extension: ExtensionNumber, code: str) -> bool:
    """He picked up; False when the code is none of ours."""
    if code != MISSED_CODE:
        return False
    talk.say_goodbye(exchange, call, PhraseKey.MISSED_CALLS)
    return True


def _looked_at(exchange: Exchange) -> list[AgentId]:
    """Agents whose lamp, or whose phone's lamp, may have changed."""
    found: list[AgentId] = []
    for name in sorted(exchange.desk.stale):
        sits = exchange.floor.agent_at(ExtensionNumber(name))
        found += [AgentId(name)] + ([sits] if sits is not None else [])
    return list(dict.fromkeys(found))


def _ring(exchange: Exchange, agent: AgentId, phone: ExtensionNumber | None) -> None:
    if phone is None or phone not in exchange.known.phones or exchange.desk.calls_at.get(phone):
        return
    exchange.known.told_missed.append(agent)
    exchange.touched.add("known")
    call = originate.begin(exchange, phone, MISSED_CODE, asked_by=MISSED_CALLS)
    call.code = MISSED_CODE
    leg = call.legs[0]
    leg.is_auto_answered, leg.shown = False, Party(number=SHOWN)
