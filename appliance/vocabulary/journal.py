"""The journal: every event that counts, as reports and pages read it. Append-only.

Reports are pure functions of these entries; nothing else may be counted.
"""

from appliance.vocabulary.fact import AgentState as AgentState
from appliance.vocabulary.fact import CallOutcome as CallOutcome
from appliance.vocabulary.fact import Direction as Direction
from appliance.vocabulary.fact import Fact as Fact
from appliance.vocabulary.fact import MissReason as MissReason
from appliance.vocabulary.fact import Side as Side
from appliance.vocabulary.fact import VisitOutcome as VisitOutcome
from appliance.vocabulary.facts_customers import CustomerFact
from appliance.vocabulary.facts_desk import DeskFact
from appliance.vocabulary.facts_flow_versions import FlowPublished
from appliance.vocabulary.facts_flows import FlowFact
from appliance.vocabulary.facts_handling import HandlingFact
from appliance.vocabulary.facts_legs import LegFact
from appliance.vocabulary.facts_messages import MessageFact
from appliance.vocabulary.facts_queues import QueueFact
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    FlowId,
    Instant,
    LegId,
    NodeName,
    PromptHash,
    QueueId,
    RecordingId,
    Seconds,
    Utc,
    VisitId,
)
from appliance.vocabulary.lines import Cause, Line, Party
from appliance.vocabulary.shape import Value

# --- the call -----------------------------------------------------------------------------------
CALLED_BACK = "callback"
"""A customer is called back: an agent is rung first."""
MISSED_CALLS = "missed_calls"
"""An agent's phone is rung to tell him that he is not ready, for he let calls ring in vain."""
MISSED_CODE = "*missed"
"""What his phone "has dialled" when he picks up; no phone has such keys."""
REDIAL = "redial"
"""Asked for by the phone itself: both are rung now that the busy one is free."""


VOICEMAIL = "voicemail"
"""Asked for at the phone that heard a message: it calls back who left it."""


class CallEntered(Fact, frozen=True, kw_only=True):
    """First fact of every call, before it is answered."""

    direction: Direction
    line: Line
    caller: Party
    called: str
    line_call: str = ""
    extension: ExtensionNumber | None = None
    """Outbound, internal and service: whose phone dialled."""
    agent: AgentId | None = None
    """…and who was signed in at it."""
    asked_by: str = ""
    """The program for which the phone was rung first ("token NAME"), REDIAL or CALLED_BACK; empty:
    dialled."""


class CallAnswered(Fact, frozen=True, kw_only=True):
    """The box (inbound) or the called party (outbound, internal) answered. Not yet an agent."""


class CallBlocked(Fact, frozen=True, kw_only=True):
    """Refused; `reason` is a Cause or a rule's key."""

    cause: Cause
    reason: str


class RouteChosen(Fact, frozen=True, kw_only=True):
    """Which number led where, and by which rule: the trace "why did it go there"."""

    number: str
    flow: FlowId | None = None
    target: str = ""
    why: str = ""


class CallEnded(Fact, frozen=True, kw_only=True):
    """Last fact of every call (RecordingFiled may follow)."""

    by: Side
    cause: Cause
    outcome: CallOutcome


# --- the flow -----------------------------------------------------------------------------------
class NodeEntered(Fact, frozen=True, kw_only=True):
    flow: FlowId
    node: NodeName
    node_kind: str
    why: str = ""  # key pressed, timeout, hours: what led here
    version: int = 0  # of the flow; 0: not known


class PromptPlayed(Fact, frozen=True, kw_only=True):
    """A prompt began; the hash proves which. `is_notice`: it told of the recording."""

    prompt: PromptHash
    text: str
    language: str
    is_notice: bool = False


class PromptMissing(Fact, frozen=True, kw_only=True):
    """A prompt could not be played; the flow went on without it."""

    text: str
    language: str


class DigitPressed(Fact, frozen=True, kw_only=True):
    digit: str
    node: NodeName | None = None
    leads_to: str = ""
    """Node name, or "" for a wrong key."""
    form: str = ""


# --- the queue ----------------------------------------------------------------------------------
class CallQueued(Fact, frozen=True, kw_only=True):
    """The wait begins: after notice and menu."""

    queue: QueueId
    visit: VisitId
    position: int


class PositionTold(Fact, frozen=True, kw_only=True):
    visit: VisitId
    position: int
    wait: Seconds | None = None
    """Promised from then on; None: it was not said."""


class AgentOffered(Fact, frozen=True, kw_only=True):
    """An agent's phone is being rung for this visit (visit None: a direct call)."""

    agent: AgentId | None
    extension: ExtensionNumber
    visit: VisitId | None = None


class AgentRinging(Fact, frozen=True, kw_only=True):
    """The phone itself said that it rings."""

    agent: AgentId | None
    extension: ExtensionNumber


class OfferMissed(Fact, frozen=True, kw_only=True):
    agent: AgentId | None
    extension: ExtensionNumber
    reason: MissReason
    visit: VisitId | None = None
    rang: Seconds = Seconds(0.0)


