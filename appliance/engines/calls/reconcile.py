"""The reconciler: no call and no agent is ever stuck. What must not be is found, mended and told.

Theory of operation. Every five seconds each call, leg, agent and phone is held against the others
and against what the lines say (which legs have a far end). A thing that looks wrong is a suspect;
one that was a suspect at the look before as well is mended: so whatever is on its way at the
moment of one look is left alone, and whatever is stuck is mended within ten seconds. Each
mending is a Healed fact (control's log has it as a warning) and ends in the same functions that
ordinary life ends in, so that the ledger stays whole. At most one mending a call and look: it
changes what the others were about.
"""

from collections.abc import Collection, Iterator

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
    whereabouts,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place, Stage
from appliance.engines.calls.suspicion import Cure, Suspicion, mend
from appliance.vocabulary.commands import HangUp, ReleaseAudio
from appliance.vocabulary.events import LegEnded
from appliance.vocabulary.ids import CallId, LegId
from appliance.vocabulary.journal import MissReason, Side
from appliance.vocabulary.lines import Cause

RING_TIMERS = frozenset({"ring", "group", "originate", "arrival"})
NEEDED_TIMERS = {
    Stage.ARRIVING: frozenset({"arrival", "originate"}),
    Stage.RINGING: RING_TIMERS,
    Stage.ANNOUNCING: frozenset({"announcing"}),
    Stage.VOICEMAIL: frozenset({"greeting", "message"}),
    Stage.CLOSING: frozenset({"last_words"}),
    Stage.ASKING: frozenset({"asking"}),
    Stage.SURVEY: frozenset({"survey"}),
    Stage.PARKED: frozenset({"park"}),
}
"""Stages that something must end: one of these timers has to run."""
LATE_SECONDS = 3.0
ENDED = "the call was ended"


def look(
    exchange: Exchange,
    suspects: Collection[str],
    living: Collection[LegId] | None,
    strays: Collection[LegId] = (),
) -> set[str]:
    """Mend what was a suspect before and still is one; return the suspects of this look.

    `living`: the legs that the lines have; None: not known (then no leg is doubted). `strays`: far
    ends that the lines have no leg for, by names that HangUp knows.
    """
    found = _found(exchange, living, strays)
    mended: set[CallId] = set()
    for one in found:
        if one.key not in suspects or (one.call is not None and one.call in mended):
            continue
        if one.call is not None:
            mended.add(one.call)
        mend(exchange, one)
    return {one.key for one in found}


def _found(
    exchange: Exchange, living: Collection[LegId] | None, strays: Collection[LegId]
) -> list[Suspicion]:
    return [
        *_in_calls(exchange, living),
        *_strays(exchange),
        *_far_ends(exchange, living or (), strays),
        *whereabouts.said_but_not_there(exchange),
        *whereabouts.there_but_not_said(exchange),
    ]


def after_restart(
    exchange: Exchange, living: Collection[LegId], strays: Collection[LegId]
) -> set[str]:
    """Mend what a killed process left; return the suspects, as a first look.

    What it kept is of one moment: no far end is on its way to a call in it. So a leg whose far end
    is lost, a far end without a leg, and a talk of which the floor knows nothing, are mended now.
    """
    for call in list(exchange.calls.values()):
        for leg in list(call.legs):
            if leg in call.legs and _is_lost(leg, living):
                mend(exchange, _lost(exchange, call, leg))
    for one in list(whereabouts.there_but_not_said(exchange)):
        if one.call in exchange.calls:
            mend(exchange, one)
    for one in list(_far_ends(exchange, living, strays)):
        mend(exchange, one)
    return {one.key for one in _found(exchange, living, ())}


# --- calls and legs -------------------------------------------------------------------------------
def _in_calls(exchange: Exchange, living: Collection[LegId] | None) -> Iterator[Suspicion]:
    for call in list(exchange.calls.values()):
        if not call.legs and call.is_being_called_back and call.visit_open:
            continue  # the next agent will be rung for it
        if not call.legs:
            yield _of_call(exchange, call, "a call without legs", ENDED, _ending(exchange, call))
            continue
        for leg in call.legs:
            if living is not None and _is_lost(leg, living):
                yield _lost(exchange, call, leg)
        yield from _overdue(exchange, call)
        yield from _out_of_place(exchange, call)
        yield from _stages(exchange, call)


def _is_lost(leg: LegState, living: Collection[LegId]) -> bool:
    return leg.phase is not LegPhase.CLAIMING and leg.leg not in living


def _of_call(exchange: Exchange, call: CallState, what: str, done: str, cure: Cure) -> Suspicion:
    return Suspicion(key=f"{call.call}:{what}", what=what, done=done, cure=cure, call=call.call)


def _ending(exchange: Exchange, call: CallState) -> Cure:
    return lambda: talk.end(exchange, call, by=Side.BOX, cause=Cause.FAILURE)


