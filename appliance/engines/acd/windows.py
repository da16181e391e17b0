"""The floor's windows: its slots and what may be looked at. The doors are in floor.py."""

from appliance.engines.acd import inspection
from appliance.engines.acd.tables import Tables
from appliance.engines.acd.views import AgentView, QueueView, WaitingView
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant, QueueId, VisitId

SLOT_KINDS = ("agent:", "visit:", "phone:", "queue:", "caller:")


class Windows:
    """Slots and views of the floor."""

    def __init__(self) -> None:
        self._tables = Tables()

    # --- slots ----------------------------------------------------------------------------------
    @staticmethod
    def owns(name: str) -> bool:
        """Whether a slot of this name is the floor's."""
        return name.startswith(SLOT_KINDS)

    def take_touched(self) -> set[str]:
        """Names of the slots changed since the last call."""
        touched, self._tables.touched = self._tables.touched, set()
        return touched

    def slot(self, name: str) -> bytes | None:
        """A slot's content (msgpack), None when it is no more."""
        return self._tables.slot(name)

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back after a restart, in any order; then configure with the site."""
        self._tables.restore(name, content)

    def has_visit(self, visit: VisitId | None) -> bool:
        """Whether somebody is in a queue under this name: he waits, or is offered to an agent."""
        return visit in self._tables.visits

    # --- views (inspection.py) --------------------------------------------------------------------
    def position(self, visit: VisitId) -> int | None:
        """1: next; None: not waiting (gone, or picked up)."""
        memory = self._tables.visits.get(visit)
        return None if memory is None else self._tables.position(memory)

    def positions(self, queue: QueueId) -> tuple[VisitId, ...]:
        """Waiting visits of a queue, next one first."""
        return tuple(visit.visit for visit in self._tables.waiting(queue))

    def agent(self, agent: AgentId) -> AgentView | None:
        """One agent, None when unknown."""
        memory = self._tables.agents.get(agent)
        return None if memory is None else inspection.agent_view(self._tables, memory)

    def agent_at(self, extension: ExtensionNumber) -> AgentId | None:
        """Who is signed in at this phone."""
        memory = self._tables.seat(extension)
        return None if memory is None else memory.agent

    def agents(self) -> tuple[AgentView, ...]:
        """All agents, in the site's order; removed ones who still talk at the end."""
        return inspection.agent_views(self._tables)

    def queues(self, now: Instant) -> tuple[QueueView, ...]:
        """All queues, in the site's order."""
        return inspection.queue_views(self._tables, now)

    def waiting(self, queue: QueueId) -> tuple[WaitingView, ...]:
        """The waiting callers of a queue, next one first."""
        return inspection.waiting_views(self._tables, queue)

    def phone_calls(self) -> list[tuple[ExtensionNumber, CallId]]:
        """What phones are said to be busy with."""
        return [(one.extension, call) for one in self._tables.phones.values() for call in one.calls]

    def faults(self, now: Instant, grace: float = 0.0) -> list[str]:
        """What must never be, one sentence each; empty when all is well."""
        return inspection.faults(self._tables, now, grace)
