"""Ten thousand random steps: nobody is stuck, nobody is offered twice, nobody jumps the queue.

The world below keeps its own books from the commands alone and compares them with the floor
after every step. Every now and then the floor is killed and comes back from its slots.
"""

import random

import pytest
from floor_stage import phone, queue

from appliance.engines.acd.commands import (
    AcdCommand,
    AgentMoved,
    OfferToAgent,
    OverflowVisit,
    TellPosition,
    WithdrawOffer,
)
from appliance.engines.acd.floor import Floor
from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.vocabulary.ids import AgentId, CallId, Instant, QueueId, VisitId
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Agent, Queue, Site

AGENTS = [AgentId(name) for name in "abcde"]
QUEUES = {"sales": "abc", "repair": "bcd", "vip": "e", "all": "edcba"}
MISSES = [MissReason.REJECTED, MissReason.NO_ANSWER, MissReason.BUSY, MissReason.UNREACHABLE]


def a_site(source: random.Random) -> Site:
    """One of many sites with the same ids: other agents in a queue, other limits."""
    queues: list[Queue] = []
    for name, agents in QUEUES.items():
        some = "".join(agent for agent in agents if source.random() < 0.9)
        queues.append(
            queue(
                name,
                some,
                strategy=source.choice(STRATEGY_KEYS),
                weight=source.choice([1.0, 1.0, 3.0]),
                penalties={AgentId("b"): source.choice([0, 2])},
                skills=source.choice([{}, {}, {"polish": 2}]),
                relax_after_seconds=source.choice([10, 25]),
                ring_seconds=source.choice([5, 20]),
                wrap_up_seconds=source.choice([0, 15]),
                max_wait_seconds=source.choice([60, 300]),
                max_waiting=source.choice([3, 100]),
                announce_position_seconds=source.choice([0, 30]),
            )
        )
    agents = [name for name in AGENTS if source.random() < 0.95]
    return Site(
        agent=tuple(
            Agent(
                id=name,
                extension=phone(name),
                signed_in=True,
                skills={"polish": source.randrange(4)},
            )
            for name in agents
        ),
        queue=tuple(queues),
    )


