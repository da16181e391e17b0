"""Customers who left a queue to be called back, as slots, pages and programs know them."""

from enum import StrEnum

from appliance.vocabulary.ids import AgentId, CallbackId, CallId, QueueId, Utc
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value


class CallbackPhase(StrEnum):
    """How far a callback has come."""

    PENDING = "pending"
    """It waits for its turn, for the hours in which it may be, or for the next try."""
    RUNNING = "running"
    """An agent's phone rings for it, or he has it."""
    DONE = "done"
    """An agent and the customer talked."""
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_PHASES = frozenset({CallbackPhase.PENDING, CallbackPhase.RUNNING})
"""There is one callback in these at most for each number."""


class CallbackTry(Value, frozen=True, kw_only=True):
    """One time that the customer was rung."""

    at: Utc
    agent: AgentId | None = None
    call: CallId
    result: str = ""
    """answered, a Cause in its own word, agent_left; empty while it goes on."""


class CallbackRow(Value, frozen=True, kw_only=True):
    """One callback as it is shown."""

    callback: CallbackId
    number: str
    name: str = ""
    """The caller's, as his carrier told it."""
    queue: QueueId
    phase: CallbackPhase
    language: Language
    first: CallId
    """The call in which it was asked for."""
    asked: Utc
    since: Utc
    """What its place in the queue goes by: since when the customer counts as waiting."""
    not_before: Utc | None = None
    """The next try; None: as soon as it is its turn."""
    tries: tuple[CallbackTry, ...] = ()
    ended: Utc | None = None
    reason: str = ""
    """FAILED: why, in one word. CANCELLED: who did it."""
    call: CallId | None = None
    """The call in which the customer is, or was last, called back."""
