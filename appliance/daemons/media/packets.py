"""Gather and scatter: the only lines that a packet passes one by one. Kept short for that.

Theory of operation. A leg's socket is *open* while its far end is being learnt: each packet comes
with its source, and strangers' are refused and counted. Once source and target are known to be
one and the same it is *connected* (connect(2) on UDP): the system drops what comes from elsewhere,
unseen and uncounted, and neither address passes Python again, which saves 1 µs a packet. A far
end that is set anew disconnects. The system chooses the local address when it connects; where that
is not the one that the far end sends to (a machine with several) the leg stays open, and so does
every leg of a box that listens on IPv6.

Each ready socket is read once a round, and rounds go on until nothing is ready: that saves a
refused read (an exception) for every packet, and no socket can starve the others. Where that was
so at the last tick one round is enough: a leg is still emptied faster than any packet time fills
it. What was queued before a socket was connected may be a stranger's: it is read as if open, until
such an end.
"""

import errno
import select
import socket
from collections.abc import Callable
from functools import cache, partial
from time import monotonic
from typing import TYPE_CHECKING

from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import ROW_BYTES, Batch

if TYPE_CHECKING:
    import ctypes

GATHER_SECONDS = 0.005
"""Half a tick: under a flood the rest waits in the kernel's buffers, each leg in its own."""
CALM_SECONDS = 0.015
"""After the sockets were last seen empty one round a tick is enough for so long."""
IP_PKTINFO = 8
"""ip(7): say which of our addresses a packet was sent to. Python has no name for it before 3.12."""
IPV6_PKTINFO = 50
_EXTRA_BYTES = 64

Address = tuple[str, int]
Receive = Callable[[memoryview], int]
Send = Callable[[memoryview | bytes], int]


