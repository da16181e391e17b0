"""The worker's side of the wire: lines in, lines out, and nothing that waits.

Control may come and go. What it has not acknowledged is kept, within bounds, and told again to the
next connection: a control that was killed may have read it and not have written down what came of
it. Answers to questions of a connection that is gone are not kept. A newer connection takes the
place of an older one: there is one call control.
"""

import select
import socket
from collections import deque
from collections.abc import Iterator
from itertools import chain

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.events import PlayEnded
from appliance.vocabulary.ids import LegId, PlayId
from appliance.vocabulary.shape import Event
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import COUNTED, ForWorker, Heard, NumberingBegan, ToMedia

MOST_KEPT = 4096
"""Events kept until control acknowledges them; the oldest go first."""
MOST_READ = 1 << 16
MOST_UNSENT = 16 << 20
"""Bytes that a connected control may leave unread before it is taken for hung, and cut off."""


class Conversation:
    """The listening socket, and the one connection that counts."""

    def __init__(self, listening: socket.socket, epoch: str) -> None:
        """`epoch`: names this run of the worker."""
        listening.setblocking(False)
        self._listening = listening
        self._epoch = epoch
        self._poll = select.epoll()
        self._poll.register(listening.fileno(), select.EPOLLIN)
        self._link: socket.socket | None = None
        self._decoder: LineDecoder[ToMedia] = LineDecoder(ToMedia)
        self._commands: deque[ForWorker] = deque()
        self._lines: deque[bytes] = deque()
        """Not yet sent on this connection."""
        self._unsent = 0
        self._sent_of_first = 0
        self._kept: deque[Event] = deque()
        """Counted, and not acknowledged yet."""
        self._last_number = 0
        """The youngest kept event's."""
        self.plays_told: set[tuple[LegId, PlayId]] = set()
        """What this connection was told is over."""

    @property
    def is_connected(self) -> bool:
        """Whether control is there, as far as we have heard."""
        return self._link is not None

    def wait(self, seconds: float) -> None:
        """Sleep until control wants something, or so long: for a worker without legs."""
        self._poll.poll(seconds)

    def tell(self, event: Event) -> None:
        """Send when possible."""
        if isinstance(event, COUNTED):
            self._last_number += 1
            self._kept.append(event)
            if len(self._kept) > MOST_KEPT:
                self._kept.popleft()
        if self._link is not None:
            self._put(event)

    def _put(self, event: Event) -> None:
        if isinstance(event, PlayEnded):
            self.plays_told.add((event.leg, event.play))
        line = line_of(event)
        self._lines.append(line)
        self._unsent += len(line)

    def commands(self) -> Iterator[ForWorker]:
        """Give out what control wants, oldest first; what the caller leaves stays for later."""
        for descriptor, _ in self._poll.poll(0):
            if descriptor == self._listening.fileno():
                self._accept()
            elif self._link is not None and descriptor == self._link.fileno():
                self._read(self._link)
        while self._commands:
            yield self._commands.popleft()

    def send(self) -> None:
        """Send as much as the connection takes."""
        while self._link is not None and self._lines:
            line = self._lines[0]
            try:
                done = self._link.send(memoryview(line)[self._sent_of_first :])
            except BlockingIOError:
                if self._unsent > MOST_UNSENT:
                    self._drop()
                return
            except OSError:
                self._drop()
                return
            self._sent_of_first += done
            if self._sent_of_first == len(line):
                self._lines.popleft()
                self._unsent -= len(line)
                self._sent_of_first = 0

    def _accept(self) -> None:
        try:
            link, _ = self._listening.accept()
        except OSError:
            return
        if self._link is not None:
            self._drop()
        link.setblocking(False)
        self._link = link
        self._decoder = LineDecoder(ToMedia)
        self._poll.register(link.fileno(), select.EPOLLIN)
        first = self._last_number - len(self._kept) + 1
        for event in chain((NumberingBegan(epoch=self._epoch, number=first),), self._kept):
            self._put(event)
        self._read(link)

    def _read(self, link: socket.socket) -> None:
        try:
            received = link.recv(MOST_READ)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._drop()
            return
        try:
            commands = self._decoder.feed(received)
        except PeerError:
            # Not our control, or a broken one: its next connection begins with a Sync.
            self._drop()
            return
        for command in commands:
            if isinstance(command, Heard):
                self._acknowledged(command)
            else:
                self._commands.append(command)

    def _acknowledged(self, heard: Heard) -> None:
        if heard.epoch == self._epoch:
            while self._kept and self._last_number - len(self._kept) < heard.number:
                self._kept.popleft()

    def _drop(self) -> None:
        """The connection is gone: what it did not acknowledge is said again to the next one."""
        if self._link is not None:
            self._poll.unregister(self._link.fileno())
            self._link.close()
            self._link = None
        self._lines.clear()
        self._unsent = self._sent_of_first = 0
        self.plays_told.clear()

    def close(self) -> None:
        """End the conversation."""
        self._drop()
        self._listening.close()
