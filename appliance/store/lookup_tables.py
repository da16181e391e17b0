"""Tables that flows look things up in: one file each, replaced as a whole while calls go on.

Whatever the owner's file was, the box keeps the same form: an SQLite file of one table, by key.
It is written beside, synced and renamed; a lookup opens the file anew, and so sees the old rows or
the new ones, never half of either.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import structs

from appliance.store.lookup_rows import Numbered, Rows, checked_rows, key_of
from appliance.store.private_file import make_folder, sync_folder
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import TableId, Utc
from appliance.vocabulary.lookups import Answer, LookupResult
from appliance.vocabulary.settings import LookupTable
from appliance.vocabulary.shape import Value


class TableFacts(Value, frozen=True, kw_only=True):
    """What is known of a table's rows."""

    columns: tuple[str, ...]
    rows: int
    file: str
    """The owner's name for it."""
    at: Utc
    """When it was taken in."""
    by: str = ""
    key: str = ""
    """The column that they are found by; empty: of a box before this was kept."""
    query: str | None = None
    """The site's SELECT that gave them; None: they came from a CSV file."""


class LookupTables:
    """The folder of tables."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made by the first table."""
        self._folder = folder

    def put(self, table: LookupTable, rows: Rows, *, file: str, at: Utc, by: str) -> TableFacts:
        """Put these rows in the place of those that were. Raises EquipmentError, and SiteError with
        the faults of the rows; then the old ones stay."""
        facts = TableFacts(
            columns=rows.columns,
            rows=0,
            file=file,
            at=at,
            by=by,
            key=table.key,
            query=table.query if rows.is_of_query else None,
        )
        return self._replaced(table, rows, facts)

    def fit(self, table: LookupTable, *, is_trial: bool = False) -> None:
        """Have the rows found by the column that the site names now, as from the same file.

        Raises SiteError where they cannot be: no such column, two rows with one key. `is_trial`:
        change nothing.
        """
        facts = self.facts(table.id)
        if facts is None or facts.key in ("", table.key):
            return
        opened = self._opened(table.id)
        if opened is None:
            return
        with contextlib.closing(opened):
            rows = kept_rows(opened, facts, table)
            if is_trial:
                deque(rows.rows, maxlen=0)
            else:
                self._replaced(table, rows, structs.replace(facts, key=table.key))

    def there(self) -> set[TableId]:
        """Return the tables that have rows."""
        return {TableId(path.stem) for path in self._folder.glob("*.db")}

    def remove(self, table: TableId) -> None:
        """Throw its rows away."""
        self._path(table).unlink(missing_ok=True)

    def _replaced(self, table: LookupTable, rows: Rows, facts: TableFacts) -> TableFacts:
        draft = self._path(table.id).with_suffix(".new")
        try:
            make_folder(self._folder)
            draft.unlink(missing_ok=True)
            facts = _write(draft, table, rows, facts)
            draft.replace(self._path(table.id))
            sync_folder(self._folder)
        except (OSError, sqlite3.Error) as error:
            raise EquipmentError(f"the table cannot be kept: {error}") from error
        finally:
            draft.unlink(missing_ok=True)
        return facts

    def facts(self, table: TableId) -> TableFacts | None:
        """Return what is known of its rows; None for a table that has none yet."""
        opened = self._opened(table)
        if opened is None:
            return None
        try:
            (text,) = opened.execute("SELECT text FROM facts").fetchone()
            return msgspec.json.decode(text, type=TableFacts)
        except (sqlite3.Error, msgspec.MsgspecError, TypeError) as error:
            raise EquipmentError(f"table {table} is damaged: {error}") from error
        finally:
            opened.close()

    def answer(self, table: TableId, key: str, columns: Mapping[str, str]) -> Answer:
        """Find a row. `columns`: variable to column; empty: all by their own names. Never raises
        for what the file is."""
        opened = self._opened(table)
        if opened is None:
            return Answer(result=LookupResult.FAILED, text="the table has no rows yet")
        try:
            row = opened.execute("SELECT cells FROM rows WHERE key = ?", (key_of(key),)).fetchone()
            if row is None:
                return Answer(result=LookupResult.NOT_FOUND)
            cells = msgspec.json.decode(row[0], type=dict[str, str])
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            return Answer(result=LookupResult.FAILED, text=f"damaged: {error}")
        finally:
            opened.close()
        if not columns:
            return Answer(result=LookupResult.FOUND, values=cells)
        values = {name: cells[column] for name, column in columns.items() if column in cells}
        return Answer(result=LookupResult.FOUND, values=values)

    def _path(self, table: TableId) -> Path:
        return self._folder / f"{table}.db"

    def _opened(self, table: TableId) -> sqlite3.Connection | None:
        path = self._path(table)
        if not path.exists():
            return None
        # Immutable: it is never changed in place, so SQLite need not lock or look for a journal.
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def kept_rows(opened: sqlite3.Connection, facts: TableFacts, table: LookupTable) -> Rows:
    """Return the rows of a table of ours, to be found by another column. Raises SiteError."""
    cells = msgspec.json.Decoder(dict[str, str])

    def numbered() -> Numbered:
        found = opened.execute("SELECT cells FROM rows")
        for number, (text,) in enumerate(found, 1):
            row = cells.decode(text)
            yield number, tuple(row[name] for name in facts.columns)

    return checked_rows(facts.columns, numbered(), facts.file, table)


def _write(draft: Path, table: LookupTable, rows: Rows, facts: TableFacts) -> TableFacts:
    place = rows.columns.index(table.key)
    made = sqlite3.connect(draft, isolation_level=None)
    try:
        made.execute("PRAGMA journal_mode = MEMORY")
        made.execute("PRAGMA synchronous = FULL")
        made.execute("BEGIN")
        made.execute("CREATE TABLE rows (key TEXT PRIMARY KEY, cells BLOB NOT NULL) WITHOUT ROWID")
        made.execute("CREATE TABLE facts (text BLOB NOT NULL)")
        count = made.executemany(
            "INSERT INTO rows VALUES (?, ?)",
            (
                (
                    key_of(row[place]),
                    msgspec.json.encode(dict(zip(rows.columns, row, strict=True))),
                )
                for _, row in rows.rows
            ),
        ).rowcount
        facts = structs.replace(facts, rows=max(0, count))
        made.execute("INSERT INTO facts VALUES (?)", (msgspec.json.encode(facts),))
        made.execute("COMMIT")
    finally:
        made.close()
    return facts
