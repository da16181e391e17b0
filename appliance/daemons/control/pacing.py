"""A busy loop gathers: at most so many turns a second, each with more to do.

A turn that comes alone costs two to three times what its work costs in a row with others: caches
and branch predictors have forgotten the code each time the process slept, or was left for another
(measured on a virtual machine: 1.2 ms a call in a row, 2.5 after each pause of 5 ms). Network cards
moderate their interrupts for the same reason.

The rule is a bucket of turns. A quiet box answers at once: a whole call set up takes some dozen
turns, and as many are in the bucket. From some five calls a second on it is empty, and datagrams
wait for the next turn, 20 ms at most: nobody who dials hears that, T1 of SIP is 500 ms, and sound
does not pass through here. Only datagrams wait: they stay in the kernel's buffer for the process
that follows a kill -9, while what a stream holds unread (a key that media heard) dies with its
reader, so a stream ends the pause. Timers are not late either: it ends when the next one is due.
"""

import contextlib
import os
import select
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any

TURNS_A_SECOND = 50.0
MOST_SAVED = 16.0
"""Turns that may follow each other at once after a quiet third of a second."""

Ready = list[tuple[selectors.SelectorKey, int]]


class PacedSelector(selectors.EpollSelector):
    """For asyncio.SelectorEventLoop."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """`pause` (seconds): for tests; else the wait for what cannot wait."""
        super().__init__()
        self._streams = select.epoll()
        self._clock = clock
        self._pause = pause or self._streams.poll
        self._saved = MOST_SAVED
        self._counted_at = clock()

    # Any: a key's data is asyncio's own
    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch a descriptor; unless datagrams come there, in a pause too."""
        key = super().register(fileobj, events, data)
        if not _takes_datagrams(key.fd):
            self._streams.register(key.fd, _mask(events))
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch it for something else."""
        key = super().modify(fileobj, events, data)
        with contextlib.suppress(OSError):  # datagrams are not in it
            self._streams.modify(key.fd, _mask(events))
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch it no more."""
        key = super().unregister(fileobj)
        with contextlib.suppress(OSError):  # closed already, or datagrams
            self._streams.unregister(key.fd)
        return key

    def close(self) -> None:
        """Close both tables."""
        self._streams.close()
        super().close()

    def select(self, timeout: float | None = None) -> Ready:
        """Wait as epoll does; before that for the next turn, where the loop has nothing to do."""
        if timeout is None or timeout > 0:
            waits = (1.0 - self._turns()) / TURNS_A_SECOND
            if waits > 0:
                began = self._clock()
                self._pause(waits if timeout is None else min(waits, timeout))
                if timeout is not None:
                    timeout = max(0.0, timeout - (self._clock() - began))
        ready = super().select(timeout)
        if ready:
            self._saved = max(0.0, self._turns() - 1.0)
        return ready

    def _turns(self) -> float:
        """Return how many turns may be taken at once."""
        now = self._clock()
        self._saved = min(MOST_SAVED, self._saved + (now - self._counted_at) * TURNS_A_SECOND)
        self._counted_at = now
        return self._saved


def _mask(events: int) -> int:
    reads = select.EPOLLIN if events & selectors.EVENT_READ else 0
    return reads | (select.EPOLLOUT if events & selectors.EVENT_WRITE else 0)


def _takes_datagrams(descriptor: int) -> bool:
    duplicate = os.dup(descriptor)
    try:
        found = socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)  # no socket
        return False
    with found:
        return found.type == socket.SOCK_DGRAM
