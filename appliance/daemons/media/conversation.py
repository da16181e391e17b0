"""The worker's side of the wire: lines in, lines out, and nothing that waits.

Control may come and go. What happened while it was away is kept, within bounds, for the next
connection; answers to questions of a connection that is gone are not. A newer connection takes
the place of an older one: there is one call control.
"""

import select
import socket
from collections import deque
from collections.abc import Iterator

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.events import (
    AudioLost,
    DigitHeard,
    LegMeasured,
    PlayEnded,
    RecordingRefused,
    RecordingStarted,
)
from appliance.vocabulary.ids import LegId, PlayId
from appliance.vocabulary.shape import Event
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import ToMedia, TrackClosed

MOST_KEPT = 4096
"""Lines kept for a control that is away; the oldest go first."""
MOST_READ = 1 << 16
MOST_UNSENT = 16 << 20
"""Bytes that a connected control may leave unread before it is taken for hung, and cut off."""
KEPT = (
    AudioLost,
    DigitHeard,
    LegMeasured,
    PlayEnded,
    RecordingRefused,
    RecordingStarted,
    TrackClosed,
)


class Conversation:
    """The listening socket, and the one connection that counts."""

    def __init__(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._poll = select.epoll()
        self._poll.register(listening.fileno(), select.EPOLLIN)
        self._link: socket.socket | None = None
        self._decoder: LineDecoder[ToMedia] = LineDecoder(ToMedia)
        self._commands: deque[ToMedia] = deque()
        self._lines: deque[tuple[bytes, bool]] = deque()
        """Not yet sent, and whether to be kept for another connection."""
        self._unsent = 0
        self._sent_of_first = 0
        self.plays_told: set[tuple[LegId, PlayId]] = set()
        """What this connection was told is over."""

    def wait(self, seconds: float) -> None:
        """Sleep until control wants something, or so long: for a worker without legs."""
        self._poll.poll(seconds)

    def tell(self, event: Event) -> None:
        """Send when possible."""
        is_kept = isinstance(event, KEPT)
        if self._link is None and not is_kept:
            return
        if isinstance(event, PlayEnded):
            self.plays_told.add((event.leg, event.play))
        line = line_of(event)
        self._lines.append((line, is_kept))
        self._unsent += len(line)
        while self._link is None and len(self._lines) > MOST_KEPT:
            self._unsent -= len(self._lines.popleft()[0])

    def commands(self) -> Iterator[ToMedia]:
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
            line, _ = self._lines[0]
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
            self._commands.extend(self._decoder.feed(received))
        except PeerError:
            # Not our control, or a broken one: its next connection begins with a Sync.
            self._drop()

    def _drop(self) -> None:
        """The connection is gone: what was said in part is said again to the next one."""
        if self._link is not None:
            self._poll.unregister(self._link.fileno())
            self._link.close()
            self._link = None
        self._sent_of_first = 0
        self._lines = deque(entry for entry in self._lines if entry[1])
        self._unsent = sum(len(line) for line, _ in self._lines)
        self.plays_told.clear()

    def close(self) -> None:
        """End the conversation."""
        self._drop()
        self._listening.close()
