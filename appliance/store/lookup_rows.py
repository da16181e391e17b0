"""Rows of a table as an owner keeps it, CSV or SQLite: read row by row, or every fault told.

A list of half a million customers is never in memory as a whole: rows go from the file through the
checks into the table's own file. Faults are told when the end, or the twentieth of them, has come.

CSV is what Excel and others write: separated by comma, semicolon or tab, the first line has the
columns' names, UTF-8 with or without a mark at its beginning, UTF-16 with one, else the country's
old code page (GB 18030 for China, Windows-1250 for Poland, Windows-1252).
"""

import codecs
import contextlib
import csv
import io
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

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

_CHUNK = 1 << 20
_MOST_OF_HEAD = 64 << 10
"""Characters of the first line, by which the separator is found."""

Row = tuple[str, ...]
Numbered = Iterator[tuple[int, Row]]
"""Each row with its line in the file; SQLite: which row it is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in the file."""

    columns: Row
    rows: Numbered
    """Once, while the file is open. Raises SiteError with all faults, when it has found them."""
    is_of_query: bool = False
    """They are what the site's `query` gives."""


def rows_of(source: BinaryIO, file: str, table: LookupTable, country: Country) -> Rows:
    """Begin to read a file. Raises SiteError: file, line, column, what was expected.

    source: at its beginning, can be read twice; to be closed when its rows were read.
    """
    if source.seek(0, io.SEEK_END) > MOST_BYTES:
        raise _wrong(file, None, "file", f"a file of at most {MOST_BYTES >> 20} MB")
    source.seek(0)
    is_sqlite = source.read(len(SQLITE_BEGINS)) == SQLITE_BEGINS
    source.seek(0)
    begun = _of_sqlite(source, file, table) if is_sqlite else _of_csv(source, file, country)
    _, columns = next(begun, (0, ()))
    return checked_rows(columns, begun, file, table, is_of_query=is_sqlite)


def checked_rows(
    columns: Row, begun: Numbered, file: str, table: LookupTable, *, is_of_query: bool = False
) -> Rows:
    """Return rows whose faults are told while they are read. Raises SiteError for their head."""
    if table.key not in columns:
        listed = ", ".join(columns)
        raise _wrong(
            file, 1, table.key, f"a column of this name, as key of the table; has: {listed}"
        )
    faults = list(_faults_of_head(columns, file))
    if faults:
        raise SiteError(faults[:MOST_FAULTS])
    return Rows(columns, _checked(columns, begun, file, table), is_of_query)


def _encoding_of(source: BinaryIO, file: str, country: Country) -> str:
    """Find out how a text file is written, whoever wrote it; reads it to its end."""
    begins = source.read(4)
    source.seek(0)
    for mark, encoding in MARKS:
        if begins.startswith(mark):
            _check_decodes(source, encoding, file)
            return encoding
    try:
        _check_decodes(source, "utf-8", file)
    except SiteError:
        source.seek(0)
        encoding = CODE_PAGES.get(country, "cp1252")
        _check_decodes(source, encoding, file)
        return encoding
    return "utf-8"


def _check_decodes(source: BinaryIO, encoding: str, file: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        chunk = source.read(_CHUNK)
        try:
            line += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            line += bytes(error.object[: error.start]).count(b"\n")
            raise _wrong(file, line, "file", f"text in UTF-8 or {encoding.upper()}") from error
        if not chunk:
            return


def _of_csv(source: BinaryIO, file: str, country: Country) -> Numbered:
    """Yield the columns' names, then the rows."""
    encoding = _encoding_of(source, file, country)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding, newline="")
    try:
        head = text.readline(_MOST_OF_HEAD)
        separator = max((",", ";", "\t"), key=head.count)
        text.seek(0)
        reader = csv.reader(text, delimiter=separator, strict=True)
        count = 0
        try:
            for cells in reader:
                row = tuple(cell.strip() for cell in cells)
                if not any(row):
                    continue
                if count > MOST_ROWS:
                    raise _wrong(file, reader.line_num, "file", f"at most {MOST_ROWS:,} rows")
                count += 1
                yield reader.line_num, row
        except csv.Error as error:
            raise _wrong(file, reader.line_num, "file", f"a CSV file: {error}") from error
    finally:
        with contextlib.suppress(ValueError):  # the file was closed before: nothing to give back
            text.detach()


def _of_sqlite(source: BinaryIO, file: str, table: LookupTable) -> Numbered:
    """Yield the columns' names, then what the site's SELECT gives, or the only table; of a copy in
    memory that nothing leaves."""
    opened = sqlite3.connect(":memory:")
    try:
        content = bytearray(source.read())
        # A file in WAL mode has no WAL beside it here: read it as any other (file format §1.3.3).
        content[18:20] = b"\x01\x01"
        opened.deserialize(content)
        del content
        opened.execute("PRAGMA query_only = ON")
        query = table.query or f'SELECT * FROM "{_only_table(opened, file)}"'
        opened.set_authorizer(_only_reading)
        opened.set_progress_handler(_Patience().is_over, 100_000)
        cursor = opened.execute(query)
        yield 0, tuple(str(one[0]) for one in cursor.description or ())
        for number, found in enumerate(cursor, 1):
            if number > MOST_ROWS:
                raise _wrong(file, None, "query", f"at most {MOST_ROWS:,} rows")
            yield number, tuple(_cell(one) for one in found)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _wrong(file, None, "query", f"a SELECT that this file answers: {error}") from error
    finally:
        opened.close()


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


def _checked(columns: Row, begun: Numbered, file: str, table: LookupTable) -> Numbered:
    """Yield the good rows; raise SiteError at the end if there were others."""
    place = columns.index(table.key)
    # Of each key a number only: half a million of them as text would be a hundred megabytes.
    seen: dict[int, int] = {}
    faults: list[SiteFault] = []
    for line, row in begun:
        before = len(faults)
        if len(row) != len(columns):
            expected = f"{len(columns)} columns as in the first line, found {len(row)}"
            faults.append(_fault(file, line, "row", expected))
        else:
            key = key_of(row[place])
            first = seen.setdefault(hash(key), line)
            if not key:
                faults.append(_fault(file, line, table.key, "a key: the row can never be found"))
            elif first != line:
                expected = f"a key that no other row has; line {first} has {row[place]} too"
                faults.append(_fault(file, line, table.key, expected))
            for name, cell in zip(columns, row, strict=True):
                if len(cell) > MOST_OF_A_VALUE:
                    expected = f"at most {MOST_OF_A_VALUE} characters"
                    faults.append(_fault(file, line, name, expected))
        if len(faults) >= MOST_FAULTS:
            break
        if len(faults) == before:
            yield line, row
    if faults:
        raise SiteError(faults[:MOST_FAULTS])


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


FULL_WIDTH = {0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20}
FILLING = str.maketrans("", "", " -().\u00a0\t")


def key_of(text: str) -> str:
    """Return the form of a key that is compared: 021-5555 1234 and 02155551234 are one.

    >>> key_of("021-5555 1234"), key_of("Ａ１ b")
    ('02155551234', 'a1b')
    """
    return text.translate(FULL_WIDTH).translate(FILLING).casefold()
