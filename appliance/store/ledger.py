"""The only writer of calls.db: the journal, append-only, and one projected row a call."""

from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.vocabulary.ids import CallId
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.records import CallRecord

RecordOf = Callable[[Sequence[Entry]], CallRecord | None]
"""reports.record.record_of: the call's record as a function of its entries."""


class Ledger:
    """Writes the journal durably. Used from one thread (the control daemon's writer)."""

    def __init__(self, path: Path, record_of: RecordOf) -> None:
        """Open or make calls.db. RefusedError when the file is newer than this code."""
        raise NotImplementedError

    def append(self, entries: Sequence[Entry]) -> int:
        """Write all in one durable transaction; return how many were new.

        An entry whose key is already there changes nothing. On return they survive a power cut.
        """
        raise NotImplementedError

    def unfinished(self) -> list[CallId]:
        """Return the calls that entered and never ended, oldest first (after a power cut)."""
        raise NotImplementedError

    def story(self, call: CallId) -> list[Entry]:
        """Return all entries of a call in order."""
        raise NotImplementedError

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file; for quiet moments."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError
