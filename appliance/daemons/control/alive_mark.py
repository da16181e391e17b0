"""The last moment at which the box is known to have been alive, on the disk.

A power cut leaves nothing of a talk but its beginning and its recording: nothing is written in the
ledger while two people talk. What was cut is ended at this mark (reports/closing.py), so that the
ledger and the recording, which is forced to the disk twice a second, say the same.

One number in one sector, written over in place: a disk has the old one or the new one. It costs
one forced write a second, whatever the number of calls, in the ledger's thread.
"""

import contextlib
import logging
import os
from pathlib import Path

from appliance.store.private_file import open_own
from appliance.vocabulary.ids import Utc

logger = logging.getLogger(__name__)

IDLE_SECONDS = 30.0
"""How often it is written while there is no call: agents' times go by it, and disks wear."""
_WIDTH = 20


class AliveMark:
    """The file, and what stands in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self.before = self._read()
        """What the process before left; None where there was none."""
        self._last = Utc(0.0)

    def is_due(self, at: Utc, *, is_busy: bool) -> bool:
        """Say whether to write it now: each time while there are calls, else now and then."""
        return is_busy or not 0.0 <= at - self._last < IDLE_SECONDS

    def write(self, at: Utc) -> None:
        """Bring it to the disk. A disk that refuses costs seconds of a talk that is cut, no more:
        calls go on, and the next mark tries again."""
        self._last = at
        try:
            if self._file < 0:
                self._file = open_own(self._path, os.O_WRONLY | os.O_CREAT)
            os.pwrite(self._file, f"{at:{_WIDTH}.3f}\n".encode(), 0)
            os.fdatasync(self._file)
        except OSError as error:
            logger.debug("the mark of life cannot be written: %s", error)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _read(self) -> Utc | None:
        with contextlib.suppress(OSError, ValueError):
            return Utc(float(self._path.read_bytes()[:_WIDTH]))
        return None
