"""Who spoke with which caller last: kept by number and wall time, so a power cut forgets nothing.

Kept for the longest `last_agent_days` of any queue that goes by it, and of the latest MOST_CALLERS
only: it is live state of the control process, not a ledger.
"""

from collections.abc import Iterable, Iterator

from appliance.engines.acd.memory import CallerMemory
from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.settings import Queue

MOST_CALLERS = 20000
DAY_SECONDS = 86400.0


class Acquaintances:
    """Last agents by callers' numbers, the latest at the end."""

    def __init__(self) -> None:
        self.callers: dict[str, CallerMemory] = {}
        self.most_days = 0.0

    def configure(self, queues: Iterable[Queue]) -> None:
        """Take a site: nothing is remembered where no queue goes by it."""
        days = (one.last_agent_days for one in queues if one.strategy == "last-agent")
        self.most_days = max(days, default=0.0)
        latest_last = sorted(self.callers.values(), key=lambda one: one.at)
        self.callers = {one.caller: one for one in latest_last}

    def note(self, caller: str, agent: AgentId, now: Utc) -> Iterator[str]:
        """He speaks with this agent now. Yields the callers whose memory changed."""
        if caller and self.most_days > 0:
            self.callers.pop(caller, None)
            self.callers[caller] = CallerMemory(caller=caller, agent=agent, at=now)
            yield caller
        oldest = now - self.most_days * DAY_SECONDS
        while self.callers:
            first = next(iter(self.callers.values()))
            if first.at >= oldest and len(self.callers) <= MOST_CALLERS:
                return
            del self.callers[first.caller]
            yield first.caller

    def last_agent(self, caller: str, queue: Queue, now: Utc) -> AgentId | None:
        """Who spoke with him last, if that is recent enough for this queue."""
        found = self.callers.get(caller)
        if found is None or now - found.at > queue.last_agent_days * DAY_SECONDS:
            return None
        return found.agent
