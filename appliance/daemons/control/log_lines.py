"""What control tells its log, gathered: a line of a call costs no write of its own.

Eight lines a call were eight writes and eight wakes of whoever reads them. Lines up to INFO
therefore wait for a tenth of a second; a warning takes along what waits, at once. kill -9 may cost
the last tenth of a second of the log, which is for people; what reports need is in the journal.
"""

import asyncio
import logging
import os
import threading

from appliance.vocabulary.one_line import OneLineForm, one_line

STANDARD_ERROR = 2
GATHER_SECONDS = 0.1


class GatheredLines(logging.Handler):
    """Writes lines to standard error, many at once while a loop runs."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLineForm())
        self._lines: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._is_due = False

    def gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to gather; to be called in the loop's thread."""
        self._loop, self._loop_thread = loop, threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line (logging's own door, under its lock)."""
        try:
            self._lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - as logging's own: a bad line never harms who wrote it
            self.handleError(record)
            return
        is_of_loop = threading.get_ident() == self._loop_thread
        self._write(at_once=not is_of_loop or record.levelno >= logging.WARNING)

    def line_of_call(self, text: str) -> None:
        """Take the text of an INFO line of "calls" from the loop's thread, as `emit` would make it
        of a record: calls say eight lines each, and a record costs ten times what its line does."""
        line = f"INFO calls: {one_line(text)}"
        self.acquire()
        try:
            self._lines.append(line)
            self._write(at_once=False)
        finally:
            self.release()

    def _write(self, *, at_once: bool) -> None:
        loop = self._loop
        if loop is None or at_once or loop.is_closed():
            self.flush()
        elif not self._is_due:
            self._is_due = True
            loop.call_later(GATHER_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what waits; logging calls this at the end of the process too."""
        self.acquire()
        try:
            lines, self._lines = self._lines, []
            self._is_due = False
        finally:
            self.release()
        if not lines:
            return
        left = "".join([f"{line}\n" for line in lines]).encode("utf-8", "backslashreplace")
        while left:
            try:
                left = left[os.write(STANDARD_ERROR, left) :]
            except OSError:
                return  # nobody reads: lines are lost, calls are not


def begin() -> GatheredLines:
    """Set the log up for a process whose lines say neither thread, process nor source line."""
    # logging's own advice for those who do not print them (Logging HOWTO, Optimization): walking
    # up the stack for the source line is most of what a line costs.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    lines = GatheredLines()
    logging.basicConfig(level=os.environ.get("LINGHE_LOG", "INFO"), handlers=[lines])
    return lines