class World:
    """Callers, agents and phones who do what they like."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.now = Instant(0.0)
        self.site = a_site(self.source)
        self.former: tuple[Queue, ...] = ()
        self.floor = Floor()
        self.slots: dict[str, bytes] = {}
        self.ranks: dict[VisitId, tuple[float, int]] = {}
        self.queue_of: dict[VisitId, QueueId] = {}
        self.waiting: set[VisitId] = set()
        self.offers: dict[VisitId, list[AgentId]] = {}
        self.picked_up: dict[VisitId, AgentId] = {}
        self.talks: set[AgentId] = set()
        self.own_calls: set[tuple[AgentId, CallId]] = set()
        self.state: dict[AgentId, AgentState] = {}
        self.ends: dict[VisitId, str] = {}
        self.count = 0
        self.take(self.floor.configure(self.site, self.now))
        for agent in AGENTS:
            self.take(self.floor.phone_reachable(phone(agent), True, self.now))

    # --- books ---
    def take(self, commands: list[AcdCommand]) -> None:
        for command in commands:
            match command:
                case OfferToAgent():
                    self._take_offer(command)
                case WithdrawOffer(visit=visit, agent=agent):
                    is_picked_up = self.picked_up.get(visit) == agent
                    assert is_picked_up or agent in self.offers.get(visit, [])
                    self._drop(visit, agent)
                    if is_picked_up:
                        del self.picked_up[visit]
                case OverflowVisit(visit=visit):
                    self._end(visit, "overflow")
                case TellPosition(visit=visit, position=position):
                    assert visit in self.waiting and position >= 1
                case AgentMoved(agent=agent, state=state):
                    self.state[agent] = state
        assert self.floor.faults(self.now) == []
        self._compare()

    def _take_offer(self, offer: OfferToAgent) -> None:
        assert offer.visit in self.waiting
        assert offer.visit not in self.offers or self.ring_all, "offered to one at a time"
        assert offer.agent not in [*self._rung(), *self.picked_up.values(), *self.talks]
        older = [
            visit
            for visit in self.waiting - self.offers.keys() - self.picked_up.keys()
            if self.queue_of[visit] == offer.queue and self.ranks[visit] < self.ranks[offer.visit]
        ]
        assert older == [], "whoever came first is offered first"
        self.offers.setdefault(offer.visit, []).append(offer.agent)

    def _rung(self) -> list[AgentId]:
        return [agent for agents in self.offers.values() for agent in agents]

    def _drop(self, visit: VisitId, agent: AgentId) -> None:
        """The phone rings no more."""
        rest = [one for one in self.offers.pop(visit, []) if one != agent]
        if rest:
            self.offers[visit] = rest

    @property
    def ring_all(self) -> bool:
        """Some queue rings everybody, or did when its phones began to ring."""
        return any(one.strategy == "ring-all" for one in (*self.site.queue, *self.former))

    def _end(self, visit: VisitId, how: str) -> None:
        assert visit not in self.ends, "a visit ends once"
        assert visit not in self.offers and visit not in self.picked_up
        self.waiting.discard(visit)
        self.ends[visit] = how

    def _compare(self) -> None:
        for view in self.floor.agents():
            assert view.state is self.state.get(view.agent, AgentState.SIGNED_OUT)
        for settings in self.site.queue:
            mine = sorted(
                (v for v in self.waiting if self.queue_of[v] == settings.id),
                key=lambda visit: self.ranks[visit],
            )
            theirs = [v for v in self.floor.positions(settings.id)]
            assert theirs == [v for v in mine if v not in self.picked_up]

    # --- steps ---
    def step(self) -> None:
        steps = [self.pass_time] * 3 + [self.join] * 3 + [self.answer] * 4 + [self.start_talk] * 4
        steps += [self.end_talk] * 4 + [self.leave, self.miss, self.ring, self.presence]
        steps += [self.phones, self.own_call, self.late]
        if self.count % 97 == 0:
            steps = [self.reconfigure]
        if self.count % 61 == 0:
            steps = [self.kill]
        self.count += 1
        self.source.choice(steps)()
        self._keep()

    def _keep(self) -> None:
        for name in self.floor.take_touched():
            content = self.floor.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content

    def pass_time(self, seconds: float | None = None) -> None:
        end = Instant(self.now + (seconds or self.source.choice([0.5, 2, 7, 31])))
        while (due := self.floor.wake_at()) is not None and due <= end:
            assert due >= self.now or due == self.now
            self.now = max(due, self.now)
            self.take(self.floor.wake(self.now))
        self.now = end

    def join(self) -> None:
        visit = VisitId(f"v{self.count}")
        credit = self.source.choice([0.0, 0.0, 0.0, 20.0])
        self.ranks[visit] = (self.now - credit, self.count)
        self.queue_of[visit] = self.source.choice([queue.id for queue in self.site.queue])
        self.waiting.add(visit)
        commands = self.floor.join(
            visit=visit,
            call=CallId(f"call-{visit}"),
            queue=self.queue_of[visit],
            caller="",
            now=self.now,
            credit=credit,
        )
        self.take(commands)

    def leave(self) -> None:
        if self.waiting:
            visit = self.source.choice(sorted(self.waiting))
            commands = self.floor.leave(visit, self.now)
            held = [c for c in commands if isinstance(c, WithdrawOffer)]
            assert len(held) == len(self.offers.get(visit, [])) + (visit in self.picked_up)
            for command in held:
                self.offers.pop(command.visit, None)
                self.picked_up.pop(command.visit, None)
            self._end(visit, "left")
            self.take([c for c in commands if not isinstance(c, WithdrawOffer)])

    def ring(self) -> None:
        for visit, agents in list(self.offers.items())[:1]:
            for agent in agents:
                self.take(self.floor.offer_ringing(visit, agent, self.now))

    def answer(self) -> None:
        for visit, agents in list(self.offers.items())[:1]:
            agent = self.source.choice(agents)
            self._drop(visit, agent)
            self.picked_up[visit] = agent
            self.take(self.floor.offer_answered(visit, agent, self.now))

    def start_talk(self) -> None:
        for visit, agent in list(self.picked_up.items())[:1]:
            del self.picked_up[visit]
            self.talks.add(agent)
            self._end(visit, "answered")
            self.take(self.floor.talk_started(visit, agent, self.now))

    def end_talk(self) -> None:
        if self.talks:
            agent = self.source.choice(sorted(self.talks))
            self.talks.discard(agent)
            self.take(self.floor.talk_ended(agent, self.now))

    def miss(self) -> None:
        held = {**self.offers, **{visit: [agent] for visit, agent in self.picked_up.items()}}
        if held:
            visit = self.source.choice(sorted(held))
            agent = self.source.choice(held[visit])
            self._drop(visit, agent)
            self.picked_up.pop(visit, None)
            reason = self.source.choice(MISSES)
            self.take(self.floor.offer_missed(visit, agent, reason, self.now))

    def late(self) -> None:
        """News of offers that are no more."""
        for visit in list(self.ends)[-2:]:
            for agent in AGENTS:
                assert self.floor.offer_answered(visit, agent, self.now) == []
                assert self.floor.offer_missed(visit, agent, MISSES[0], self.now) == []
                assert self.floor.talk_started(visit, agent, self.now) == []

    def presence(self) -> None:
        agent = self.source.choice([entry.id for entry in self.site.agent] or AGENTS)
        match self.source.randrange(5):
            case 0 if self.site.agent:
                where = phone(self.source.choice([agent, agent, AGENTS[0]]))
                self.take(self.floor.sign_in(agent, where, self.now))
            case 1:
                self.take(self.floor.sign_out(agent, self.now))
            case 2:
                self.take(self.floor.not_ready(agent, "1", self.now))
            case 3:
                self.take(self.floor.ready(agent, self.now))
            case _:
                self.take(self.floor.end_wrap_up(agent, self.now))

    def phones(self) -> None:
        is_up = self.source.random() < 0.8
        extension = phone(self.source.choice(AGENTS))
        self.take(self.floor.phone_reachable(extension, is_up, self.now))

    def own_call(self) -> None:
        if self.own_calls and self.source.random() < 0.6:
            agent, call = self.source.choice(sorted(self.own_calls))
            self.own_calls.discard((agent, call))
            self.take(self.floor.phone_free(phone(agent), call, self.now))
        else:
            agent, call = self.source.choice(AGENTS), CallId(f"own-{self.count}")
            self.own_calls.add((agent, call))
            is_service = self.source.random() < 0.5
            self.take(self.floor.phone_busy(phone(agent), call, self.now, is_service))

    def reconfigure(self) -> None:
        self.former = self.site.queue
        self.site = a_site(self.source)
        self.take(self.floor.configure(self.site, self.now))

    def kill(self) -> None:
        self._keep()
        before = (self.floor.agents(), self.floor.queues(self.now), self.floor.wake_at())
        self.floor = Floor()
        for name, content in self.slots.items():
            self.floor.restore(name, content, self.now)
        assert self.floor.configure(self.site, self.now) == []
        after = (self.floor.agents(), self.floor.queues(self.now), self.floor.wake_at())
        assert after == before

    def settle_down(self) -> None:
        """Everybody comes to work and does his work; then nobody may be left."""
        for agent, call in sorted(self.own_calls):
            self.take(self.floor.phone_free(phone(agent), call, self.now))
        for agent in AGENTS:
            self.take(self.floor.phone_reachable(phone(agent), True, self.now))
        for entry in self.site.agent:
            self.take(self.floor.sign_in(entry.id, phone(entry.id), self.now))
        for _ in range(2000):
            if not (self.waiting or self.picked_up or self.talks):
                break
            self.answer()
            self.start_talk()
            self.end_talk()
            self.pass_time(1.0)
        self.pass_time(20.0)


@pytest.mark.parametrize("seed", [*range(5), 20])  # 20: two agents at one phone
def test_ten_thousand_steps_of_a_floor(seed: int) -> None:
    world = World(seed)
    for _ in range(2000):
        world.step()
    world.settle_down()
    assert (world.waiting, world.offers, world.picked_up, world.talks) == (set(), {}, {}, set())
    assert set(world.ends) == set(world.ranks), "every caller came to one end"
    assert {"answered", "overflow", "left"} <= set(world.ends.values())
    at_work = [world.floor.agent(entry.id) for entry in world.site.agent]
    assert {view.state for view in at_work if view is not None} == {AgentState.READY}
