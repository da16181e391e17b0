"""The floor's moves: each changes the tables and says what call control has to do about it.

The doors (floor.py) choose the move; a move never chooses another caller or agent.
"""

from appliance.engines.acd import breaks
from appliance.engines.acd.commands import (
    AcdCommand,
    AgentMoved,
    BreakOver,
    FloorHealed,
    OfferToAgent,
    OverflowReason,
    OverflowVisit,
    TellPosition,
    WithdrawOffer,
)
from appliance.engines.acd.expectation import expected_wait
from appliance.engines.acd.memory import AgentMemory, QueueMemory, VisitMemory
from appliance.engines.acd.strategies import strategy_of
from appliance.engines.acd.tables import Tables
from appliance.vocabulary.ids import Instant, Seconds
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Overflow, Queue

REST_SECONDS = 1.0
"""Pause of a phone after any miss: its CANCEL must arrive, and a phone that refuses at once
must not be asked a hundred times a second when it is the only one."""

DOUBT_SECONDS = 60.0
"""How long a registered phone that an offer could not reach is left alone, if it does not
register again before: registrations last an hour, one lost INVITE must not cost so much."""

MISSED = "missed"
"""The reason of an agent whom the box made not ready, for he let too many calls ring in vain."""

QUEUE_STATES = frozenset(
    {AgentState.RINGING, AgentState.TALKING, AgentState.HOLDING, AgentState.WRAP_UP}
)


