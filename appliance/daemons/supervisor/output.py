"""What units write, brought to people: each line with the unit's title, and into its log file."""

import os
import select
from pathlib import Path

from appliance.vocabulary.one_line import one_line

LONGEST_LINE = 8192
ROTATE_AT = 5 << 20
"""Bytes of a log file; one older one is kept as <unit>.log.1."""
ALWAYS_WRITABLE = select.PIPE_BUF


class Console:
    """The supervisor's own output. A reader that has stopped reading loses lines, not calls."""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor

    def say(self, text: str) -> None:
        """Write one line, or drop it if that would block."""
        rest = "\n".join(map(one_line, text.split("\n"))).encode(errors="replace") + b"\n"
        while rest:
            # poll(2): writable means that PIPE_BUF bytes can be written without blocking.
            if not select.select([], [self._descriptor], [], 0)[1]:
                return
            try:
                rest = rest[os.write(self._descriptor, rest[:ALWAYS_WRITABLE]) :]
            except OSError:
                return


class LogFile:
    """One unit's log, rotated. A full disk costs lines of the log and nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._size = 0

    def append(self, chunk: bytes) -> None:
        try:
            if self._size > ROTATE_AT:
                self.close()
                os.replace(self._path, self._path.with_suffix(".log.1"))
            if self._descriptor < 0:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._descriptor = os.open(
                    self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
                )
                self._size = os.fstat(self._descriptor).st_size
            self._size += os.write(self._descriptor, chunk)
        except OSError:
            return

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._size = 0


class Lines:
    """Cuts what a unit writes into lines; a line without end is cut at 8 KiB."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            whole.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace").rstrip() for line in whole]
