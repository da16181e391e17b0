"""gunicorn's threaded worker with bounds, so that one stranger cannot hold all of its threads.

gunicorn leaves slow clients to a proxy in front of it (its documentation, "Deploying"); a box has
none. Here a connection gets a thread only once it has sent something, a request must be here whole
some seconds later, an answer must be taken, and one address has so many connections and no more.
A stream of server-sent events is an answer: it lasts as long as somebody takes it.

The names are gunicorn's: `accept`, `handle`, `init` and `close` are where its worker asks.
"""

import os
import socket
import time
from collections.abc import Callable
from functools import partial
from selectors import EVENT_READ

import msgspec
from gunicorn import systemd, util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from webadmin.problems import KEYS, TYPE, Problem, shown_of

READ_S = 5.0
"""A request, head and body, is here so long after its thread began to read it; so often the
first byte of a new connection is waited for, without a thread."""
WRITE_S = 30.0
"""An answer of which nothing was taken for so long is given up."""
MOST_OF_ADDRESS = 32
"""Connections; all 16 streams of Live and the pages around them may come through one proxy."""

TELL_EVERY_S = 5.0
"""The unit's WatchdogSec is a minute."""

_TOO_LONG = {LimitRequestLine: "address_too_long", LimitRequestHeaders: "head_too_long"}


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """One client's connection."""

    def __init__(
        self, worker: "Bounded", sock: socket.socket, client: object, server: object
    ) -> None:
        super().__init__(worker.cfg, sock, client, server)
        self.address = _address(client)
        self.read_until = 0.0
        self.is_late = False
        """The client kept us waiting; nothing more is read of it."""
        self._on_close: Callable[[], None] | None = partial(worker.forget, self.address)

    def init(self) -> None:
        """Read with a limit. Asked before each request of the connection."""
        is_new = not self.initialized
        super().init()
        self.sock.settimeout(WRITE_S)
        if is_new and not self.is_http2:
            self.parser.unreader = _Reader(self)

    def close(self, graceful: bool = False) -> None:
        """Close at once; the worker's loop must not wait for a client (see `Bounded.handle`)."""
        super().close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None


class _Reader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Reads a request until its time is over; then it looks as if the client had gone."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.sock)
        self._connection = connection

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next piece, b"" when there is none in time."""
        left = self._connection.read_until - time.monotonic()
        if left <= 0:
            self._connection.is_late = True
            return b""
        self.sock.settimeout(left)
        try:
            read: bytes = super().chunk(size_hint)
        except TimeoutError:
            self._connection.is_late = True
            return b""
        finally:
            self.sock.settimeout(WRITE_S)
        return read


class Bounded(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The worker: `--worker-class webadmin.gunicorn_worker.Bounded`."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._open: dict[str, int] = {}
        """Connections by address; used by the worker's loop only."""
        self._told_at = 0.0

    def notify(self) -> None:
        """Tell gunicorn that the loop turns, and now and then the service manager too."""
        super().notify()
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY_S and "WATCHDOG_USEC" in os.environ:
            self._told_at = now
            systemd.sd_notify("WATCHDOG=1", self.log)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and wait for its first byte, or close one too many of an address."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        address = _address(client)
        if self._open.get(address, 0) >= MOST_OF_ADDRESS:
            sock.close()
            return
        self._open[address] = self._open.get(address, 0) + 1
        self.nr_conns += 1
        connection = Connection(self, sock, client, listener.getsockname())
        connection.timeout = time.monotonic() + READ_S
        self.pending_conns.append(connection)
        self.poller.register(sock, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: Connection) -> object:
        """Read and answer a request, in a thread; return whether the connection is kept."""
        conn.read_until = time.monotonic() + READ_S
        is_kept = super().handle(conn)
        if conn.is_late:
            return False
        if not is_kept:
            # Here and not in the loop: it may take two seconds until the client has all of it.
            util.close_graceful(conn.sock)
        return is_kept

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: object) -> None:
        """Tell an address or a head that is too long in the API's form; no browser sends one."""
        key = _TOO_LONG.get(type(exc))
        if key is None:
            super().handle_error(req, client, addr, exc)
            return
        status, title = KEYS[key]
        body = msgspec.json.encode(shown_of(Problem(key)))
        head = f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: {TYPE}\r\n"
        try:
            util.write_nonblock(
                client, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            )
        except OSError:
            # He has gone without waiting for it.
            return

    def forget(self, address: str) -> None:
        """Count a connection less."""
        left = self._open.pop(address, 1) - 1
        if left > 0:
            self._open[address] = left


def _address(client: object) -> str:
    return str(client[0]) if isinstance(client, tuple) else ""
