"""What the page "Live" and `linghe status` show: the box at one moment."""

from appliance.vocabulary.callbacks import CallbackRow
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    LegId,
    QueueId,
    Utc,
)
from appliance.vocabulary.journal import AgentState, Direction
from appliance.vocabulary.lines import Party
from appliance.vocabulary.shape import Value


class LiveLine(Value, frozen=True, kw_only=True):
    """A trunk or a phone and its lamp."""

    kind: str
    """trunk | phone"""
    name: str
    label: str = ""
    is_up: bool
    text: str = ""
    busy: int = 0
    channels: int = 1
    is_quiet: bool = False
    """Phone: it wants no calls."""
    forwarded_to: str = ""
    """Phone: where all its calls go."""
    new_messages: int = 0
    """Phone: unheard messages in its voicemail box."""
    transport: str = ""
    """Phone: what it is registered over, udp, tcp or tls; empty while it is not."""


class LiveLeg(Value, frozen=True, kw_only=True):
    """One party's side of a call, as it is connected."""

    leg: LegId
    extension: ExtensionNumber | None = None
    number: str = ""
    """Outside: the caller's number, or the one that was dialled."""
    transport: str = ""
    """What its signalling goes over: udp, tcp, tls; empty: it is not connected yet."""
    is_encrypted: bool = False
    """Its sound is (SRTP)."""


class LiveCall(Value, frozen=True, kw_only=True):
    call: CallId
    direction: Direction
    caller: Party
    called: str
    since: Utc
    stage: str
    """ringing | menu | queued | talking | held | consult | conference | transfer | parked |
    voicemail | service | survey | ending"""
    queue: QueueId | None = None
    position: int | None = None
    queued_since: Utc | None = None
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    talking_since: Utc | None = None
    is_recorded: bool = False
    park: ExtensionNumber | None = None
    """Parked: its place."""
    legs: tuple[LiveLeg, ...] = ()


class LiveAgent(Value, frozen=True, kw_only=True):
    agent: AgentId
    name: str
    extension: ExtensionNumber | None
    state: AgentState
    since: Utc
    reason: str = ""
    is_over_break: bool = False
    """Not ready for longer than he may be for this reason."""
    call: CallId | None = None
    is_quiet: bool = False
    """His phone wants no calls: ready or not, no queue offers him any."""
    forwarded_to: str = ""
    """Where all calls of his phone go; those of queues do not."""


class LiveQueue(Value, frozen=True, kw_only=True):
    queue: QueueId
    name: str
    waiting: int
    longest_wait: float
    ready_agents: int
    """To whom a call can be offered at this moment."""
    signed_in_agents: int


class Live(Value, frozen=True, kw_only=True):
    """The whole box at `at`."""

    at: Utc
    site_name: str
    site_version: int
    lines: tuple[LiveLine, ...] = ()
    calls: tuple[LiveCall, ...] = ()
    agents: tuple[LiveAgent, ...] = ()
    queues: tuple[LiveQueue, ...] = ()
    callbacks: tuple[CallbackRow, ...] = ()
    """Customers to be called back, by their place; then those that are over, the latest first."""
    emergency_since: Utc | None = None
    """Emergency mode is on since then: every number leads to its flow."""
    emergency_by: str = ""
    """Who began it: somebody on the page, or a phone's number; empty: not known, or not on."""
