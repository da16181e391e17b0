"""Calling customers back: the book's callbacks as visits on the floor, and as calls.

Theory of operation. A callback that may be (hours, pause between tries) stands in its queue as a
visit without a call, at the place that its customer had; the floor offers it like any other. With
the first offer its call is opened, OUTBOUND and still without the customer: the agent's phone
rings, he hears whom he calls back, and only then the customer is rung through the trunk. From the
bridge on it is an outbound call like others. In whatever way it ends before that, the customer is
tried again later, or given up (callback_book.py).

The book is kept in slots that outlive a power cut; the visit and the call are not, and are made
anew.
"""

from appliance.engines.acd.commands import OfferToAgent
from appliance.engines.calls import dialling, flows, outside, queueing, talk
from appliance.engines.calls.callback_book import CUT_OFF, CallbackState
from appliance.engines.calls.destinations import ToNumber
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Purpose, Stage
from appliance.engines.ivr.calendar import is_open
from appliance.vocabulary.audio import Silence
from appliance.vocabulary.callbacks import CallbackPhase
from appliance.vocabulary.facts_customers import (
    CallbackBegun,
    CallbackClosed,
    CallbackTaken,
    CallbackTried,
)
from appliance.vocabulary.ids import CallbackId, CallId, Instant, QueueId, VisitId
from appliance.vocabulary.journal import (
    CALLED_BACK,
    AgentAnswered,
    CallEntered,
    Direction,
    RouteChosen,
    Side,
)
from appliance.vocabulary.lines import Cause, Line, Party, PhoneLine, TrunkLine
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Callback
from appliance.vocabulary.speech import PhraseKey, Utterance

SHORTEST_NUMBER = 5
"""Shorter ones are extensions and services: nobody's telephone."""


# --- whom ---
def rules_of(exchange: Exchange, queue: QueueId | None) -> Callback | None:
    """Return how this queue calls back; None: it does not."""
    found = exchange.queues.get(queue) if queue is not None else None
    return found.callback if found is not None else None


def way_out(exchange: Exchange, number: str) -> ToNumber | Cause:
    """Return how a customer's number goes out, or why it may not be called back.

    The first [[outbound]] rule that lets its class out; a prefix that is stripped is one that
    phones dial for the line, and is not part of the number. Never: emergency and premium numbers,
    phones of ours, numbers that lead back to the box.
    """
    country = exchange.site.site.country
    kind = dearest_class(number, country)
    if kind == "invalid" or len(number) < SHORTEST_NUMBER:
        return Cause.NOT_FOUND
    is_ours = number in exchange.extensions or number in exchange.desk.groups
    if is_ours or any(number == route.number for route in exchange.site.route):
        return Cause.FORBIDDEN
    if kind in ("emergency", "premium"):
        return Cause.FORBIDDEN
    for rule, called in outside.ways(exchange, number):
        if dearest_class(called, country) in rule.allow:
            trunks = dialling.usable_trunks(exchange, rule.trunks)
            return ToNumber(number=called, kind=kind, trunks=tuple(trunks))
    return Cause.FORBIDDEN


# --- when ---
def look(exchange: Exchange) -> None:
    """Line up what may be called back now, take out what may not, give up what is too old."""
    book, now = exchange.customers.callbacks, exchange.utc()
    for callback, reason in book.outlived(now, lambda queue: rules_of(exchange, queue)):
        close(exchange, callback, CallbackPhase.FAILED, reason)
    for state in [one for one in book.callbacks.values() if _is_out_of_line(exchange, one)]:
        _leave_line(exchange, state)
    due = book.due(
        now,
        is_open=lambda queue: _is_open(exchange, queue),
        rules=lambda queue: rules_of(exchange, queue),
    )
    for one in due:
        if one.begins:
            _line_up(exchange, book.callbacks[one.callback])
        else:
            _leave_line(exchange, book.callbacks[one.callback])


def _is_out_of_line(exchange: Exchange, state: CallbackState) -> bool:
    """It waits, and the floor knows nothing of it: nobody would ever be rung for it."""
    is_waiting = state.row.phase is CallbackPhase.PENDING and state.visit is not None
    return is_waiting and not exchange.floor.has_visit(state.visit)


def _is_open(exchange: Exchange, queue: QueueId) -> bool:
    rules = rules_of(exchange, queue)
    name = rules.calendar if rules is not None else None
    found = next((one for one in exchange.site.calendar if one.id == name), None)
    return found is None or is_open(found, flows.local_time(exchange)(exchange.now))


def _line_up(exchange: Exchange, state: CallbackState) -> None:
    row = state.row
    if row.first in exchange.calls:
        return  # he still hears that he may hang up
    visit, call = VisitId(exchange.new_name("v")), CallId(exchange.new_name("c"))
    exchange.customers.callbacks.lined_up(row.callback, visit, call)
    queueing.carry_out(
        exchange,
        exchange.floor.join(
            visit=visit,
            call=call,
            queue=row.queue,
            caller=row.number,
            now=exchange.now,
            credit=exchange.utc() - row.since,
            is_absent=True,
        ),
    )


