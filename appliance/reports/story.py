"""One call's story: what its record, the figures and the pages go by. Folded in fold.py.

It holds for a call that still goes on (what has not happened is None) and for one whose end was
lost in a power cut. Waits are kept in whole milliseconds, so that a wait of 20 s is within a
threshold of 20 s whatever the binary fractions of the two times were.
"""

from appliance.vocabulary.ids import (
    AgentId,
    CallbackId,
    CallId,
    ExtensionNumber,
    LegId,
    QueueId,
    Seconds,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import (
    CallOutcome,
    Direction,
    MissReason,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, Diversion, Line, Party
from appliance.vocabulary.records import (
    ConnectionNote,
    QualityNote,
    RecordingNote,
    SurveyNote,
)
from appliance.vocabulary.shape import Value


class Leg(Value, frozen=True, kw_only=True):
    """One leg's talk with the caller (outbound, internal: with the called party)."""

    leg: LegId | None = None
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    number: str = ""
    """Outside number that talked in our side's place."""
    visit: VisitId | None = None
    """The stay that led to it; a transferred leg has its predecessor's unless it has its own."""
    bridged: Utc
    ended: Utc | None = None
    """None while the talk goes on."""
    talk: Seconds | None = None
    hold: Seconds = Seconds(0.0)
    wrap_up: Seconds = Seconds(0.0)
    """From the agent's states (agent_states.py); 0 until filled in."""

    @property
    def handle(self) -> float:
        """Talk, hold and wrap-up together."""
        return (self.talk or 0.0) + self.hold + self.wrap_up


class Offer(Value, frozen=True, kw_only=True):
    """One try to reach a phone."""

    agent: AgentId | None = None
    extension: ExtensionNumber
    visit: VisitId | None = None
    offered: Utc
    answered: Utc | None = None
    missed: MissReason | None = None
    """None: answered, or still ringing."""
    rang: Seconds | None = None
    """From the offer to its end."""

    @property
    def is_ringing(self) -> bool:
        """True until it is answered or missed."""
        return self.answered is None and self.missed is None


class Visit(Value, frozen=True, kw_only=True):
    """One stay in one queue. The box's line has a call's stays as one (figures.journeys)."""

    call: CallId
    queue: QueueId
    visit: VisitId
    queued: Utc
    outcome: VisitOutcome | None = None
    """None while the caller waits."""
    wait: Seconds | None = None
    """Until here, ring time included; None while the caller waits."""
    reason: str = ""
    """Overflow: wait, no_agent, full."""
    was_ringing: bool = False
    """Abandoned while an agent's phone rang (振铃放弃)."""
    ring: Seconds | None = None
    """How long the phone rang that was answered."""
    legs: tuple[Leg, ...] = ()
    is_surveyed: bool = False
    """He was asked how it was."""
    score: int | None = None
    """1 the best, 3 the worst; None: he said nothing."""
    is_transferred: bool = False
    """A second leg took over after its first one."""
    is_over: bool = False
    """The call has ended: a stay without outcome is then no wait but a fault in the journal."""


class CallStory(Value, frozen=True, kw_only=True):
    """What happened in one call; complete, or as far as it went."""

    call: CallId
    direction: Direction
    caller: Party
    called: str
    line: Line
    line_call: str = ""
    diversion: Diversion | None = None
    """Who sent it on before it came here."""
    dialled_by: AgentId | None = None
    extension: ExtensionNumber | None = None
    """Outbound, internal and service: whose phone dialled."""
    entered: Utc
    answered: Utc | None = None
    ended: Utc | None = None
    outcome: CallOutcome | None = None
    ended_by: Side | None = None
    cause: Cause | None = None
    block_reason: str = ""
    is_emergency: bool = False
    has_flow: bool = False
    """A route led it into a flow: a caller's call, wherever it came from."""
    nodes: tuple[str, ...] = ()
    digits: str = ""
    visits: tuple[Visit, ...] = ()
    legs: tuple[Leg, ...] = ()
    offers: tuple[Offer, ...] = ()
    recordings: tuple[RecordingNote, ...] = ()
    quality: tuple[QualityNote, ...] = ()
    connections: tuple[ConnectionNote, ...] = ()
    overlap: Seconds = Seconds(0.0)
    """Talk of conferences that is in more than one leg: legs' talk less this is the customer's."""
    callback: CallbackId | None = None
    first: CallId | None = None
    """A callback's call: the one in which it was asked for."""
    survey: SurveyNote | None = None
    """The last survey of it."""
    into: CallId | None = None
    """The call that its last legs went over into (attended transfer)."""
    transfers: int = 0
    """How often another leg took over."""

    @property
    def is_callers(self) -> bool:
        """True for the calls of the box's ledger (E): from outside, or led into a flow."""
        if self.direction is Direction.SERVICE:
            return False
        return self.direction is Direction.INBOUND or self.has_flow or bool(self.visits)
