"""The floor: agents and queues as one machine that decides who is offered which caller."""

from collections.abc import Collection

from appliance.engines.acd.commands import AcdCommand
from appliance.engines.acd.views import AgentView, QueueView, WaitingView
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, Instant, QueueId, VisitId
from appliance.vocabulary.journal import MissReason
from appliance.vocabulary.settings import Site


class Floor:
    """Every door takes `now` last and returns commands in order. Late or unknown ids: [] ."""

    # --- the site ---
    def configure(self, site: Site, now: Instant) -> list[AcdCommand]:
        """Take a site. Waiting callers keep their places; nobody known is signed in or out."""
        raise NotImplementedError

    def box_restarted(self, now: Instant) -> list[AcdCommand]:
        """Every leg is gone, clocks began anew: forget visits and talks, keep who is signed in."""
        raise NotImplementedError

    def reconcile(self, calls: Collection[CallId], now: Instant) -> list[AcdCommand]:
        """Drop all that hangs on calls which are not in `calls` (the live ones). Heals, tells."""
        raise NotImplementedError

    # --- callers ---
    def join(
        self,
        *,
        visit: VisitId,
        call: CallId,
        queue: QueueId,
        caller: str,
        now: Instant,
        credit: float = 0.0,
    ) -> list[AcdCommand]:
        """A caller enters a queue; `credit` seconds count as waited. IllegalMove when he is in."""
        raise NotImplementedError

    def leave(
        self, visit: VisitId, now: Instant, reason: MissReason = MissReason.CALLER_GONE
    ) -> list[AcdCommand]:
        """The caller is gone (or goes elsewhere); a ringing agent is withdrawn with `reason`."""
        raise NotImplementedError

    # --- agents ---
    def sign_in(
        self, agent: AgentId, extension: ExtensionNumber, now: Instant, is_ready: bool = True
    ) -> list[AcdCommand]:
        """Sign in at a phone; whoever was signed in at it is signed out."""
        raise NotImplementedError

    def sign_out(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Sign out; a talk is finished first."""
        raise NotImplementedError

    def ready(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Ready from now on (ends not-ready and wrap-up)."""
        raise NotImplementedError

    def not_ready(self, agent: AgentId, reason: str, now: Instant) -> list[AcdCommand]:
        """Not ready, at once or after the talk."""
        raise NotImplementedError

    def end_wrap_up(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """End the wrap-up early; nothing when there is none (see agent(id).state before)."""
        raise NotImplementedError

    def hold(self, agent: AgentId, is_held: bool, now: Instant) -> list[AcdCommand]:
        """The agent put his caller on hold, or took him back."""
        raise NotImplementedError

    # --- phones ---
    def phone_reachable(
        self, extension: ExtensionNumber, is_reachable: bool, now: Instant
    ) -> list[AcdCommand]:
        """A phone registered (tell each refresh too) or is gone."""
        raise NotImplementedError

    def phone_busy(
        self, extension: ExtensionNumber, call: CallId, now: Instant, is_service: bool = False
    ) -> list[AcdCommand]:
        """The phone is in a call that no queue gave it; nothing is offered meanwhile.

        `is_service`: a feature code (*80…): nothing offered either, but the agent is not BUSY.
        """
        raise NotImplementedError

    def phone_free(
        self, extension: ExtensionNumber, call: CallId, now: Instant
    ) -> list[AcdCommand]:
        """That call is over at this phone."""
        raise NotImplementedError

    # --- offers ---
    def offer_ringing(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """The phone itself rings: ring_seconds count from here."""
        raise NotImplementedError

    def offer_missed(
        self, visit: VisitId, agent: AgentId, reason: MissReason, now: Instant
    ) -> list[AcdCommand]:
        """The offer came to nothing at the agent's side: next agent, place kept."""
        raise NotImplementedError

    def offer_answered(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """The agent picked up: TALKING; the visit waits on for the bridge."""
        raise NotImplementedError

    def talk_started(self, visit: VisitId, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """Bridged: the visit is over, answered."""
        raise NotImplementedError

    def talk_ended(self, agent: AgentId, now: Instant) -> list[AcdCommand]:
        """The talk is over: wrap-up, then ready (or what he asked for meanwhile)."""
        raise NotImplementedError

    # --- time ---
    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        raise NotImplementedError

    def wake(self, now: Instant) -> list[AcdCommand]:
        """Do what is due: wrap-ups, ring times, wait limits, announcements, pauses."""
        raise NotImplementedError

    # --- slots (restore all, then configure, then wake) ---
    @staticmethod
    def owns(name: str) -> bool:
        """Whether a slot of this name is the floor's: "agent:", "visit:", "phone:", "queue:"."""
        raise NotImplementedError

    def take_touched(self) -> set[str]:
        """Names of the slots changed since the last call."""
        raise NotImplementedError

    def slot(self, name: str) -> bytes | None:
        """A slot's content, None when it is no more."""
        raise NotImplementedError

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back after a restart."""
        raise NotImplementedError

    # --- views ---
    def position(self, visit: VisitId) -> int | None:
        """1: next; None: not waiting (gone, or picked up)."""
        raise NotImplementedError

    def positions(self, queue: QueueId) -> tuple[VisitId, ...]:
        """Waiting visits of a queue, next one first."""
        raise NotImplementedError

    def agent(self, agent: AgentId) -> AgentView | None:
        """One agent, None when unknown."""
        raise NotImplementedError

    def agent_at(self, extension: ExtensionNumber) -> AgentId | None:
        """Who is signed in at this phone."""
        raise NotImplementedError

    def agents(self) -> tuple[AgentView, ...]:
        """All agents, in the site's order."""
        raise NotImplementedError

    def queues(self, now: Instant) -> tuple[QueueView, ...]:
        """All queues, in the site's order."""
        raise NotImplementedError

    def waiting(self, queue: QueueId) -> tuple[WaitingView, ...]:
        """The waiting callers of a queue."""
        raise NotImplementedError

    def faults(self, now: Instant) -> list[str]:
        """What must never be: one sentence each; empty when all is well."""
        raise NotImplementedError
