"""Who is to be called back: one small machine a number, in a book of its own. Pure.

Theory of operation. A callback is PENDING until its turn, RUNNING from the offer to an agent until
nobody is rung for it any more or the call is over, and then done, or pending again for another
agent or another try, or failed. The book knows no calls and no queues: it says what may begin now
(`due`), and is told what came of it. Wall time only, for a callback outlives power cuts.

Two promises, and a property test for each: a number has one open callback at most, so that nobody
is rung twice at a time; and no customer is rung more than max_tries times, nor sooner than
between_minutes after the last time, nor outside his hours. A try that ended at a trunk, before the
customer's telephone rang, is none of those times.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from appliance.vocabulary.callbacks import OPEN_PHASES, CallbackPhase, CallbackRow, CallbackTry
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import AgentId, CallbackId, CallId, QueueId, Utc, VisitId
from appliance.vocabulary.settings import Callback
from appliance.vocabulary.shape import State

CUT_OFF = "box_restarted"
"""The result of a try in which the power went."""
SETTLE_SECONDS = 5.0
"""So long after he hung up he is not rung: his own telephone must be free again."""
AGENT_LEFT_SECONDS = 60.0
"""An agent hung up before the customer was rung: no try, but not at once again."""
MOST_KEPT = 200
"""Callbacks that are over and still known; the oldest are forgotten first. The ledger has all."""
MOST_SHOWN = 50
"""Of those, on the page and to programs."""
MOST_OPEN = 200
"""More than so many customers are not promised to be called back."""
MOST_OF_CALLER = 3
"""Open ones that may be asked for from one number, by keying in others."""
MOST_OF_WITHHELD = 20
"""The same, of all together who show no number."""
MOST_TRIES_KEPT = 50
"""Tries of one that are still known: a trunk that is out for days makes many that count for none.
The oldest of those are forgotten first."""

IsOpen = Callable[[QueueId], bool]
Rules = Callable[[QueueId], Callback | None]


class CallbackState(State, kw_only=True):
    """Slot "back:<id>": one callback."""

    row: CallbackRow
    visit: VisitId | None = None
    """Its stay in the queue, while it waits there or is offered to an agent."""
    call: CallId | None = None
    """The call that it will be, or is; reserved together with the visit."""
    asked_by: str = ""
    """The number from which it was asked for; "": withheld."""
    has_rung: bool = False
    """The customer's telephone is known to have rung in this try."""
    uncounted: int = 0
    """Of the tries in its row: those that never came to the customer's telephone."""

    @property
    def tries(self) -> int:
        """How many times the customer was rung."""
        return len(self.row.tries) - self.uncounted


class Due(NamedTuple):
    """What is to be done now. `begins`: line up; else take out of the line: the hours are over."""

    callback: CallbackId
    begins: bool


_decoder = msgspec.msgpack.Decoder(CallbackState)
_encoder = msgspec.msgpack.Encoder()


