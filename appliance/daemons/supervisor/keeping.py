"""The descriptor store: what units gave to be kept over their death (systemd's FDSTORE)."""

import os
import socket
from collections.abc import Sequence

from appliance.daemons.supervisor.messages import Message, message_of

MOST_DESCRIPTORS = 253
"""In one datagram (SCM_MAX_FD of the kernel)."""
MOST_STORED = 8192
"""A unit."""
LONGEST_MESSAGE = 4096

_ROOM = socket.CMSG_SPACE(MOST_DESCRIPTORS * 4)


class Store:
    """The descriptors of one unit, by name."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[str, int]] = {}
        """By device and inode: like systemd, the same open socket or file is not kept twice."""
        self._named: dict[str, list[tuple[int, int]]] = {}
        """What stands under each name: a call takes two away, and thousands may be kept."""

    def apply(self, message: Message, descriptors: Sequence[int]) -> None:
        """Keep or give up what the message says; descriptors that are not kept are closed."""
        if message.unstores:
            for key in self._named.pop(message.name, ()):
                os.close(self._kept.pop(key)[1])
        for descriptor in descriptors:
            found = os.fstat(descriptor)
            key = (found.st_dev, found.st_ino)
            if message.stores and key not in self._kept and len(self._kept) < MOST_STORED:
                self._kept[key] = (message.name, descriptor)
                self._named.setdefault(message.name, []).append(key)
            else:
                os.close(descriptor)

    def passed(self) -> list[tuple[str, int]]:
        """In the order in which systemd 252 hands them back: the last one first."""
        return list(self._kept.values())[::-1]

    def close(self) -> None:
        for _, descriptor in self._kept.values():
            os.close(descriptor)
        self._kept, self._named = {}, {}


class NotifySocket:
    """Where one unit speaks to us: an abstract datagram socket that only our user may use."""

    def __init__(self, name: str) -> None:
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._link.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._link.bind("\0" + name)
        self.address = "@" + name

    def fileno(self) -> int:
        return self._link.fileno()

    def messages(self) -> list[tuple[Message, list[int]]]:
        """Everything that has come in, each with the descriptors that came with it."""
        found: list[tuple[Message, list[int]]] = []
        while True:
            try:
                text, ancillary, _, _ = self._link.recvmsg(
                    LONGEST_MESSAGE, _ROOM + socket.CMSG_SPACE(12), socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return found
            descriptors, is_ours = _unpacked(ancillary)
            if is_ours:
                found.append((message_of(text), descriptors))
            else:
                for descriptor in descriptors:
                    os.close(descriptor)

    def close(self) -> None:
        self._link.close()


def _unpacked(ancillary: list[tuple[int, int, bytes]]) -> tuple[list[int], bool]:
    """Return the descriptors, and whether a process of our own user sent them (unix(7))."""
    descriptors: list[int] = []
    is_ours = False
    for level, kind, content in ancillary:
        if level != socket.SOL_SOCKET:
            continue
        if kind == socket.SCM_RIGHTS:
            whole = content[: len(content) - len(content) % 4]
            descriptors.extend(memoryview(whole).cast("i"))
        elif kind == socket.SCM_CREDENTIALS:
            sender = memoryview(content[:12]).cast("i")
            is_ours = sender[1] == os.getuid()
    return descriptors, is_ours
