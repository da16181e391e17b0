"""Gather and scatter: the only lines that a packet passes one by one. Kept short for that.

Sockets are not connected: the system would then drop strangers' packets unseen, and they are to
be counted. Each ready socket is read once a round, and rounds go on until nothing is ready: that
saves a refused read (an exception) for every packet, and no socket can starve the others.
"""

import select
import socket
from collections.abc import Callable
from time import monotonic

from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import Batch

MOST_SOCKETS = 8192
GATHER_SECONDS = 0.005
"""Half a tick: under a flood the rest waits in the kernel's buffers, each leg in its own."""

Address = tuple[str, int]


class Packets:
    """The sockets of all legs, by place."""

    def __init__(self, capacity: int) -> None:
        self._poll = select.epoll()
        self._sockets: list[socket.socket | None] = [None] * capacity
        self._receive: list[Callable[[memoryview], tuple[int, Address]] | None] = [None] * capacity
        self._send: list[Callable[[memoryview | bytes, Address], int] | None] = [None] * capacity
        self._target: list[Address | None] = [None] * capacity
        self._place_of: dict[int, int] = {}
        self.refused = 0
        """Packets from sources that are not the leg's."""
        self.received = 0
        self.sent = 0

    def add(self, place: int, opened: socket.socket) -> None:
        """A leg has this socket from now on."""
        self._sockets[place] = opened
        self._receive[place] = opened.recvfrom_into
        self._send[place] = opened.sendto
        self._place_of[opened.fileno()] = place
        self._poll.register(opened.fileno(), select.EPOLLIN)

    def remove(self, place: int) -> socket.socket | None:
        """Return the leg's socket, which is the caller's again."""
        opened = self._sockets[place]
        if opened is not None:
            self._poll.unregister(opened.fileno())
            del self._place_of[opened.fileno()]
        self._sockets[place] = self._receive[place] = self._send[place] = None
        self._target[place] = None
        return opened

    def aim(self, place: int, target: Address | None) -> None:
        """Packets towards this leg go there."""
        opened = self._sockets[place]
        if target and opened is not None and opened.family == socket.AF_INET6:
            host = target[0] if ":" in target[0] else f"::ffff:{target[0]}"
            target = (host, target[1])
        self._target[place] = target

    def gather(self, batch: Batch, engine: MediaEngine) -> None:
        """Read what the sockets hold into the rows of the batch."""
        places: list[int] = []
        sizes: list[int] = []
        room = batch.capacity
        expected, views = engine.board.expected, batch.views
        receive, place_of, poll = self._receive, self._place_of, self._poll.poll
        count, until = 0, monotonic() + GATHER_SECONDS
        while count < room and (ready := poll(0, MOST_SOCKETS)):
            for descriptor, _ in ready:
                place = place_of[descriptor]
                try:
                    size, source = receive[place](views[count])  # type: ignore[misc]  # see `add`
                except OSError:
                    continue
                if source != expected[place] and not engine.admit(
                    place, source, views[count], size
                ):
                    self.refused += 1
                    continue
                places.append(place)
                sizes.append(size)
                count += 1
                if count == room:
                    break
            if monotonic() > until:
                break
        self.received += count
        batch.filled(places, sizes)

    def scatter(self, departures: Departures) -> None:
        """Send rows. One far end that is gone must not end the loop."""
        batch, send, target = departures.batch, self._send, self._target
        sent = 0
        for row, size, place in zip(
            departures.rows.tolist(), departures.sizes.tolist(), departures.to.tolist(), strict=True
        ):
            try:
                send[place](batch.cut(size)[row], target[place])
                sent += 1
            except (OSError, TypeError):
                # TypeError: no socket or no target; both are rare, a check for each is not free.
                continue
        self.sent += sent

    def send_one(self, packet: bytes, place: int) -> None:
        """Send a single packet to a leg."""
        send, target = self._send[place], self._target[place]
        if send is None or target is None:
            return
        try:
            send(packet, target)
            self.sent += 1
        except OSError:
            return