def _lost(exchange: Exchange, call: CallState, leg: LegState) -> Suspicion:
    def cure() -> None:
        leg_events.leg_event(exchange, LegEnded(leg=leg.leg, cause=Cause.FAILURE))
        exchange.do(HangUp(leg=leg.leg, cause=Cause.FAILURE))  # half of it may be there

    return Suspicion(
        key=f"{leg.leg}:lost",
        what=f"the leg of {leg.extension or leg.number or 'the caller'} had no far end any more",
        done="it counts as hung up",
        cure=cure,
        call=call.call,
        leg=leg.leg,
    )


def _overdue(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """A timer that nobody was woken for."""
    if call.due and min(call.due.values()) < exchange.now - LATE_SECONDS:
        what, done = "a timer was forgotten", "what was due was done"
        yield _of_call(exchange, call, what, done, lambda: leg_events.wake_call(exchange, call))


def _stages(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """A stage that nothing would ever end."""
    needed = NEEDED_TIMERS.get(call.stage)
    if needed is not None and not needed & call.due.keys():
        is_ringing = call.stage is Stage.RINGING
        cure = _stopping(exchange, call) if is_ringing else _ending(exchange, call)
        done = "nobody is rung any more" if is_ringing else ENDED
        yield _of_call(exchange, call, f"nothing would end {call.stage}", done, cure)
    elif call.stage is Stage.QUEUED and not _is_known_to_wait(exchange, call):
        yield _of_call(
            exchange,
            call,
            "a caller waited in no queue",
            f"he waits in {call.queue} again",
            lambda: _wait_again(exchange, call),
        )
    elif call.stage is Stage.TALKING and len([one for one in call.legs if _sits(one)]) < 2:
        what = "somebody talked with nobody"
        yield _of_call(exchange, call, what, ENDED, _ending(exchange, call))


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
    """The same visit goes on, so the ledger has one; as much waited counts for its place."""
    if call.visit is None or call.queue not in exchange.queues or call.queued_at is None:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.FAILURE)
        return
    call.visit_open = True
    queueing.stop_ringing(exchange, call, MissReason.CALLER_GONE)
    queueing.carry_out(exchange, exchange.floor.leave(call.visit, exchange.now))
    waited = exchange.now - call.queued_at
    queueing.carry_out(
        exchange,
        exchange.floor.join(
            visit=call.visit,
            call=call.call,
            queue=call.queue,
            caller=call.called if call.is_being_called_back else call.caller.number,
            now=exchange.now,
            credit=call.waited + call.priority + waited,
            is_absent=call.is_being_called_back,
        ),
    )


def _out_of_place(exchange: Exchange, call: CallState) -> Iterator[Suspicion]:
    """Transfers, consultations, supervisors and clocks that hang on what is gone."""
    names = {one.leg for one in call.legs}
    state = call.transfer
    if state is not None and call.stage not in (Stage.RINGING, Stage.QUEUED):
        what = "a transfer was pending for ever"
        done = "it was given up"
        yield _of_call(exchange, call, what, done, lambda: _forget_transfer(exchange, call))
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
        done = "it was given up"
        yield _of_call(exchange, call, what, done, lambda: consult.give_up(exchange, call))
    elif asked is None and any(one.place is Place.ASIDE for one in call.legs):
        what = "somebody spoke aside with nobody"
        done = "all talk together"
        yield _of_call(exchange, call, what, done, lambda: _all_back(exchange, call))
    if any(clock.server not in names for clock in call.talks):
        what = "a talk of somebody who is gone"
        done = "its clock was stopped"
        yield _of_call(exchange, call, what, done, lambda: _stop_clocks(exchange, call))


def _of_leg(exchange: Exchange, call: CallState, leg: LegState, what: str) -> Suspicion:
    return Suspicion(
        key=f"{leg.leg}:{what}",
        what=what,
        done="he was taken out",
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
                done="it was hung up",
                cure=_letting_go(exchange, leg),
                leg=leg,
            )


def _letting_go(exchange: Exchange, leg: LegId) -> Cure:
    def cure() -> None:
        exchange.call_of_leg.pop(leg, None)
        exchange.do(HangUp(leg=leg, cause=Cause.FAILURE))
        exchange.do(ReleaseAudio(leg=leg))

    return cure


def _far_ends(
    exchange: Exchange, living: Collection[LegId], strays: Collection[LegId]
) -> Iterator[Suspicion]:
    """Somebody out there holds the line, and no call of ours knows of it."""
    alone = [leg for leg in living if leg not in exchange.call_of_leg]
    for leg in dict.fromkeys((*alone, *strays)):
        yield Suspicion(
            key=f"{leg}:no call",
            what="a far end was in no call",
            done="it was hung up",
            cure=_letting_go(exchange, leg),
            leg=leg,
        )
