"""Whom a survey asked lately, so that nobody is asked again and again. Pure.

A slot of its own for each number ("asked:<number>"), which outlives a power cut.
"""

import msgspec

from appliance.vocabulary.ids import Utc

MOST_KEPT = 20_000
"""Numbers; the oldest go first."""


class SurveyMemory:
    """When each number was asked last."""

    def __init__(self) -> None:
        self._asked: dict[str, Utc] = {}
        """The oldest first, once `_by_age` has looked."""
        self._is_sorted = True
        self.touched: set[str] = set()

    def note(self, number: str, now: Utc) -> None:
        """This number is asked now."""
        if not number:
            return
        asked = self._by_age()
        asked.pop(number, None)
        asked[number] = now
        self.touched.add(f"asked:{number}")
        while len(asked) > MOST_KEPT:
            self._forget(next(iter(asked)))

    def is_recent(self, number: str, hours: float, now: Utc) -> bool:
        """Say whether this number was asked within so many hours."""
        asked = self._asked.get(number)
        return asked is not None and now - asked < hours * 3600

    def prune(self, hours: float, now: Utc) -> None:
        """Forget what nobody asks for any more."""
        while asked := self._by_age():
            number = next(iter(asked))
            if self.is_recent(number, hours, now):
                return
            self._forget(number)

    def _forget(self, number: str) -> None:
        del self._asked[number]
        self.touched.add(f"asked:{number}")

    # --- slots ---
    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        touched, self.touched = self.touched, set()
        return touched

    def slot(self, number: str) -> bytes | None:
        """Return a slot's content."""
        asked = self._asked.get(number)
        return None if asked is None else msgspec.msgpack.encode(asked)

    def restore(self, number: str, content: bytes) -> None:
        """Put a slot back; they come in any order."""
        self._asked[number] = Utc(msgspec.msgpack.decode(content, type=float))
        self._is_sorted = False

    def _by_age(self) -> dict[str, Utc]:
        """Sorted once after a restart, not with each of thousands of slots."""
        if not self._is_sorted:
            self._asked = dict(sorted(self._asked.items(), key=lambda one: one[1]))
            self._is_sorted = True
        return self._asked
