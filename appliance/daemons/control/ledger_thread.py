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

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.journal import Entry

logger = logging.getLogger(__name__)

Batch = tuple[int, list[Entry]]

RETRY_SECONDS = 1.0
"""After a failed commit (disk full): calls go on, entries wait in the state journal."""


class LedgerThread:
    """Commits batches in order; `on_written(number)` is called from the thread."""

    def __init__(self, path: Path, on_written: Callable[[int], None]) -> None:
        self._path = path
        self._on_written = on_written
        self._mailbox: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)

    def start(self) -> None:
        """Open the database and begin."""
        self._thread.start()

    def put(self, number: int, entries: list[Entry]) -> None:
        """Hand over one turn's entries."""
        self._mailbox.put((number, entries))

    def stop(self) -> None:
        """Commit what was handed over, then end."""
        self._mailbox.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        ledger = Ledger(self._path, record_of)
        is_over = False
        while not is_over:
            first = self._mailbox.get()
            batches: list[Batch] = []
            while first is not None:
                batches.append(first)
                if self._mailbox.empty():
                    break
                first = self._mailbox.get()
            is_over = first is None
            if batches:
                self._commit(ledger, batches)
        ledger.close()

    def _commit(self, ledger: Ledger, batches: list[Batch]) -> None:
        entries = [entry for _, batch in batches for entry in batch]
        is_written = False
        while not is_written:
            try:
                ledger.append(entries)
                is_written = True
            except (ApplianceError, OSError) as error:
                logger.warning("the ledger cannot be written, trying again: %s", error)
                time.sleep(RETRY_SECONDS)
        for number, _ in batches:
            self._on_written(number)