def _leave_line(exchange: Exchange, state: CallbackState) -> None:
    visit, call = state.visit, state.call
    exchange.customers.callbacks.left_line(state.row.callback)
    _leave_floor(exchange, visit, call)


def _leave_floor(exchange: Exchange, visit: VisitId | None, name: CallId | None) -> None:
    """Nobody is to be rung for it: its stay is over, and its call, where agents missed it."""
    call = exchange.calls.get(name) if name is not None else None
    if call is not None:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.CANCELLED)
    elif visit is not None:
        queueing.carry_out(exchange, exchange.floor.leave(visit, exchange.now))


def close(
    exchange: Exchange, callback: CallbackId, phase: CallbackPhase, reason: str, by: str = ""
) -> bool:
    """Give up one that is pending, and say so in the ledger; False: it is not pending."""
    state = exchange.customers.callbacks.callbacks.get(callback)
    visit, call = (state.visit, state.call) if state is not None else (None, None)
    is_closed = exchange.customers.callbacks.give_up(callback, phase, by or reason, exchange.utc())
    if not is_closed or state is None:
        return False
    _leave_floor(exchange, visit, call if visit is not None else None)
    _say_closed(exchange, state, reason, by)
    return True


def cancel(exchange: Exchange, callback: CallbackId, by: str) -> str:
    """Somebody wants it given up. Returns one of the verbs' problems, or ""."""
    state = exchange.customers.callbacks.callbacks.get(callback)
    if state is None:
        return "callback_unknown"
    if state.row.phase is CallbackPhase.RUNNING:
        return "busy"
    return "" if close(exchange, callback, CallbackPhase.CANCELLED, "cancelled", by) else "already"


def _say_closed(exchange: Exchange, state: CallbackState, reason: str, by: str = "") -> None:
    row = state.row
    fact = CallbackClosed(
        callback=row.callback,
        queue=row.queue,
        number=row.number,
        first=row.first,
        reason=reason,
        by=by,
    )
    exchange.write_free(fact, key=f"{row.callback}:closed", call=row.first)


def known_calls(exchange: Exchange) -> set[CallId]:
    """Return every call that something on the floor may hang on: living, and to be."""
    return exchange.calls.keys() | exchange.customers.callbacks.reserved_calls()


def box_restarted(exchange: Exchange) -> None:
    """The machine was restarted: nothing on the floor is left."""
    cut = exchange.customers.callbacks.box_restarted(
        exchange.utc(), lambda queue: rules_of(exchange, queue)
    )
    for state in cut:
        row = state.row
        tried = CallbackTried(callback=row.callback, result=CUT_OFF, not_before=row.not_before)
        exchange.write_free(tried, key=f"{state.call}:tried", call=state.call)
        if row.phase is CallbackPhase.FAILED:
            _say_closed(exchange, state, row.reason)


# --- the call ---
def offered(exchange: Exchange, offer: OfferToAgent) -> CallState | None:
    """An agent is to be rung for this visit: return its call, if it is a callback's. It is opened
    with the first offer, and waits on when agents miss it."""
    state = exchange.customers.callbacks.of_visit(offer.visit)
    if state is None or state.call != offer.call:
        return None
    row = state.row
    if row.phase is CallbackPhase.PENDING:
        if rules_of(exchange, row.queue) is None or not _is_open(exchange, row.queue):
            _leave_line(exchange, state)  # its hours have ended since it lined up
            return None
        exchange.customers.callbacks.begun(row.callback)
    return exchange.calls.get(offer.call) or _opened(exchange, offer, state)


def _opened(exchange: Exchange, offer: OfferToAgent, state: CallbackState) -> CallState:
    row = state.row
    queue = exchange.queues.get(row.queue)
    way = way_out(exchange, row.number)
    trunks = way.trunks if isinstance(way, ToNumber) else ()
    line: Line = TrunkLine(trunk=trunks[0]) if trunks else PhoneLine(extension=offer.extension)
    call = CallState(
        call=offer.call,
        direction=Direction.OUTBOUND,
        line=line,
        caller=Party(name=queue.name or queue.id if queue is not None else ""),
        called=row.number,
        language=row.language,
        entered=exchange.now,
        stage=Stage.QUEUED,
        callback=row.callback,
        visit=offer.visit,
        visit_open=True,
        queue=row.queue,
        queued_at=Instant(exchange.now - (exchange.utc() - row.since)),
    )
    exchange.calls[call.call] = call
    exchange.write(
        call,
        CallEntered(
            direction=Direction.OUTBOUND,
            line=line,
            caller=call.caller,
            called=row.number,
            asked_by=CALLED_BACK,
        ),
    )
    exchange.write(
        call,
        CallbackBegun(
            callback=row.callback,
            queue=row.queue,
            number=row.number,
            first=row.first,
            asked=row.asked,
        ),
    )
    return call


def agent_missed(exchange: Exchange, call: CallState) -> None:
    """A phone rings for it no more; with the last one it only waits again."""
    if call.callback is None or call.legs or not call.visit_open:
        return
    known = exchange.customers.callbacks.callbacks.get(call.callback)
    if known is not None and known.row.phase is CallbackPhase.RUNNING:
        exchange.customers.callbacks.rested(call.callback)


