"""Tables that an owner gives: every encoding, faults with their lines, rows replaced whole."""

import io
import sqlite3
import threading
from typing import NamedTuple

import pytest

from appliance.store.lookup_rows import MOST_BYTES, rows_of
from appliance.store.lookup_tables import LookupTables
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.ids import TableId, Utc
from appliance.vocabulary.lookups import LookupResult
from appliance.vocabulary.settings import Country, LookupTable

CUSTOMERS = LookupTable(id=TableId("customers"), key="phone")


class Read(NamedTuple):
    columns: tuple
    rows: list


def read(content, country=Country.CN, table=CUSTOMERS):
    found = rows_of(io.BytesIO(content), "c.csv", table, country)
    return Read(found.columns, [row for _, row in found.rows])


def faults(content, table=CUSTOMERS):
    with pytest.raises(SiteError) as refused:
        read(content, table=table)
    return [str(one) for one in refused.value.faults]


def put(folder, content, table=CUSTOMERS):
    tables = LookupTables(folder)
    rows = rows_of(io.BytesIO(content), "c.csv", table, Country.CN)
    tables.put(table, rows, file="c.csv", at=Utc(1.0), by="Anna")
    return tables


@pytest.mark.parametrize(
    ("encoding", "country"),
    [
        ("utf-8", Country.PL),
        ("utf-8-sig", Country.CN),
        ("gb18030", Country.CN),
        ("utf-16", Country.CN),
    ],
)
def test_a_chinese_table_is_read_however_excel_wrote_it(encoding, country):
    found = read("phone,姓名\r\n021-5555 1234,王芳\r\n".encode(encoding), country)
    assert (found.columns, found.rows) == (("phone", "姓名"), [("021-5555 1234", "王芳")])


def test_a_polish_table_with_semicolons_in_the_old_code_page():
    found = read("phone;imię\n22123;Żółć\n".encode("cp1250"), Country.PL)
    assert found.rows == [("22123", "Żółć")]


def test_quotes_empty_lines_and_line_ends_within_a_cell():
    found = read(b'phone,name\n\n1,"Lee, Ann"\n2,"two\nlines"\n')
    assert found.rows == [("1", "Lee, Ann"), ("2", "two\nlines")]


def test_every_fault_names_its_line():
    text = b"phone,name\n1,Ann\n,Bob\n3\n021-1,Eve\n0211,Eva\n6," + b"x" * 201 + b"\n"
    assert faults(text) == [
        "c.csv:3: phone: expected a key: the row can never be found",
        "c.csv:4: row: expected 2 columns as in the first line, found 1",
        "c.csv:6: phone: expected a key that no other row has; line 5 has 0211 too",
        "c.csv:7: name: expected at most 200 characters",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "c.csv:1: phone: expected a column of this name"),
        (b"tel,name\n1,Ann\n", "c.csv:1: phone: expected a column of this name"),
        (b"phone,phone\n1,2\n", "a name that no other column has"),
        (b"phone,\n1,2\n", "a name for column 2"),
        (b'phone,name\n1,"Ann\n', "expected a CSV file"),
        (b"SQLite format 3\x00 and then nothing", "c.csv: query: expected a SELECT"),
        (b"x" * (MOST_BYTES + 1), "at most 64 MB"),
        (b"phone\n\xff\xff\xff\n", "c.csv:2: file: expected text in UTF-8 or GB18030"),
    ],
)
def test_what_is_no_table_is_refused_with_words(content, says):
    assert says in faults(content)[0]


def sqlite_file(tmp_path, *statements):
    path = tmp_path / "own.db"
    made = sqlite3.connect(path)
    for one in statements:
        made.execute(one)
    made.commit()
    made.close()
    return path.read_bytes()


def test_an_sqlite_file_of_one_table_needs_no_query(tmp_path):
    content = sqlite_file(
        tmp_path,
        "CREATE TABLE c (phone INTEGER, name TEXT, balance REAL)",
        "INSERT INTO c VALUES (13900001111, 'Ann', 12.5), (2, NULL, 3.0)",
    )
    found = read(content)
    assert found.columns == ("phone", "name", "balance")
    assert found.rows == [("13900001111", "Ann", "12.5"), ("2", "", "3")]


def test_a_query_chooses_and_may_do_nothing_but_read(tmp_path):
    content = sqlite_file(
        tmp_path,
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE a (tel TEXT)",
        "CREATE TABLE b (tel TEXT)",
        "INSERT INTO a VALUES ('1')",
    )

    def with_query(query):
        return LookupTable(id=TableId("customers"), key="phone", query=query)

    assert "one table in the file" in faults(content)[0]
    assert read(content, table=with_query("SELECT tel AS phone FROM a")).rows == [("1",)]
    for query in (
        "DELETE FROM a",
        "ATTACH '/tmp/other.db' AS o",
        "SELECT load_extension('x') AS phone",
        "WITH RECURSIVE n(phone) AS (SELECT 1 UNION ALL SELECT phone + 1 FROM n)"
        " SELECT phone FROM n WHERE phone < 0",
    ):
        assert faults(content, with_query(query))[0].startswith("c.csv: query: ")


def test_a_row_is_found_however_its_number_is_written(tmp_path):
    tables = put(tmp_path, b"phone,name\n021-5555 1234,Ann\n")
    for key in ("02155551234", "021 5555-1234", "０２１５５５５１２３４"):
        answer = tables.answer(TableId("customers"), key, {"who": "name"})
        assert (answer.result, answer.values) == (LookupResult.FOUND, {"who": "Ann"})
    assert tables.answer(TableId("customers"), "9", {}).result is LookupResult.NOT_FOUND
    assert tables.answer(TableId("others"), "9", {}).result is LookupResult.FAILED


def test_a_damaged_file_is_no_answer_and_no_crash(tmp_path):
    tables = put(tmp_path, b"phone,name\n1,Ann\n")
    (tmp_path / "customers.db").write_bytes(b"SQLite format 3\x00" + bytes(4000))
    assert tables.answer(TableId("customers"), "1", {}).result is LookupResult.FAILED


def test_who_asks_while_rows_are_replaced_sees_old_or_new_ones(tmp_path):
    tables = put(tmp_path, b"phone,name\n1,old\n")
    seen = set()
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            answer = LookupTables(tmp_path).answer(TableId("customers"), "1", {})
            seen.add(answer.values.get("name", answer.result))

    asker = threading.Thread(target=ask)
    asker.start()
    for turn in range(20):
        put(tmp_path, f"phone,name\n1,{'new' if turn % 2 else 'old'}\n".encode())
    stop.set()
    asker.join(10)
    assert seen <= {"old", "new"}
    assert tables.facts(TableId("customers")).rows == 1
    assert [path.name for path in tmp_path.iterdir()] == ["customers.db"]
