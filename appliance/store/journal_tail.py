"""Reading the journal row after row as it grows: for event streams and webhooks. Read-only.

A row's number is its event's id: rows are never removed, so a number names the same row for ever.
"""

from collections.abc import Sequence
from pathlib import Path

from appliance.store.entry_rows import entries_of, entry_of
from appliance.store.ledger_tables import LEDGER
from appliance.store.reading import ReadFile
from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import CallId
from appliance.vocabulary.journal import Entry


class JournalTail(ReadFile):
    """The end of calls.db."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not be there yet."""
        super().__init__(path, LEDGER)
        self._version = -1

    def last(self) -> int:
        """Return the number of the latest row, 0 for an empty journal. EquipmentError."""
        rows = self._rows("SELECT max(seq) FROM entries")
        return int(rows[0][0] or 0) if rows else 0

    def has_news(self) -> bool:
        """Say whether anything was written since this was last asked; true the first time."""
        rows = self._rows("PRAGMA data_version")
        version = int(rows[0][0]) if rows else -1
        is_new = version != self._version or version == -1
        self._version = version
        return is_new

    def after(self, row: int, most: int) -> list[tuple[int, Entry | None]]:
        """Return up to `most` rows after this one; None for a row that cannot be understood."""
        rows = self._rows(
            "SELECT seq, body FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", (row, most)
        )
        return [(int(seq), entry_of(int(seq), body)) for seq, body in rows]

    def only(self, row: int, most: int, kinds: Sequence[type[Fact]]) -> tuple[int, list[Entry]]:
        """Return the number of the last of up to `most` rows after this one, and those of them
        whose facts are of these kinds. A call writes some twenty rows: who waits for rare ones
        need not decode them all."""
        marks = [f'"{kind.__name__}"' for kind in kinds]
        is_wanted = " OR ".join("instr(body, ?)" for _ in marks)
        rows = self._rows(
            f"SELECT seq, CASE WHEN {is_wanted} THEN body END FROM entries"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            (*marks, row, most),
        )
        found = [entry_of(int(seq), body) for seq, body in rows if body is not None]
        last = int(rows[-1][0]) if rows else row
        return last, [one for one in found if one is not None and type(one.fact) in kinds]

    def before(self, call: CallId, row: int) -> list[Entry]:
        """Return a call's entries before this row, in order."""
        rows = self._rows(
            "SELECT seq, body FROM entries WHERE call = ? AND seq < ? ORDER BY seq", (call, row)
        )
        return entries_of(rows)
