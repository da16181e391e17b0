"""Where agents and phones are said to be, held against the calls that they have legs in.

The floor drops by itself what hangs on calls that are over (floor.reconcile). Here is the rest: who
is said to be in a living call without a leg in it, and whose leg is in a call of which the floor
knows nothing (its memory of him was lost): he would be rung for the next caller while he talks.
"""

from collections.abc import Iterator

from appliance.engines.calls import callbacks, queueing, seating
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.engines.calls.suspicion import Cure, Suspicion
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber
from appliance.vocabulary.journal import AgentState, Direction, MissReason
from appliance.vocabulary.lines import Cause

IN_CALL = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.HOLDING})


def said_but_not_there(exchange: Exchange) -> Iterator[Suspicion]:
    """Agents and phones that are said to be in a call in which they have no leg."""
    for view in exchange.floor.agents():
        if view.state not in IN_CALL or view.call is None:
            continue
        call = exchange.calls.get(view.call)
        if call is None or not any(leg.agent == view.agent for leg in call.legs):
            yield Suspicion(
                key=f"agent {view.agent}",
                what=f"agent {view.agent} was {view.state} in a call without him",
                done="he is out of it",
                cure=_releasing(exchange, view.agent),
            )
    for extension, call_id in exchange.floor.phone_calls():
        call = exchange.calls.get(call_id)
        if call is None or not any(leg.extension == extension for leg in call.legs):
            yield Suspicion(
                key=f"phone {extension} {call_id}",
                what=f"phone {extension} was busy with a call without it",
                done="it is free",
                cure=_freeing(exchange, extension, call_id),
            )


def _releasing(exchange: Exchange, agent: AgentId) -> Cure:
    return lambda: queueing.carry_out(exchange, exchange.floor.release(agent, exchange.now))


def _freeing(exchange: Exchange, extension: ExtensionNumber, call: CallId) -> Cure:
    return lambda: queueing.carry_out(
        exchange, exchange.floor.phone_free(extension, call, exchange.now)
    )


# --- there, and nobody says so --------------------------------------------------------------------
def there_but_not_said(exchange: Exchange) -> Iterator[Suspicion]:
    """Phones in a call of which the floor knows nothing."""
    busy = set(exchange.floor.phone_calls())
    held = {(view.agent, view.call) for view in exchange.floor.agents()}
    for call in list(exchange.calls.values()):
        for leg in list(call.legs):
            if leg.extension is None or (leg.agent, call.call) in held:
                continue
            if leg.phase is not LegPhase.ANSWERED:
                if call.stage is Stage.QUEUED and _is_offer(leg):
                    yield _rings_unknown(exchange, call, leg)
            elif (leg.extension, call.call) not in busy:
                yield _talks_unknown(exchange, call, leg)


def _is_offer(leg: LegState) -> bool:
    return leg.role is LegRole.CALLED and leg.agent is not None


def _rings_unknown(exchange: Exchange, call: CallState, leg: LegState) -> Suspicion:
    def cure() -> None:
        queueing.missed(exchange, call, leg, MissReason.CALLER_GONE, call.visit)
        seating.remove(exchange, call, leg, Cause.CANCELLED)
        callbacks.agent_missed(exchange, call)

    return Suspicion(
        key=f"{leg.leg}:rings unknown",
        what=f"phone {leg.extension} rang for a caller who was not offered to it",
        done="it rings no more",
        cure=cure,
        call=call.call,
        leg=leg.leg,
    )


def _talks_unknown(exchange: Exchange, call: CallState, leg: LegState) -> Suspicion:
    who = f"phone {leg.extension}" if leg.agent is None else f"agent {leg.agent}"
    return Suspicion(
        key=f"{leg.leg}:talks unknown",
        what=f"{who} was in a call and taken for free",
        done="he is taken for busy until he hangs up",
        cure=lambda: _take_up(exchange, call, leg),
        call=call.call,
        leg=leg.leg,
    )


def _take_up(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """A queue's talk goes on as one; whatever else is a call of the phone's own."""
    floor, now = exchange.floor, exchange.now
    clock = next((one for one in call.talks if one.leg == leg.leg), None)
    if leg.extension is None:
        return
    if clock is not None and clock.queue is not None and leg.agent is not None:
        commands = floor.take_up_talk(
            leg.agent,
            leg.extension,
            call=call.call,
            queue=clock.queue,
            since=clock.since,
            now=now,
        )
    else:
        is_service = call.direction is Direction.SERVICE or leg.role is LegRole.SUPERVISOR
        commands = floor.phone_busy(leg.extension, call.call, now, is_service=is_service)
    queueing.carry_out(exchange, commands)