def agent_answered(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """An agent picked up: he is the one who calls from now on, and hears whom."""
    leg.phase, leg.role = LegPhase.ANSWERED, LegRole.CALLER
    call.visit_open = False
    call.extension = leg.extension
    call.caller = Party(number=leg.extension or "", name=call.caller.name)
    exchange.touch(call)
    if leg.extension is not None:
        exchange.write(call, AgentAnswered(agent=leg.agent, extension=leg.extension), leg.leg)
    exchange.set_audio(call, leg, hears=Silence())
    if call.visit is not None and leg.agent is not None:
        queueing.carry_out(
            exchange, exchange.floor.offer_answered(call.visit, leg.agent, exchange.now)
        )
    call.stage = Stage.ANNOUNCING
    exchange.set_timer(call, "announcing", talk.GUARD_SECONDS)
    language = exchange.language
    sentences = (
        Utterance(language=language, phrase=PhraseKey.CALLBACK_WHISPER),
        Utterance(language=language, said=SayKind.DIGITS, text=call.called),
    )
    if not exchange.play(call, Purpose.CALLBACK, sentences):
        dial(exchange, call)


def dial(exchange: Exchange, call: CallState) -> None:
    """He knows whom: ring the customer."""
    agent = call.caller_leg
    if call.callback is None or agent is None or agent.extension is None:
        return
    call.due.pop("announcing", None)
    way = way_out(exchange, call.called)
    if isinstance(way, Cause):
        customer_missed(exchange, call, Cause.FORBIDDEN)
        return
    tries = exchange.customers.callbacks.rung(call.callback, agent.agent, exchange.utc())
    exchange.write(
        call,
        CallbackTaken(
            callback=call.callback, agent=agent.agent, extension=agent.extension, tries=tries
        ),
        agent.leg,
    )
    call.stage = Stage.RINGING
    call.trunks_left = list(way.trunks)
    exchange.write(
        call, RouteChosen(number=way.number, target=",".join(way.trunks), why="callback")
    )
    exchange.play_tone(call, Purpose.MUSIC, "ringback")
    dialling.try_next_trunk(exchange, call, way.number, Cause.UNREACHABLE)
    rules = rules_of(exchange, call.queue)
    if rules is not None and call.stage is Stage.RINGING and "ring" in call.due:
        exchange.set_timer(call, "ring", rules.ring_seconds)


def customer_rings(exchange: Exchange, call: CallState) -> None:
    """His telephone rings: this try counts."""
    if call.callback is not None and call.is_being_called_back and not call.visit_open:
        exchange.customers.callbacks.rings(call.callback)


def _is_of_trunk(exchange: Exchange, call: CallState) -> bool:
    """Say whether it was a trunk that did not reach the customer; also one that is known to be down
    and never said a word."""
    if call.callback_result == Cause.NO_ANSWER:
        way = way_out(exchange, call.called)
        trunks = way.trunks if isinstance(way, ToNumber) else ()
        return not any(dialling.trunk_seems_up(exchange, one) for one in trunks)
    return call.callback_result in dialling.TRY_NEXT_TRUNK


def customer_missed(exchange: Exchange, call: CallState, cause: Cause) -> None:
    """The customer was not reached: say so to the agent."""
    call.callback_result = str(cause)
    talk.say_goodbye(exchange, call, PhraseKey.CALLBACK_MISSED)


def bridged(exchange: Exchange, call: CallState) -> None:
    """The customer has answered: both talk from now on."""
    agent, visit = call.caller_leg, call.visit
    if call.callback is None or agent is None:
        return
    call.visit = None  # of a wait that is in no ledger: this talk was dialled
    exchange.customers.callbacks.talked(call.callback, exchange.utc())
    if visit is not None and agent.agent is not None:
        queueing.carry_out(exchange, exchange.floor.talk_started(visit, agent.agent, exchange.now))
        queueing.carry_out(exchange, exchange.floor.leave(visit, exchange.now))


def call_over(exchange: Exchange, call: CallState) -> None:
    """The call ends; without a talk the customer is tried again, or given up."""
    if call.callback is None or call.has_talked:
        return
    visit = call.visit
    result = call.callback_result or "agent_left"
    known = exchange.customers.callbacks.callbacks.get(call.callback)
    if known is None or known.call != call.call:
        return
    if known.row.phase is CallbackPhase.PENDING and known.visit is not None:
        exchange.customers.callbacks.left_line(call.callback)
    if known.row.phase is not CallbackPhase.RUNNING:
        return
    rules = rules_of(exchange, call.queue)
    state = exchange.customers.callbacks.missed(
        call.callback,
        result,
        exchange.utc(),
        rules,
        is_of_trunk=_is_of_trunk(exchange, call),
    )
    exchange.write(
        call,
        CallbackTried(callback=call.callback, result=result, not_before=state.row.not_before),
    )
    if state.row.phase is CallbackPhase.FAILED:
        _say_closed(exchange, state, state.row.reason)
    if visit is not None:
        queueing.carry_out(exchange, exchange.floor.leave(visit, exchange.now))
