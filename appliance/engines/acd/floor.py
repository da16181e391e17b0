"""The floor: agents and queues as one machine that decides who is offered which caller.

Theory of operation
-------------------
A *visit* is one caller in one queue: waiting → offered (a phone rings for him) → picked up →
gone. It leaves by talk_started (answered), leave (the caller went), or a limit (OverflowVisit).
A missed offer puts it back to waiting; its place is given by its time of entry, so it cannot be
lost by an offer, a changed site or a restart.

An *agent* has facets (signed in where, ready or not and why, offered or talking, wrapping up)
and his *phone* has two (registered, in calls of its own). His AgentState is derived from these
each time. So a phone that is lost makes him UNREACHABLE and its return gives him back whatever
he was, without a state to restore.

After every door the floor *settles*: first whatever is due by now is done (timers are data: each
slot says when it is due), then, as long as some waiting caller has a free agent, the oldest such
caller is offered his queue's best agent.

Doors take `now` and return commands in order. Ids that are unknown or late (an answer to an
offer withdrawn a moment ago) change nothing and return []: both sides of a race are lawful.
"""

from collections.abc import Collection

from appliance.engines.acd.commands import AcdCommand, OverflowReason
from appliance.engines.acd.memory import AgentMemory, VisitMemory
from appliance.engines.acd.rules import Rules
from appliance.engines.acd.tables import relax_anew
from appliance.engines.acd.windows import Windows
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    Instant,
    QueueId,
    Seconds,
    VisitId,
)
from appliance.vocabulary.journal import MissReason
from appliance.vocabulary.settings import Site


