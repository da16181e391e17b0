"""What other people's programs are told: one JSON object an event, by stream and by webhook.

A contract with strangers: fields and events may be added under the same version, never renamed or
removed. Times are UTC, ISO 8601 with milliseconds; what is not known is null, never left out.
reports/public_events.py makes them from the journal.
"""

from typing import Literal, get_args

from msgspec import Struct

from appliance.vocabulary.fact import AgentState, CallOutcome, Direction, Side
from appliance.vocabulary.facts_handling import SupervisionWay, TransferWay
from appliance.vocabulary.ids import (
    AgentId,
    BoxName,
    CallbackId,
    CallId,
    ExtensionNumber,
    FlowId,
    LegId,
    QueueId,
    RecordingId,
    SurveyId,
    WebhookId,
)
from appliance.vocabulary.lines import Cause

VERSION = 1


def _public_name(class_name: str) -> str:
    """AgentStateEvent is told as agent_state."""
    words = "".join(f"_{char.lower()}" if char.isupper() else char for char in class_name)
    return words.removeprefix("_").removesuffix("_event")


class PublicEvent(Struct, frozen=True, kw_only=True, tag=_public_name, tag_field="event"):
    """What every event has."""

    id: int
    """Row of the journal: unique, rising, the same in the stream and in webhooks."""
    version: int = VERSION
    at: str
    """UTC, ISO 8601."""


class EventOfCall(PublicEvent, frozen=True, kw_only=True):
    """What every event of a call has besides."""

    call: CallId
    leg: LegId | None = None
    direction: Direction
    caller: str
    """Number; empty where it was withheld."""
    caller_name: str
    called: str
    """What the call was for when it entered."""
    queue: QueueId | None = None


class OfferedEvent(EventOfCall, frozen=True, kw_only=True):
    """A call entered: it came in on a line, or a phone of ours dialled. Not answered yet."""

    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    asked_by: str | None = None
    """Name of the token of the program that asked for it; null: a person did it at a phone."""


class RingingEvent(EventOfCall, frozen=True, kw_only=True):
    """A phone of ours rings."""

    agent: AgentId | None
    extension: ExtensionNumber


class AnsweredEvent(EventOfCall, frozen=True, kw_only=True):
    """A person answered: at a phone of ours, or (outbound) the one who was called."""

    agent: AgentId | None
    extension: ExtensionNumber | None


class HeldEvent(EventOfCall, frozen=True, kw_only=True):
    """A side holds; the other hears music."""

    by: Side
    asked_by: str | None = None
    """Name of the token of the program that asked for it; null: a person did it at a phone."""


class RetrievedEvent(EventOfCall, frozen=True, kw_only=True):
    """Nobody holds any more, or (`slot`) a parked call was fetched."""

    by: Side | None = None
    slot: str = ""
    extension: ExtensionNumber | None = None
    """Who fetched it; null: it went back to who had parked it."""
    asked_by: str | None = None
    """Name of the token of the program that asked for it; null: a person did it at a phone."""


class TransferredEvent(EventOfCall, frozen=True, kw_only=True):
    """The call was handed on, and the target has it."""

    to: str
    way: TransferWay | None = None
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    """Who transferred."""
    into: CallId | None = None
    """The consultation was a call of its own, and this one went over into it."""
    asked_by: str | None = None
    """Name of the token of the program that asked for it; null: a person did it at a phone."""


class ParkedEvent(EventOfCall, frozen=True, kw_only=True):
    """The call waits in a slot until somebody fetches it."""

    slot: str
    extension: ExtensionNumber | None


class SupervisedEvent(EventOfCall, frozen=True, kw_only=True):
    """A supervisor listens, whispers, barges or takes over; `is_over`: he has left."""

    supervisor: AgentId | None
    extension: ExtensionNumber | None
    agent: AgentId | None = None
    """Whose talk."""
    way: SupervisionWay | None = None
    is_over: bool = False


class EndedEvent(EventOfCall, frozen=True, kw_only=True):
    """The call is over; nothing but recording_filed follows."""

    by: Side
    cause: Cause
    outcome: CallOutcome
    seconds: float
    """From its first ring."""


class RecordingFiledEvent(EventOfCall, frozen=True, kw_only=True):
    """A recording of the call can be fetched."""

    recording: RecordingId
    seconds: float
    sha256: str
    audio: str
    """Path at this box; the API's token opens it."""


class FlowToldEvent(EventOfCall, frozen=True, kw_only=True):
    """A flow's node `webhook` tells something of the call. To that webhook it is sent whatever its
    `events` say."""

    webhook: WebhookId
    what: str
    values: dict[str, str]


class CallbackEvent(EventOfCall, frozen=True, kw_only=True):
    """Of being called back instead of waiting. `asked` and `closed` are told in the call in which
    it was asked for, the others in the callback's own."""

    callback: CallbackId
    step: Literal["asked", "rung", "missed", "closed"]
    """rung: an agent has picked up and the customer is rung; closed: given up without a talk."""
    number: str | None = None
    """asked, closed: where he is to be called back."""
    agent: AgentId | None = None
    """rung: who has picked up."""
    reason: str = ""
    """missed: no_answer, busy, …; closed: tries, expired, cancelled, …"""


class RatedEvent(EventOfCall, frozen=True, kw_only=True):
    """The caller said how it was."""

    survey: SurveyId
    score: int
    """1 the best, 3 the worst."""
    agent: AgentId | None
    """Who talked with him last."""


class MessageLeftEvent(EventOfCall, frozen=True, kw_only=True):
    """A caller left a voicemail message; it waits unheard in its box."""

    box: BoxName
    recording: RecordingId
    seconds: float
    audio: str
    """Path at this box; the API's token opens it. Fetching it counts as hearing the message."""


class AgentStateEvent(PublicEvent, frozen=True, kw_only=True):
    """An agent's state changed."""

    agent: AgentId
    state: AgentState
    reason: str
    extension: ExtensionNumber | None
    queue: QueueId | None
    call: CallId | None = None


class EmergencyModeEvent(PublicEvent, frozen=True, kw_only=True):
    """Emergency mode begins: every number leads to its flow; or it ends."""

    is_on: bool
    extension: ExtensionNumber
    """At which phone it was keyed in; empty: it was done on the page."""
    by: str | None = None
    """Who did it on the page; null: it was keyed in."""
    agent: AgentId | None
    flow: FlowId | None
    """is_on: where every number leads."""
    seconds: float | None
    """Not is_on: how long it lasted."""
    call: CallId | None = None


AnyPublicEvent = (
    OfferedEvent
    | RingingEvent
    | AnsweredEvent
    | HeldEvent
    | RetrievedEvent
    | TransferredEvent
    | ParkedEvent
    | SupervisedEvent
    | EndedEvent
    | RecordingFiledEvent
    | AgentStateEvent
    | FlowToldEvent
    | CallbackEvent
    | RatedEvent
    | EmergencyModeEvent
    | MessageLeftEvent
)

PublicEventName = Literal[
    "offered",
    "ringing",
    "answered",
    "held",
    "retrieved",
    "transferred",
    "parked",
    "supervised",
    "ended",
    "recording_filed",
    "agent_state",
    "flow_told",
    "callback",
    "rated",
    "emergency_mode",
    "message_left",
]
"""The names, as [[webhook]] and ?events= take them."""
PUBLIC_EVENTS: tuple[str, ...] = get_args(PublicEventName)


class WebhookTest(Struct, frozen=True, kw_only=True, tag="test", tag_field="event"):
    """Sent to one webhook only, by the button of the page."""

    id: int = 0
    version: int = VERSION
    at: str
    webhook: str
