"""Keys of an input device as the kernel tells them (linux/input.h, Documentation/input/input.rst).

A record is `struct input_event`: two longs of time, type, code, value: 24 bytes on 64 bits. Read
without a library: there is nothing more to it.
"""

import struct
from collections.abc import Iterator

from msgspec import Struct

RECORD = struct.Struct("@llHHi")
EV_KEY = 0x01
KEY_RESTART = 0x198
"""linux/input-event-codes.h: what device trees give a reset button."""
UP, DOWN = 0, 1
"""Value of a key; 2 is its repeating by itself."""


class KeyMoved(Struct, frozen=True, kw_only=True):
    """A key went down or up."""

    code: int
    is_down: bool


class InputEvents:
    """Bytes of the device to keys, whole = in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[KeyMoved]:
        """Take in bytes; yield the keys that moved."""
        whole = self._rest + data
        end = len(whole) - len(whole) % RECORD.size
        self._rest = whole[end:]
        for _, _, kind, code, value in RECORD.iter_unpack(whole[:end]):
            if kind == EV_KEY and value in (UP, DOWN):
                yield KeyMoved(code=code, is_down=value == DOWN)
