"""The floor at one moment, for the live page, `linghe status` and the tests. Read only."""

from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    Instant,
    QueueId,
    Seconds,
    VisitId,
)
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.shape import Value


class AgentView(Value, frozen=True, kw_only=True):
    """One agent as he stands now."""

    agent: AgentId
    name: str
    extension: ExtensionNumber | None
    """The phone he is signed in at."""
    state: AgentState
    since: Instant
    reason: str = ""
    queue: QueueId | None = None
    call: CallId | None = None
    is_over_break: bool = False
    """Not ready for longer than he may be for this reason."""
    is_on_own_call: bool = False
    """His phone is in use otherwise: a feature code, listening to another, a call of its own."""


class QueueView(Value, frozen=True, kw_only=True):
    """One queue's length and staff."""

    queue: QueueId
    name: str
    waiting: int
    longest_wait: Seconds
    ready_agents: int
    """Who may be offered a call of this queue now."""
    signed_in_agents: int


class WaitingView(Value, frozen=True, kw_only=True):
    """One waiting caller, in the order of service."""

    visit: VisitId
    call: CallId
    queue: QueueId
    caller: str
    position: int
    entered_at: Instant
    offered_to: AgentId | None = None
    """Whose phone rings for him."""
    offered_beside: tuple[AgentId, ...] = ()
    """Whose else (strategy ring-all)."""
