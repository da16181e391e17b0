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
        self.asked: dict[str, Utc] = {}
        """The oldest first."""
        self.touched: set[str] = set()

    def note(self, number: str, now: Utc) -> None:
        """This number is asked now."""
        if not number:
            return
        self.asked.pop(number, None)
        self.asked[number] = now
        self.touched.add(f"asked:{number}")
        while len(self.asked) > MOST_KEPT:
            self._forget(next(iter(self.asked)))

    def is_recent(self, number: str, hours: float, now: Utc) -> bool:
        """Say whether this number was asked within so many hours."""
        asked = self.asked.get(number)
        return asked is not None and now - asked < hours * 3600

    def prune(self, hours: float, now: Utc) -> None:
        """Forget what nobody asks for any more."""
        while self.asked:
            number = next(iter(self.asked))
            if self.is_recent(number, hours, now):
                return
            self._forget(number)

    def _forget(self, number: str) -> None:
        del self.asked[number]
        self.touched.add(f"asked:{number}")

    # --- slots ---
    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        touched, self.touched = self.touched, set()
        return touched

    def slot(self, number: str) -> bytes | None:
        """Return a slot's content."""
        asked = self.asked.get(number)
        return None if asked is None else msgspec.msgpack.encode(asked)

    def restore(self, number: str, content: bytes) -> None:
        """Put a slot back; they come in any order."""
        self.asked[number] = Utc(msgspec.msgpack.decode(content, type=float))
        self.asked = dict(sorted(self.asked.items(), key=lambda one: one[1]))
