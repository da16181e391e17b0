"""What the floor does by itself: settle, obey limits and timers, heal, follow a changed site."""

from appliance.engines.acd.commands import AcdCommand, OverflowReason
from appliance.engines.acd.matching import next_match, suited_for
from appliance.engines.acd.memory import AgentMemory, VisitMemory
from appliance.engines.acd.moves import Moves
from appliance.engines.acd.tables import overflow_at, relax_anew
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant, VisitId
from appliance.vocabulary.journal import MissReason
from appliance.vocabulary.settings import Agent, Queue


class Rules(Moves):
    """The moves, and when they are due without anybody asking."""

    def settled(self, now: Instant) -> list[AcdCommand]:
        """Do what is due, offer every caller who can be offered; return this door's commands."""
        self.tables.now = now
        self._wake_all(now)
        self._clear_unstaffed(now)
        self._let_go_of_removed(now)
        while (match := next_match(self.tables, now)) is not None:
            self.offer(*match, now)
        return self.take_out()

    def _clear_unstaffed(self, now: Instant) -> None:
        """Queues that do not let callers wait for nobody (overflow_when_unstaffed)."""
        for queue in self.tables.queue_settings.values():
            if queue.overflow_when_unstaffed and queue.id in self.tables.line_ups:
                if not self.tables.is_staffed(queue):
                    for visit in list(self.tables.waiting(queue.id)):
                        if not visit.is_absent:
                            self.overflow(visit, OverflowReason.NO_AGENT, now)

    def refusal(self, queue: Queue, visit: VisitMemory, now: Instant) -> OverflowReason | None:
        """Why a caller may not even wait; a full queue takes whom it can offer at once."""
        line_up = self.tables.line_ups.get(queue.id, [])
        if visit.is_absent or len(line_up) < queue.max_waiting:
            return None
        if sum(not one.is_absent for one in self.tables.waiting(queue.id)) >= queue.max_waiting:
            has_free = bool(suited_for(self.tables, queue, visit, now))
            return None if has_free else OverflowReason.FULL
        return None

    # --- lookups ---
    def signed_in(self, agent: AgentId) -> AgentMemory | None:
        """The agent, if he is signed in."""
        memory = self.tables.agents.get(agent)
        return memory if memory is not None and memory.is_signed_in else None

    def offered(self, visit: VisitId, agent: AgentId) -> VisitMemory | None:
        """The visit, if it is this agent's offer now."""
        memory = self.tables.visits.get(visit)
        return memory if memory is not None and agent in memory.rung else None

    # --- talks and phones ---
    def end_talk(self, agent: AgentMemory, now: Instant) -> None:
        """His leg of a queue's call is over, whatever it had come to."""
        visit = None if agent.visit is None else self.tables.visits.get(agent.visit)
        if visit is not None:
            # he hung up before the bridge: that was no talk, and the caller still waits
            self.miss(visit, agent, MissReason.REJECTED, now)
        else:
            self.start_wrap_up(agent, now)
            self.tell(agent, now, "talk_ended")

    def free_phone(self, extension: ExtensionNumber, call: CallId, now: Instant) -> None:
        """The phone's own call is over."""
        phone = self.tables.phone(extension)
        is_service = phone.calls.pop(call, None)
        if is_service is None:
            return
        agent = self.tables.seat(extension)
        if agent is not None and not is_service:
            agent.idle_since = now
        self.tables.changed_phone(phone)
        self.phone_changed(extension, now, None)

    def phone_changed(
        self, extension: ExtensionNumber, now: Instant, miss: MissReason | None
    ) -> None:
        """Tell what it makes of the agent there; `miss`: it cannot go on ringing."""
        for agent in list(self.tables.agents.values()):
            if agent.extension == extension:
                if miss is not None:
                    self.drop_ringing(agent, now, miss)
                why = "phone" if miss is None else str(miss)
                self.tell(agent, now, why)

    def _let_go_of_removed(self, now: Instant) -> None:
        """However a removed agent's last offer or talk ended, he goes with it."""
        if len(self.tables.agents) > len(self.tables.agent_settings):
            for agent in list(self.tables.agents.values()):
                self.let_go(agent, now)

    def let_go(self, agent: AgentMemory, now: Instant) -> None:
        """An agent whom the site has no more goes when he is out of calls."""
        if agent.agent in self.tables.agent_settings:
            return
        if agent.is_signed_in:
            self.sign_out(agent, now, "removed")
        if agent.call is None:
            self.tables.forget_agent(agent)

    # --- the site ---
    def take_new_limits(self, visit: VisitMemory, former: Queue | None, now: Instant) -> None:
        """A waiting caller under new settings: same place, new limits."""
        queue = self.tables.queue_settings.get(visit.queue)
        if queue is None:
            if not visit.is_answered:
                self.end_visit(visit, now, MissReason.OVERFLOW)
                self.say_overflow(visit, former, OverflowReason.QUEUE_REMOVED, now)
            return
        relax_anew(visit, queue, now)
        period = queue.announce_position_seconds
        if period <= 0 or visit.is_absent:
            visit.tell_at = None
        elif visit.tell_at is None or visit.tell_at > now + period:
            visit.tell_at = Instant(now + period)
        self.tables.changed_visit(visit)

    def take_new_budget(self, agent: AgentMemory, former: Agent | None, now: Instant) -> None:
        """The site says anew how long his breaks may be."""
        settings = self.tables.agent_settings.get(agent.agent)
        if settings is None or former is None or settings.break_minutes == former.break_minutes:
            return
        self.set_break_timer(agent, now)
        self.tables.changed_agent(agent)

    def heal(self, now: Instant) -> None:
        """Let go of every half of an offer whose other half is missing."""
        tables = self.tables
        for agent in list(tables.agents.values()):
            visit = None if agent.visit is None else tables.visits.get(agent.visit)
            is_orphan = agent.visit is not None and (visit is None or agent.agent not in visit.rung)
            rings_for_nobody = agent.visit is None and agent.call and not agent.has_answered
            if is_orphan or rings_for_nobody:
                state = tables.state_of(agent)
                self.say_healed(f"agent {agent.agent} was {state} for nobody", "he is free")
                self.release(agent)
                self.tell(agent, now, "healed")
        for visit in tables.visits.values():
            rung = visit.rung
            living = [name for name in rung if self._holds(name, visit)]
            if living != rung:
                missing = ", ".join(name for name in rung if name not in living)
                self.say_healed(
                    f"a caller of {visit.queue} was at agent {missing}, who knew nothing of it",
                    "he is offered to others" if not living else "the others go on ringing",
                )
            if rung and not living:
                self.wait_again(visit)
            elif living != rung:
                visit.agent, visit.beside = living[0], living[1:]
                tables.changed_visit(visit)

    def _holds(self, name: AgentId, visit: VisitMemory) -> bool:
        holder = self.tables.agents.get(name)
        return holder is not None and holder.visit == visit.visit

    # --- time ---
    def _wake_all(self, now: Instant) -> None:
        for name in self.tables.agenda.take_due(now):
            kind, _, key = name.partition(":")
            match kind:
                case "visit" if (visit := self.tables.visits.get(VisitId(key))) is not None:
                    self._wake_visit(visit, now)
                case "agent" if (agent := self.tables.agents.get(AgentId(key))) is not None:
                    self._wake_agent(agent, now)
                case "phone":
                    self._wake_phone(ExtensionNumber(key), now)

    def _wake_visit(self, visit: VisitMemory, now: Instant) -> None:
        """Wait limit, ring time, announcement, in this order."""
        queue = self.tables.queue_settings.get(visit.queue)
        if visit.is_answered:
            self.tables.changed_visit(visit)
            return
        if queue is None:
            self.overflow(visit, OverflowReason.QUEUE_REMOVED, now)
            return
        if overflow_at(visit, queue) <= now and not visit.is_absent:
            staffed = self.tables.is_staffed(queue)
            self.overflow(visit, OverflowReason.WAIT if staffed else OverflowReason.NO_AGENT, now)
            return
        if visit.ring_until is not None and visit.ring_until <= now:
            for agent in [
                self.tables.agents[name] for name in visit.rung if self._holds(name, visit)
            ]:
                self.say_withdraw(visit, agent, MissReason.NO_ANSWER)
                self.miss(visit, agent, MissReason.NO_ANSWER, now)
        if visit.relax_at is not None and visit.relax_at <= now:
            relax_anew(visit, queue, now)
        if visit.tell_at is not None and visit.tell_at <= now:
            self.announce(visit, queue, now)
        self.tables.changed_visit(visit)

    def _wake_agent(self, agent: AgentMemory, now: Instant) -> None:
        """Wrap-up, rest and pauses that are over."""
        if agent.wrap_up_until is not None and agent.wrap_up_until <= now:
            self.end_wrap_up(agent, now)
        if agent.rest_until is not None and agent.rest_until <= now:
            agent.rest_until = None
        if agent.break_due is not None and agent.break_due <= now:
            self.tell_break(agent, now)
        agent.paused = {queue: until for queue, until in agent.paused.items() if until > now}
        self.tell(agent, now, "wrap_up_over")

    def _wake_phone(self, extension: ExtensionNumber, now: Instant) -> None:
        """A phone in doubt is tried again."""
        phone = self.tables.phone(extension)
        phone.doubted_until = None
        self.tables.changed_phone(phone)
        self.phone_changed(extension, now, None)
