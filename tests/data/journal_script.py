"""Writing journals by hand for tests: entries in order, keys and monotonic times made here."""

from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    Instant,
    LegId,
    QueueId,
    Seconds,
    TrunkId,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    AgentState,
    AgentStateChanged,
    AnyFact,
    Bridged,
    CallAnswered,
    CallEnded,
    CallEntered,
    CallOutcome,
    CallQueued,
    Direction,
    Entry,
    NodeEntered,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, Party, PhoneLine, TrunkLine

BOOT = 1_000.0
"""The machine had been on for so long when the journal's first second was."""


class Journal:
    """Entries, sorted by time when read."""

    def __init__(self, epoch: float) -> None:
        self.epoch = epoch
        self._entries: list[Entry] = []

    def add(
        self, at: float, fact: AnyFact, call: str | None = None, leg: str | None = None
    ) -> None:
        """Add a fact `at` seconds after the epoch."""
        self._entries.append(
            Entry(
                at=Utc(self.epoch + at),
                mono=Instant(BOOT + at),
                call=None if call is None else CallId(call),
                leg=None if leg is None else LegId(leg),
                fact=fact,
                key=f"{call or 'box'}:{len(self._entries)}",
            )
        )

    @property
    def entries(self) -> list[Entry]:
        return sorted(self._entries, key=lambda entry: entry.at)

    # --- calls ---

    def enters(self, at: float, call: str, caller: str = "13800138000") -> None:
        """A customer's call comes in, is answered and led into the flow."""
        self.add(
            at,
            CallEntered(
                direction=Direction.INBOUND,
                line=TrunkLine(trunk=TrunkId("carrier")),
                caller=Party(number=caller),
                called="02188886666",
                line_call=f"{call}@carrier",
            ),
            call,
            f"{call}-a",
        )
        self.add(at, CallAnswered(), call, f"{call}-a")
        self.add(at, NodeEntered(flow="main", node="menu", node_kind="menu"), call)

    def queued(self, at: float, call: str, queue: str = "sales", visit: str = "") -> str:
        """It enters a queue; returns the visit's name."""
        visit = visit or f"{call}-v"
        self.add(at, CallQueued(queue=QueueId(queue), visit=VisitId(visit), position=1), call)
        return visit

    def left(
        self,
        at: float,
        call: str,
        outcome: VisitOutcome,
        wait: float,
        queue: str = "sales",
        visit: str = "",
        reason: str = "",
    ) -> None:
        """It leaves the queue."""
        self.add(
            at,
            VisitEnded(
                queue=QueueId(queue),
                visit=VisitId(visit or f"{call}-v"),
                outcome=outcome,
                wait=Seconds(wait),
                reason=reason,
            ),
            call,
        )

    def ends(
        self,
        at: float,
        call: str,
        outcome: CallOutcome,
        by: Side = Side.CALLER,
        cause: Cause = Cause.NORMAL,
    ) -> None:
        self.add(at, CallEnded(by=by, cause=cause, outcome=outcome), call)

    # --- agents ---

    def state(
        self, at: float, agent: str, state: AgentState, reason: str = "", queue: str | None = None
    ) -> None:
        self.add(
            at,
            AgentStateChanged(
                agent=AgentId(agent),
                state=state,
                reason=reason,
                queue=None if queue is None else QueueId(queue),
            ),
        )

    def talks(
        self,
        at: float,
        call: str,
        agent: str,
        *,
        talk: float,
        hold: float = 0.0,
        wrap_up: float = 0.0,
        rang: float = 0.0,
        leg: str = "",
        queue: str | None = "sales",
        visit: str | None = None,
        first: bool = True,
        talking: AgentState = AgentState.TALKING,
    ) -> float:
        """The agent's phone rang, is bridged at `at`, talks, wraps up; returns the talk's end."""
        leg = leg or f"{call}-{agent}"
        extension = ExtensionNumber(f"8{agent[1:]}")
        visit_id = VisitId(visit or f"{call}-v") if first and queue else None
        of = {"agent": AgentId(agent), "extension": extension}
        if rang:
            self.state(at - rang, agent, AgentState.RINGING, queue=queue)
            self.add(at - rang, AgentOffered(**of, visit=visit_id), call, leg)
            self.add(at, AgentAnswered(**of, visit=visit_id), call, leg)
        in_queue = {"queue": None if queue is None else QueueId(queue)}
        self.add(at, Bridged(**of, **in_queue, visit=visit_id), call, leg)
        self.state(at, agent, talking, queue=queue)
        if hold:
            self.state(at + talk / 2, agent, AgentState.HOLDING, queue=queue)
            self.state(at + talk / 2 + hold, agent, talking, queue=queue)
        over = at + talk + hold
        self.add(
            over, TalkEnded(**of, **in_queue, talk=Seconds(talk), hold=Seconds(hold)), call, leg
        )
        if wrap_up:
            self.state(over, agent, AgentState.WRAP_UP, queue=queue)
        self.state(over + wrap_up, agent, AgentState.READY)
        return over

    def dials_out(self, at: float, call: str, agent: str, number: str) -> None:
        """An agent dials a number outside."""
        extension = ExtensionNumber(f"8{agent[1:]}")
        self.add(
            at,
            CallEntered(
                direction=Direction.OUTBOUND,
                line=PhoneLine(extension=extension),
                caller=Party(number=extension),
                called=number,
                extension=extension,
                agent=AgentId(agent),
            ),
            call,
            f"{call}-{agent}",
        )
