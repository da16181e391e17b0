"""RTP ports of one worker: claimed at once from a pool, kept over kills by the service manager.

Ports are even (RFC 3550 §11), random over the worker's share of LINGHE_RTP_PORTS. Each socket is
stored with the service manager as "rtp-<port>" when it is bound, so that packets wait in the
kernel, unlost, while a killed worker starts again.

A released socket is used again: to bind, store, unstore and close one costs more than all else that
a leg costs here. It *leaves* first (what was on its way when the call ended is thrown away), then
*rests*; one that stayed silent all the rest is *ready* for another leg. One whose former far end
goes on sending is closed, so that the system tells it, and its port rests for longer. What a killed
worker left behind in any of these states is told by its name alone, and leaves like the others.
"""

import errno
import os
import socket
import time
from collections import deque

from appliance.daemons import notify
from appliance.daemons.media.packets import disconnect
from appliance.vocabulary.errors import EquipmentError

POOL = 16
"""Sockets bound ahead, one a tick, so that a claim costs next to no system calls."""
MOST_READY = 64
"""Sockets kept for the next legs; more are closed after their rest."""
MOST_A_TICK = 8
"""Sockets that are looked after in one tick, for each thing that is to be done with them."""
LEAVING_SECONDS = 0.5
"""A far end may send for so long after we hung up, until it has heard of that."""
SILENT_SECONDS = 2.0
"""A socket to which nobody sends for so long has no stragglers any more."""
REST_SECONDS = 10.0
"""Of a port whose socket was closed, or that another program has."""
MOST_QUEUED = 2048
"""Packets; more than the buffer holds."""
RECEIVE_BUFFER = 212_992
"""Bytes of kernel buffer: some 250 packets, five seconds of a leg, wait there for a restart."""
EXPEDITED = 0xB8
"""DSCP EF (RFC 3246) in the TOS byte: voice goes first."""
STORED = "rtp-"


def share(first: int, last: int, workers: int, worker: int) -> list[int]:
    """Return the even ports of one worker: the range cut into equal pieces."""
    even = list(range(first + first % 2, last + 1, 2))
    size = len(even) // workers
    return even[worker * size : (worker + 1) * size]


def random_below(limit: int) -> int:
    """Return an unpredictable number in 0..limit-1."""
    return int.from_bytes(os.urandom(8), "big") % limit


