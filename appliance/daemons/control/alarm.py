"""When the core is to be woken: one timer, which lets the turns that come anyway go first.

Each call has some dozen timers, and most of them only forget (RFC 3261's I, J, K). A wake for each
would be a turn for each, on a busy box more of them than all others; see pacing.py on what a turn
alone costs. So every turn does what has fallen due, and the timer rings only where none came: at
most 40 ms late. All timers of RFC 3261 §17 are "at least"; people's are in seconds.
"""

import asyncio
from collections.abc import Callable

from appliance.vocabulary.ids import Instant

LATE_SECONDS = 0.04
"""As long as a busy loop's longest pause between two turns."""


class Alarm:
    """The loop's timer for what is due next."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._wanted: Instant | None = None

    def is_due(self, now: Instant) -> bool:
        """Whether what was wished for last has come, rung or not."""
        return self._wanted is not None and self._wanted <= now

    def set(self, wanted: Instant | None) -> None:
        """Ring soon after this instant; None: not at all."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wanted is not None:
            self._timer = self._loop.call_at(wanted + LATE_SECONDS, self._rings)

    def _rings(self) -> None:
        self._timer, self._wanted = None, None
        self._ring()
