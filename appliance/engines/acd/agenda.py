"""When which slot wants to be looked at next: one due time a name, the earliest found quickly.

A heap with stale entries left in it: a thousand waiting callers have a thousand timers, and the
driver asks for the earliest after every event.
"""

import heapq

from appliance.vocabulary.ids import Instant


class Agenda:
    """Due times by slot name. Plain bookkeeping: made anew from the slots after a restart."""

    def __init__(self) -> None:
        self._due: dict[str, Instant] = {}
        self._heap: list[tuple[Instant, str]] = []

    def put(self, name: str, due: Instant | None) -> None:
        """`name` is due then (None: never); replaces what was put before."""
        if due is None:
            self._due.pop(name, None)
        elif self._due.get(name) != due:
            self._due[name] = due
            heapq.heappush(self._heap, (due, name))

    def earliest(self) -> Instant | None:
        """The next due time of all."""
        while self._heap:
            due, name = self._heap[0]
            if self._due.get(name) == due:
                return due
            heapq.heappop(self._heap)
        return None

    def take_due(self, now: Instant) -> list[str]:
        """Names due at or before `now`, earliest first; they are off the agenda then."""
        names: list[str] = []
        while (due := self.earliest()) is not None and due <= now:
            _, name = heapq.heappop(self._heap)
            del self._due[name]
            names.append(name)
        return names
