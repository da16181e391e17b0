"""The state journal: named slots in one append-only file, so that a killed process resumes.

One os.write a turn holds all slots that the turn touched, before any answer leaves. No fsync:
the page cache outlives kill -9, and after a power cut every call is dead anyway (reliability).
A record is: length (4 bytes, big endian), CRC-32 (4), then msgpack [[name, content | nil], ...];
a torn last record is recognised and dropped. The file is rewritten when it has grown.
"""

import logging
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

logger = logging.getLogger(__name__)

COMPACT_ABOVE = 32 << 20
"""Bytes; rewriting 500 calls takes some 10 ms."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[list[tuple[str, bytes | None]]] = msgspec.msgpack.Decoder(
    list[tuple[str, bytes | None]]
)


class SlotJournal:
    """The slots of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.slots: dict[str, bytes] = {}
        self._file = -1
        self._size = 0
        self._is_behind = False
        """A full disk took less than all: everything is written again at the next turn."""
        if path.exists():
            self._size = self._read(path.read_bytes())
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
            os.ftruncate(self._file, self._size)  # a torn end would hide what follows it
        self._rewrite()

    def append(self, changed: Mapping[str, bytes | None]) -> None:
        """Write these slots in one go; None takes a slot away."""
        if not changed:
            return
        for name, content in changed.items():
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content
        if not self._is_behind:
            self._write(list(changed.items()))
        if self._is_behind or self._size > COMPACT_ABOVE:
            self._rewrite()

    def clear(self) -> None:
        """Forget everything: the machine was restarted, nothing of it lives."""
        self.slots.clear()
        self._rewrite()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, items: list[tuple[str, bytes | None]]) -> None:
        body = _encoder.encode(items)
        record = len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body
        try:
            written = os.write(self._file, record)
        except OSError as error:
            logger.error("the state journal cannot be written: %s", error)
            written = -1
        if written == len(record):
            self._size += written
        else:
            os.ftruncate(self._file, self._size)
            self._is_behind = True

    def _read(self, data: bytes) -> int:
        """Take the slots in; return how many bytes are whole."""
        at = 0
        while at + 8 <= len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            body = data[at + 8 : at + 8 + length]
            if zlib.crc32(body) != int.from_bytes(data[at + 4 : at + 8], "big"):
                return at
            for name, content in _decoder.decode(body):
                if content is None:
                    self.slots.pop(name, None)
                else:
                    self.slots[name] = content
            at += 8 + length
        return min(at, len(data))

    def _rewrite(self) -> None:
        """Write all slots into a fresh file; keep the former one where there is no room for it."""
        fresh = self._path.with_suffix(".new")
        former, former_size = self._file, self._size
        try:
            opened = _opened(fresh)
        except OSError as error:
            if former < 0:
                raise
            logger.error("the state journal cannot be written afresh: %s", error)
            return
        self._file, self._size, self._is_behind = opened, 0, False
        if self.slots:
            self._write(list(self.slots.items()))
        if self._is_behind and former >= 0:
            os.close(self._file)
            self._file, self._size = former, former_size
            return
        os.replace(fresh, self._path)
        if former >= 0:
            os.close(former)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
