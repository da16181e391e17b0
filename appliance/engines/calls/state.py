"""What call control remembers of one call: plain data, one slot a call, resumed after kill -9."""

from enum import StrEnum

from appliance.engines.calls.desk_state import GroupRun, ParkState, RecordingWishes
from appliance.engines.calls.flow_recording_state import FlowRecording
from appliance.engines.calls.mailbox_state import MailboxRun
from appliance.engines.calls.prompt_take_state import PromptTake
from appliance.engines.calls.survey_state import SurveyState
from appliance.engines.ivr.run import RunState
from appliance.vocabulary.audio import FarEnd, Hears, Silence, Track
from appliance.vocabulary.facts_handling import SupervisionWay, TransferWay
from appliance.vocabulary.ids import (
    AgentId,
    CallbackId,
    CallId,
    ExtensionNumber,
    FlowId,
    GroupId,
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
    THIRD = "third"
    """Asked meanwhile (consultation), or joined to a conference: neither of the first two."""
    LEAVING = "leaving"
    """Handed the call on, and stays only until the target has it."""
    SUPERVISOR = "supervisor"
    REPLACING = "replacing"
    """Came to take another leg's place and is not answered yet."""


class Place(StrEnum):
    """Where an answered leg sits; who hears whom follows from it (seating.py)."""

    APART = "apart"
    """Not in the conversation: rings, is played to, or leaves."""
    TALKING = "talking"
    WAITING = "waiting"
    """Held by the box: hears music."""
    ASIDE = "aside"
    """Speaks to the others who are aside, unheard by those who wait."""


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
    PARKED = "parked"
    VOICEMAIL = "voicemail"
    SERVICE = "service"
    """A feature code: the box itself talks."""
    ASKING = "asking"
    """Out of a flow: the caller is asked where he is to be called back."""
    SURVEY = "survey"
    """The talk is over: the caller says how it was."""
    CLOSING = "closing"
    """A last sentence is played, then the box hangs up."""


class Purpose(StrEnum):
    """Why something is being played; decides what its end leads to."""

    FLOW = "flow"
    POSITION = "position"
    COMFORT = "comfort"
    WHISPER = "whisper"
    """To the agent who picked up, before the caller."""
    AGENT_NUMBER = "agent_number"
    VOICEMAIL_GREETING = "voicemail_greeting"
    BEEP = "beep"
    LAST_WORDS = "last_words"
    MUSIC = "music"
    ECHO = "echo"
    """After it the far end hears itself."""
    MAILBOX = "mailbox"
    """A voicemail box is open at the phone."""
    CODE = "code"
    """A feature code asks for digits."""
    ASKING = "asking"
    """Where the caller is to be called back."""
    CALLBACK = "callback"
    """To the agent who has picked up for a callback: who it is."""
    SURVEY = "survey"
    PROMPT = "prompt"
    """A prompt is being recorded at the phone."""


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
    place: Place = Place.APART
    is_customer: bool = False
    """The party who is served; stays when the call is handed on, left in the recording."""
    is_moved: bool = False
    """Its port changed before the far end answered: to be told then."""
    shown: Party | None = None
    """What the phone's display shows, where it is not the call's caller."""
    is_auto_answered: bool = False
    """The phone is asked to pick up by itself."""
    keyed: str = ""
    """Feature code within the talk, as far as it was keyed in."""
    keyed_at: Instant | None = None
    joined_at: Instant | None = None
    """When it came into the conversation."""
    way: SupervisionWay | None = None
    """SUPERVISOR: what he does."""
    supervises: LegId | None = None
    quiet_after: float | None = None
    """A message is spoken: it is over after so much silence (seconds)."""
    hears_supervisor: bool = False
    """His keys change what he does and are not for this leg's ears."""
    replaces: LegId | None = None
    """REPLACING: whose place it takes."""
    is_pickup: bool = False
    """REPLACING: only while the other one rings."""
    transport: str = ""
    """What its signalling goes over, as its line says."""
    told_as: str = ""
    """How LegConnected last told it."""


class TalkClock(State, kw_only=True):
    """One talk of our side with the customer, while it lasts (clocks.py)."""

    server: LegId
    """Our side's leg."""
    leg: LegId
    """The leg that the facts name: the server's, but the called one's where we dialled out."""
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    number: str = ""
    """Outside number that talks in our side's place."""
    queue: QueueId | None = None
    since: Instant
    held_since: Instant | None = None
    hold_seconds: float = 0.0
    """Before `held_since`."""
    is_told_held: bool = False
    """Its agent was told as HOLDING."""


class TransferState(State, kw_only=True):
    """The call is being handed on: the target rings (transfer.py)."""

    way: TransferWay
    to: str
    """As it was asked for."""
    since: Instant
    extension: ExtensionNumber | None = None
    """Who handed it on, and is rung again when nobody answers."""
    agent: AgentId | None = None
    asker: LegId | None = None
    """The leg that is owed words of the progress; None: asked by key or verb."""
    is_returning: bool = False
    """Nobody answered: it rings at who handed it on."""


class ConsultState(State, kw_only=True):
    """One of the talk asks a third party (consult.py)."""

    by: LegId
    leg: LegId
    to: str
    since: Instant
    answered_at: Instant | None = None


class AskingState(State, kw_only=True):
    """The caller is asked where he is to be called back (callback_asking.py)."""

    queue: QueueId
    number: str = ""
    """To be confirmed; empty: he keys one in."""
    keyed: str = ""
    tries: int = 0
    """Silences and wrong keys since he did something right."""


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
    room: CallId | None = None
    """Another call beside whose legs these have their audio (same worker); None: its own."""
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
    waited: float = 0.0
    """Seconds in queues so far: they go along when somebody hands the call on to another queue."""
    priority: float = 0.0
    """Waiting credit in seconds, the most that a queue has given it; kept likewise."""
    collected: str = ""
    """What the caller keyed in before the queue, for the agent's display; nothing private."""
    comforts: int = 0
    """Comfort messages of the queue that the caller has heard."""
    is_overflowed: bool = False
    overflows: int = 0
    """Queues left by a limit so far."""
    bridged_at: Instant | None = None
    """Since when anybody talks with the customer; None: nobody does."""
    talk_seconds: float = 0.0
    has_talked: bool = False
    talks: list[TalkClock] = []
    holders: list[LegId] = []
    """Sides that want no audio just now."""
    is_held_by_box: bool = False
    """Held from a page or a program."""
    transfer: TransferState | None = None
    consult: ConsultState | None = None
    conference_at: Instant | None = None
    overlap: float = 0.0
    """Seconds of this conference in which more than one talked, each further one counted."""
    overlap_at: Instant | None = None
    """Until when `overlap` is counted."""
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
    is_emergency: bool = False
    forwards: list[ExtensionNumber] = []
    """Phones that sent it on; a phone does so once."""
    diverted_from: str = ""
    """Who sent it on before it came here, as its carrier says."""
    group: GroupRun | None = None
    park: ParkState | None = None
    recording_wishes: RecordingWishes | None = None
    recorded: FlowRecording | None = None
    callback: CallbackId | None = None
    """The call is a callback: an agent is rung first, then the customer."""
    callback_result: str = ""
    """Why the customer was not reached in it."""
    asking: AskingState | None = None
    survey: SurveyState | None = None
    was_surveyed: bool = False
    """Once a call."""
    served_by: AgentId | None = None
    """Who talked last with the customer, and at which phone."""
    served_at: ExtensionNumber | None = None
    mailbox: MailboxRun | None = None
    prompt_take: PromptTake | None = None
    due: dict[str, Instant] = {}

    @property
    def is_being_called_back(self) -> bool:
        """A callback whose customer has not been reached yet."""
        return self.callback is not None and not self.has_talked

    def leg_named(self, leg: LegId) -> LegState | None:
        """Return that leg of this call."""
        return next((one for one in self.legs if one.leg == leg), None)

    @property
    def caller_leg(self) -> LegState | None:
        """The leg that the call began with, while it lives."""
        return next((one for one in self.legs if one.role is LegRole.CALLER), None)

    @property
    def talking(self) -> list[LegState]:
        """The legs that hear each other."""
        return [one for one in self.legs if one.place is Place.TALKING]

    @property
    def customer(self) -> LegState | None:
        """The party who is served, while the leg lives."""
        return next((one for one in self.legs if one.is_customer), None)

    @property
    def called_leg(self) -> LegState | None:
        """The other side, while it rings or talks."""
        return next((one for one in self.legs if one.role is LegRole.CALLED), None)


class Known(State, kw_only=True):
    """What is known of phones and trunks besides calls: one slot, a kill forgets nothing."""

    phones: dict[ExtensionNumber, str] = {}
    """Registered phones and where they are."""
    transports: dict[ExtensionNumber, str] = {}
    """What each of them is registered over: udp, tcp, tls."""
    trunks_up: dict[TrunkId, tuple[bool, str]] = {}
    """What registration, watch or a call last said of a trunk; and when calls got no answer."""
    trunks_silent: dict[TrunkId, Instant] = {}
    wrong_pins: dict[ExtensionNumber, list[Instant]] = {}
    last_rung: dict[GroupId, ExtensionNumber] = {}
    """Round robin goes on behind this phone."""
    told_missed: list[AgentId] = []
