"""What the floor asks of call control. Agents, visits and extensions only: no legs in here."""

from enum import StrEnum

from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    QueueId,
    Seconds,
    VisitId,
)
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Overflow
from appliance.vocabulary.shape import Command


class OverflowReason(StrEnum):
    """Why a visit left its queue by a limit; journalled as VisitEnded.reason."""

    WAIT = "wait"
    """max_wait_seconds are over."""
    NO_AGENT = "no_agent"
    """Nobody of the queue is signed in (at the wait limit, or at once where the queue says so)."""
    FULL = "full"
    """max_waiting callers were waiting already."""
    QUEUE_REMOVED = "queue_removed"
    """The site has this queue no more."""


class OfferToAgent(Command, frozen=True, kw_only=True):
    """Ring this agent's phone for this visit.

    Answer with offer_ringing, offer_answered or offer_missed. The floor itself ends an offer
    that nobody answers (WithdrawOffer, NO_ANSWER).
    """

    visit: VisitId
    call: CallId
    queue: QueueId
    agent: AgentId
    extension: ExtensionNumber
    ring_for: Seconds


class WithdrawOffer(Command, frozen=True, kw_only=True):
    """Hang up the agent's leg of this offer; the floor has forgotten it. No reply is expected.

    `reason` is what the journal's OfferMissed says.
    """

    visit: VisitId
    call: CallId
    queue: QueueId
    agent: AgentId
    extension: ExtensionNumber
    reason: MissReason


class TellPosition(Command, frozen=True, kw_only=True):
    """Tell the waiting caller his position; 1: he is next."""

    visit: VisitId
    call: CallId
    position: int
    wait: Seconds | None = None
    """How long he will probably wait from now on; None: not known."""


class OverflowVisit(Command, frozen=True, kw_only=True):
    """The visit is over for the queue; take the call where `overflow` says."""

    visit: VisitId
    call: CallId
    queue: QueueId
    reason: OverflowReason
    overflow: Overflow
    waited: Seconds


class AgentMoved(Command, frozen=True, kw_only=True):
    """The agent is in another state since now: for the journal and the live page."""

    agent: AgentId
    state: AgentState
    extension: ExtensionNumber | None = None
    reason: str = ""
    """NOT_READY: the reason key; else what led here, in one word."""
    queue: QueueId | None = None
    """RINGING, TALKING, HOLDING, WRAP_UP: for which queue."""
    call: CallId | None = None
    """RINGING, TALKING, HOLDING, WRAP_UP, BUSY: in which call."""


class BreakOver(Command, frozen=True, kw_only=True):
    """The agent's breaks for this reason are longer than they may be: for whoever supervises."""

    agent: AgentId
    reason: str
    budget: Seconds
    used: Seconds


class FloorHealed(Command, frozen=True, kw_only=True):
    """The floor found in its memory what must not be, and mended it."""

    what: str
    done: str


AcdCommand = (
    OfferToAgent
    | WithdrawOffer
    | TellPosition
    | OverflowVisit
    | AgentMoved
    | BreakOver
    | FloorHealed
)
