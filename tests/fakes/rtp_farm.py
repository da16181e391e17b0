"""Far ends of RTP that go on speaking and listening whatever is killed in between.

One thread for all: each end sends 20 ms packets that carry who sent them and their number, and
keeps what it hears with the kernel's time of arrival, so that the thread's own delays do not count.
"""

import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from even_port import even_socket

SO_TIMESTAMPNS = 35
PACKET_SECONDS = 0.02
EVENT_TYPE = 101
EVENT_PACKETS = 8
ALAW = 8


@dataclass
class Heard:
    """One packet that came."""

    at: float
    """Wall time, the kernel's."""
    kind: int
    sequence: int
    sender: int
    """Index of the far end that had sent it; -1 for what the box plays itself."""
    number: int


@dataclass
class End:
    """One far end."""

    index: int
    socket: socket.socket
    box_port: int = 0
    sequence: int = 0
    spoken: int = 0
    heard: list[Heard] = field(default_factory=list)
    keys: list[tuple[int, int]] = field(default_factory=list)
    """Telephone-event packets still to be sent: key code, step."""
    event_stamp: int = 0

    @property
    def port(self) -> int:
        return self.socket.getsockname()[1]


def _end(index: int) -> End:
    opened = even_socket()
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return End(index, opened)


class RtpFarm:
    """So many far ends; `learn` tells where to send, or else the first packet that comes does."""

    def __init__(self, ends: int):
        self.ends = [_end(index) for index in range(ends)]
        self._by_port = {end.port: end for end in self.ends}
        self._by_file = {end.socket.fileno(): end for end in self.ends}
        self._is_over = False
        self._poll = select.poll()
        for end in self.ends:
            self._poll.register(end.socket, select.POLLIN)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def learn(self, ports: dict[int, int]) -> None:
        """Tell the box's ports by ours."""
        for own, box in ports.items():
            self._by_port[own].box_port = box

    def press(self, end: End, key: str) -> None:
        """Press a key for 160 ms (RFC 4733)."""
        code = "0123456789*#".index(key)
        end.event_stamp = end.spoken * 160
        end.keys += [(code, step) for step in range(EVENT_PACKETS + 2)]

    def close(self) -> None:
        """Hang up all."""
        self._is_over = True
        self._thread.join(5)
        for end in self.ends:
            end.socket.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._is_over:
            due += PACKET_SECONDS
            for end in self.ends:
                if end.box_port:
                    self._speak(end)
            while (left := due - time.monotonic()) > 0:
                for file, _ in self._poll.poll(left * 1000):
                    self._listen(self._by_file[file])

    def _speak(self, end: End) -> None:
        if end.keys:
            code, step = end.keys.pop(0)
            flags = 0x80 if step >= EVENT_PACKETS - 1 else 0
            duration = min(step + 1, EVENT_PACKETS) * 160
            body = struct.pack(">BBH", code, flags | 10, duration)
            head = (0x80, EVENT_TYPE | (0x80 if step == 0 else 0), end.sequence, end.event_stamp)
        else:
            body = struct.pack(">II", end.index, end.spoken).ljust(160, b"\x55")
            head = (0x80, ALAW, end.sequence, end.spoken * 160 & 0xFFFFFFFF)
        end.spoken += 1
        end.sequence = (end.sequence + 1) & 0xFFFF
        packet = struct.pack(">BBHII", *head, 7000 + end.index) + body
        end.socket.sendto(packet, ("127.0.0.1", end.box_port))

    def _listen(self, end: End) -> None:
        while True:
            try:
                packet, extra, _, source = end.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            end.box_port = end.box_port or source[1]
            seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
            kind, sequence = struct.unpack_from(">xBH", packet)
            sender, number = -1, 0
            if len(packet) == 172 and packet[20:] == b"\x55" * 152:
                sender, number = struct.unpack_from(">II", packet, 12)
                if sender >= len(self.ends):
                    sender, number = -1, 0
            end.heard.append(
                Heard(seconds + nanoseconds / 1e9, kind & 127, sequence, sender, number)
            )


def lost(end: End) -> int:
    """Return how many packets of the other side never came, between the first and last heard."""
    numbers: dict[int, set[int]] = {}
    for one in end.heard:
        if one.sender >= 0:
            numbers.setdefault(one.sender, set()).add(one.number)
    return sum(max(each) - min(each) + 1 - len(each) for each in numbers.values())


def lost_of_stream(end: End) -> int:
    """Return how many sequence numbers are missing in all that was heard, prompts included."""
    missing = 0
    for before, after in zip(end.heard, end.heard[1:], strict=False):
        step = (after.sequence - before.sequence) & 0xFFFF
        missing += step - 1 if 1 < step < 1000 else 0
    return missing


def worst_gap(end: End, since: float, until: float) -> float:
    """Return the longest time between two packets heard in a stretch of wall time, in seconds."""
    times = sorted(one.at for one in end.heard if since <= one.at <= until)
    return max((b - a for a, b in zip(times, times[1:], strict=False)), default=0.0)
