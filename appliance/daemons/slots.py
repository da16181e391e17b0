"""The state journal: named slots in one append-only file, so that a killed process resumes.

One os.write a turn holds all slots that the turn touched, before any answer leaves. The page cache
outlives kill -9, and after a power cut every call is dead anyway: only what must last beyond that
is forced to the disk. A rewritten file is not: the file systems of our machines write a file out
that is renamed over another (ext4's auto_da_alloc, btrfs): there is the old one or the new one.
A record is: length (4 bytes, big endian), CRC-32 (4), then msgpack [[name, content | nil], ...];
a torn last record is recognised and dropped. The file is rewritten when it has grown.

What stands in the file is not kept in memory besides: the machines hold the same state, alive,
and a call's slots are several kilobytes. Only in which record each slot stands is known.
"""

import logging
import mmap
import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from appliance.store.private_file import open_own

logger = logging.getLogger(__name__)

COMPACT_ABOVE = 32 << 20
"""Bytes; rewriting 500 calls takes some 10 ms."""

_HEAD = 8
"""Bytes before a record's body: its length and its CRC."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[list[tuple[str, bytes | None]]] = msgspec.msgpack.Decoder(
    list[tuple[str, bytes | None]]
)


class SlotJournal:
    """The slots of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, int] = {}
        """At which byte the body of the record begins that a slot stands in."""
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
            kept = {
                name: content
                for body_at in sorted(set(self._places.values()))
                for name, content in _record(whole, body_at)
                if content is not None and self._places.get(name) == body_at
            }
        return {name: kept[name] for name in self._places} | self._unwritten

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
        record = _packed(items)
        try:
            written = os.write(self._file, record)
        except OSError as error:
            logger.error("the state journal cannot be written: %s", error)
            written = -1
        if written == len(record):
            self._note(items, self._size + _HEAD)
            self._size += written
        else:
            os.ftruncate(self._file, self._size)
            self._is_behind = True

    def _note(self, items: Iterable[tuple[str, bytes | None]], body_at: int) -> None:
        """Note in which record these slots stand; one that holds nothing that lives is passed."""
        places = self._places
        for name, content in items:
            if content is None:
                places.pop(name, None)
            else:
                places[name] = body_at

    def _read(self, data: bytes) -> int:
        """Note the slots; return how many bytes are whole."""
        whole = 0
        for body_at, end, items in _records(data):
            self._note(items, body_at)
            whole = end
        return whole

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


def slots_in(data: bytes) -> dict[str, bytes]:
    """Return the slots of a file as the process would that takes it up; the file is left alone.

    Also of one that is being written: a record that is not whole yet is passed over.
    """
    slots: dict[str, bytes] = {}
    for _, _, items in _records(data):
        for name, content in items:
            slots.pop(name, None)
            if content is not None:
                slots[name] = content
    return slots


def file_of(slots: Mapping[str, bytes]) -> bytes:
    """Return the file in which these slots stand and no others."""
    return _packed(slots.items()) if slots else b""


def _packed(items: Collection[tuple[str, bytes | None]]) -> bytes:
    body = _encoder.encode(list(items))
    return len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body


def _records(data: bytes) -> Iterator[tuple[int, int, list[tuple[str, bytes | None]]]]:
    """Give out each whole record: where its body begins, where it ends, and what stands in it."""
    at = 0
    while at + _HEAD <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + _HEAD : at + _HEAD + length]
        if not length or zlib.crc32(body) != int.from_bytes(data[at + 4 : at + 8], "big"):
            return  # zeros, as a power cut leaves them at the end, have the right CRC
        try:
            items = _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            logger.error("the state journal is no more from byte %d on: %s", at, error)
            return
        at = min(at + _HEAD + length, len(data))
        yield at - len(body), at, items


def _record(whole: mmap.mmap, body_at: int) -> list[tuple[str, bytes | None]]:
    """Return what stands in the record whose body begins there."""
    length = int.from_bytes(whole[body_at - _HEAD : body_at - _HEAD + 4], "big")
    return _decoder.decode(whole[body_at : body_at + length])


def _opened(path: Path) -> int:
    return open_own(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
