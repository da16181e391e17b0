"""The reconciler: no call and no agent is ever stuck. What must not be is found, mended and told.

Theory of operation. Every five seconds each call, leg, agent and phone is held against the others
and against what the lines say (which legs have a far end). A thing that looks wrong is a suspect;
one that was a suspect at the look before as well is mended: so whatever is on its way at the
moment of one look is left alone, and whatever is stuck is mended within ten seconds. Each
mending is a Healed fact (control's log has it as a warning) and ends in the same functions that
ordinary life ends in, so that the ledger stays whole. At most one mending a call and look: it
changes what the others were about.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from appliance.engines.calls import (
    clocks,
    consult,
    dialling,
    leg_events,
    queueing,
    seating,
    supervision,
    talk,
    transfer,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place, Stage
from appliance.vocabulary.commands import HangUp, ReleaseAudio
from appliance.vocabulary.events import LegEnded
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, LegId
from appliance.vocabulary.journal import AgentState, Side
from appliance.vocabulary.lines import Cause

Cure = Callable[[], None]

RING_TIMERS = frozenset({"ring", "group", "originate", "arrival"})
NEEDED_TIMERS = {
    Stage.ARRIVING: frozenset({"arrival", "originate"}),
    Stage.RINGING: RING_TIMERS,
    Stage.ANNOUNCING: frozenset({"announcing"}),
    Stage.VOICEMAIL: frozenset({"greeting", "message"}),
    Stage.CLOSING: frozenset({"last_words"}),
    Stage.PARKED: frozenset({"park"}),
}
"""Stages that something must end: one of these timers has to run."""
LATE_SECONDS = 3.0
IN_CALL = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.HOLDING})


class Suspicion(NamedTuple):
    """Something that must not be; `key` is the same at the next look."""

    key: str
    what: str
    cure: Cure
    call: CallId | None = None
    leg: LegId | None = None


def look(
    exchange: Exchange, suspects: Collection[str], living: Collection[LegId] | None
) -> set[str]:
    """Mend what was a suspect before and still is one; return the suspects of this look.

    `living`: the legs that the lines have; None: not known (then no leg is doubted).
    """
    found = [*_in_calls(exchange, living), *_strays(exchange), *_on_the_floor(exchange)]
    mended: set[CallId] = set()
    for one in found:
        if one.key not in suspects or (one.call is not None and one.call in mended):
            continue
        if one.call is not None:
            mended.add(one.call)
        _tell(exchange, one)
        one.cure()
    return {one.key for one in found}


def _tell(exchange: Exchange, one: Suspicion) -> None:
    call = exchange.calls.get(one.call) if one.call is not None else None
    if call is not None:
        exchange.write(call, Healed(what=one.what), one.leg)
    else:
        exchange.write_free(Healed(what=one.what), key=exchange.new_name("h"), leg=one.leg)


# --- calls and legs -------------------------------------------------------------------------------
def _in_calls(exchange: Exchange, living: Collection[LegId] | None) -> Iterator[Suspicion]:
    for call in list(exchange.calls.values()):
        if not call.legs:
            yield _of_call(exchange, call, "a call without legs", _ending(exchange, call))
            continue
        for leg in call.legs:
            if living is not None and leg.phase is not LegPhase.CLAIMING and leg.leg not in living:
                yield _lost(exchange, call, leg)
        yield from _overdue(exchange, call)
        yield from _out_of_place(exchange, call)
        yield from _stages(exchange, call)


def _of_call(exchange: Exchange, call: CallState, what: str, cure: Cure) -> Suspicion:
    return Suspicion(key=f"{call.call}:{what}", what=what, cure=cure, call=call.call)


def _ending(exchange: Exchange, call: CallState) -> Cure:
    return lambda: talk.end(exchange, call, by=Side.BOX, cause=Cause.FAILURE)


def _lost(exchange: Exchange, call: CallState, leg: LegState) -> Suspicion:
    ended = LegEnded(leg=leg.leg, cause=Cause.FAILURE)
    return Suspicion(
        key=f"{leg.leg}:lost",
        what=f"the leg of {leg.extension or leg.number or 'the caller'} had no far end any more",
        cure=lambda: leg_events.leg_event(exchange, ended),
        call=call.call,
        leg=leg.leg,
    )


def _overdue(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """A timer that nobody was woken for."""
    if call.due and min(call.due.values()) < exchange.now - LATE_SECONDS:
        yield _of_call(
            exchange, call, "a timer was forgotten", lambda: leg_events.wake_call(exchange, call)
        )


def _stages(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """A stage that nothing would ever end."""
    needed = NEEDED_TIMERS.get(call.stage)
    if needed is not None and not needed & call.due.keys():
        is_ringing = call.stage is Stage.RINGING
        cure = _stopping(exchange, call) if is_ringing else _ending(exchange, call)
        yield _of_call(exchange, call, f"nothing would end {call.stage}", cure)
    elif call.stage is Stage.QUEUED and not _is_known_to_wait(exchange, call):
        yield _of_call(
            exchange,
            call,
            "a caller waited in no queue",
            lambda: _wait_again(exchange, call),
        )
    elif call.stage is Stage.TALKING and len([one for one in call.legs if _sits(one)]) < 2:
        yield _of_call(exchange, call, "somebody talked with nobody", _ending(exchange, call))


def _sits(leg: LegState) -> bool:
    return leg.place in seating.IN_TALK


def _stopping(exchange: Exchange, call: CallState) -> Cure:
    return lambda: _stop_ringing(exchange, call)


def _stop_ringing(exchange: Exchange, call: CallState) -> None:
    """Give up what rings, as if its time were over."""
    for leg in [one for one in call.legs if one.role is LegRole.CALLED]:
        if leg.phase is not LegPhase.ANSWERED:
            seating.remove(exchange, call, leg, Cause.CANCELLED)
    dialling.called_refused(exchange, call, None, Cause.NO_ANSWER)


def _is_known_to_wait(exchange: Exchange, call: CallState) -> bool:
    if call.visit is None or not call.visit_open or call.queue is None:
        return False
    return call.visit in {one.visit for one in exchange.floor.waiting(call.queue)}


def _wait_again(exchange: Exchange, call: CallState) -> None:
    queue = call.queue
    queueing.caller_left(exchange, call, Side.BOX)
    if queue is not None and queue in exchange.queues:
        transfer.enter_queue(exchange, call, queue)
    else:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.FAILURE)


def _out_of_place(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """Transfers, consultations, supervisors and clocks that hang on what is gone."""
    names = {one.leg for one in call.legs}
    state = call.transfer
    if state is not None and call.stage not in (Stage.RINGING, Stage.QUEUED):
        what = "a transfer was pending for ever"
        yield _of_call(exchange, call, what, lambda: _forget_transfer(exchange, call))
    for leg in call.legs:
        is_free = state is None and "parker" not in call.due
        if leg.role is LegRole.LEAVING and is_free:
            yield _of_leg(exchange, call, leg, "somebody who handed on never left")
        elif leg.role is LegRole.REPLACING:
            yield _of_leg(exchange, call, leg, "somebody came in and never had audio")
        elif leg.role is LegRole.SUPERVISOR and leg.supervises not in names:
            yield _of_leg(exchange, call, leg, "a supervisor watched nobody")
    asked = call.consult
    if asked is not None and not {asked.by, asked.leg} <= names:
        what = "a consultation with nobody"
        yield _of_call(exchange, call, what, lambda: consult.give_up(exchange, call))
    elif asked is None and any(one.place is Place.ASIDE for one in call.legs):
        what = "somebody spoke aside with nobody"
        yield _of_call(exchange, call, what, lambda: _all_back(exchange, call))
    if any(clock.server not in names for clock in call.talks):
        what = "a talk of somebody who is gone"
        yield _of_call(exchange, call, what, lambda: _stop_clocks(exchange, call))


def _of_leg(exchange: Exchange, call: CallState, leg: LegState, what: str) -> Suspicion:
    return Suspicion(
        key=f"{leg.leg}:{what}",
        what=what,
        cure=lambda: _take_out(exchange, call, leg),
        call=call.call,
        leg=leg.leg,
    )


def _take_out(exchange: Exchange, call: CallState, leg: LegState) -> None:
    if leg.role is LegRole.SUPERVISOR:
        supervision.left(exchange, call, leg)
    else:
        seating.remove(exchange, call, leg, Cause.FAILURE)
        seating.arrange(exchange, call)


def _forget_transfer(exchange: Exchange, call: CallState) -> None:
    transfer.given_up(exchange, call)
    for leg in [one for one in call.legs if one.role is LegRole.LEAVING]:
        seating.remove(exchange, call, leg, Cause.NORMAL)
    seating.arrange(exchange, call)


def _all_back(exchange: Exchange, call: CallState) -> None:
    for leg in call.legs:
        if leg.place in (Place.ASIDE, Place.WAITING):
            leg.place = Place.TALKING
    seating.arrange(exchange, call)


def _stop_clocks(exchange: Exchange, call: CallState) -> None:
    names = {one.leg for one in call.legs}
    for clock in list(call.talks):
        if clock.server not in names:
            clocks.end(exchange, call, clock.server)


def _strays(exchange: Exchange) -> Iterator[Suspicion]:
    """Legs that are said to be in a call which does not have them."""
    for leg, call_id in list(exchange.call_of_leg.items()):
        call = exchange.calls.get(call_id)
        if call is None or call.leg_named(leg) is None:
            yield Suspicion(
                key=f"{leg}:stray",
                what="a leg belonged to no call",
                cure=_letting_go(exchange, leg),
                leg=leg,
            )


def _letting_go(exchange: Exchange, leg: LegId) -> Cure:
    def cure() -> None:
        exchange.call_of_leg.pop(leg, None)
        exchange.do(HangUp(leg=leg, cause=Cause.FAILURE))
        exchange.do(ReleaseAudio(leg=leg))

    return cure


# --- agents and phones ----------------------------------------------------------------------------
def _on_the_floor(exchange: Exchange) -> Iterator[Suspicion]:
    """Agents and phones that are said to be in a call in which they have no leg."""
    for view in exchange.floor.agents():
        if view.state not in IN_CALL or view.call is None:
            continue
        call = exchange.calls.get(view.call)
        if call is None or not any(leg.agent == view.agent for leg in call.legs):
            yield Suspicion(
                key=f"agent {view.agent}",
                what=f"agent {view.agent} was {view.state} in a call without him",
                cure=_releasing(exchange, view.agent),
            )
    for extension, call_id in exchange.floor.phone_calls():
        call = exchange.calls.get(call_id)
        if call is None or not any(leg.extension == extension for leg in call.legs):
            yield Suspicion(
                key=f"phone {extension} {call_id}",
                what=f"phone {extension} was busy with a call without it",
                cure=_freeing(exchange, extension, call_id),
            )


def _releasing(exchange: Exchange, agent: AgentId) -> Cure:
    return lambda: queueing.carry_out(exchange, exchange.floor.release(agent, exchange.now))


def _freeing(exchange: Exchange, extension: ExtensionNumber, call: CallId) -> Cure:
    return lambda: queueing.carry_out(
        exchange, exchange.floor.phone_free(extension, call, exchange.now)
    )
