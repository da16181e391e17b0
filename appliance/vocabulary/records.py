"""The call record: one value a call, as lists and pages show it. A function of the journal.

reports/record.py makes it from a call's entries, store/ledger.py keeps it beside them, pages and
the command line read it. It is a projection only: losing it loses nothing.
"""

from appliance.vocabulary.ids import (
    AgentId,
    CallbackId,
    CallId,
    ExtensionNumber,
    LegId,
    PromptHash,
    QueueId,
    RecordingId,
    Seconds,
    SurveyId,
    TrunkId,
    Utc,
)
from appliance.vocabulary.journal import CallOutcome, Direction, Side
from appliance.vocabulary.lines import Cause, Diversion, GuestLine, Line, Party
from appliance.vocabulary.shape import Value


class RecordingNote(Value, frozen=True, kw_only=True):
    """One recording of a call: the file, or why there is none, and the notice that was heard."""

    recording: RecordingId
    opened: Utc | None = None
    file: str = ""
    """Relative to the recordings folder; empty until sealed, and for a failed one."""
    seconds: Seconds | None = None
    sha256: str = ""
    missing_frames: int = 0
    failed: str = ""
    """Why a talk that should be recorded is not; empty: it is."""
    notice: PromptHash | None = None
    notice_at: Utc | None = None
    is_message: bool = False
    box: str = ""


class TalkNote(Value, frozen=True, kw_only=True):
    """One leg's talk with the caller (outbound, internal: with the called party)."""

    leg: LegId | None = None
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    number: str = ""
    """Outside number that talked in our side's place."""
    bridged: Utc
    talk: Seconds | None = None
    """None while it goes on."""
    hold: Seconds = Seconds(0.0)


class QualityNote(Value, frozen=True, kw_only=True):
    """Telephone quality of one leg, as QualityMeasured tells it."""

    leg: LegId | None = None
    codec: str
    packets: int
    lost: int
    jitter_ms: float
    round_trip_ms: float | None = None
    far_lost: int | None = None
    mos: float


class ConnectionNote(Value, frozen=True, kw_only=True):
    """How one answered leg was connected in the end, as LegConnected tells it."""

    leg: LegId | None = None
    extension: ExtensionNumber | None = None
    number: str = ""
    """The number outside that was dialled; both empty: the caller."""
    trunk: TrunkId | None = None
    """Through which it was dialled."""
    transport: str
    is_encrypted: bool


class SurveyNote(Value, frozen=True, kw_only=True):
    """What the caller was asked after the talk, and what he said."""

    survey: SurveyId
    agent: AgentId | None = None
    """Who talked with him last."""
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    score: int | None = None
    """1 the best, 3 the worst; None: he said nothing."""
    reason: RecordingId | None = None
    """The recording in which he says why."""


class CallRecord(Value, frozen=True, kw_only=True):
    """One call from first ring to last hang-up, transfers included."""

    call: CallId
    direction: Direction
    outcome: CallOutcome | None = None
    """None while the call goes on."""
    caller: Party = Party()
    called: str = ""
    line: Line = GuestLine(address="")
    line_call: str = ""
    """The protocol's own name of the call (SIP Call-ID), for people who search."""
    diversion: Diversion | None = None
    """Who sent it on before it came here."""
    queue: QueueId | None = None
    """The last queue; all of them in `queues`."""
    queues: tuple[QueueId, ...] = ()
    agent: AgentId | None = None
    """Who talked last (outbound: who dialled); all of them in `agents`."""
    agents: tuple[AgentId, ...] = ()
    extension: ExtensionNumber | None = None
    """The phone that talked last (outbound, internal, service: that dialled)."""
    entered: Utc
    answered: Utc | None = None
    queued: Utc | None = None
    bridged: Utc | None = None
    """When the first talk began."""
    ended: Utc | None = None
    wait: Seconds | None = None
    """All waits in queues together; None for a call that never waited."""
    talk: Seconds = Seconds(0.0)
    hold: Seconds = Seconds(0.0)
    ended_by: Side | None = None
    cause: Cause | None = None
    block_reason: str = ""
    is_emergency: bool = False
    """An emergency number was dialled."""
    callback: CallbackId | None = None
    """A callback: the customer was rung for an agent…"""
    first: CallId | None = None
    """…because he asked for it in this call."""
    into: CallId | None = None
    """The call that its last legs went over into (attended transfer)."""
    talks: tuple[TalkNote, ...] = ()
    recordings: tuple[RecordingNote, ...] = ()
    quality: tuple[QualityNote, ...] = ()
    """One a leg, in the order in which they ended; told after the call's end for the last ones."""
    connections: tuple[ConnectionNote, ...] = ()
    """One a leg, in the order in which they were answered."""
    nodes: tuple[str, ...] = ()
    """The flow's nodes in the order of entering."""
    digits: str = ""
    survey: SurveyNote | None = None
