"""What call control remembers of one call: plain data, one slot a call, resumed after kill -9."""

from enum import StrEnum

from appliance.engines.ivr.run import RunState
from appliance.vocabulary.audio import FarEnd, Hears, Silence, Track
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    FlowId,
    Instant,
    LegId,
    PlayId,
    PromptHash,
    QueueId,
    RecordingId,
    TrunkId,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.lines import Line, Party
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import State


class LegRole(StrEnum):
    """Which side of the talk a leg is on; decides its recording channel."""

    CALLER = "caller"
    CALLED = "called"
    """An agent's phone, an extension or an outside number."""


class LegPhase(StrEnum):
    """How far a leg has come."""

    OFFERED = "offered"
    """The far end rings at the box and waits."""
    CLAIMING = "claiming"
    """To be dialled as soon as its audio port is known."""
    DIALLED = "dialled"
    RINGING = "ringing"
    ANSWERED = "answered"


class Stage(StrEnum):
    """What a call is doing as a whole."""

    ARRIVING = "arriving"
    FLOW = "flow"
    QUEUED = "queued"
    RINGING = "ringing"
    """A direct, internal or outbound call whose other side has not answered."""
    ANNOUNCING = "announcing"
    """The agent picked up; the caller hears who serves him."""
    TALKING = "talking"
    VOICEMAIL = "voicemail"
    SERVICE = "service"
    """A feature code: the box itself talks."""
    CLOSING = "closing"
    """A last sentence is played, then the box hangs up."""


class Purpose(StrEnum):
    """Why something is being played; decides what its end leads to."""

    FLOW = "flow"
    POSITION = "position"
    AGENT_NUMBER = "agent_number"
    VOICEMAIL_GREETING = "voicemail_greeting"
    BEEP = "beep"
    LAST_WORDS = "last_words"
    MUSIC = "music"
    ECHO = "echo"
    """After it the far end hears itself."""
    CODE = "code"
    """A feature code asks for digits."""


class LegState(State, kw_only=True):
    """One leg."""

    leg: LegId
    role: LegRole
    line: Line
    phase: LegPhase
    port: int | None = None
    far: FarEnd | None = None
    version: int = 0
    hears: Hears = Silence()
    track: Track | None = None
    extension: ExtensionNumber | None = None
    agent: AgentId | None = None
    number: str = ""
    """What is to be dialled on a trunk."""
    dialled_at: Instant | None = None
    last_digit: str = ""
    last_digit_form: str = ""
    last_digit_at: Instant | None = None


class Played(State, kw_only=True):
    """What the caller's leg is hearing."""

    play: PlayId
    purpose: Purpose
    number: int = 0
    """Purpose FLOW: the flow's own number for it."""


class CallState(State, kw_only=True):
    """One call."""

    call: CallId
    direction: Direction
    line: Line
    caller: Party
    called: str
    language: Language
    entered: Instant
    stage: Stage = Stage.ARRIVING
    legs: list[LegState] = []
    entries: int = 0
    """Journal entries written so far: their keys, so that nothing is counted twice."""
    plays: int = 0
    playing: Played | None = None
    is_answered: bool = False
    flow: FlowId | None = None
    run: RunState | None = None
    pending_flow: FlowId | None = None
    """To be started as soon as the caller's audio is there."""
    visit: VisitId | None = None
    visit_open: bool = False
    queue: QueueId | None = None
    queued_at: Instant | None = None
    is_overflowed: bool = False
    overflows: int = 0
    """Queues left by a limit so far."""
    bridged_at: Instant | None = None
    talk_seconds: float = 0.0
    holders: list[LegId] = []
    """Sides that want no audio just now."""
    held_since: Instant | None = None
    hold_seconds: float = 0.0
    """Of this talk, before `held_since`."""
    recording: RecordingId | None = None
    notice: PromptHash | None = None
    notice_at: Utc | None = None
    box: str = ""
    code: str = ""
    """Feature code still being keyed in."""
    extension: ExtensionNumber | None = None
    """Outbound, internal, service: whose phone dialled. Direct: whose phone is to ring."""
    trunks_left: list[TrunkId] = []
    outcome: CallOutcome | None = None
    """Decided already; else the end of the call decides."""
    due: dict[str, Instant] = {}

    def leg_named(self, leg: LegId) -> LegState | None:
        """Return that leg of this call."""
        return next((one for one in self.legs if one.leg == leg), None)

    @property
    def caller_leg(self) -> LegState | None:
        """The leg that the call began with, while it lives."""
        return next((one for one in self.legs if one.role is LegRole.CALLER), None)

    @property
    def called_leg(self) -> LegState | None:
        """The other side, while it rings or talks."""
        return next((one for one in self.legs if one.role is LegRole.CALLED), None)


class Known(State, kw_only=True):
    """What is known of phones and trunks besides calls: one slot, a kill forgets nothing."""

    phones: dict[ExtensionNumber, str] = {}
    """Registered phones and where they are."""
    trunks_up: dict[TrunkId, tuple[bool, str]] = {}
    """What registration or watch last said of a trunk."""
    wrong_pins: dict[ExtensionNumber, list[Instant]] = {}
