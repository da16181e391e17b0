"""RTP ports of one worker: claimed at once from a pool, kept over kills by the service manager.

Ports are even (RFC 3550 §11), random over the worker's share of LINGHE_RTP_PORTS, and rest for a
while after use so that stragglers of an old call do not fall into a new one. A claimed socket is
stored with the service manager as "rtp-<port>", so that packets wait in the kernel, unlost, while
a killed worker starts again.
"""

import errno
import os
import socket
import time
from collections import deque

from appliance.daemons import notify
from appliance.vocabulary.errors import EquipmentError

POOL = 16
"""Sockets bound ahead, so that a claim costs no system calls."""
REST_SECONDS = 10.0
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
    """Which ports are free, ready in the pool, or at rest."""

    def __init__(self, bind: str, ports: list[int]) -> None:
        self._bind = bind
        self._family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self._free = ports
        self._pool: deque[tuple[int, socket.socket]] = deque()
        self._resting: deque[tuple[float, int]] = deque()
        self._inherited = notify.inherited()
        self._held: set[int] = set()
        """Ports of legs that were there before us; still among the free ones."""

    def claim(self) -> tuple[int, socket.socket]:
        """Return a bound port, stored with the service manager. Raises EquipmentError."""
        port, opened = self._pool.popleft() if self._pool else self._next()
        notify.store(opened.fileno(), f"{STORED}{port}")
        return port, opened

    def refill(self) -> None:
        """Bind one more socket ahead where the pool is not full; called once a tick."""
        if len(self._pool) >= POOL:
            return
        try:
            self._pool.append(self._next())
        except EquipmentError:
            return

    def _next(self) -> tuple[int, socket.socket]:
        now = time.monotonic()
        while self._resting and (self._resting[0][0] <= now or not self._free):
            self._free.append(self._resting.popleft()[1])
        while self._free:
            place = random_below(len(self._free))
            self._free[place], self._free[-1] = self._free[-1], self._free[place]
            port = self._free.pop()
            if port in self._held:
                continue
            try:
                return port, self._bound(port)
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._free.append(port)
                    raise EquipmentError("no descriptor is left for an RTP port") from error
                # Another program has it; tried again after the rest.
                self._resting.append((now + REST_SECONDS, port))
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
        """Close a leg's socket; its port rests."""
        notify.unstore(f"{STORED}{port}")
        opened.close()
        if port in self._held:
            self._held.discard(port)
            if port in self._free:
                return
        self._resting.append((time.monotonic() + REST_SECONDS, port))


def close_strays(kept: set[int]) -> None:
    """Stored sockets of no leg (killed in the middle of a claim or release) are given back."""
    for name, descriptors in notify.inherited().items():
        port = name.removeprefix(STORED)
        if name.startswith(STORED) and port.isdecimal() and int(port) not in kept:
            notify.unstore(name)
            for descriptor in descriptors:
                os.close(descriptor)
