"""Five tries a minute: at passwords, and at the code that claims the box.

Counted for the address together with the name, and, more loosely, for the address alone; never
for the name alone, or anybody could lock the owner out. Kept in this process: there is one.
"""

from collections.abc import Callable
from threading import Lock

MOST_A_MINUTE = 5
MOST_OF_ADDRESS = 20
MINUTE_S = 60.0
MOST_REMEMBERED = 4096
"""Rows; when full the oldest go first, a flood must not fill the memory."""

Key = tuple[str, str]


class Tries:
    """The tries of the last minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that only go forward."""
        self._clock = clock
        self._made: dict[Key, list[float]] = {}
        self._locked: dict[str, float] = {}
        """When it was last told that an address is locked."""
        self._lock = Lock()

    def take(self, address: str, name: str) -> float:
        """Count a try; return 0 when it may be made, else the seconds to wait."""
        now = self._clock()
        with self._lock:
            keys = (((address, name.casefold()), MOST_A_MINUTE), ((address, ""), MOST_OF_ADDRESS))
            waits = [self._wait(key, most, now) for key, most in keys]
            if max(waits) > 0:
                return max(waits)
            for key, _ in keys:
                self._made.setdefault(key, []).append(now)
            while len(self._made) > MOST_REMEMBERED:
                del self._made[next(iter(self._made))]
            return 0.0

    def is_news(self, address: str) -> bool:
        """Say whether a lock of this address is to be told: once a minute, however many tries.

        The audit log is for ever; who may write into it as often as he likes fills the disk.
        """
        now = self._clock()
        with self._lock:
            if now - self._locked.get(address, -MINUTE_S) < MINUTE_S:
                return False
            self._locked.pop(address, None)
            self._locked[address] = now
            if len(self._locked) > MOST_REMEMBERED:
                del self._locked[next(iter(self._locked))]
            return True

    def forgive(self, address: str, name: str) -> None:
        """A right password: earlier wrong ones do not count any more."""
        with self._lock:
            self._made.pop((address, name.casefold()), None)

    def _wait(self, key: Key, most: int, now: float) -> float:
        recent = [at for at in self._made.pop(key, []) if at > now - MINUTE_S]
        if recent:
            self._made[key] = recent
        return 0.0 if len(recent) < most else recent[-most] + MINUTE_S - now
