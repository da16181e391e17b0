"""Waiting that ends at once when the program is told to stop (SIGTERM, SIGINT)."""

import os
import select
import signal
from collections.abc import Sequence


class StopSign:
    """Make one, in the main thread, before the first wait."""

    def __init__(self) -> None:
        self._is_given = False
        self._read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._give)

    def _give(self, number: int, frame: object) -> None:
        self._is_given = True

    @property
    def is_given(self) -> bool:
        """Say whether to stop."""
        return self._is_given

    def wait(self, seconds: float | None, descriptors: Sequence[int] = ()) -> list[int]:
        """Wait so long, until told to stop, or until one of these can be read; return those.

        None: without an end.
        """
        if self._is_given:
            return []
        ready, _, _ = select.select([self._read, *descriptors], [], [], seconds)
        if self._read in ready:
            os.read(self._read, 512)
        return [one for one in ready if one != self._read]
