"""One call's story, folded from its entries. (signatures; being filled in)"""

from collections.abc import Sequence

from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, LegId, QueueId, Seconds, Utc
from appliance.vocabulary.ids import VisitId
from appliance.vocabulary.journal import (
    CallOutcome,
    Direction,
    Entry,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, Line, Party
from appliance.vocabulary.records import RecordingNote
from appliance.vocabulary.shape import Value


class Leg(Value, frozen=True, kw_only=True):
    """One leg's talk with the caller."""

    leg: LegId | None = None
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    visit: VisitId | None = None
    bridged: Utc
    ended: Utc | None = None
    talk: Seconds | None = None
    hold: Seconds = Seconds(0.0)
    rang: Seconds | None = None


class Offer(Value, frozen=True, kw_only=True):
    """One try to reach an agent's phone."""

    agent: AgentId | None = None
    extension: ExtensionNumber
    visit: VisitId | None = None
    offered: Utc
    answered: Utc | None = None
    missed: str = ""
    """MissReason, or "" when answered or still ringing."""
    rang: Seconds | None = None


class Visit(Value, frozen=True, kw_only=True):
    """One stay in one queue."""

    call: CallId
    queue: QueueId
    visit: VisitId
    queued: Utc
    outcome: VisitOutcome | None = None
    wait: Seconds | None = None
    """None while the caller still waits."""
    reason: str = ""
    was_ringing: bool = False
    """An agent's phone rang when the stay ended."""
    ring: Seconds | None = None
    legs: tuple[Leg, ...] = ()
    was_transferred: bool = False


class CallStory(Value, frozen=True, kw_only=True):
    """What happened in one call; complete or as far as it went."""

    call: CallId
    direction: Direction
    caller: Party
    called: str
    line: Line
    line_call: str = ""
    dialled_by: AgentId | None = None
    extension: ExtensionNumber | None = None
    entered: Utc
    answered: Utc | None = None
    ended: Utc | None = None
    outcome: CallOutcome | None = None
    ended_by: Side | None = None
    cause: Cause | None = None
    block_reason: str = ""
    nodes: tuple[str, ...] = ()
    digits: str = ""
    visits: tuple[Visit, ...] = ()
    legs: tuple[Leg, ...] = ()
    offers: tuple[Offer, ...] = ()
    recordings: tuple[RecordingNote, ...] = ()


def story_of(entries: Sequence[Entry]) -> CallStory | None:
    """Fold the entries of one call, in order; None where its CallEntered is not among them."""
    raise NotImplementedError
