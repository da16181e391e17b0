"""The ledger's writer thread: group commits to calls.db, off the loop.

What is handed over but not yet committed stands in the state journal under "ledger:<n>", so that
kill -9 between the answer and the commit loses no entry: the next process writes it again, and
the entries' keys keep it from being counted twice.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from appliance.daemons.control.alive_mark import AliveMark
from appliance.reports.closing import closing_entries
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.errors import ApplianceError, EquipmentError
from appliance.vocabulary.events import RecordingLeft
from appliance.vocabulary.ids import CallId, Utc
from appliance.vocabulary.journal import Entry, RecordingClosed

logger = logging.getLogger(__name__)
_decoder: msgspec.msgpack.Decoder[list[Entry]] = msgspec.msgpack.Decoder(list[Entry])

Batch = tuple[int, list[Entry]]
NOTHING: Batch = (0, [])
"""Wakes the thread for the mark of life alone; batches are numbered from 1."""

GATHER_SECONDS = 0.2
"""One commit for what comes within, so much of the ledger a power cut can cost (of the audio it is
a second). At 50 calls a second a commit of 0.2 s writes a third of the pages a call that commits
of 0.05 s write: each writes every page that it touches, of five indexes too."""
RETRY_SECONDS = 1.0
"""After a failed commit (disk full): calls go on, entries wait in the state journal."""


class LedgerThread:
    """Commits batches in order; both callbacks are called from the thread."""

    def __init__(
        self,
        path: Path,
        mark: AliveMark,
        *,
        on_written: Callable[[list[int]], object],
        on_left: Callable[[list[RecordingLeft]], object],
    ) -> None:
        """`on_left`: the recordings of calls that were closed on paper."""
        self._path, self._mark = path, mark
        self.alive_before = mark.before
        """The last moment at which the box before is known to have been alive, by its mark."""
        self._alive_at: Utc | None = None
        """To be written down as the mark."""
        self._on_written = on_written
        self._on_left = on_left
        self._mailbox: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._living: set[CallId] = set()
        self._before: list[Batch] = []
        """Handed over ahead of the start: of the process before."""
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)

    def start(self, living: set[CallId]) -> None:
        """Open the database and begin. Calls that stand open in it and do not live are closed.

        What is handed over later is this process's own: it neither opens a call that would be
        closed nor counts as a sign of life before the start.
        """
        self._living = living
        self._before, _ = self._handed_over()
        self._thread.start()

    def put(self, number: int, entries: list[Entry]) -> None:
        """Hand over one turn's entries."""
        self._mailbox.put((number, entries))

    def put_again(self, number: int, content: bytes) -> None:
        """Hand over a turn's entries that the process before had written down only. Raises
        msgspec.MsgspecError."""
        self.put(number, _decoder.decode(content))

    def alive(self, at: Utc, *, is_busy: bool) -> None:
        """Be told each second that all goes on, and whether there are calls."""
        if not self._mark.is_due(at, is_busy=is_busy):
            return
        is_told = self._alive_at is not None
        self._alive_at = at
        if not is_told:
            self._mailbox.put(NOTHING)

    def stop(self) -> None:
        """Commit what was handed over, then end."""
        self._mailbox.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        ledger = self._opened()
        self._commit(ledger, self._before)
        self._close_unfinished(ledger)
        is_over = False
        while not is_over:
            first = self._mailbox.get()
            if first is None:
                break
            time.sleep(GATHER_SECONDS)
            batches, is_over = self._handed_over()
            self._commit(ledger, [first, *batches])
            self._mark_life()
        ledger.close()
        self._mark.close()

    def _mark_life(self) -> None:
        # Told anew in between, it is lost: there is another one in a second.
        at, self._alive_at = self._alive_at, None
        if at is not None:
            self._mark.write(at)

    def _opened(self) -> Ledger:
        """Open the file, as soon as the disk lets us."""
        while True:
            try:
                return Ledger(self._path, record_of)
            except EquipmentError as error:
                logger.warning("the ledger cannot be opened, trying again: %s", error)
                time.sleep(RETRY_SECONDS)

    def _handed_over(self) -> tuple[list[Batch], bool]:
        """Return what waits in the mailbox, and whether it was the last."""
        batches: list[Batch] = []
        while not self._mailbox.empty():
            batch = self._mailbox.get()
            if batch is None:
                return batches, True
            batches.append(batch)
        return batches, False

    def _close_unfinished(self, ledger: Ledger) -> None:
        """After a power cut: what was open then ended then, as far as anybody can know: by the
        last entry or the mark of life, whichever is later."""
        last = ledger.last_at()
        if last is not None and self.alive_before is not None:
            last = max(last, self.alive_before)
        for call in ledger.unfinished():
            if call not in self._living and last is not None:
                closing = self._closing(ledger, call, last)
                self._append(ledger, closing)
                left = [
                    RecordingLeft(recording=one.fact.recording, call=call)
                    for one in closing
                    if isinstance(one.fact, RecordingClosed)
                ]
                if left:
                    self._on_left(left)

    def _closing(self, ledger: Ledger, call: CallId, last: Utc) -> list[Entry]:
        try:
            return closing_entries(ledger.story(call), last)
        except Exception:  # one odd call must not cost all others their ledger
            logger.exception("call=%s stands open and cannot be closed", call)
            return []

    def _commit(self, ledger: Ledger, batches: list[Batch]) -> None:
        entries = [entry for _, batch in batches for entry in batch]
        if entries:
            self._append(ledger, entries)
            self._on_written([number for number, _ in batches if number])

    def _append(self, ledger: Ledger, entries: list[Entry]) -> None:
        """Commit, however long it takes."""
        is_written = False
        while not is_written:
            try:
                ledger.append(entries)
                is_written = True
            except (ApplianceError, OSError) as error:
                logger.warning("the ledger cannot be written, trying again: %s", error)
                time.sleep(RETRY_SECONDS)
