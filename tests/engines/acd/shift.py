"""A whole shift of a floor in virtual time: callers come, agents answer and talk, seeded.

Whoever is rung answers after `answer_after` seconds, but those who `let_ring`. Every call is kept
with who served it and how long it waited.
"""

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.engines.acd.commands import AcdCommand, OfferToAgent, OverflowVisit, WithdrawOffer
from appliance.engines.acd.floor import Floor
from appliance.engines.acd.priority import priority_of
from appliance.vocabulary.ids import AgentId, CallId, Instant, QueueId, Seconds, VisitId
from appliance.vocabulary.settings import Queue, Site

Arrival = tuple[float, str, str]
"""When, to which queue, from which number."""


@dataclass
class Served:
    """One call of the shift."""

    visit: VisitId
    queue: str
    caller: str
    came: float
    agent: str = ""
    began: float | None = None
    rung: list[str] = field(default_factory=list)
    """Everybody who was rung for it."""
    overflow: str = ""
    has_left: bool = False
    talk: float = 0.0

    @property
    def wait(self) -> float:
        assert self.began is not None
        return self.began - self.came


def steady(
    seed: int, calls: int, gap: float, to: str = "sales", numbers: int = 50
) -> list[Arrival]:
    """Callers at random, `gap` seconds apart on average, from so many numbers."""
    source = random.Random(seed)
    now, found = 0.0, []
    for _ in range(calls):
        now += source.expovariate(1 / gap)
        found.append((now, to, f"1380000{source.randrange(numbers):04d}"))
    return found


class Shift:
    """Plays a shift; `calls` and `split()` tell what came of it."""

    def __init__(
        self,
        site: Site,
        arrivals: list[Arrival],
        *,
        seed: int = 1,
        handle: Callable[[random.Random, str], float] = lambda source, _: source.uniform(30, 90),
        answer_after: float = 2.0,
        kill_every: int = 0,
        patience: float | None = None,
    ) -> None:
        self.site, self.floor, self.now = site, Floor(), Instant(0.0)
        self.queues: dict[str, Queue] = {one.id: one for one in site.queue}
        self.source, self.handle, self.answer_after = random.Random(seed), handle, answer_after
        self.calls: dict[str, Served] = {}
        self.let_ring: set[str] = set()
        self.slots: dict[str, bytes] = {}
        self.kill_every, self.patience = kill_every, patience
        self.log: list[tuple[float, AcdCommand]] = []
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], list[AcdCommand]]]] = []
        self.floor.clock_set(Seconds(1_800_000_000.0))
        self.take(self.floor.configure(site, self.now))
        for agent in site.agent:
            if agent.extension is not None:
                self.take(self.floor.phone_reachable(agent.extension, True, self.now))
        for number, (at, queue, caller) in enumerate(arrivals):
            self.later(at, lambda n=number, q=queue, c=caller: self._join(n, q, c))

    def later(self, at: float, act: Callable[[], list[AcdCommand]]) -> None:
        """Something happens at `at`."""
        heapq.heappush(self._due, (at, next(self._order), act))

    def run(self, until: float = float("inf")) -> "Shift":
        """Let all of it happen."""
        count = 0
        while True:
            woken = self.floor.wake_at()
            at = min(self._due[0][0] if self._due else until, until if woken is None else woken)
            if at >= until or not (self._due or woken):
                return self
            self.now = Instant(max(self.now, at))
            if self._due and self._due[0][0] <= self.now:
                self.take(heapq.heappop(self._due)[2]())
            else:
                self.take(self.floor.wake(self.now))
            count += 1
            if self.kill_every and count % self.kill_every == 0:
                self._kill()

    def _join(self, number: int, queue: str, caller: str) -> list[AcdCommand]:
        visit = VisitId(f"v{number}-{self.source.random()}")
        self.calls[visit] = Served(visit, queue, caller, self.now)
        if self.patience is not None:
            gives_up = self.now + self.source.expovariate(1 / self.patience)
            self.later(gives_up, lambda: self._leave(visit))
        return self.floor.join(
            visit=visit,
            call=CallId(f"call-{visit}"),
            queue=QueueId(queue),
            caller=caller,
            now=self.now,
            credit=priority_of(self.queues[queue], caller),
        )

    def _leave(self, visit: VisitId) -> list[AcdCommand]:
        served = self.calls[visit]
        if served.began is not None or served.overflow:
            return []
        served.has_left = True
        return self.floor.leave(visit, self.now)

    def take(self, commands: list[AcdCommand]) -> None:
        for command in commands:
            self.log.append((self.now, command))
            match command:
                case OfferToAgent(visit=visit, agent=agent):
                    self.calls[visit].rung.append(agent)
                    if agent not in self.let_ring:
                        slower = self.answer_after + self.source.random()
                        self.later(self.now + slower, lambda v=visit, a=agent: self._answer(v, a))
                case OverflowVisit(visit=visit, reason=reason):
                    self.calls[visit].overflow = str(reason)
                case WithdrawOffer():
                    pass

    def _answer(self, visit: VisitId, agent: AgentId) -> list[AcdCommand]:
        served = self.calls[visit]
        view = self.floor.agent(agent)
        if (
            served.began is not None
            or served.has_left
            or view is None
            or view.call != f"call-{visit}"
        ):
            return []
        served.agent, served.began = agent, self.now
        commands = self.floor.offer_answered(visit, agent, self.now)
        commands += self.floor.talk_started(visit, agent, self.now)
        served.talk = self.handle(self.source, agent)
        self.later(self.now + served.talk, lambda: self.floor.talk_ended(agent, self.now))
        return commands

    def _kill(self) -> None:
        """kill -9: a new floor has the slots and the site, and nothing else."""
        for name in self.floor.take_touched():
            content = self.floor.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content
        self.floor = Floor()
        for name, content in self.slots.items():
            self.floor.restore(name, content, self.now)
        self.floor.clock_set(Seconds(1_800_000_000.0))
        assert self.floor.configure(self.site, self.now) == []

    # --- what came of it ---
    def split(self, *, of: Callable[[Served], bool] = lambda served: True) -> Counter[str]:
        """Calls by agent."""
        return Counter(one.agent for one in self.calls.values() if one.agent and of(one))

    def share(self, agent: str, *, of: Callable[[Served], bool] = lambda served: True) -> float:
        """An agent's share of all calls that were served."""
        found = self.split(of=of)
        return found[agent] / found.total()
