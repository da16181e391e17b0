"""How long a button is held, and what that means. Pure.

Theory of operation. A press begins with the key's going down; being down already when we come
(a jammed button, a restart of ours) is none. Held for WARN it says so by a lamp; held for LONG it
is a reset, once; let go before that it is nothing. What repeats by itself does not count.
"""

from enum import Enum

WARN_SECONDS = 3.0
LONG_SECONDS = 10.0


class Meaning(Enum):
    """What is to be done."""

    WARN = "warn"
    CALM = "calm"
    """It was let go: take the warning back."""
    RESET = "reset"


class Press:
    """One button."""

    def __init__(self) -> None:
        self._down_at: float | None = None
        self._is_warned = False

    def moved(self, is_down: bool, now: float) -> Meaning | None:
        """The key went down or up at `now` (seconds, monotonic)."""
        if is_down:
            if self._down_at is None:
                self._down_at = now
            return None
        was_warned, self._down_at, self._is_warned = self._is_warned, None, False
        return Meaning.CALM if was_warned else None

    def wake_at(self) -> float | None:
        """When to be woken; None: nothing is awaited."""
        if self._down_at is None:
            return None
        return self._down_at + (LONG_SECONDS if self._is_warned else WARN_SECONDS)

    def wake(self, now: float) -> Meaning | None:
        """A time has come."""
        due = self.wake_at()
        if due is None or now < due:
            return None
        if not self._is_warned:
            self._is_warned = True
            return Meaning.WARN
        self._down_at, self._is_warned = None, False
        return Meaning.RESET
