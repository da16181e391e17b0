"""Rows that this version does not understand cost a day's pages that row, and nothing else."""

import sqlite3
from pathlib import Path

import pytest
from golden_day import golden_entries

from appliance.reports.record import record_of
from appliance.store.calls import CallBook
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import CallId, Utc


def test_a_fact_of_a_newer_version_is_passed_over_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "calls.db"
    ledger = Ledger(path, record_of)
    entries = golden_entries()
    ledger.append(entries)
    call = CallId("c03")
    whole = CallBook(path).timeline(call)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE entries SET body = replace(body, ?, '\"FromTheFuture\"') WHERE seq ="
            " (SELECT max(seq) FROM entries WHERE call = ?)",
            (f'"{type(whole[-1].fact).__name__}"', call),
        )
    connection.close()
    book = CallBook(path)
    assert book.timeline(call) == ledger.story(call) == whole[:-1]
    everything = book.entries_between(Utc(0.0), Utc(1e12))
    assert len(everything) == len(entries) - 1
    assert len(book.entries_for_day(Utc(0.0), Utc(1e12))) > 0
    assert "passed over" in caplog.text
    ledger.close()