class CallbackBook:
    """All callbacks of a box."""

    def __init__(self) -> None:
        self.callbacks: dict[CallbackId, CallbackState] = {}
        self.touched: set[str] = set()

    # --- asking ---
    def open_for(self, number: str) -> CallbackState | None:
        """Return the callback of this number that is not over."""
        found = (one for one in self.callbacks.values() if one.row.number == number)
        return next((one for one in found if one.row.phase in OPEN_PHASES), None)

    def has_room(self, asked_by: str, number: str) -> bool:
        """Say whether this caller may ask for this number to be called back. One that is open
        already takes no room."""
        if self.open_for(number) is not None:
            return True
        found = [one for one in self.callbacks.values() if one.row.phase in OPEN_PHASES]
        own = sum(one.asked_by == asked_by for one in found)
        most = MOST_OF_CALLER if asked_by else MOST_OF_WITHHELD
        return len(found) < MOST_OPEN and own < most

    def ask(self, row: CallbackRow, asked_by: str = "") -> tuple[CallbackState, bool]:
        """Put it down; where the number has one already, that one stays, and True comes with it."""
        known = self.open_for(row.number)
        if known is not None:
            return known, True
        not_before = Utc(row.asked + SETTLE_SECONDS)
        state = CallbackState(
            row=msgspec.structs.replace(row, not_before=not_before), asked_by=asked_by
        )
        self.callbacks[row.callback] = state
        self._touch(state)
        self._forget_old()
        return state, False

    # --- time ---
    def due(self, now: Utc, *, is_open: IsOpen, rules: Rules) -> list[Due]:
        """Return which callbacks may stand in the line now and do not, and the other way round."""
        found: list[Due] = []
        for state in list(self.callbacks.values()):
            row = state.row
            if row.phase is not CallbackPhase.PENDING:
                continue
            settings = rules(row.queue)
            may = settings is not None and is_open(row.queue)
            may = may and (row.not_before is None or row.not_before <= now)
            if may and state.visit is None:
                found.append(Due(row.callback, True))
            elif not may and state.visit is not None:
                found.append(Due(row.callback, False))
        return found

    def outlived(self, now: Utc, rules: Rules) -> list[tuple[CallbackId, str]]:
        """Return which pending ones are to be given up, and why in one word."""
        found: list[tuple[CallbackId, str]] = []
        for state in self.callbacks.values():
            row = state.row
            if row.phase is not CallbackPhase.PENDING:
                continue
            settings = rules(row.queue)
            if settings is None:
                found.append((row.callback, "queue_removed"))
            elif row.asked + settings.days * 86400 <= now:
                found.append((row.callback, "expired"))
        return found

    # --- its way ---
    def lined_up(self, callback: CallbackId, visit: VisitId, call: CallId) -> None:
        """It waits in its queue."""
        state = self._open(callback, CallbackPhase.PENDING)
        state.visit, state.call = visit, call
        self._touch(state)

    def left_line(self, callback: CallbackId) -> None:
        """It waits there no more; it is still pending."""
        state = self._open(callback, CallbackPhase.PENDING)
        state.visit = state.call = None
        self._touch(state)

    def begun(self, callback: CallbackId) -> None:
        """An agent is rung for it."""
        state = self._open(callback, CallbackPhase.PENDING)
        self._set(state, phase=CallbackPhase.RUNNING, call=state.call)

    def rested(self, callback: CallbackId) -> None:
        """No agent is rung for it any more; it waits on in its queue."""
        state = self._open(callback, CallbackPhase.RUNNING)
        self._set(state, phase=CallbackPhase.PENDING)

    def rung(self, callback: CallbackId, agent: AgentId | None, now: Utc) -> int:
        """The customer is rung from now on; return how many times that makes."""
        state = self._open(callback, CallbackPhase.RUNNING)
        if state.call is None:
            raise IllegalMove(f"callback {callback} is in no call")
        tried = CallbackTry(at=now, agent=agent, call=state.call)
        state.has_rung = False
        self._set(state, tries=(*state.row.tries, tried))
        return state.tries

    def rings(self, callback: CallbackId) -> None:
        """The customer's telephone rings: whatever comes of it, this try counts."""
        state = self.callbacks.get(callback)
        if state is not None and state.row.phase is CallbackPhase.RUNNING and not state.has_rung:
            state.has_rung = True
            self._touch(state)

    def talked(self, callback: CallbackId, now: Utc) -> None:
        """Both talk: it is done."""
        state = self._open(callback, CallbackPhase.RUNNING)
        self._note_result(state, "answered")
        self._close(state, CallbackPhase.DONE, now, "")

    def missed(
        self,
        callback: CallbackId,
        result: str,
        now: Utc,
        settings: Callback | None,
        *,
        is_of_trunk: bool = False,
    ) -> CallbackState:
        """The call is over without a talk: return what it is now, pending again or failed.

        `is_of_trunk`: by a fault of ours or of the carrier's; unless the customer's telephone rang
        nevertheless, he was not rung by this try.
        """
        state = self._open(callback, CallbackPhase.RUNNING)
        had_try = bool(state.row.tries) and state.row.tries[-1].result == ""
        self._note_result(state, result)
        if had_try and is_of_trunk and not state.has_rung:
            self._count_off(state)
        tries = state.tries
        state.visit = None
        if result == "forbidden" or (settings is not None and tries >= settings.max_tries):
            self._close(
                state, CallbackPhase.FAILED, now, result if result == "forbidden" else "tries"
            )
            return state
        minutes = settings.between_minutes if settings is not None else 0.0
        pause = minutes * 60 if had_try else AGENT_LEFT_SECONDS
        self._set(state, phase=CallbackPhase.PENDING, not_before=Utc(now + pause))
        return state

    def give_up(self, callback: CallbackId, phase: CallbackPhase, reason: str, now: Utc) -> bool:
        """Fail or cancel a pending one; False: it is running, or over, or there is none."""
        state = self.callbacks.get(callback)
        if state is None or state.row.phase is not CallbackPhase.PENDING:
            return False
        self._close(state, phase, now, reason)
        return True

    def box_restarted(self, now: Utc, rules: Rules) -> list[CallbackState]:
        """All calls and queues are gone: what ran was cut off, what waited lines up anew.

        Return those that were cut off, as they are now.
        """
        cut: list[CallbackState] = []
        for state in self.callbacks.values():
            if state.row.phase is CallbackPhase.RUNNING:
                settings = rules(state.row.queue)
                cut.append(self.missed(state.row.callback, CUT_OFF, now, settings))
            elif state.visit is not None:
                self.left_line(state.row.callback)
        return cut

    # --- looking ---
    def of_visit(self, visit: VisitId) -> CallbackState | None:
        """Return the callback whose stay in a queue this is."""
        for one in self.callbacks.values():
            if one.visit == visit:
                return one
        return None

    def reserved_calls(self) -> set[CallId]:
        """Return the calls that are to be, whose visits stand in queues."""
        found = (one for one in self.callbacks.values() if one.visit is not None)
        return {one.call for one in found if one.call is not None}

    def rows(self) -> tuple[CallbackRow, ...]:
        """Return all: open ones by their place, then those that are over, the latest first."""
        rows = [one.row for one in self.callbacks.values()]
        is_open = [one for one in rows if one.phase in OPEN_PHASES]
        over = [one for one in rows if one.phase not in OPEN_PHASES]
        latest = sorted(over, key=lambda one: -(one.ended or one.asked))[:MOST_SHOWN]
        return (*sorted(is_open, key=lambda one: one.since), *latest)

    # --- slots ---
    def slot(self, name: CallbackId) -> bytes | None:
        """Return a slot's content."""
        state = self.callbacks.get(name)
        return None if state is None else _encoder.encode(state)

    def restore(self, content: bytes) -> None:
        """Put a callback back."""
        state = _decoder.decode(content)
        self.callbacks[state.row.callback] = state

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        touched, self.touched = self.touched, set()
        return touched

    # --- inside ---
    def _open(self, callback: CallbackId, phase: CallbackPhase) -> CallbackState:
        state = self.callbacks.get(callback)
        if state is None or state.row.phase is not phase:
            was = None if state is None else state.row.phase
            raise IllegalMove(f"callback {callback} is {was}, not {phase}")
        return state

    def _note_result(self, state: CallbackState, result: str) -> None:
        if state.row.tries and state.row.tries[-1].result == "":
            last = msgspec.structs.replace(state.row.tries[-1], result=result)
            self._set(state, tries=(*state.row.tries[:-1], last))

    def _count_off(self, state: CallbackState) -> None:
        """Its last try was none; what was tried long ago in vain need not be known for ever."""
        tries = state.row.tries
        state.uncounted += 1
        if len(tries) > MOST_TRIES_KEPT:
            last = tries[-1].result
            oldest = next(at for at, one in enumerate(tries) if one.result == last)
            state.uncounted -= 1
            self._set(state, tries=(*tries[:oldest], *tries[oldest + 1 :]))
        self._touch(state)

    def _close(self, state: CallbackState, phase: CallbackPhase, now: Utc, reason: str) -> None:
        state.visit = None
        self._set(state, phase=phase, ended=now, reason=reason, not_before=None)

    def _set(self, state: CallbackState, **changed: object) -> None:
        state.row = msgspec.structs.replace(state.row, **changed)
        self._touch(state)

    def _touch(self, state: CallbackState) -> None:
        self.touched.add(f"back:{state.row.callback}")

    def _forget_old(self) -> None:
        over = [one.row for one in self.callbacks.values() if one.row.phase not in OPEN_PHASES]
        for row in sorted(over, key=lambda one: one.ended or one.asked)[:-MOST_KEPT]:
            del self.callbacks[row.callback]
            self.touched.add(f"back:{row.callback}")
