"""From the journal's entries to public events: at most one of each entry, named by its row.

An event tells what its entry alone does not say (the caller, the queue), so each call's facts are
folded as its entries pass. Whoever begins in the middle of a call is given what was before, and
tells the same: an event of a row is the same bytes whenever and by whomever it is made.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from appliance.reports.call_list import dialled_word
from appliance.vocabulary import facts_customers as customers
from appliance.vocabulary import facts_handling as handling
from appliance.vocabulary import journal
from appliance.vocabulary.fact import Direction
from appliance.vocabulary.facts_desk import EmergencyModeEnded, EmergencyModeStarted
from appliance.vocabulary.facts_flows import FlowTold
from appliance.vocabulary.facts_messages import MessageArrived
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant, QueueId, Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.lines import Party
from appliance.vocabulary.public_events import (
    AgentStateEvent,
    AnsweredEvent,
    AnyPublicEvent,
    CallbackEvent,
    EmergencyModeEvent,
    EndedEvent,
    FlowToldEvent,
    HeldEvent,
    MessageLeftEvent,
    OfferedEvent,
    ParkedEvent,
    RatedEvent,
    RecordingFiledEvent,
    RetrievedEvent,
    RingingEvent,
    SupervisedEvent,
    TransferredEvent,
)
from appliance.vocabulary.shape import State

MOST_CALLS = 4096
"""Calls whose facts are kept; the longest untouched is forgotten and read back when needed."""

EntriesBefore = Callable[[CallId, int], Sequence[Entry]]
"""A call's entries before a row, in order."""

_encode = msgspec.json.Encoder().encode


def utc_text(at: Utc) -> str:
    """Return a time as the API writes it: 2026-11-23T02:05:45.120Z."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def public_json(event: AnyPublicEvent) -> bytes:
    """Return the event as one JSON object, without a newline."""
    return _encode(event)


def public_name(event: AnyPublicEvent) -> str:
    """Return the event's name: offered, ringing, …"""
    return str(type(event).__struct_config__.tag)


class _Call(State, kw_only=True):
    """What a call's entries have told so far."""

    direction: Direction = Direction.INBOUND
    caller: Party = Party()
    called: str = ""
    entered: Instant | None = None
    """By the clock that nobody can set."""
    queue: QueueId | None = None
    way: handling.TransferWay | None = None
    transferring_agent: AgentId | None = None
    transferring: ExtensionNumber | None = None
    transfer_asked_by: str = ""

    def take(self, entry: Entry) -> None:
        """Learn from an entry."""
        match entry.fact:
            case journal.CallEntered() as fact:
                self.direction, self.caller = fact.direction, fact.caller
                self.called, self.entered = fact.called, entry.mono
            case journal.CallQueued() as fact:
                self.queue = fact.queue
            case handling.TransferBegun() as fact:
                self.way = fact.way
                self.transferring_agent, self.transferring = fact.agent, fact.extension
                self.transfer_asked_by = fact.asked_by
            case handling.TransferFinished() as fact if fact.queue is not None:
                self.queue = fact.queue


class Announcer:
    """Makes the public events of a journal that passes by, row after row."""

    def __init__(self, entries_before: EntriesBefore) -> None:
        """`entries_before`: asked once for a call whose beginning did not pass."""
        self._entries_before = entries_before
        self._calls: dict[CallId, _Call] = {}
        """Longest untouched first."""

    def event(self, row: int, entry: Entry) -> AnyPublicEvent | None:
        """Return what strangers are told of this entry; None: nothing."""
        if entry.call is None:
            return _of_box(row, entry)
        known = self._known(entry.call, row)
        known.take(entry)
        if (event := _of_box(row, entry)) is not None:
            return event
        common: dict[str, object] = {
            "id": row,
            "at": utc_text(entry.at),
            "call": entry.call,
            "leg": entry.leg,
            "direction": known.direction,
            "caller": known.caller.number,
            "caller_name": known.caller.name,
            "called": dialled_word(known.called),
            "queue": known.queue,
        }
        if isinstance(entry.fact, FlowTold):
            fact = entry.fact
            return _made(
                FlowToldEvent, common, webhook=fact.webhook, what=fact.what, values=fact.values
            )
        return (
            _of_talk(entry, known, common)
            or _of_handling(entry, known, common)
            or _of_customer(entry, common)
        )

    def _known(self, call: CallId, row: int) -> _Call:
        known = self._calls.pop(call, None)
        if known is None:
            known = _Call()
            for entry in self._entries_before(call, row):
                known.take(entry)
            if len(self._calls) >= MOST_CALLS:
                del self._calls[next(iter(self._calls))]
        self._calls[call] = known
        return known


def _of_box(row: int, entry: Entry) -> AgentStateEvent | EmergencyModeEvent | None:
    """What is told of agents and of the whole box, whether or not it happened in a call."""
    match entry.fact:
        case journal.AgentStateChanged() as fact:
            return _of_agent(row, entry, fact)
        case EmergencyModeStarted() | EmergencyModeEnded() as mode:
            is_on = isinstance(mode, EmergencyModeStarted)
            return EmergencyModeEvent(
                id=row,
                at=utc_text(entry.at),
                is_on=is_on,
                extension=mode.extension,
                by=mode.by or None,
                agent=mode.agent,
                flow=mode.flow if isinstance(mode, EmergencyModeStarted) else None,
                seconds=mode.seconds if isinstance(mode, EmergencyModeEnded) else None,
                call=entry.call,
            )
        case _:
            return None