class Packets:
    """The sockets of all legs, by place."""

    def __init__(self, capacity: int, engine: MediaEngine) -> None:
        self._engine = engine
        self._poll = select.epoll()
        self._sockets: list[socket.socket | None] = [None] * capacity
        self._send: list[Send | None] = [None] * capacity
        self._target: list[Address | None] = [None] * capacity
        self._peer: list[Address | None] = [None] * capacity
        """Whom the socket is connected to."""
        self._local: list[str] = [""] * capacity
        """Our address that the far end sends to; "" while unknown."""
        self._place_of: dict[int, int] = {}
        """By descriptor …"""
        self._receive: dict[int, Receive] = {}
        """… and how its socket is read."""
        self._emptied_at = 0.0
        self._settling: list[int] = []
        """Connected, but perhaps with packets from before in the queue."""
        self._waiting: list[tuple[int, bytes]] = []
        """Place and packet: read by first aid, for us to deal with."""
        self.refused = 0
        """Packets from sources that are not the leg's."""
        self.received = 0
        self.sent = 0

    # --- sockets come and go ----------------------------------------------------------------
    def add(self, place: int, opened: socket.socket) -> None:
        """A leg has this socket from now on; it may be connected, by the worker before us."""
        self._sockets[place] = opened
        try:
            self._peer[place] = opened.getpeername()[:2]
        except OSError:
            self._peer[place] = None
            _ask_local_address(opened, is_wanted=True)
        self._be_open(place, opened)
        self._poll.register(opened.fileno(), select.EPOLLIN)

    def socket_of(self, place: int) -> socket.socket | None:
        """Return the leg's socket."""
        return self._sockets[place]

    def remove(self, place: int) -> socket.socket | None:
        """Return the leg's socket, which is the caller's again."""
        opened = self._sockets[place]
        if opened is not None:
            self._poll.unregister(opened.fileno())
            del self._place_of[opened.fileno()], self._receive[opened.fileno()]
        self._sockets[place] = self._send[place] = self._target[place] = self._peer[place] = None
        self._local[place] = ""
        return opened

    def aim(self, place: int, target: Address | None, *, is_only_source: bool) -> None:
        """Packets towards this leg go there; and perhaps its own come from nowhere else."""
        opened = self._sockets[place]
        if target and opened is not None and opened.family == socket.AF_INET6:
            host = target[0] if ":" in target[0] else f"::ffff:{target[0]}"
            target = (host, target[1])
        self._target[place] = target
        if opened is None:
            return
        peer = self._peer[place]
        wanted = target if is_only_source else None
        if peer is not None and peer != wanted:
            self._be_open(place, opened)
            disconnect(opened)
            _ask_local_address(opened, is_wanted=True)
            self._peer[place] = peer = None
        if wanted is not None and (peer is not None or self._connects(place, opened, wanted)):
            self._send[place] = opened.send
            self._settling.append(place)

    def _be_open(self, place: int, opened: socket.socket) -> None:
        self._engine.columns.is_connected[place] = False
        self._place_of[opened.fileno()] = place
        self._receive[opened.fileno()] = partial(self._receive_open, place, opened)
        self._send[place] = partial(self._send_open, place, opened)

    def _connects(self, place: int, opened: socket.socket, target: Address) -> bool:
        # Linux forgets the far end of an IPv6 socket in part only (disconnect): its next leg would
        # not be heard, so such a socket stays open.
        if not self._local[place] or opened.family == socket.AF_INET6:
            return False
        try:
            opened.connect(target)
        except OSError:
            return False
        if opened.getsockname()[0] != self._local[place]:
            disconnect(opened)
            return False
        _ask_local_address(opened, is_wanted=False)
        self._peer[place] = target
        return True

    def _settle(self) -> None:
        """Nothing is left in any queue: what comes from now on comes from those connected to."""
        for place in self._settling:
            opened = self._sockets[place]
            if opened is not None and self._peer[place] is not None:
                self._receive[opened.fileno()] = opened.recv_into
                self._engine.columns.is_connected[place] = True
        self._settling.clear()

    def take_over(self, waiting: list[tuple[int, bytes]], passed_on: int) -> None:
        """First aid read these packets for us, and passed so many on by itself."""
        self._waiting = list(waiting)
        self.received += passed_on
        self.sent += passed_on

    # --- packets ----------------------------------------------------------------------------
    def gather(self, batch: Batch) -> None:
        """Read what the sockets hold into the rows of the batch; a size of 0: refused."""
        places: list[int] = []
        sizes: list[int] = []
        if self._waiting:
            self._take_waiting(batch, places, sizes)
        room, poll, place_of, receive = (
            batch.capacity,
            self._poll.poll,
            self._place_of,
            self._receive,
        )
        now, took = monotonic(), sizes.append
        rounds, is_calm = len(places), now - self._emptied_at < CALM_SECONDS
        while len(sizes) < room and (ready := poll(0, room - len(sizes))):
            rounds += 1
            places += [place_of[descriptor] for descriptor, _ in ready]
            begin = len(sizes)
            views = batch.views[begin : begin + len(ready)]
            for (descriptor, _), view in zip(ready, views, strict=True):
                try:
                    took(receive[descriptor](view))
                except OSError:
                    took(0)
            if is_calm and not self._settling or monotonic() > now + GATHER_SECONDS:
                break
        else:
            self._emptied_at = now
            if self._settling and len(sizes) < room:
                self._settle()
        if not sizes:
            batch.count = 0
            return
        self.received += len(sizes) - sizes.count(0)
        # What came meanwhile makes a second round, and hardly ever a second packet of a leg.
        is_distinct = rounds <= 1 or len(set(places)) == len(places)
        batch.filled(places, sizes, is_distinct=is_distinct)

    def _take_waiting(self, batch: Batch, places: list[int], sizes: list[int]) -> None:
        taken, self._waiting = self._waiting[: batch.capacity], self._waiting[batch.capacity :]
        for (place, packet), view in zip(taken, batch.views, strict=False):
            sizes.append(min(len(packet), ROW_BYTES))
            view[: sizes[-1]] = packet[:ROW_BYTES]
            places.append(place)

    def _receive_open(self, place: int, opened: socket.socket, view: memoryview) -> int:
        """Read one packet and look where it comes from; 0: refused."""
        size, extra, _, source = opened.recvmsg_into([view], _EXTRA_BYTES)
        engine = self._engine
        if source != engine.board.expected[place] and not engine.admit(place, source, view, size):
            self.refused += 1
            return 0
        if not self._local[place]:
            self._local[place] = _local_address(extra)
        return size

    def scatter(self, departures: Departures) -> None:
        """Send rows. One far end that is gone must not end the loop."""
        batch, send, sizes = departures.batch, self._send, departures.sizes
        rows = departures.rows.tolist()
        if len(rows) and (sizes == sizes[0]).all():
            views = list(map(batch.cut(int(sizes[0])).__getitem__, rows))
        else:
            whole = batch.views
            views = [whole[row][:size] for row, size in zip(rows, sizes.tolist(), strict=True)]
        failed = 0
        for view, place in zip(views, departures.to.tolist(), strict=True):
            try:
                send[place](view)
            except ConnectionRefusedError:
                # Told of an earlier packet; this one was not sent, and the port may be open again.
                failed += not self._was_sent(view, place)
            except (OSError, TypeError):
                # TypeError: no socket any more; that is rare, a check for each is not free.
                failed += 1
        self.sent += len(rows) - failed

    def send_one(self, packet: bytes, place: int) -> None:
        """Send a single packet to a leg."""
        self.sent += self._was_sent(packet, place) or self._was_sent(packet, place)

    def _was_sent(self, packet: memoryview | bytes, place: int) -> bool:
        send = self._send[place]
        try:
            return send is not None and send(packet) > 0
        except OSError:
            return False

    def _send_open(self, place: int, opened: socket.socket, packet: memoryview | bytes) -> int:
        target = self._target[place]
        if target is None:
            raise OSError(errno.EDESTADDRREQ, "nobody has said yet where this goes")
        return opened.sendto(packet, target)


def _ask_local_address(opened: socket.socket, *, is_wanted: bool) -> None:
    if opened.family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, is_wanted)
    else:
        opened.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, is_wanted)


def _local_address(extra: list[tuple[int, int, bytes]]) -> str:
    """Return the address that a packet was sent to, as getsockname() would write it."""
    for level, kind, content in extra:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            # struct in_pktinfo: interface, our address for answers, the header's destination.
            return socket.inet_ntop(socket.AF_INET, content[8:12])
        if (level, kind) == (socket.IPPROTO_IPV6, IPV6_PKTINFO):
            return socket.inet_ntop(socket.AF_INET6, content[:16])
    return ""


def disconnect(opened: socket.socket) -> bool:
    """End a socket's association, if it has one; the port stays bound. Return whether it worked.

    connect(2): "an address with the sa_family member set to AF_UNSPEC" does it. Python's own
    connect knows no such address.
    """
    return bool(_libc().connect(opened.fileno(), bytes(16), 16) == 0)


@cache
def _libc() -> "ctypes.CDLL":
    import ctypes  # not needed for the first packets after a kill

    return ctypes.CDLL(None)
