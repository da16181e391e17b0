"""Stories of the ledger: nothing counted twice, nothing half-told, newer files refused."""

import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from golden_day import NINE, golden_entries
from journal_script import Journal
from msgspec.structs import replace

from appliance.reports.closing import closing_entries
from appliance.reports.record import record_of
from appliance.store.calls import CallBook, CallFilter
from appliance.store.ledger import Ledger
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import AgentId, CallId, PromptHash, QueueId, RecordingId, Utc
from appliance.vocabulary.journal import (
    CallOutcome,
    Entry,
    RecordingFiled,
    RecordingOpened,
    Side,
)
from appliance.vocabulary.records import CallRecord

_numbers = count()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.db"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return Ledger(path, record_of)


def test_every_entry_of_the_golden_day_is_read_back_as_it_was(ledger: Ledger, path: Path) -> None:
    entries = golden_entries()
    assert ledger.append(entries) == len(entries)
    assert CallBook(path).entries_between(Utc(0.0), Utc(1e12)) == entries


def test_entries_written_again_after_a_restart_change_nothing(ledger: Ledger, path: Path) -> None:
    entries = golden_entries()
    ledger.append(entries)
    before = CallBook(path).call(CallId("c03"))
    again = Ledger(path, record_of)
    assert again.append(entries) == 0
    assert again.append(entries[:7]) == 0
    book = CallBook(path)
    assert len(book.entries_between(Utc(0.0), Utc(1e12))) == len(entries)
    assert book.call(CallId("c03")) == before
    assert book.count_between(Utc(0.0), Utc(1e12)) == 15


def test_a_call_taken_up_after_a_restart_is_told_from_its_first_entry(path: Path) -> None:
    entries = [entry for entry in golden_entries() if entry.call == "c03"]
    first = Ledger(path, record_of)
    first.append(entries[:5])
    first.close()
    second = Ledger(path, record_of)
    for entry in entries[5:]:
        second.append([entry])
    record = CallBook(path).call(CallId("c03"))
    assert record == record_of(entries)
    assert record is not None
    assert (record.wait, record.talk, record.hold) == (21.0, 270.0, 20.0)
    assert record.agents == (AgentId("1001"), AgentId("1002"))
    assert record.outcome is CallOutcome.ANSWERED
    assert record.ended_by is Side.AGENT


def test_a_call_that_goes_on_stands_in_the_book_and_is_unfinished(
    ledger: Ledger, path: Path
) -> None:
    ledger.append(golden_entries())
    journal = Journal(NINE + 4000)
    journal.enters(0, "c20")
    ledger.append(journal.entries)
    record = CallBook(path).call(CallId("c20"))
    assert record is not None
    assert (record.outcome, record.ended) == (None, None)
    assert ledger.unfinished() == ["c20"]


def test_the_recording_filed_after_the_end_is_found_from_the_call(
    ledger: Ledger, path: Path
) -> None:
    ledger.append([entry for entry in golden_entries() if entry.call == "c01"])
    journal = Journal(NINE)
    journal.add(
        64,
        RecordingOpened(
            recording=RecordingId("r1"), notice=PromptHash("ab" * 32), notice_at=Utc(NINE + 52)
        ),
        "c01",
    )
    journal.add(
        190,
        RecordingFiled(
            recording=RecordingId("r1"), file="2025-11-20/r1.wav", sha256="cd" * 32, seconds=120.0
        ),
        "c01",
    )
    ledger.append([_renamed(entry, "late") for entry in journal.entries])
    record = CallBook(path).call_of_recording(RecordingId("r1"))
    assert record is not None and record.call == "c01"
    (note,) = record.recordings
    assert (note.file, note.seconds, note.notice) == ("2025-11-20/r1.wav", 120.0, "ab" * 32)


def test_a_recording_without_audio_is_filed_and_its_call_leaves_the_memory(
    ledger: Ledger,
) -> None:
    recording = RecordingId("r1")
    ledger.append([entry for entry in golden_entries() if entry.call == "c01"])
    assert not ledger._told
    journal = Journal(NINE)
    journal.add(64, RecordingOpened(recording=recording), "c01")
    journal.add(190, RecordingFiled(recording=recording, file="", sha256="", seconds=0.0), "c01")
    opened, filed = (_renamed(entry, "silent") for entry in journal.entries)
    ledger.append([opened])
    assert "c01" in ledger._told
    ledger.append([filed])
    assert not ledger._told


def test_a_call_that_gives_no_record_stops_no_other(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def with_a_bug(entries: Sequence[Entry]) -> CallRecord | None:
        if entries[0].call == "c03" and len(entries) > 1:
            raise KeyError("a bug")
        return record_of(entries)

    ledger = Ledger(path, with_a_bug)
    entries = golden_entries()
    for entry in entries:
        ledger.append([entry])
    book = CallBook(path)
    assert book.entries_between(Utc(0.0), Utc(1e12)) == entries
    assert "call=c03" in caplog.text
    thin, next_one = book.call(CallId("c03")), book.call(CallId("c04"))
    assert thin is not None and thin.ended is None
    assert ledger.unfinished() == [] and not ledger._told
    assert next_one == record_of(book.timeline(CallId("c04")))
    ledger.close()
    Ledger(path, with_a_bug).close()


def test_a_ledger_that_a_newer_linghe_wrote_is_refused_untouched(path: Path) -> None:
    Ledger(path, record_of).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('linghe.calls', 'from_the_future', '')"
        )
    connection.close()
    with pytest.raises(RefusedError) as refused:
        Ledger(path, record_of)
    assert refused.value.key == "database_newer"
    assert "from_the_future" in refused.value.sentence
    with pytest.raises(RefusedError):
        CallBook(path)


def test_a_batch_that_the_disk_refuses_is_not_there_at_all(ledger: Ledger, path: Path) -> None:
    entries = golden_entries()
    ledger.append(entries[:50])
    pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(EquipmentError):
        ledger.append([_renamed(entry, "again") for _ in range(20) for entry in entries])
    assert len(CallBook(path).entries_between(Utc(0.0), Utc(1e12))) == 50
    ledger._connection.execute("PRAGMA max_page_count = 1000000")
    assert ledger.append(entries) == len(entries) - 50


def test_the_file_is_its_owners_only_and_durable(ledger: Ledger, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert ledger._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_queue_name_that_is_part_of_another_is_not_found_by_it(
    ledger: Ledger, path: Path
) -> None:
    ledger.append(golden_entries())
    book = CallBook(path)
    everything = (Utc(0.0), Utc(1e12))
    assert book.count_between(*everything, CallFilter(queue=QueueId("sales"))) == 13
    assert book.count_between(*everything, CallFilter(queue=QueueId("sale"))) == 0


def _renamed(entry: Entry, suffix: str) -> Entry:
    return replace(entry, key=f"{entry.key}:{suffix}:{next(_numbers)}")


def test_what_a_power_cut_left_open_is_found_with_the_boxs_last_sign_of_life(
    ledger: Ledger, path: Path
) -> None:
    assert ledger.last_at() is None and ledger.unfinished() == []
    entries = golden_entries()
    cut = [entry for entry in entries if entry.at <= NINE + 900]
    ledger.append(cut)
    again = Ledger(path, record_of)
    last = again.last_at()
    assert last == NINE + 900
    assert again.unfinished() == ["c10", "c08"]
    for call in again.unfinished():
        again.append(closing_entries(again.story(call), last))
    assert again.unfinished() == []
    record = CallBook(path).call(CallId("c10"))
    assert record is not None and record.talk == 88.0
