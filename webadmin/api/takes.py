"""What the API takes: queries and bodies, each field with its bounds."""

import datetime
from typing import Annotated, Literal

from msgspec import Meta

from appliance.vocabulary.facts_handling import SupervisionWay, TransferWay
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.public_events import PublicEventName
from appliance.vocabulary.settings import Language
from appliance.vocabulary.verbs import AgentWish, ConsultWish, RecordingWish
from webadmin.api.operation import Taken

MOST_CALLS = 200
MOST_EVENTS = 1000

CallIdText = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
AgentText = Annotated[str, Meta(pattern="^[0-9]{1,8}$")]
QueueText = Annotated[str, Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$")]
ExtensionText = Annotated[str, Meta(pattern="^[0-9]{2,8}$")]
Moment = Annotated[
    datetime.datetime, Meta(tz=True, description="With time zone: 2026-11-23T10:00:00+08:00")
]
EventNames = Annotated[tuple[PublicEventName, ...], Meta(max_length=20)]
Row = Annotated[int, Meta(ge=0, le=2**53)]


class CallsQuery(Taken, frozen=True, kw_only=True):
    """Filters of the list of calls; all that are given must hold."""

    since: Moment | None = None
    """Entered then or later."""
    until: Moment | None = None
    """Entered before."""
    number: Annotated[str, Meta(max_length=64)] = ""
    """Part of the caller's or the called number."""
    agent: AgentText | None = None
    queue: QueueText | None = None
    outcome: CallOutcome | None = None
    direction: Direction | None = None
    recorded: Literal["yes", "no"] | None = None
    """Whether a recording can be heard."""
    text: Annotated[str, Meta(max_length=64)] = ""
    """Part of any number, name or id of the call."""
    before: CallIdText | None = None
    """The `before` of the page that was read last."""
    limit: Annotated[int, Meta(ge=1, le=MOST_CALLS)] = 50


class TimelineQuery(Taken, frozen=True, kw_only=True):
    """In which language the moments are told."""

    language: Language = Language.EN


class HoursQuery(Taken, frozen=True, kw_only=True):
    """Which moment, and the language of the sentences."""

    at: Moment | None = None
    """Left out: now, by the box's clock."""
    language: Language = Language.EN


class ReportQuery(Taken, frozen=True, kw_only=True):
    """Of which day."""

    date: datetime.date | None = None
    """The site's local day; today when it is left out."""


class EventsQuery(Taken, frozen=True, kw_only=True):
    """From where on, and which."""

    after: Row | None = None
    """Events after this id; left out: from now on. The header Last-Event-ID goes before it."""
    events: EventNames = ()
    """Names, parted by commas; left out: all."""


class PastEventsQuery(Taken, frozen=True, kw_only=True):
    """Which page of what has happened."""

    after: Row = 0
    events: EventNames = ()
    limit: Annotated[int, Meta(ge=1, le=MOST_EVENTS)] = 200


class OriginateBody(Taken, frozen=True, kw_only=True):
    """Ring a phone; when it answers, dial a number for it."""

    extension: ExtensionText
    number: Annotated[str, Meta(pattern=r"^\+?[0-9*#]{1,32}$")]
    """As that phone would dial it, outbound prefix included."""


class TransferBody(Taken, frozen=True, kw_only=True):
    """Hand the outside party on."""

    to: Annotated[str, Meta(pattern=r"^\+?[A-Za-z0-9_.*#-]{1,32}$")]
    """Extension, queue id, or an outside number."""
    way: TransferWay = TransferWay.BLIND
    """blind: at once. attended: our side asks there first; phones and outside numbers only."""


class ConsultationBody(Taken, frozen=True, kw_only=True):
    """How the asking of a third party ends."""

    wish: ConsultWish


class RecordingBody(Taken, frozen=True, kw_only=True):
    """What the recording of this call shall do."""

    wish: RecordingWish


class SuperviseBody(Taken, frozen=True, kw_only=True):
    """Join a talk; where one has joined already, change the way."""

    extension: ExtensionText
    """The supervisor's phone, which rings."""
    way: SupervisionWay


class AgentStateBody(Taken, frozen=True, kw_only=True):
    """What the agent shall be."""

    state: AgentWish
    reason: Annotated[str, Meta(max_length=64)] = ""
    """not_ready: why."""
    extension: ExtensionText | None = None
    """signed_in: where he sits; left out: at his usual phone."""
