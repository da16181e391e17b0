"""What a killed worker leaves behind: its counters in a memory file, its legs in a journal.

The columns lie in a memfd that the service manager keeps, so they are exact to the last packet
and never wait for a disk. Legs are appended to state/media-N.slots at each change, before anything
that follows from the change leaves (a few hundred bytes; no fsync: the page cache outlives a
process). A restart of the machine ends every leg, so a journal of another boot is not read.
"""

import errno
import logging
import mmap
import os
from binascii import crc32
from pathlib import Path

from appliance.daemons import notify
from appliance.engines.media.columns import Columns
from appliance.engines.media.layout import bytes_for
from appliance.store.shared import file_mode

logger = logging.getLogger(__name__)

STORED = "columns"
REWRITE_AT = 4 << 20
"""Bytes; a journal that is larger, and mostly of legs that are gone, is written anew."""
_HEAD = 10
"""Length of the name, length of the slot, check sum: 2 + 4 + 4 bytes."""


def kept_columns(capacity: int) -> Columns:
    """Return the columns of the worker before us, or new ones that will be kept from now on."""
    size = bytes_for(capacity)
    for descriptor in notify.inherited().get(STORED, []):
        if os.fstat(descriptor).st_size == size:
            return Columns(memoryview(mmap.mmap(descriptor, size)), capacity)
        notify.unstore(STORED)
    descriptor = os.memfd_create("linghe-media-columns", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, size)
    notify.store(descriptor, STORED)
    kept = Columns(memoryview(mmap.mmap(descriptor, size)), capacity)
    os.close(descriptor)
    return kept


def boot_name() -> bytes:
    """Return what names this run of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b"unknown"


class SlotJournal:
    """Appends slots; gives the last of each name back after a restart.

    A full disk keeps no worker from starting, and what it did not take is written once there is
    room: the file always ends with a whole entry, and another takes its place only when whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.slots, self._size = _read(path)
        """Name to content, as they stand on the disk."""
        self._live = sum(_HEAD + len(name) + len(slot) for name, slot in self.slots.items())
        self._descriptor: int | None = None
        self._is_behind = True
        """The file lacks something: all is written again at the next change."""
        try:
            if self._size:
                self._go_on()
            else:
                self._rewrite()
        except OSError as error:
            logger.warning("the state journal cannot be written yet: %s", error.strerror)

    def put(self, changes: dict[str, bytes | None]) -> None:
        """Write changed slots; None: gone. Raises OSError when they are not on the disk: they
        will be written with the next ones."""
        for name, content in changes.items():
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content
        if self._descriptor is None or self._is_behind:
            self._rewrite()
            return
        entries = b"".join(_entry(name, content or b"") for name, content in changes.items())
        self._append(self._descriptor, entries)
        if self._size > REWRITE_AT and self._size > 4 * self._live:
            try:
                self._rewrite()
            except OSError as error:
                logger.warning("the state journal stays as long as it is: %s", error.strerror)

    def _go_on(self) -> None:
        """Append to the file that is there; a torn entry at its end would hide what follows."""
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.ftruncate(self._descriptor, self._size)
        self._is_behind = False

    def _append(self, descriptor: int, entries: bytes) -> None:
        self._is_behind = True
        if os.write(descriptor, entries) < len(entries):
            os.ftruncate(descriptor, self._size)
            raise _disk_full()
        self._size += len(entries)
        self._is_behind = False

    def _rewrite(self) -> None:
        """Write all slots into a fresh file; the former one stays where that cannot be made."""
        entries = [_entry("boot", boot_name())]
        entries += [_entry(name, content) for name, content in self.slots.items()]
        whole = b"".join(entries)
        fresh = self._path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(fresh, flags, file_mode(fresh.parent))
        try:
            if os.write(descriptor, whole) < len(whole):
                raise _disk_full()
            fresh.replace(self._path)
        except OSError:
            os.close(descriptor)
            fresh.unlink(missing_ok=True)
            raise
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._is_behind = descriptor, False
        self._size = self._live = len(whole)


def _disk_full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _entry(name: str, content: bytes) -> bytes:
    body = name.encode() + content
    return b"".join(
        (
            len(name.encode()).to_bytes(2, "big"),
            len(content).to_bytes(4, "big"),
            crc32(body).to_bytes(4, "big"),
            body,
        )
    )


def _read(path: Path) -> tuple[dict[str, bytes], int]:
    """Read until the first entry that is not whole: nothing can stand behind it.

    Returns the slots and where the whole entries end; 0 for a file that is not to be gone on with.
    """
    try:
        whole = path.read_bytes()
    except OSError:
        return {}, 0
    slots: dict[str, bytes] = {}
    at = 0
    while at + _HEAD <= len(whole):
        name_length = int.from_bytes(whole[at : at + 2], "big")
        end = at + _HEAD + name_length + int.from_bytes(whole[at + 2 : at + 6], "big")
        body = whole[at + _HEAD : end]
        if end > len(whole) or crc32(body) != int.from_bytes(whole[at + 6 : at + _HEAD], "big"):
            break
        name, content = body[:name_length].decode(), body[name_length:]
        if content:
            slots[name] = content
        else:
            slots.pop(name, None)
        at = end
    return (slots, at) if slots.pop("boot", b"") == boot_name() else ({}, 0)
