"""Which rows of the media workers' journals belong to which recording, read once as they grow.

Each journal file is read from where it was left; of every row only its offset is kept, by
recording. So sealing a call touches its own rows only, however many others talked meanwhile.
After a restart the index is built again from the files that are still there.
"""

import logging
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from appliance.daemons import notify
from appliance.engines.recording.frames import (
    ROW,
    WIDTH,
    Rows,
    chosen,
    read_rows,
    row_offsets,
    rows_at,
)
from appliance.vocabulary.ids import Utc

logger = logging.getLogger(__name__)

CHUNK = 2 << 20
"""Bytes read at a time. Some three times as much is held meanwhile, and the system's allocator
keeps what it was once asked for: at 16 MiB that was half of what 200 calls cost the box."""

_NAME_WEIGHTS = np.array([1, 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

Offsets = npt.NDArray[np.int64]
Kept = npt.NDArray[np.int64] | npt.NDArray[np.uint32]
"""Offsets as they are kept: a call has a hundred a second."""


class JournalFile:
    """One file `<worker>-<start>.lhf`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.worker = path.name.partition("-")[0]
        self.written_at = Utc(0.0)
        """When the file was last written to."""
        self.last_arrival_us = 0
        self.held: dict[str, list[Kept]] = {}
        """Where the rows of each recording stand that is not sealed yet."""
        self._scanned = 0
        self._size = -1

    def scan(self) -> None:
        """Take up what was appended since. Raises OSError."""
        with self.path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            self.written_at = Utc(status.st_mtime)
            if status.st_size == self._size:
                return
            while self._scan_chunk(os.pread(file.fileno(), CHUNK, self._scanned)):
                pass
            # Only now: a read that failed is made again the next time.
            self._size = status.st_size

    def _scan_chunk(self, content: bytes) -> bool:
        """Index one chunk; return whether there may be more behind it.

        What stands behind the last whole row is looked at again next time: it may be a row that
        is being written at this moment.
        """
        offsets = row_offsets(content)
        if len(offsets):
            self._index(content, offsets)
            self._scanned += int(offsets[-1]) + WIDTH
            return len(content) == CHUNK
        if len(content) == CHUNK:
            self._scanned += CHUNK - WIDTH
            return True
        return False

    def _index(self, content: bytes, offsets: Offsets) -> None:
        rows = rows_at(content, offsets)
        self.last_arrival_us = max(self.last_arrival_us, int(rows["arrival_us"].max()))
        is_short = self._scanned + len(content) < 1 << 32
        names = np.ascontiguousarray(rows["track"]["recording"])
        # A sort by 64-bit sums is ten times quicker than one by names; `rows_of` compares names.
        sums = names.view(np.uint64).reshape(len(rows), -1) @ _NAME_WEIGHTS
        order = np.argsort(sums, kind="stable")
        starts = np.flatnonzero(np.diff(sums[order], prepend=~sums[order[:1]]))
        for group in np.split(order, starts[1:]):
            recording = names[group[0]].decode("ascii", "replace")
            found = offsets[group] + self._scanned
            kept: Kept = found.astype(np.uint32) if is_short else found
            self.held.setdefault(recording, []).append(kept)

    def rows_of(self, recording: str) -> Rows:
        """Return this file's rows of a recording. Raises OSError."""
        pieces = self.held.get(recording)
        if not pieces:
            return np.empty(0, ROW)
        offsets = np.concatenate(pieces).astype(np.int64)
        is_first = np.diff(offsets, prepend=-2 * WIDTH) != WIDTH
        starts = offsets[is_first].tolist()
        lengths = (np.diff(np.append(np.flatnonzero(is_first), len(offsets))) * WIDTH).tolist()
        # Other calls' rows lie between: reading is four times cheaper than mapping pages of them.
        with self.path.open("rb", buffering=0) as file:
            read, descriptor = os.pread, file.fileno()
            runs = [
                read(descriptor, length, start)
                for start, length in zip(starts, lengths, strict=True)
            ]
        rows = read_rows(b"".join(runs))
        return chosen(rows, rows["track"]["recording"] == recording.encode())


class FrameIndex:
    """All journal files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, JournalFile] = {}
        self.unreadable: list[str] = []
        """Files that the last scan could not read: what they hold is not known."""

    def scan(self) -> None:
        """Take up everything that was written since the last time."""
        there = {path.name: path for path in self._folder.glob("*.lhf")}
        for name in self.files.keys() - there.keys():
            del self.files[name]
        self.unreadable = []
        for name, path in sorted(there.items()):
            file = self.files.setdefault(name, JournalFile(path))
            try:
                file.scan()
            except OSError as error:
                logger.warning("cannot read %s: %s", path, error)
                self.unreadable.append(name)
            # A whole day's journals take a while after a restart.
            notify.watchdog()

    def rows_of(self, recording: str) -> Rows:
        """Return all rows of a recording as they were last scanned. Raises OSError."""
        pieces = [file.rows_of(recording) for file in self.files.values()]
        return np.concatenate(pieces) if pieces else np.empty(0, ROW)

    def began_at(self, recording: str, first_arrival_us: int) -> Utc:
        """Say when a recording began, by the wall clock.

        A file's last row arrived when the file was last written: that ties the monotonic clock
        of the rows to the wall clock, also for files from before a power cut.
        """
        for file in self.files.values():
            if recording in file.held:
                return Utc(file.written_at - (file.last_arrival_us - first_arrival_us) / 1e6)
        return Utc(0.0)

    def forget(self, recording: str) -> None:
        """It is sealed: its rows hold no file any longer."""
        for file in self.files.values():
            file.held.pop(recording, None)

    def unsealed(self) -> dict[str, Utc]:
        """Return every recording that holds rows, and when the last file of it was written."""
        newest: dict[str, Utc] = {}
        for file in self.files.values():
            for recording in file.held:
                newest[recording] = max(newest.get(recording, Utc(0.0)), file.written_at)
        return newest

    def remove_spent(self, now: Utc, older_than: float) -> list[str]:
        """Delete files that hold nothing and that no worker writes any more; return their names.

        The newest file of each worker stays, and whatever was written in the last `older_than`
        seconds. Raises OSError.
        """
        newest: dict[str, JournalFile] = {}
        for file in self.files.values():
            rival = newest.get(file.worker)
            if rival is None or file.written_at > rival.written_at:
                newest[file.worker] = file
        spent = [
            file
            for file in self.files.values()
            if not file.held
            and file is not newest[file.worker]
            and now - file.written_at > older_than
        ]
        for file in spent:
            file.path.unlink(missing_ok=True)
            del self.files[file.path.name]
        return [file.path.name for file in spent]
