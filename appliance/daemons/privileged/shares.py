"""How much of root's office one account of the box may take up at a time.

A process that was taken over opens as many connections as it likes and says nothing, or queues what
takes minutes. It shall keep itself from being heard, and nobody else: not a UPS that runs low, not
the health check, not the screen. Root himself is under no such limit.
"""

import threading
from collections import Counter

from appliance.daemons.privileged.asker import Asker


class Shares:
    """Places that are taken, by account."""

    def __init__(self, most: int) -> None:
        """`most`: of one account at a time."""
        self._most = most
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, asker: Asker) -> bool:
        """Take a place; False: this account has all of its places."""
        with self._lock:
            if not asker.is_root and self._taken[asker.account] >= self._most:
                return False
            self._taken[asker.account] += 1
            return True

    def give_back(self, asker: Asker) -> None:
        """Once for each place that was taken."""
        with self._lock:
            self._taken[asker.account] -= 1
