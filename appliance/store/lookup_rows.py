"""Rows of a table as an owner keeps it, CSV or SQLite: read whole, or every fault told.

CSV is what Excel and others write: separated by comma, semicolon or tab, the first line has the
columns' names, UTF-8 with or without a mark at its beginning, UTF-16 with one, else the country's
old code page (GB 18030 for China, Windows-1250 for Poland, Windows-1252).
"""

import codecs
import csv
import io
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.vocabulary.errors import SiteError, SiteFault
from appliance.vocabulary.lookups import MOST_OF_A_VALUE
from appliance.vocabulary.settings import Country, LookupTable

MOST_BYTES = 64 << 20
MOST_ROWS = 500_000
MOST_COLUMNS = 64
MOST_FAULTS = 20
"""More of them help nobody."""
MOST_STEPS = 200_000_000
"""Of SQLite's machine for one query: a minute or so."""

CODE_PAGES = {Country.CN: "gb18030", Country.PL: "cp1250"}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SQLITE_BEGINS = b"SQLite format 3\x00"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """What stood in the file."""

    columns: Row
    rows: list[Row]
    lines: list[int]
    """Of each row, for faults; SQLite: which row it is."""


def rows_of(content: bytes, file: str, table: LookupTable, country: Country) -> Rows:
    """Read a file. Raises SiteError with its faults: file, line, column, what was expected."""
    if len(content) > MOST_BYTES:
        raise _wrong(file, None, "file", f"a file of at most {MOST_BYTES >> 20} MB")
    if content.startswith(SQLITE_BEGINS):
        found = _of_sqlite(content, file, table)
    else:
        found = _of_csv(content, file, country)
    if table.key not in found.columns:
        listed = ", ".join(found.columns)
        raise _wrong(
            file, 1, table.key, f"a column of this name, as key of the table; has: {listed}"
        )
    faults = list(_faults(found, file, table))
    if faults:
        raise SiteError(faults[:MOST_FAULTS])
    return found


def text_of(content: bytes, file: str, country: Country) -> str:
    """Decode a text file, whoever wrote it."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding, file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, CODE_PAGES.get(country, "cp1252"), file)


def _decoded(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(file, line, "file", f"text in UTF-8 or {encoding.upper()}") from error


def _of_csv(content: bytes, file: str, country: Country) -> Rows:
    text = text_of(content, file, country)
    head = text.partition("\n")[0]
    separator = max((",", ";", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: Row = ()
    rows: list[Row] = []
    lines: list[int] = []
    try:
        for cells in reader:
            row = tuple(cell.strip() for cell in cells)
            if not any(row):
                continue
            if not columns:
                columns = row
                continue
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) > MOST_ROWS:
                raise _wrong(file, reader.line_num, "file", f"at most {MOST_ROWS:,} rows")
    except csv.Error as error:
        raise _wrong(file, reader.line_num, "file", f"a CSV file: {error}") from error
    return Rows(columns, rows, lines)


def _of_sqlite(content: bytes, file: str, table: LookupTable) -> Rows:
    """Run the site's SELECT, or take the only table, on a copy in memory that nothing leaves."""
    opened = sqlite3.connect(":memory:")
    try:
        # A file in WAL mode has no WAL beside it here: read it as any other (file format §1.3.3).
        opened.deserialize(content[:18] + b"\x01\x01" + content[20:])
        opened.execute("PRAGMA query_only = ON")
        query = table.query or f'SELECT * FROM "{_only_table(opened, file)}"'
        opened.set_authorizer(_only_reading)
        opened.set_progress_handler(_Patience().is_over, 100_000)
        cursor = opened.execute(query)
        columns = tuple(str(one[0]) for one in cursor.description or ())
        found = cursor.fetchmany(MOST_ROWS + 1)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _wrong(file, None, "query", f"a SELECT that this file answers: {error}") from error
    finally:
        opened.close()
    if len(found) > MOST_ROWS:
        raise _wrong(file, None, "query", f"at most {MOST_ROWS:,} rows")
    rows = [tuple(_cell(one) for one in row) for row in found]
    return Rows(columns, rows, list(range(1, len(rows) + 1)))


class _Patience:
    def __init__(self) -> None:
        self._left = MOST_STEPS // 100_000

    def is_over(self) -> int:
        self._left -= 1
        return int(self._left <= 0)


def _only_reading(action: int, *_: object) -> int:
    may = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in may else sqlite3.SQLITE_DENY


def _only_table(opened: sqlite3.Connection, file: str) -> str:
    names = [
        str(name)
        for (name,) in opened.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite_%'"
        )
    ]
    if len(names) != 1:
        listed = ", ".join(names) or "none"
        raise _wrong(file, None, "query", f"one table in the file, or query = …; has: {listed}")
    return names[0].replace('"', '""')


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bytes():
            return value.decode("utf-8", "replace").strip()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value).strip()


def _faults(found: Rows, file: str, table: LookupTable) -> Iterator[SiteFault]:
    yield from _faults_of_head(found.columns, file)
    place = found.columns.index(table.key)
    seen: dict[str, int] = {}
    for line, row in zip(found.lines, found.rows, strict=True):
        if len(row) != len(found.columns):
            expected = f"{len(found.columns)} columns as in the first line, found {len(row)}"
            yield _fault(file, line, "row", expected)
            continue
        key = key_of(row[place])
        if not key:
            yield _fault(file, line, table.key, "a key: the row can never be found")
        elif key in seen:
            expected = f"a key that no other row has; line {seen[key]} has {row[place]} too"
            yield _fault(file, line, table.key, expected)
        seen.setdefault(key, line)
        for name, cell in zip(found.columns, row, strict=True):
            if len(cell) > MOST_OF_A_VALUE:
                yield _fault(file, line, name, f"at most {MOST_OF_A_VALUE} characters")


def _faults_of_head(columns: Sequence[str], file: str) -> Iterator[SiteFault]:
    if len(columns) > MOST_COLUMNS:
        yield _fault(file, 1, "row", f"at most {MOST_COLUMNS} columns")
    for place, name in enumerate(columns):
        if not name:
            yield _fault(file, 1, "row", f"a name for column {place + 1}")
        elif name in columns[:place]:
            yield _fault(file, 1, name, "a name that no other column has")


def _fault(file: str, line: int | None, key: str, expected: str) -> SiteFault:
    return SiteFault(file=file, line=line, key=key, expected=f"expected {expected}")


def _wrong(file: str, line: int | None, key: str, expected: str) -> SiteError:
    return SiteError([_fault(file, line, key, expected)])


def read_file(path: Path) -> bytes:
    """Read the file, but no more than is taken. Raises OSError."""
    with path.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


FULL_WIDTH = {0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20}
FILLING = str.maketrans("", "", " -().\u00a0\t")


def key_of(text: str) -> str:
    """Return the form of a key that is compared: 021-5555 1234 and 02155551234 are one.

    >>> key_of("021-5555 1234"), key_of("Ａ１ b")
    ('02155551234', 'a1b')
    """
    return text.translate(FULL_WIDTH).translate(FILLING).casefold()
