"""The clock work of SIP: RFC 3261's time constants, and one table of what is due when.

Timers are data: an owner keeps `due` instants in its own state (so that they survive a restart)
and tells the timetable only its earliest one.
"""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

from appliance.vocabulary.ids import Instant

T1 = 0.5
"""Seconds: estimate of a round trip (RFC 3261 §17.1.1.1)."""
T2 = 4.0
"""Seconds: longest gap between retransmissions of non-INVITE requests and of responses."""
T4 = 5.0
"""Seconds that a message may stay in the network."""
LIFETIME = 64 * T1
"""Seconds after which a transaction is given up: timers B, F, H, J, L, M and D."""

N = TypeVar("N", bound=Hashable)


class Timetable(Generic[N]):
    """Which names are due when. A heap; entries that no longer hold are skipped when met."""

    def __init__(self) -> None:
        self._due: dict[N, Instant] = {}
        self._heap: list[tuple[Instant, int, N]] = []
        self._count = 0

    def set(self, name: N, when: Instant | None) -> None:
        """Note a name's only due instant; None forgets it."""
        if when is None:
            self._due.pop(name, None)
            return
        if self._due.get(name) == when:
            return
        self._due[name] = when
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, name))
        if len(self._heap) > 4 * len(self._due) + 1024:
            self._rebuild()

    def next(self) -> Instant | None:
        """The earliest due instant."""
        while self._heap:
            when, _, name = self._heap[0]
            if self._due.get(name) == when:
                return when
            heapq.heappop(self._heap)
        return None

    def take_due(self, now: Instant) -> list[N]:
        """Forget and return the names due at or before `now`, earliest first."""
        names = []
        while (when := self.next()) is not None and when <= now:
            name = heapq.heappop(self._heap)[2]
            del self._due[name]
            names.append(name)
        return names

    def _rebuild(self) -> None:
        self._heap = [(when, i, name) for i, (name, when) in enumerate(self._due.items())]
        heapq.heapify(self._heap)
        self._count = len(self._heap)
