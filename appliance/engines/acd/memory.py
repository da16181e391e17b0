"""What the floor remembers: plain State, one struct a slot, so that a killed process resumes."""

from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    Instant,
    QueueId,
    Seconds,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.shape import State


class BreakMemory(State, kw_only=True):
    """A time of being not ready, by the wall clock."""

    reason: str
    began: Utc
    ended: Utc | None = None


class AgentMemory(State, kw_only=True):
    """Slot "agent:<id>". Facets only; the AgentState is derived from them (tables.state_of)."""

    agent: AgentId
    extension: ExtensionNumber | None = None
    """The phone he is signed in at."""
    is_signed_in: bool = False
    is_ready: bool = False
    """What he asked for; holds again after a talk, a wrap-up, a lost phone."""
    pause_reason: str = ""
    """Why he is not ready."""
    idle_since: Instant = Instant(0.0)
    """His last talk, sign-in, ready or miss."""
    visit: VisitId | None = None
    """The offer he has; None again once the talk has begun."""
    call: CallId | None = None
    """The queue's call he is offered or talks in."""
    queue: QueueId | None = None
    """Of that call; kept through the wrap-up."""
    has_answered: bool = False
    is_holding: bool = False
    wrap_up_until: Instant | None = None
    rest_until: Instant | None = None
    """After a miss the phone gets a moment before it rings again, for whatever queue."""
    paused: dict[QueueId, Instant] = {}
    """Queues whose calls he rejected, and until when they skip him."""
    calls_taken: dict[QueueId, int] = {}
    """Talks begun, by queue; lifted to the others' fewest when he comes to work."""
    seconds_talked: dict[QueueId, Seconds] = {}
    """In talks that are over; lifted likewise."""
    talk_began_at: Instant | None = None
    offered_at: Instant | None = None
    """When what he has now, be it ringing, talk or wrap-up, was offered to him."""
    missed_in_row: int = 0
    """Calls that he let ring in vain since he last answered, or said that he is there."""
    breaks: list[BreakMemory] = []
    """Within a shift (breaks.py); the last one may go on."""
    break_due: Instant | None = None
    """When the budget of the break that he has is used up; None: not told of any more."""
    told: AgentState = AgentState.SIGNED_OUT
    """The state as last told by AgentMoved, so that a restart tells nothing twice."""
    told_reason: str = ""
    told_extension: ExtensionNumber | None = None
    since: Instant = Instant(0.0)


class VisitMemory(State, kw_only=True):
    """Slot "visit:<id>": one caller in one queue."""

    visit: VisitId
    call: CallId
    queue: QueueId
    caller: str
    entered_at: Instant
    credit: float = 0.0
    """Seconds that count as waited, for the order only, not for the limits."""
    serial: int = 0
    """Who came first at the same instant."""
    agent: AgentId | None = None
    """Who is being rung, or has picked up."""
    beside: list[AgentId] = []
    """Who else is being rung (strategy ring-all)."""
    is_answered: bool = False
    """Picked up, not yet bridged."""
    has_rung: bool = False
    ring_until: Instant | None = None
    tell_at: Instant | None = None
    """When the position is told next."""
    misses: dict[AgentId, int] = {}
    """How often each agent let this caller ring in vain."""
    relax_at: Instant | None = None
    """When the queue asks for less skill next."""
    is_absent: bool = False
    """He hung up and is to be called back: no limit ends his wait, nothing is told to him."""

    @property
    def rung(self) -> list[AgentId]:
        """Everybody who is being rung for him, or who has picked up."""
        return [] if self.agent is None else [self.agent, *self.beside]

    @property
    def rank(self) -> tuple[float, int, VisitId]:
        """The order of service: smallest first."""
        return (self.entered_at - self.credit, self.serial, self.visit)


class PhoneMemory(State, kw_only=True):
    """Slot "phone:<extension>": what the floor was told of a phone."""

    extension: ExtensionNumber
    is_registered: bool = False
    doubted_until: Instant | None = None
    """An offer could not reach it though it is registered: left alone until then."""
    is_quiet: bool = False
    """It wants no calls (do-not-disturb): no queue offers it any."""
    calls: dict[CallId, bool] = {}
    """Calls of its own; True for a feature code, which makes nobody BUSY."""

    @property
    def is_reachable(self) -> bool:
        """Whether an offer would ring it."""
        return self.is_registered and self.doubted_until is None


class QueueMemory(State, kw_only=True):
    """Slot "queue:<id>": whom it offered a call last (round robin goes on from him), and how its
    latest calls went."""

    queue: QueueId
    last_offered: AgentId | None = None
    handled: list[float] = []
    """Seconds that each of its latest answered calls took an agent: ringing, talk and wrap-up."""
    rang: float = 0.0
    """Seconds from the offer to the bridge, the latest weighing most."""
    served: list[bool] = []
    """Whether each of its latest callers came to an agent."""


class CallerMemory(State, kw_only=True):
    """Slot "caller:<number>": who spoke with him last, where a queue goes by that."""

    caller: str
    agent: AgentId
    at: Utc