class Ports:
    """Which ports are free, ready in the pool, leaving, or at rest."""

    def __init__(self, bind: str, ports: list[int]) -> None:
        self._bind = bind
        self._family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self._own = range(min(ports, default=0), max(ports, default=-1) + 1, 2)
        self._free = ports
        self._ready: list[tuple[int, socket.socket]] = []
        self._leaving: deque[tuple[float, int, socket.socket]] = deque()
        self._silent: deque[tuple[float, int, socket.socket]] = deque()
        """At rest: they must stay silent until then."""
        self._closed: deque[tuple[float, int]] = deque()
        self._inherited = notify.inherited()
        self._strays: list[int] = []
        """Ports of sockets that a killed worker left behind, and that no leg has."""
        self._held: set[int] = set()
        """Ports whose sockets were there before us; still among the free ones."""

    def claim(self) -> tuple[int, socket.socket]:
        """Return a bound port, stored with the service manager. Raises EquipmentError."""
        port, opened = self._taken()
        _drain(opened)
        return port, opened

    def _taken(self) -> tuple[int, socket.socket]:
        if self._ready:
            place = random_below(len(self._ready))
            self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
            return self._ready.pop()
        try:
            return self._next()
        except EquipmentError:
            for early in (self._silent, self._leaving):
                if early:
                    return early.popleft()[1:]
            raise

    def look_after(self) -> None:
        """Pass sockets on that have left or rested, and bind one ahead; called once a tick."""
        now = time.monotonic()
        for _ in range(min(MOST_A_TICK, len(self._strays))):
            self._adopt(self._strays.pop(), now)
        for _ in range(MOST_A_TICK):
            if self._leaving and self._leaving[0][0] <= now:
                _, port, opened = self._leaving.popleft()
                _drain(opened)
                self._silent.append((now + SILENT_SECONDS, port, opened))
            if self._silent and self._silent[0][0] <= now:
                _, port, opened = self._silent.popleft()
                if _drain(opened) and len(self._ready) < MOST_READY:
                    self._ready.append((port, opened))
                else:
                    self._close(port, opened, now)
        if len(self._ready) < POOL:
            try:
                self._ready.append(self._next())
            except EquipmentError:
                return

    def _next(self) -> tuple[int, socket.socket]:
        """Bind another socket and have it stored."""
        now = time.monotonic()
        while self._closed and (self._closed[0][0] <= now or not self._free):
            self._free.append(self._closed.popleft()[1])
        while self._free:
            place = random_below(len(self._free))
            self._free[place], self._free[-1] = self._free[-1], self._free[place]
            port = self._free.pop()
            if port in self._held:
                continue
            try:
                opened = self._bound(port)
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._free.append(port)
                    raise EquipmentError("no descriptor is left for an RTP port") from error
                # Another program has it; tried again after the rest.
                self._closed.append((now + REST_SECONDS, port))
                continue
            notify.store(opened.fileno(), f"{STORED}{port}")
            return port, opened
        raise EquipmentError("no RTP port is left")

    def _bound(self, port: int) -> socket.socket:
        opened = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if self._family == socket.AF_INET:
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)
            else:
                # With `::` one leg may be heard over either; the far end decides.
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, False)
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED)
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)
            opened.bind((self._bind, port))
        except OSError:
            opened.close()
            raise
        return opened

    def restored(self, port: int) -> socket.socket | None:
        """Return the socket of a leg that was there before: stored, or else bound once more."""
        self._held.add(port)
        kept = self._inherited.get(f"{STORED}{port}")
        if kept:
            opened = socket.socket(fileno=kept[0])
            opened.setblocking(False)
            return opened
        try:
            opened = self._bound(port)
        except OSError:
            return None
        notify.store(opened.fileno(), f"{STORED}{port}")
        return opened

    def release(self, port: int, opened: socket.socket) -> None:
        """Take a leg's socket back; it may become another's."""
        now = time.monotonic()
        if disconnect(opened):
            self._leaving.append((now + LEAVING_SECONDS, port, opened))
        else:
            self._close(port, opened, now)

    def _close(self, port: int, opened: socket.socket, now: float) -> None:
        notify.unstore(f"{STORED}{port}")
        opened.close()
        if port in self._held:
            self._held.discard(port)
            if port in self._free:
                return
        self._closed.append((now + REST_SECONDS, port))

    def adopt_strays(self, kept: set[int]) -> None:
        """Stored sockets of no leg are ours again: pooled ones, or of a claim or release that a
        kill cut short. `kept`: the ports of all legs."""
        for name in self._inherited:
            port = name.removeprefix(STORED)
            if name.startswith(STORED) and port.isdecimal() and int(port) not in kept:
                self._held.add(int(port))
                self._strays.append(int(port))

    def _adopt(self, port: int, now: float) -> None:
        first, *others = self._inherited[f"{STORED}{port}"]
        for descriptor in others:
            os.close(descriptor)
        opened = socket.socket(fileno=first)
        opened.setblocking(False)
        if port in self._own and opened.family == self._family:
            self.release(port, opened)
        else:  # the range was changed meanwhile
            self._held.discard(port)
            notify.unstore(f"{STORED}{port}")
            opened.close()


def _drain(opened: socket.socket) -> bool:
    """Throw away what waits in a socket; True: nothing did."""
    is_silent = True
    for _ in range(MOST_QUEUED):
        try:
            opened.recv(1)
        except BlockingIOError:
            return is_silent
        except OSError:
            continue  # told of a packet that could not be delivered; that is over now
        is_silent = False
    return False
