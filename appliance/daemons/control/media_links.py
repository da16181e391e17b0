"""Control's side of the wire to the media workers: connect, say again after a restart, listen."""

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from appliance.vocabulary.commands import MediaCommand
from appliance.vocabulary.errors import PeerError
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import FromMedia, ToMedia

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.01
"""A killed worker is back within 0.2 s; every 10 ms more is a gap that somebody hears."""


class MediaLink:
    """The connection to one worker. Commands while it is down are lost: Sync says them again."""

    def __init__(
        self,
        *,
        worker: int,
        path: Path,
        loop: asyncio.AbstractEventLoop,
        on_events: Callable[[int, list[FromMedia]], None],
        on_connected: Callable[[int], None],
    ) -> None:
        self.worker = worker
        self.is_up = False
        """The worker has said something; the service manager's socket alone takes connections."""
        self._is_connected = False
        self._path = path
        self._loop = loop
        self._on_events = on_events
        self._on_connected = on_connected
        self._socket: socket.socket | None = None
        self._outgoing = bytearray()
        self._decoder: LineDecoder[FromMedia] = LineDecoder(FromMedia)

    def connect(self) -> None:
        """Connect now, or try again shortly."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.setblocking(False)
        try:
            link.connect(str(self._path))
        except OSError:
            link.close()
            self._loop.call_later(RECONNECT_SECONDS, self.connect)
            return
        self._socket = link
        self._decoder = LineDecoder(FromMedia)
        self._outgoing.clear()
        self._is_connected = True
        self._loop.add_reader(link.fileno(), self._readable)
        self._on_connected(self.worker)

    def send(self, message: ToMedia | MediaCommand) -> None:
        """Put a message in the buffer; `flush` sends."""
        if self._is_connected:
            self._outgoing += line_of(message)

    def flush(self) -> None:
        """Write as much as the socket takes; the rest when it is writable again."""
        if self._socket is None or not self._outgoing:
            return
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lost()
            return
        del self._outgoing[:sent]
        if self._outgoing:
            self._loop.add_writer(self._socket.fileno(), self._writable)

    def _writable(self) -> None:
        if self._socket is not None:
            self._loop.remove_writer(self._socket.fileno())
        self.flush()

    def _readable(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        try:
            events = self._decoder.feed(data)
        except PeerError as error:
            logger.error("media %d talks nonsense: %s", self.worker, error)
            self._lost()
            return
        self.is_up = True
        if events:
            self._on_events(self.worker, events)

    def _lost(self) -> None:
        if self._socket is None:
            return
        logger.warning("media %d is gone; waiting for it", self.worker)
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._socket = None
        self.is_up = self._is_connected = False
        self._loop.call_later(RECONNECT_SECONDS, self.connect)
