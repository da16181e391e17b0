"""Questions of flows that wait for jobs' answer. Those of calls that a kill -9 interrupted are
asked again by call control itself; a question that nobody answers is forgotten in time."""

from appliance.vocabulary.ids import CallId, Instant, Seconds
from appliance.vocabulary.lookups import LookedUp, LookUp
from appliance.wire.control import Lookups


class LookupList:
    """What jobs is to find out."""

    def __init__(self) -> None:
        self._wanted: dict[tuple[CallId, int], tuple[Instant, LookUp]] = {}

    def add(self, wanted: list[LookUp], now: Instant) -> Lookups:
        """These are asked now; return what is told to who watches."""
        for one in wanted:
            self._wanted[one.call, one.number] = (Instant(now + one.within), one)
        return Lookups(wanted=tuple(wanted))

    def take(self, event: LookedUp) -> bool:
        """It is answered; False when that is known already, or nobody waits any more."""
        return self._wanted.pop((event.call, event.number), None) is not None

    def told(self, now: Instant) -> Lookups:
        """Return all that are open, for a watcher who has just come."""
        self.forget_late(now)
        return Lookups(
            wanted=tuple(
                LookUp(
                    call=one.call,
                    number=one.number,
                    question=one.question,
                    within=Seconds(until - now),
                )
                for until, one in self._wanted.values()
            )
        )

    def forget_late(self, now: Instant) -> None:
        """The flow has gone on without these."""
        late = [key for key, (until, _) in self._wanted.items() if until <= now]
        for key in late:
            del self._wanted[key]
