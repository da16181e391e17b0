"""The floor's memory: agents, visits, phones, line-ups, timers; and what follows from them.

Nothing is decided here. An agent's state is *derived* from facets each time it is asked for:
there is no stored state that could stay behind the facts (rivals' "in call for ever").
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

import msgspec

from appliance.engines.acd.acquaintances import Acquaintances
from appliance.engines.acd.agenda import Agenda
from appliance.engines.acd.memory import (
    AgentMemory,
    CallerMemory,
    PhoneMemory,
    QueueMemory,
    VisitMemory,
)
from appliance.engines.acd.priority import next_relaxing
from appliance.vocabulary.ids import (
    AgentId,
    ExtensionNumber,
    Instant,
    QueueId,
    Seconds,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.settings import Agent, Queue, Site
from appliance.vocabulary.shape import State

LATEST = 30
"""Calls that count as recent: about half an hour of a busy queue of four agents."""

Rank = tuple[float, int, VisitId]

_encoder = msgspec.msgpack.Encoder()
_agent_decoder = msgspec.msgpack.Decoder(AgentMemory)
_visit_decoder = msgspec.msgpack.Decoder(VisitMemory)
_phone_decoder = msgspec.msgpack.Decoder(PhoneMemory)
_queue_decoder = msgspec.msgpack.Decoder(QueueMemory)
_caller_decoder = msgspec.msgpack.Decoder(CallerMemory)


class Tables:
    """All that the floor knows. Whoever changes a memory struct calls the `changed_` for it."""

    def __init__(self) -> None:
        self.agent_settings: dict[AgentId, Agent] = {}
        self.queue_settings: dict[QueueId, Queue] = {}
        self.agents: dict[AgentId, AgentMemory] = {}
        self.visits: dict[VisitId, VisitMemory] = {}
        self.phones: dict[ExtensionNumber, PhoneMemory] = {}
        self._last_seats: dict[ExtensionNumber, AgentId] = {}
        """Who sat at a phone when it was last asked: where to look first."""
        self.rounds: dict[QueueId, QueueMemory] = {}
        self.line_ups: dict[QueueId, list[Rank]] = {}
        """Waiting visits (not picked up) of each queue, in the order of service."""
        self.acquaintances = Acquaintances()
        self.utc_offset = Seconds(0.0)
        """Wall time less Instant; for memories that outlive a power cut."""
        self.now = Instant(0.0)
        """When the floor was asked last; for the same."""
        self.agenda = Agenda()
        self.touched: set[str] = set()
        self.last_serial = 0

    def take_site(self, site: Site) -> None:
        """Replace the settings; memory stays."""
        self.agent_settings = {agent.id: agent for agent in site.agent}
        self.queue_settings = {queue.id: queue for queue in site.queue}
        self.acquaintances.configure(site.queue)

    # --- what follows from the facets ---
    def state_of(self, agent: AgentMemory) -> AgentState:
        """The agent's state, first match wins: calls, then presence, then what he asked for."""
        if agent.call is not None:
            if not agent.has_answered:
                return AgentState.RINGING
            return AgentState.HOLDING if agent.is_holding else AgentState.TALKING
        if not agent.is_signed_in or agent.extension is None:
            return AgentState.SIGNED_OUT
        phone = self.phones.get(agent.extension)
        if phone is not None and not all(phone.calls.values()):
            return AgentState.BUSY
        if phone is None or not phone.is_reachable:
            return AgentState.UNREACHABLE
        if agent.wrap_up_until is not None:
            return AgentState.WRAP_UP
        return AgentState.READY if agent.is_ready else AgentState.NOT_READY

    def _is_free(self, agent: AgentMemory, now: Instant) -> bool:
        """Whether his phone may be rung at `now` by some queue, if no other's talk is on it."""
        # That his state is READY, said without deriving it: this is asked of everybody each time.
        if agent.call is not None or agent.wrap_up_until is not None:
            return False
        if not (agent.is_ready and agent.is_signed_in) or agent.extension is None:
            return False
        if agent.rest_until is not None and agent.rest_until > now:
            return False
        phone = self.phones.get(agent.extension)
        if phone is None or phone.calls or phone.is_quiet or not phone.is_reachable:
            return False
        return agent.agent in self.agent_settings

    def free_for(self, queue: Queue, now: Instant) -> list[AgentMemory]:
        """The agents of this queue who may be rung for it now, in its order."""
        # Whoever was signed in at a phone before may still be talking on it.
        talked_at = {one.extension for one in self.agents.values() if one.call is not None}
        found: list[AgentMemory] = []
        for name in queue.agents:
            agent = self.agents.get(name)
            if agent is None or agent.extension in talked_at or not self._is_free(agent, now):
                continue
            if agent.paused and agent.paused.get(queue.id, now) > now:
                continue
            found.append(agent)
        return found

    def is_staffed(self, queue: Queue) -> bool:
        """Whether anybody of the queue is signed in, in whatever state."""
        memories = (self.agents.get(name) for name in queue.agents)
        return any(agent is not None and agent.is_signed_in for agent in memories)

    def seat(self, extension: ExtensionNumber) -> AgentMemory | None:
        """Who is signed in at this phone (one at most)."""
        last = self.agents.get(self._last_seats.get(extension, AgentId("")))
        if last is not None and last.is_signed_in and last.extension == extension:
            return last
        for agent in self.agents.values():
            if agent.is_signed_in and agent.extension == extension:
                self._last_seats[extension] = agent.agent
                return agent
        return None

    def phone(self, extension: ExtensionNumber) -> PhoneMemory:
        """The phone's memory, made when it was never heard of."""
        return self.phones.setdefault(extension, PhoneMemory(extension=extension))

    # --- what agents did before ---
    def last_agent_of(self, caller: str, queue: Queue) -> AgentId | None:
        """Who spoke with this caller last, if the queue still goes by that."""
        return self.acquaintances.last_agent(caller, queue, self._utc())

    def acquaint(self, caller: str, agent: AgentId) -> None:
        """They speak with each other now."""
        for changed in self.acquaintances.note(caller, agent, self._utc()):
            self._changed(f"caller:{changed}", None)

    def _utc(self) -> Utc:
        return self.utc(self.now)

    def utc(self, instant: Instant) -> Utc:
        """The wall time of an instant."""
        return Utc(instant + self.utc_offset)

    def catch_up(self, agent: AgentMemory) -> None:
        """He comes to work: in counts he stands with who has the least there, not with last year's
        nought, or every call would be his until he had as many as the others."""
        for queue in self.queue_settings.values():
            if agent.agent not in queue.agents:
                continue
            others = [
                one
                for name in queue.agents
                if (one := self.agents.get(name)) is not None
                and one is not agent
                and one.is_signed_in
            ]
            calls = min((one.calls_taken.get(queue.id, 0) for one in others), default=0)
            talk = min(
                (one.seconds_talked.get(queue.id, Seconds(0.0)) for one in others),
                default=Seconds(0.0),
            )
            agent.calls_taken[queue.id] = max(calls, agent.calls_taken.get(queue.id, 0))
            agent.seconds_talked[queue.id] = max(
                talk, agent.seconds_talked.get(queue.id, Seconds(0.0))
            )

    # --- how the latest calls went ---
    def note_handled(self, queue: QueueId, seconds: Seconds) -> None:
        """An agent is done with a call of this queue."""
        memory = self.rounds.setdefault(queue, QueueMemory(queue=queue))
        memory.handled = [*memory.handled[1 - LATEST :], seconds]
        self.changed_round(memory)

    def note_answer(self, queue: QueueId, seconds: Seconds) -> None:
        """An agent has come to a caller, so long after he was first rung for him."""
        memory = self.rounds.setdefault(queue, QueueMemory(queue=queue))
        former = memory.rang if memory.rang > 0 else seconds
        memory.rang = former + (seconds - former) / 5
        self.changed_round(memory)

    def note_outcome(self, queue: QueueId, is_served: bool) -> None:
        """A caller came to an agent, or left this queue without."""
        memory = self.rounds.setdefault(queue, QueueMemory(queue=queue))
        memory.served = [*memory.served[1 - LATEST :], is_served]
        self.changed_round(memory)

    # --- the line-ups ---
    def line_up(self, visit: VisitMemory) -> None:
        """The visit waits (again), at the place its entry gives it."""
        insort(self.line_ups.setdefault(visit.queue, []), visit.rank)

    def drop_from_line(self, visit: VisitMemory) -> None:
        """The visit waits no more."""
        ranks = self.line_ups.get(visit.queue, [])
        index = bisect_left(ranks, visit.rank)
        if index < len(ranks) and ranks[index] == visit.rank:
            del ranks[index]
        if not ranks:
            self.line_ups.pop(visit.queue, None)

    def position(self, visit: VisitMemory) -> int | None:
        """1: next; None when he does not wait."""
        ranks = self.line_ups.get(visit.queue, [])
        index = bisect_left(ranks, visit.rank)
        return index + 1 if index < len(ranks) and ranks[index] == visit.rank else None

    def waiting(self, queue: QueueId) -> Iterator[VisitMemory]:
        """The waiting visits of a queue, next one first. Do not change the line-up meanwhile."""
        return (self.visits[visit] for _, _, visit in self.line_ups.get(queue, ()))

    # --- changes ---
    def changed_agent(self, agent: AgentMemory) -> None:
        """To be called after every change of an agent."""
        times = [*agent.paused.values()]
        timers = (agent.wrap_up_until, agent.rest_until, agent.break_due)
        times += [at for at in timers if at is not None]
        self._changed(f"agent:{agent.agent}", min(times, default=None))

    def changed_visit(self, visit: VisitMemory) -> None:
        """To be called after every change of a visit."""
        times: list[Instant] = []
        queue = self.queue_settings.get(visit.queue)
        if not visit.is_answered:
            timers = (visit.ring_until, visit.tell_at, visit.relax_at)
            times += [at for at in timers if at is not None]
            if queue is None:
                times.append(visit.entered_at)
            elif not visit.is_absent:
                times.append(overflow_at(visit, queue))
        self._changed(f"visit:{visit.visit}", min(times, default=None))

    def changed_phone(self, phone: PhoneMemory) -> None:
        """To be called after every change of a phone."""
        self._changed(f"phone:{phone.extension}", phone.doubted_until)

    def changed_round(self, memory: QueueMemory) -> None:
        """To be called after every change of a queue's memory."""
        self._changed(f"queue:{memory.queue}", None)

    def forget_visit(self, visit: VisitMemory) -> None:
        """The visit is over."""
        self.drop_from_line(visit)
        del self.visits[visit.visit]
        self._changed(f"visit:{visit.visit}", None)

    def forget_agent(self, agent: AgentMemory) -> None:
        """The agent is no more."""
        del self.agents[agent.agent]
        self._changed(f"agent:{agent.agent}", None)

    def _changed(self, name: str, due: Instant | None) -> None:
        self.touched.add(name)
        self.agenda.put(name, due)

    # --- slots ---
    def slot(self, name: str) -> bytes | None:
        """The content of a slot; None when there is no such thing (any more)."""
        kind, _, key = name.partition(":")
        memory: State | None = None
        match kind:
            case "agent":
                memory = self.agents.get(AgentId(key))
            case "visit":
                memory = self.visits.get(VisitId(key))
            case "phone":
                memory = self.phones.get(ExtensionNumber(key))
            case "queue":
                memory = self.rounds.get(QueueId(key))
            case "caller":
                memory = self.acquaintances.callers.get(key)
        return None if memory is None else _encoder.encode(memory)

    def restore(self, name: str, content: bytes) -> None:
        """Put back what `slot` gave."""
        kind, _, _ = name.partition(":")
        match kind:
            case "agent":
                agent = _agent_decoder.decode(content)
                self.agents[agent.agent] = agent
                self.changed_agent(agent)
            case "visit":
                self._restore_visit(_visit_decoder.decode(content))
            case "phone":
                phone = _phone_decoder.decode(content)
                self.phones[phone.extension] = phone
                self.changed_phone(phone)
            case "queue":
                memory = _queue_decoder.decode(content)
                self.rounds[memory.queue] = memory
            case "caller":
                caller = _caller_decoder.decode(content)
                self.acquaintances.callers[caller.caller] = caller
        self.touched.discard(name)

    def _restore_visit(self, visit: VisitMemory) -> None:
        former = self.visits.get(visit.visit)
        if former is not None:
            self.drop_from_line(former)
        self.visits[visit.visit] = visit
        self.last_serial = max(self.last_serial, visit.serial)
        if not visit.is_answered:
            self.line_up(visit)
        self.changed_visit(visit)


def relax_anew(visit: VisitMemory, queue: Queue, now: Instant) -> None:
    """Set when the queue asks for less skill next (`changed_visit` follows)."""
    visit.relax_at = next_relaxing(visit, queue, now)


def overflow_at(visit: VisitMemory, queue: Queue) -> Instant:
    """When this caller has waited too long. Waiting credit does not shorten his time."""
    return Instant(visit.entered_at + queue.max_wait_seconds)