class AgentAnswered(Fact, frozen=True, kw_only=True):
    """The phone was picked up; the wait still goes on until Bridged."""

    agent: AgentId | None
    extension: ExtensionNumber
    visit: VisitId | None = None


class NumberTold(Fact, frozen=True, kw_only=True):
    """工号播报: the caller was told who serves him."""

    agent: AgentId
    prompt: PromptHash


class Bridged(Fact, frozen=True, kw_only=True):
    """The wait ends (ring time included), the talk begins. `leg` is the agent's (or called) leg.

    For outbound and internal calls: both sides are connected.
    """

    agent: AgentId | None
    extension: ExtensionNumber | None
    queue: QueueId | None = None
    visit: VisitId | None = None
    number: str = ""
    """Outside number that talks in our side's place (handed on, or joined to a conference)."""


class TalkEnded(Fact, frozen=True, kw_only=True):
    """The talk of this leg is over. talk + hold = time since Bridged."""

    agent: AgentId | None
    extension: ExtensionNumber | None
    queue: QueueId | None = None
    talk: Seconds
    hold: Seconds = Seconds(0.0)
    number: str = ""


class VisitEnded(Fact, frozen=True, kw_only=True):
    """The stay in the queue is over; wait is until here (answered: until Bridged)."""

    queue: QueueId
    visit: VisitId
    outcome: VisitOutcome
    wait: Seconds
    reason: str = ""
    """Overflow: wait, no_agent, full."""
    agent: AgentId | None = None


# --- agents (no call id unless in one) -----------------------------------------------------------
class AgentStateChanged(Fact, frozen=True, kw_only=True):
    """The agent is in this state from `at` on."""

    agent: AgentId
    state: AgentState
    extension: ExtensionNumber | None = None
    reason: str = ""
    """Not ready: reason key; else what led here."""
    queue: QueueId | None = None
    """Talking, wrap-up: for which queue."""


# --- recordings ---------------------------------------------------------------------------------
class RecordingOpened(Fact, frozen=True, kw_only=True):
    recording: RecordingId
    notice: PromptHash | None = None
    """The notice that this caller heard before it."""
    notice_at: Utc | None = None
    is_message: bool = False
    """A voicemail, not a talk."""
    box: str = ""
    by: str = ""
    """Who switched it on: a phone's number, "token NAME"; empty: the rules did."""


class RecordingFailed(Fact, frozen=True, kw_only=True):
    """A talk that is not recorded though it should be, and why."""

    recording: RecordingId
    text: str


class RecordingClosed(Fact, frozen=True, kw_only=True):
    recording: RecordingId
    by: str = ""
    """Who switched it off: a phone's number, "token NAME"; empty: the talk was over."""


class RecordingFiled(Fact, frozen=True, kw_only=True):
    """The sealed file stands in the store."""

    recording: RecordingId
    file: str
    sha256: str
    seconds: Seconds
    missing_frames: int = 0


class LegGone(Fact, frozen=True, kw_only=True):
    """A leg ended."""

    by: Side
    cause: Cause


class CallResumed(Fact, frozen=True, kw_only=True):
    """Call control was restarted and took this call up again."""


# --- the box --------------------------------------------------------------------------------------
class BoxStarted(Fact, frozen=True, kw_only=True):
    version: str
    after: str
    """clean, crash, power_cut, update."""
    alive_until: Utc | None = None
    """When the box before was last known to be alive, by its mark (its entries may be later)."""


class SiteApplied(Fact, frozen=True, kw_only=True):
    site_version: int
    by: str


class PhoneSeen(Fact, frozen=True, kw_only=True):
    extension: ExtensionNumber
    is_registered: bool
    where: str = ""
    is_silent: bool = False
    """Gone without a word: it answers no more."""


class TrunkSeen(Fact, frozen=True, kw_only=True):
    trunk: str
    is_up: bool
    text: str = ""


AnyFact = (
    CallEntered
    | CallAnswered
    | CallBlocked
    | RouteChosen
    | CallEnded
    | NodeEntered
    | PromptPlayed
    | PromptMissing
    | DigitPressed
    | CallQueued
    | PositionTold
    | AgentOffered
    | AgentRinging
    | OfferMissed
    | AgentAnswered
    | NumberTold
    | Bridged
    | TalkEnded
    | VisitEnded
    | AgentStateChanged
    | RecordingOpened
    | RecordingFailed
    | RecordingClosed
    | RecordingFiled
    | LegGone
    | CallResumed
    | BoxStarted
    | SiteApplied
    | PhoneSeen
    | TrunkSeen
    | HandlingFact
    | CustomerFact
    | DeskFact
    | QueueFact
    | LegFact
    | FlowFact
    | FlowPublished
    | MessageFact
)


class Entry(Value, frozen=True, kw_only=True):
    """One line of the journal."""

    at: Utc
    mono: Instant
    """Monotonic time of the same moment: differences survive a set clock."""
    call: CallId | None = None
    leg: LegId | None = None
    fact: AnyFact
    key: str
    """Unique: writing it again changes nothing, so a restart never counts twice."""