class Floor(Windows):
    """Agents, phones and queues of one site. See the module for how it works."""

    def __init__(self) -> None:
        super().__init__()
        self._rules = Rules(self._tables)

    # --- the site -------------------------------------------------------------------------------
    def configure(self, site: Site, now: Instant) -> list[AcdCommand]:
        """Take a site. Waiting callers keep their places; nobody known is signed in or out.

        An agent seen for the first time starts as his `signed_in` says. Callers of a queue that
        is no more overflow as it said. After a restart: restore all slots, then configure.
        """
        tables, rules = self._tables, self._rules
        former = dict(tables.queue_settings)
        former_agents = dict(tables.agent_settings)
        tables.take_site(site)
        for agent in site.agent:
            if agent.id not in tables.agents:
                memory = tables.agents[agent.id] = AgentMemory(
                    agent=agent.id, idle_since=now, since=now
                )
                if agent.signed_in and agent.extension and not tables.seat(agent.extension):
                    memory.extension = agent.extension
                    memory.is_signed_in = memory.is_ready = True
                    tables.catch_up(memory)
                rules.tell(memory, now, "start")
        rules.heal(now)
        for memory in list(tables.agents.values()):
            rules.take_new_budget(memory, former_agents.get(memory.agent), now)
            rules.let_go(memory, now)
        for visit in list(tables.visits.values()):
            rules.take_new_limits(visit, former.get(visit.queue), now)
        return rules.settled(now)

    def clock_set(self, utc_offset: Seconds) -> None:
        """What wall time is: `now` + utc_offset. For memories that outlive a power cut."""
        self._tables.utc_offset = utc_offset

    def box_restarted(self, now: Instant) -> list[AcdCommand]:
        """Every leg is gone and `now` counts from anew: forget visits, talks, registrations.

        Who was signed in stays so (UNREACHABLE until his phone registers).
        """
        tables, rules = self._tables, self._rules
        for visit in list(tables.visits.values()):
            tables.forget_visit(visit)
        for phone in tables.phones.values():
            phone.is_registered, phone.doubted_until, phone.calls = False, None, {}
            tables.changed_phone(phone)
        for agent in tables.agents.values():
            agent.wrap_up_until = agent.rest_until = agent.offered_at = agent.break_due = None
            agent.paused, agent.idle_since = {}, now
            rules.release(agent)
            rules.tell(agent, now, "box_restarted")
        # Nobody waits. And the site may not be known yet: every agent would count as removed.
        return rules.take_out()

    def reconcile(self, calls: Collection[CallId], now: Instant) -> list[AcdCommand]:
        """Drop all that hangs on calls which are not in `calls`, the live ones.

        To be asked every few seconds and after a restart: whatever was missed, nobody stays "in
        a call" that is no more. Each thing that was dropped is a FloorHealed: none of them means
        that all was well.
        """
        tables, rules = self._tables, self._rules
        for visit in list(tables.visits.values()):
            if visit.call not in calls:
                what = f"a caller waited in {visit.queue} whose call {visit.call} is over"
                rules.say_healed(what, "he was taken out of the queue")
                rules.end_visit(visit, now, MissReason.CALLER_GONE)
        rules.heal(now)
        for agent in list(tables.agents.values()):
            if agent.call is not None and agent.call not in calls:
                state = tables.state_of(agent)
                what = f"agent {agent.agent} was {state} in call {agent.call}, which is over"
                rules.say_healed(what, "he is out of it")
                rules.end_talk(agent, now)
        for phone in list(tables.phones.values()):
            for call in [call for call in phone.calls if call not in calls]:
                what = f"phone {phone.extension} was busy with call {call}, which is over"
                rules.say_healed(what, "it is free")
                rules.free_phone(phone.extension, call, now)
        return rules.settled(now)

    # --- callers --------------------------------------------------------------------------------
    def join(
        self,
        *,
        visit: VisitId,
        call: CallId,
        queue: QueueId,
        caller: str,
        now: Instant,
        credit: float = 0.0,
        is_absent: bool = False,
    ) -> list[AcdCommand]:
        """A caller enters a queue; `credit` seconds count as waited in the order of service.

        The answer may be OverflowVisit at once (queue full, removed or unstaffed); of who is
        absent (to be called back) only when the queue is no more. Raises IllegalMove when this
        visit is in already.
        """
        tables, rules = self._tables, self._rules
        if visit in tables.visits:
            raise IllegalMove(f"visit {visit} is in queue {tables.visits[visit].queue} already")
        tables.last_serial += 1
        memory = VisitMemory(
            visit=visit,
            call=call,
            queue=queue,
            caller=caller,
            entered_at=now,
            credit=max(0.0, credit),
            serial=tables.last_serial,
            is_absent=is_absent,
        )
        settings = tables.queue_settings.get(queue)
        gone = OverflowReason.QUEUE_REMOVED
        refusal = gone if settings is None else rules.refusal(settings, memory, now)
        if settings is None or refusal is not None:
            rules.say_overflow(memory, settings, refusal or gone, now)
            return rules.settled(now)
        tables.visits[visit] = memory
        tables.line_up(memory)
        relax_anew(memory, settings, now)
        rules.announce(memory, settings, now)
        return rules.settled(now)

    def leave(
        self, visit: VisitId, now: Instant, reason: MissReason = MissReason.CALLER_GONE
    ) -> list[AcdCommand]:
        """The caller is gone, or goes elsewhere by his own wish.

        Whoever is rung for him, or picked up and was not bridged yet, is withdrawn with `reason`.
        """
        memory = self._tables.visits.get(visit)
        if memory is not None:
            self._rules.end_visit(memory, now, reason)
        return self._rules.settled(now)

    # --- agents ---------------------------------------------------------------------------------
    def sign_in(
        self, agent: AgentId, extension: ExtensionNumber, now: Instant, is_ready: bool = True
    ) -> list[AcdCommand]:
        """Sign in at a phone, ready unless told otherwise. Whoever was signed in there is out.

        Raises IllegalMove for an agent whom the site does not have: check number and PIN before.
        """
        memory = self._tables.agents.get(agent)
        if memory is None or agent not in self._tables.agent_settings:
            raise IllegalMove(f"no agent {agent} in this site")
        other = self._tables.seat(extension)
        if other is not None and other is not memory:
            self._rules.sign_out(other, now, "replaced")
        if memory.extension != extension:
            self._rules.drop_ringing(memory, now, MissReason.REJECTED, "moved")
        if not memory.is_signed_in:
            self._tables.catch_up(memory)
        memory.extension, memory.is_signed_in = extension, True
        memory.is_ready, memory.pause_reason, memory.missed_in_row = is_ready, "", 0
        memory.idle_since, memory.wrap_up_until = now, None
        self._rules.tell(memory, now, "signed_in")
        return self._rules.settled(now)

    def sign_out(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Sign out. A talk is finished first; a ringing call goes to the next agent."""
        memory = self._tables.agents.get(agent)
        if memory is not None and memory.is_signed_in:
            self._rules.sign_out(memory, now, "signed_out")
        return self._rules.settled(now)

    def ready(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Ready from now on: ends not-ready and wrap-up; in a talk it holds afterwards."""
        memory = self._rules.signed_in(agent)
        if memory is not None:
            if not memory.is_ready:
                memory.idle_since = now
            memory.is_ready, memory.pause_reason, memory.missed_in_row = True, "", 0
            self._rules.end_wrap_up(memory, now)
            self._rules.tell(memory, now, "ready")
        return self._rules.settled(now)

    def not_ready(self, agent: AgentId, reason: str, now: Instant) -> list[AcdCommand]:
        """Not ready: at once, or after the talk and its wrap-up. What rings goes to the next."""
        memory = self._rules.signed_in(agent)
        if memory is not None:
            memory.is_ready, memory.pause_reason = False, reason
            self._rules.drop_ringing(memory, now, MissReason.REJECTED, reason)
            if memory.call is None:
                self._rules.end_wrap_up(memory, now)
            self._rules.tell(memory, now, reason)
        return self._rules.settled(now)

    def end_wrap_up(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """End the wrap-up early; [] when there is none (then say so to the agent)."""
        memory = self._rules.signed_in(agent)
        if memory is None or memory.wrap_up_until is None:
            return []
        self._rules.end_wrap_up(memory, now)
        self._rules.tell(memory, now, "wrap_up_ended")
        return self._rules.settled(now)

    def hold(self, agent: AgentId, is_held: bool, now: Instant) -> list[AcdCommand]:
        """The agent put his queue caller on hold, or took him back."""
        memory = self._tables.agents.get(agent)
        if memory is not None and memory.has_answered:
            memory.is_holding = is_held
            self._rules.tell(memory, now, "hold" if is_held else "resume")
        return self._rules.settled(now)

    # --- phones ---------------------------------------------------------------------------------
    def phone_reachable(
        self, extension: ExtensionNumber, is_reachable: bool, now: Instant
    ) -> list[AcdCommand]:
        """A phone registered (tell every refresh) or is gone. What rings there goes to the next."""
        phone = self._tables.phone(extension)
        if phone.is_registered != is_reachable or phone.doubted_until is not None:
            phone.is_registered, phone.doubted_until = is_reachable, None
            self._tables.changed_phone(phone)
            self._rules.phone_changed(
                extension, now, None if is_reachable else MissReason.UNREACHABLE
            )
        return self._rules.settled(now)

    def phone_quiet(
        self, extension: ExtensionNumber, is_quiet: bool, now: Instant
    ) -> list[AcdCommand]:
        """The phone wants no calls (do-not-disturb), or takes them again. What rings there goes to
        the next; its agent's state stays his own."""
        known = self._tables.phones.get(extension)
        if (known is not None and known.is_quiet) is is_quiet:
            return []
        phone = self._tables.phone(extension)
        phone.is_quiet = is_quiet
        self._tables.changed_phone(phone)
        self._rules.phone_changed(extension, now, MissReason.REJECTED if is_quiet else None)
        return self._rules.settled(now)

    def phone_busy(
        self, extension: ExtensionNumber, call: CallId, now: Instant, is_service: bool = False
    ) -> list[AcdCommand]:
        """The phone is in a call that no queue gave it; nothing is offered meanwhile.

        `is_service`: a feature code (*80…): nothing is offered either, but nobody is BUSY for it
        and what rings goes on ringing.
        """
        phone = self._tables.phone(extension)
        phone.calls[call] = is_service
        self._tables.changed_phone(phone)
        self._rules.phone_changed(extension, now, None if is_service else MissReason.BUSY)
        return self._rules.settled(now)

    def phone_free(
        self, extension: ExtensionNumber, call: CallId, now: Instant
    ) -> list[AcdCommand]:
        """That call is over at this phone."""
        self._rules.free_phone(extension, call, now)
        return self._rules.settled(now)

    # --- offers ---------------------------------------------------------------------------------
    def offer_ringing(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """The phone itself rings: its ring time counts from here."""
        memory = self._rules.offered(visit, agent)
        if memory is not None and not memory.has_rung and not memory.is_answered:
            queue = self._tables.queue_settings.get(memory.queue)
            memory.has_rung = True
            if queue is not None:
                memory.ring_until = Instant(now + queue.ring_seconds)
            self._tables.changed_visit(memory)
        return self._rules.settled(now)

    def offer_missed(
        self, visit: VisitId, agent: AgentId, reason: MissReason, now: Instant
    ) -> list[AcdCommand]:
        """The agent's leg came to nothing, ringing or picked up: next agent, place kept."""
        memory = self._rules.offered(visit, agent)
        if memory is not None:
            self._rules.miss(memory, self._tables.agents[agent], reason, now)
        return self._rules.settled(now)

    def offer_answered(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """The agent picked up: he is TALKING; the caller waits on for the bridge."""
        memory = self._rules.offered(visit, agent)
        if memory is not None and not memory.is_answered:
            self._rules.answer(memory, self._tables.agents[agent], now)
        return self._rules.settled(now)

    def talk_started(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Bridged: the visit is over, answered."""
        memory = self._rules.offered(visit, agent)
        if memory is not None:
            talker = self._tables.agents[agent]
            if not memory.is_answered:
                self._rules.answer(memory, talker, now)
            talker.visit, talker.talk_began_at = None, now
            taken = talker.calls_taken.get(memory.queue, 0)
            talker.calls_taken[memory.queue] = taken + 1
            self._tables.acquaint(memory.caller, agent)
            self._tables.note_outcome(memory.queue, is_served=True)
            if talker.offered_at is not None:
                self._tables.note_answer(memory.queue, Seconds(now - talker.offered_at))
            self._tables.forget_visit(memory)
            self._tables.changed_agent(talker)
        return self._rules.settled(now)

    def talk_ended(
        self, agent: AgentId, now: Instant, call: CallId | None = None
    ) -> list[AcdCommand]:
        """The talk is over: wrap-up, then ready (or what he asked for meanwhile)."""
        memory = self._tables.agents.get(agent)
        if memory is not None and memory.has_answered and call in (None, memory.call):
            self._rules.end_talk(memory, now)
        return self._rules.settled(now)

    def release(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """He has no leg in the call that he is said to be in: he is out of it."""
        if (memory := self._tables.agents.get(agent)) is not None and memory.call is not None:
            self._rules.end_talk(memory, now)
        return self._rules.settled(now)

    def take_up_talk(
        self,
        agent: AgentId,
        extension: ExtensionNumber,
        *,
        call: CallId,
        queue: QueueId,
        since: Instant,
        now: Instant,
    ) -> list[AcdCommand]:
        """He talks in this call of that queue, and the floor knew nothing of it: his memory was
        lost. What rings at him meanwhile goes to the next."""
        memory, rules = self._tables.agents.get(agent), self._rules
        if memory is not None:
            rules.drop_ringing(memory, now, MissReason.BUSY)
            if not memory.is_signed_in and self._tables.seat(extension) is None:
                memory.extension, memory.is_signed_in, memory.is_ready = extension, True, True
            memory.visit, memory.call, memory.queue = None, call, queue
            memory.has_answered, memory.is_holding = True, False
            memory.talk_began_at, memory.offered_at = since, since
            memory.wrap_up_until = None
            rules.tell(memory, now, "healed")
        return rules.settled(now)

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        return self._tables.agenda.earliest()

    def wake(self, now: Instant) -> list[AcdCommand]:
        """Do what is due: wrap-ups, ring times, wait limits, announcements, pauses, doubts."""
        return self._rules.settled(now)
