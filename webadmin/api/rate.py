"""How often one token may ask: so many requests in any minute, counted in this process."""

from collections import deque
from collections.abc import Callable
from threading import Lock

MINUTE_S = 60.0


class Rate:
    """The requests of the last minute, by token."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        """`most`: a minute. `clock`: seconds that only go forward."""
        self.most = most
        self._clock = clock
        self._made: dict[str, deque[float]] = {}
        self._lock = Lock()

    def take(self, name: str) -> int:
        """Count a request; return 0 when it may be made, else the whole seconds to wait.

        Names are those of tokens that exist, so there are few of them.
        """
        now = self._clock()
        with self._lock:
            made = self._made.setdefault(name, deque())
            while made and made[0] <= now - MINUTE_S:
                made.popleft()
            if len(made) < self.most:
                made.append(now)
                return 0
            return int(made[0] + MINUTE_S - now) + 1
