"""The state journal: named slots in one append-only file, so that a killed process resumes.

One os.write a turn holds all slots that the turn touched, before any answer leaves. The page cache
outlives kill -9, and after a power cut every call is dead anyway: only what must last beyond that
is forced to the disk. A rewritten file is not: the file systems of our machines write a file out
that is renamed over another (ext4's auto_da_alloc, btrfs): there is the old one or the new one.
A record is: length (4 bytes, big endian), CRC-32 (4), then msgpack [[name, content | nil], ...];
a torn last record is recognised and dropped. The file is rewritten when it has grown.

What stands in the file is not kept in memory besides: the machines hold the same state, alive,
and a call's slots are several kilobytes. Only where each slot stands is known.
"""

import logging
import mmap
import os
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from appliance.store.private_file import open_own

logger = logging.getLogger(__name__)

COMPACT_ABOVE = 32 << 20
"""Bytes; rewriting 500 calls takes some 10 ms."""

_AT_BITS = 32
"""A place is one number: the length of the content above, the byte at which it begins below."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[list[tuple[str, bytes | None]]] = msgspec.msgpack.Decoder(
    list[tuple[str, bytes | None]]
)


class SlotJournal:
    """The slots of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, int] = {}
        """Where in the file a slot's content stands."""
        self._unwritten: dict[str, bytes] = {}
        """What a full disk did not take: everything is written again at the next turn."""
        self._file = -1
        self._size = 0
        self._is_behind = False
        if path.exists():
            self._size = self._read(path.read_bytes())
            self._file = os.open(path, os.O_RDWR | os.O_APPEND)
            os.ftruncate(self._file, self._size)  # a torn end would hide what follows it
        self._rewrite()

    @property
    def slots(self) -> dict[str, bytes]:
        """All slots, read from the file."""
        if not self._places:
            return dict(self._unwritten)
        with mmap.mmap(self._file, self._size, access=mmap.ACCESS_READ) as whole:
            kept = {name: _content(whole, place) for name, place in self._places.items()}
        return kept | self._unwritten

    def append(self, changed: Mapping[str, bytes | None], *, must_last: bool = False) -> None:
        """Write these slots in one go; None takes a slot away. `must_last`: over a power cut."""
        if not changed:
            return
        if not self._is_behind:
            self._write(changed.items())
        if self._is_behind:
            for name, content in changed.items():
                self._places.pop(name, None)
                self._unwritten.pop(name, None)
                if content is not None:
                    self._unwritten[name] = content
        if self._is_behind or self._size > COMPACT_ABOVE:
            self._rewrite()
        if must_last:
            self._force()

    def clear(self) -> None:
        """Forget everything: the machine was restarted, nothing of it lives."""
        self._places.clear()
        self._unwritten.clear()
        self._rewrite()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _force(self) -> None:
        try:
            os.fdatasync(self._file)
        except OSError as error:
            logger.error("the state journal cannot be forced to the disk: %s", error)

    def _write(self, items: Collection[tuple[str, bytes | None]]) -> None:
        body = _encoder.encode(list(items))
        record = len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body
        try:
            written = os.write(self._file, record)
        except OSError as error:
            logger.error("the state journal cannot be written: %s", error)
            written = -1
        if written == len(record):
            self._note(items, self._size + written - len(body))
            self._size += written
        else:
            os.ftruncate(self._file, self._size)
            self._is_behind = True

    def _note(self, items: Collection[tuple[str, bytes | None]], body_at: int) -> None:
        """Note where the contents of a record stand, as msgpack lays them out (bin 8, 16, 32)."""
        at = body_at + _head_bytes(len(items))
        for name, content in items:
            at += 1 + _text_bytes(name)
            if content is None:
                self._places.pop(name, None)
                at += 1
            else:
                length = len(content)
                at += 2 if length < 1 << 8 else 3 if length < 1 << 16 else 5
                self._places[name] = length << _AT_BITS | at
                at += length

    def _read(self, data: bytes) -> int:
        """Note the slots; return how many bytes are whole."""
        at = 0
        while at + 8 <= len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            body = data[at + 8 : at + 8 + length]
            if zlib.crc32(body) != int.from_bytes(data[at + 4 : at + 8], "big"):
                return at
            self._note(_decoder.decode(body), at + 8)
            at += 8 + length
        return min(at, len(data))

    def _rewrite(self) -> None:
        """Write all slots into a fresh file; keep the former one where there is no room for it."""
        fresh = self._path.with_suffix(".new")
        former, former_size, places = self._file, self._size, dict(self._places)
        slots = self.slots
        try:
            opened = _opened(fresh)
        except OSError as error:
            if former < 0:
                raise
            logger.error("the state journal cannot be written afresh: %s", error)
            return
        self._file, self._size, self._is_behind = opened, 0, False
        if slots:
            self._write(slots.items())
        if self._is_behind and former >= 0:
            os.close(self._file)
            self._file, self._size, self._places = former, former_size, places
            return
        self._unwritten.clear()
        os.replace(fresh, self._path)
        if former >= 0:
            os.close(former)


def _content(whole: mmap.mmap, place: int) -> bytes:
    at = place & ((1 << _AT_BITS) - 1)
    return whole[at : at + (place >> _AT_BITS)]


def _head_bytes(count: int) -> int:
    """Bytes of msgpack's head of an array."""
    return 1 if count < 16 else 3 if count < 1 << 16 else 5


def _text_bytes(name: str) -> int:
    """Bytes of a name in msgpack: a head (fixstr, str 8, 16), then UTF-8."""
    length = len(name.encode())
    return length + (1 if length < 32 else 2 if length < 1 << 8 else 3)


def _opened(path: Path) -> int:
    return open_own(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
