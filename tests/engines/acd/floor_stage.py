"""A stage for stories about the floor: a real Floor, a clock that is a number, a memory."""

from appliance.engines.acd.commands import (
    AcdCommand,
    AgentMoved,
    OfferToAgent,
    OverflowVisit,
    TellPosition,
    WithdrawOffer,
)
from appliance.engines.acd.floor import Floor
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant, QueueId, VisitId
from appliance.vocabulary.journal import AgentState, MissReason
from appliance.vocabulary.settings import Agent, Queue, Site


def queue(key: str, agents: str, **settings: object) -> Queue:
    """A queue whose agents are the letters of `agents`."""
    return Queue(id=QueueId(key), agents=tuple(map(AgentId, agents)), **settings)


def site(
    agents: str, queues: list[Queue] | None = None, signed_in: bool = True, **settings: object
) -> Site:
    """Agents a, b, … at phones "8a", "8b", …; one queue "sales" unless told otherwise."""
    return Site(
        agent=tuple(
            Agent(id=AgentId(name), extension=phone(name), signed_in=signed_in) for name in agents
        ),
        queue=tuple(queues or [queue("sales", agents, **settings)]),
    )


def phone(agent: str) -> ExtensionNumber:
    """The extension of an agent of these stories."""
    return ExtensionNumber(f"8{agent}")


class Stage:
    """Plays a story: `stage.at(30).join("v1")`. Every step asks the floor for faults."""

    def __init__(self, settings: Site, ready: str | None = None) -> None:
        self.floor = Floor()
        self.site = settings
        self.now = Instant(0.0)
        self.log: list[tuple[Instant, AcdCommand]] = []
        self.do(self.floor.configure(settings, self.now))
        for agent in settings.agent:
            if agent.extension is not None:
                self.do(self.floor.phone_reachable(agent.extension, True, self.now))
            if ready is not None and agent.id not in ready:
                self.do(self.floor.not_ready(agent.id, "1", self.now))

    def do(self, commands: list[AcdCommand]) -> list[AcdCommand]:
        """Note what a door answered."""
        self.log += [(self.now, command) for command in commands]
        assert self.floor.faults(self.now) == []
        return commands

    def at(self, now: float) -> "Stage":
        """It is `now`; what was due before was done when it was due."""
        self.wake_until(now)
        return self

    def wake_until(self, now: float) -> None:
        """Let time pass."""
        while (due := self.floor.wake_at()) is not None and due <= now:
            self.now = max(due, self.now)
            self.do(self.floor.wake(self.now))
        self.now = Instant(now)

    # --- what happens ---
    def join(self, visit: str, to: str = "sales", credit: float = 0.0) -> dict[str, str]:
        commands = self.floor.join(
            visit=VisitId(visit),
            call=CallId(f"call-{visit}"),
            queue=QueueId(to),
            caller="13800001111",
            now=self.now,
            credit=credit,
        )
        self.do(commands)
        return {c.agent: c.visit for c in commands if isinstance(c, OfferToAgent)}

    def leave(self, visit: str) -> None:
        self.do(self.floor.leave(VisitId(visit), self.now))

    def missed(self, visit: str, agent: str, reason: MissReason) -> None:
        self.do(self.floor.offer_missed(VisitId(visit), AgentId(agent), reason, self.now))

    def answered(self, visit: str, agent: str) -> None:
        self.do(self.floor.offer_answered(VisitId(visit), AgentId(agent), self.now))

    def started(self, visit: str, agent: str) -> None:
        self.do(self.floor.talk_started(VisitId(visit), AgentId(agent), self.now))

    def serve(self, visit: str, agent: str, talk: float, at: float) -> None:
        """A whole call of this agent."""
        self.at(at).join(visit)
        assert self.ringing_agent(visit) == agent
        self.answered(visit, agent)
        self.started(visit, agent)
        self.at(at + talk).do(self.floor.talk_ended(AgentId(agent), self.now))

    def serve_any(self, visit: str, at: float) -> str:
        """A whole call of whoever is rung."""
        self.at(at).join(visit)
        agent = self.ringing_agent(visit)
        self.answered(visit, agent)
        self.started(visit, agent)
        self.at(at + 5).do(self.floor.talk_ended(AgentId(agent), self.now))
        return agent

    # --- what is seen ---
    def state(self, agent: str) -> AgentState:
        view = self.floor.agent(AgentId(agent))
        assert view is not None
        return view.state

    def ringing(self) -> dict[str, str]:
        """Which agent rings for which visit."""
        return {
            waiting.offered_to: waiting.visit
            for view in self.floor.queues(self.now)
            for waiting in self.floor.waiting(view.queue)
            if waiting.offered_to is not None
        }

    def ringing_agent(self, visit: str) -> str:
        return next((agent for agent, name in self.ringing().items() if name == visit), "")

    def withdrawn(self) -> list[tuple[str, str, MissReason]]:
        return [(c.visit, c.agent, c.reason) for _, c in self.log if isinstance(c, WithdrawOffer)]

    def overflown(self) -> list[OverflowVisit]:
        return [c for _, c in self.log if isinstance(c, OverflowVisit)]

    def told(self) -> list[tuple[float, str, int]]:
        return [(at, c.visit, c.position) for at, c in self.log if isinstance(c, TellPosition)]

    def moved(self, agent: str) -> list[tuple[float, str, str]]:
        return [
            (at, str(c.state), c.reason)
            for at, c in self.log
            if isinstance(c, AgentMoved) and c.agent == agent
        ]