def _of_agent(row: int, entry: Entry, fact: journal.AgentStateChanged) -> AgentStateEvent:
    return AgentStateEvent(
        id=row,
        at=utc_text(entry.at),
        agent=fact.agent,
        state=fact.state,
        reason=fact.reason,
        extension=fact.extension,
        queue=fact.queue,
        call=entry.call,
    )


def _of_talk(entry: Entry, known: _Call, common: dict[str, object]) -> AnyPublicEvent | None:
    """Ring, answer, end, recording."""
    match entry.fact:
        case journal.CallEntered() as fact:
            return _made(
                OfferedEvent,
                common,
                agent=fact.agent,
                extension=fact.extension,
                asked_by=_token(fact.asked_by),
            )
        case journal.AgentRinging() as fact:
            return _made(RingingEvent, common, agent=fact.agent, extension=fact.extension)
        case journal.AgentAnswered() as fact:
            return _made(AnsweredEvent, common, agent=fact.agent, extension=fact.extension)
        case journal.CallAnswered() if known.direction is Direction.OUTBOUND:
            return _made(AnsweredEvent, common, agent=None, extension=None)
        case journal.CallEnded() as fact:
            entered = entry.mono if known.entered is None else known.entered
            seconds = round(max(0.0, entry.mono - entered), 3)
            return _made(
                EndedEvent,
                common,
                by=fact.by,
                cause=fact.cause,
                outcome=fact.outcome,
                seconds=seconds,
            )
        case journal.RecordingFiled() as fact if fact.file:
            return _made(
                RecordingFiledEvent,
                common,
                recording=fact.recording,
                seconds=fact.seconds,
                sha256=fact.sha256,
                audio=f"/api/v1/recordings/{fact.recording}/audio",
            )
    return None


def _of_handling(entry: Entry, known: _Call, common: dict[str, object]) -> AnyPublicEvent | None:
    """Hold, transfer, park, supervision."""
    match entry.fact:
        case handling.Held() as fact:
            return _made(HeldEvent, common, by=fact.by, asked_by=_token(fact.asked_by))
        case handling.Retrieved() as fact:
            return _made(RetrievedEvent, common, by=fact.by, asked_by=_token(fact.asked_by))
        case handling.Unparked() as fact:
            return _made(RetrievedEvent, common, slot=fact.slot, extension=fact.extension)
        case handling.TransferFinished(to=to):
            return _transferred(known, common, to, None)
        case handling.CallMerged(into=into):
            return _transferred(known, common, "", into)
        case handling.Parked() as fact:
            return _made(ParkedEvent, common, slot=fact.slot, extension=fact.extension)
        case handling.SupervisorJoined() as fact:
            return _made(
                SupervisedEvent,
                common,
                supervisor=fact.supervisor,
                extension=fact.extension,
                agent=fact.agent,
                way=fact.way,
            )
        case handling.SupervisorLeft() as fact:
            return _made(
                SupervisedEvent,
                common,
                supervisor=fact.supervisor,
                extension=fact.extension,
                is_over=True,
            )
    return None


def _of_customer(entry: Entry, common: dict[str, object]) -> AnyPublicEvent | None:
    """Callbacks, surveys and messages."""
    match entry.fact:
        case customers.SurveyScored() as fact:
            return _made(RatedEvent, common, survey=fact.survey, score=fact.score, agent=fact.agent)
        case MessageArrived() as fact:
            return _made(
                MessageLeftEvent,
                common,
                box=fact.box,
                recording=fact.recording,
                seconds=fact.seconds,
                audio=f"/api/v1/recordings/{fact.recording}/audio",
            )
        case customers.CallbackAsked() as fact:
            step: dict[str, object] = {"step": "asked", "number": fact.number}
        case customers.CallbackTaken() as fact:
            step = {"step": "rung", "agent": fact.agent}
        case customers.CallbackTried() as fact:
            step = {"step": "missed", "reason": fact.result}
        case customers.CallbackClosed() as fact:
            step = {"step": "closed", "number": fact.number, "reason": fact.reason}
        case _:
            return None
    return _made(CallbackEvent, common, callback=fact.callback, **step)


def _transferred(
    known: _Call, common: dict[str, object], to: str, into: CallId | None
) -> AnyPublicEvent:
    return _made(
        TransferredEvent,
        common,
        to=to,
        way=known.way,
        agent=known.transferring_agent,
        extension=known.transferring,
        into=into,
        asked_by=_token(known.transfer_asked_by),
    )


def _token(asked_by: str) -> str | None:
    """Return the token's name; None for what no program asked for."""
    return asked_by.removeprefix("token ") if asked_by.startswith("token ") else None


def _made(
    kind: Callable[..., AnyPublicEvent], common: dict[str, object], **own: object
) -> AnyPublicEvent:
    return kind(**common, **own)