class Moves:
    """Moves collect commands in `out` until the door takes them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.out: list[AcdCommand] = []

    def take_out(self) -> list[AcdCommand]:
        """The commands since the last call, in order."""
        out, self.out = self.out, []
        return out

    def say_healed(self, what: str, done: str) -> None:
        """Only the command."""
        self.out.append(FloorHealed(what=what, done=done))

    # --- agents ---
    def tell(self, agent: AgentMemory, now: Instant, why: str) -> None:
        """Close every change of an agent with this: slot, timers, AgentMoved if it shows."""
        state = self.tables.state_of(agent)
        is_paused = state is AgentState.NOT_READY
        reason = agent.pause_reason if is_paused else why
        extension = None if state is AgentState.SIGNED_OUT else agent.extension
        is_same = (
            state is agent.told
            and extension == agent.told_extension
            and (not is_paused or reason == agent.told_reason)
        )
        if not is_same:
            if state is not agent.told:
                agent.since = now
            agent.told, agent.told_reason, agent.told_extension = state, reason, extension
            self.out.append(self._moved(agent, state, reason))
        self._note_break(agent, reason if is_paused else None, now)
        self.tables.changed_agent(agent)

    def _note_break(self, agent: AgentMemory, reason: str | None, now: Instant) -> None:
        if breaks.enter(agent, reason, self.tables.utc(now)):
            self.set_break_timer(agent, now)

    def set_break_timer(self, agent: AgentMemory, now: Instant) -> None:
        """When the break that he has is to be told of (`changed_agent` follows)."""
        settings = self.tables.agent_settings.get(agent.agent)
        left = breaks.left(agent, settings, self.tables.utc(now))
        agent.break_due = None if left is None else Instant(now + max(0.0, left))

    def tell_break(self, agent: AgentMemory, now: Instant) -> None:
        """The time has come: say so, unless older breaks have passed out of the shift since."""
        settings, utc = self.tables.agent_settings.get(agent.agent), self.tables.utc(now)
        reason, left = breaks.open_reason(agent), breaks.left(agent, settings, utc)
        if settings is None or reason is None or left is None or left > 0.5:
            self.set_break_timer(agent, now)
            return
        agent.break_due = None
        self.out.append(
            BreakOver(
                agent=agent.agent,
                reason=reason,
                budget=Seconds(settings.break_minutes[reason] * 60),
                used=breaks.used(agent, reason, utc),
            )
        )

    def _moved(self, agent: AgentMemory, state: AgentState, reason: str) -> AgentMoved:
        call = agent.call
        if state is AgentState.BUSY and agent.extension is not None:
            calls = self.tables.phone(agent.extension).calls
            call = next((call for call, is_service in calls.items() if not is_service), None)
        return AgentMoved(
            agent=agent.agent,
            state=state,
            extension=agent.extension,
            reason=reason,
            queue=agent.queue if state in QUEUE_STATES else None,
            call=call,
        )

    def release(self, agent: AgentMemory) -> None:
        """He has neither offer nor talk any more (tell follows)."""
        agent.visit = agent.call = None
        agent.has_answered = agent.is_holding = False
        agent.talk_began_at = None
        if agent.wrap_up_until is None:
            agent.queue = agent.offered_at = None

    def sign_out(self, agent: AgentMemory, now: Instant, why: str) -> None:
        """Signed out; a ringing offer goes elsewhere, a talk is finished."""
        agent.is_signed_in = agent.is_ready = False
        agent.wrap_up_until = agent.rest_until = None
        agent.paused = {}
        self.drop_ringing(agent, now, MissReason.REJECTED, why)
        self.tell(agent, now, why)

    def start_wrap_up(self, agent: AgentMemory, now: Instant) -> None:
        """The talk is over (tell follows)."""
        queue = None if agent.queue is None else self.tables.queue_settings.get(agent.queue)
        agent.idle_since = now
        if agent.queue is not None and agent.talk_began_at is not None:
            before = agent.seconds_talked.get(agent.queue, Seconds(0.0))
            talk = max(0.0, now - agent.talk_began_at)
            agent.seconds_talked[agent.queue] = Seconds(before + talk)
        if agent.is_signed_in and queue is not None and queue.wrap_up_seconds > 0:
            agent.wrap_up_until = Instant(now + queue.wrap_up_seconds)
        else:
            self._note_handled(agent, now)
        self.release(agent)

    def end_wrap_up(self, agent: AgentMemory, now: Instant) -> None:
        """The wrap-up is over (tell follows). He counts as idle since his talk, as before."""
        if agent.wrap_up_until is not None:
            self._note_handled(agent, now)
        agent.wrap_up_until = None
        if agent.call is None:
            agent.queue = None

    def _note_handled(self, agent: AgentMemory, now: Instant) -> None:
        """How long his last call took him, for what callers may expect."""
        if agent.queue is not None and agent.offered_at is not None:
            self.tables.note_handled(agent.queue, Seconds(max(0.0, now - agent.offered_at)))
        agent.offered_at = None

    # --- offers ---
    def offer(self, visit: VisitMemory, agent: AgentMemory, now: Instant) -> None:
        """Ring him; where others ring for this caller already, as long as they do."""
        queue = self.tables.queue_settings[visit.queue]
        if agent.extension is None:
            return
        if visit.agent is None or visit.ring_until is None:
            visit.agent, visit.beside, visit.has_rung = agent.agent, [], False
            visit.ring_until = Instant(now + queue.ring_seconds)
        else:
            visit.beside = [*visit.beside, agent.agent]
        agent.visit, agent.call, agent.queue = visit.visit, visit.call, visit.queue
        agent.has_answered = agent.is_holding = False
        agent.offered_at = now
        memory = self.tables.rounds.setdefault(queue.id, QueueMemory(queue=queue.id))
        memory.last_offered = agent.agent
        self.tables.changed_round(memory)
        self.tables.changed_visit(visit)
        # told first: carrying out the offer may fail at once and move him on
        self.tell(agent, now, "offer")
        self.out.append(
            OfferToAgent(
                visit=visit.visit,
                call=visit.call,
                queue=visit.queue,
                agent=agent.agent,
                extension=agent.extension,
                ring_for=Seconds(visit.ring_until - now),
            )
        )

    def miss(
        self,
        visit: VisitMemory,
        agent: AgentMemory,
        reason: MissReason,
        now: Instant,
        why: str = "",
    ) -> None:
        """The offer failed at the agent's side: he comes last, the caller keeps his place."""
        queue = self.tables.queue_settings.get(visit.queue)
        visit.misses[agent.agent] = visit.misses.get(agent.agent, 0) + 1
        agent.idle_since = now
        agent.rest_until = Instant(now + REST_SECONDS)
        self._count_miss(agent, queue, reason)
        if reason in (MissReason.REJECTED, MissReason.BUSY) and queue is not None:
            agent.paused[queue.id] = Instant(now + queue.reject_pause_seconds)
        if reason is MissReason.UNREACHABLE and agent.extension is not None:
            phone = self.tables.phone(agent.extension)
            phone.doubted_until = Instant(now + DOUBT_SECONDS)
            self.tables.changed_phone(phone)
        self.stop_for(visit, agent)
        self.release(agent)
        self.tell(agent, now, why or str(reason))
        for other in self.tables.agents.values():
            # who signed in at that phone while this one's call was still on it
            if other is not agent and other.extension == agent.extension:
                self.tell(other, now, "phone")

    def _count_miss(self, agent: AgentMemory, queue: Queue | None, reason: MissReason) -> None:
        """Whoever lets call after call ring is not there. He may not have heard it over the others
        where a queue rings everybody: there it says nothing."""
        if reason is not MissReason.NO_ANSWER or queue is None:
            return
        if strategy_of(queue.strategy).rings_all:
            return
        agent.missed_in_row += 1
        if 0 < queue.miss_limit <= agent.missed_in_row and agent.is_ready:
            agent.is_ready, agent.pause_reason = False, MISSED

    def withdraw(
        self, visit: VisitMemory, agent: AgentMemory, reason: MissReason, now: Instant
    ) -> None:
        """Stop ringing him through no fault of his."""
        self.say_withdraw(visit, agent, reason)
        self.stop_for(visit, agent)
        self.release(agent)
        self.tell(agent, now, str(reason))

    def say_withdraw(self, visit: VisitMemory, agent: AgentMemory, reason: MissReason) -> None:
        """Only the command; the tables are changed by who calls this."""
        if agent.extension is not None:
            self.out.append(
                WithdrawOffer(
                    visit=visit.visit,
                    call=visit.call,
                    queue=visit.queue,
                    agent=agent.agent,
                    extension=agent.extension,
                    reason=reason,
                )
            )

    def drop_ringing(
        self, agent: AgentMemory, now: Instant, reason: MissReason, why: str = ""
    ) -> None:
        """He cannot or will not take what rings now: it counts as his miss."""
        visit = None if agent.visit is None else self.tables.visits.get(agent.visit)
        if visit is not None and not agent.has_answered:
            self.say_withdraw(visit, agent, reason)
            self.miss(visit, agent, reason, now, why)

    def answer(self, visit: VisitMemory, agent: AgentMemory, now: Instant) -> None:
        """He picked up; no limit and no announcement touches the caller any more, and whoever
        else is rung for him is left in peace."""
        for name in visit.rung:
            other = self.tables.agents.get(name)
            if other is not None and other is not agent and other.visit == visit.visit:
                self.withdraw(visit, other, MissReason.ANSWERED_ELSEWHERE, now)
        visit.agent, visit.beside = agent.agent, []
        self.tables.drop_from_line(visit)
        visit.is_answered, visit.ring_until = True, None
        agent.has_answered, agent.rest_until = True, None
        agent.missed_in_row = 0
        self.tables.changed_visit(visit)
        self.tell(agent, now, "answered")

    def stop_for(self, visit: VisitMemory, agent: AgentMemory) -> None:
        """He is rung for this caller no more; with the last one gone the caller waits again."""
        others = [name for name in visit.rung if name != agent.agent]
        if visit.is_answered or not others:
            self.wait_again(visit)
            return
        visit.agent, visit.beside = others[0], others[1:]
        self.tables.changed_visit(visit)

    def wait_again(self, visit: VisitMemory) -> None:
        """Nobody is rung for him any more; he keeps the place his entry gave him."""
        if visit.is_answered:
            visit.is_answered = False
            self.tables.line_up(visit)
        visit.agent = visit.ring_until = None
        visit.beside = []
        self.tables.changed_visit(visit)

    # --- visits ---
    def end_visit(self, visit: VisitMemory, now: Instant, reason: MissReason) -> None:
        """The caller waits no more; who is rung for him is left in peace."""
        for name in visit.rung:
            agent = self.tables.agents.get(name)
            if agent is not None and agent.visit == visit.visit:
                self.withdraw(visit, agent, reason, now)
        if not visit.is_answered and not visit.is_absent:
            self.tables.note_outcome(visit.queue, is_served=False)
        self.tables.forget_visit(visit)

    def overflow(self, visit: VisitMemory, reason: OverflowReason, now: Instant) -> None:
        """The caller leaves the queue by a limit."""
        queue = self.tables.queue_settings.get(visit.queue)
        self.end_visit(visit, now, MissReason.OVERFLOW)
        self.say_overflow(visit, queue, reason, now)

    def say_overflow(
        self, visit: VisitMemory, queue: Queue | None, reason: OverflowReason, now: Instant
    ) -> None:
        """Only the command."""
        self.out.append(
            OverflowVisit(
                visit=visit.visit,
                call=visit.call,
                queue=visit.queue,
                reason=reason,
                overflow=Overflow() if queue is None else _way_out(queue, reason),
                waited=Seconds(max(0.0, now - visit.entered_at)),
            )
        )

    def announce(self, visit: VisitMemory, queue: Queue, now: Instant) -> None:
        """Tell him his position, and when again."""
        position = self.tables.position(visit)
        visit.tell_at = None
        is_told = queue.announce_position_seconds > 0 and not visit.is_absent
        if is_told and position is not None:
            visit.tell_at = Instant(now + queue.announce_position_seconds)
            wait = expected_wait(self.tables, visit, now) if queue.announce_wait else None
            self.out.append(
                TellPosition(visit=visit.visit, call=visit.call, position=position, wait=wait)
            )
        self.tables.changed_visit(visit)


def _way_out(queue: Queue, reason: OverflowReason) -> Overflow:
    """Where a caller goes who leaves this queue for this reason."""
    own = {
        OverflowReason.FULL: queue.overflow_full,
        OverflowReason.NO_AGENT: queue.overflow_no_agent,
    }.get(reason)
    return queue.overflow if own is None else own
