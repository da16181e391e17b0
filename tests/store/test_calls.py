"""Stories of the call book: filters, pages, hostile input, and what a report needs of a day."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from golden_day import NINE, SITE, golden_day, golden_end, golden_entries
from journal_script import Journal
from random_calls import RandomCalls

from appliance.reports.daily import daily_report
from appliance.reports.days import day_of
from appliance.reports.record import record_of
from appliance.store.calls import CallBook, CallFilter
from appliance.store.ledger import Ledger
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, QueueId, Utc
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    BoxStarted,
    CallOutcome,
    Direction,
    PhoneSeen,
)

ALWAYS = (Utc(0.0), Utc(1e12))


@pytest.fixture
def book(tmp_path: Path) -> CallBook:
    ledger = Ledger(tmp_path / "calls.db", record_of)
    ledger.append(golden_entries())
    ledger.close()
    return CallBook(tmp_path / "calls.db")


def ids(book: CallBook, wanted: CallFilter) -> set[str]:
    found = book.calls_between(*ALWAYS, wanted)
    assert book.count_between(*ALWAYS, wanted) == len(found)
    return {record.call for record in found}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CallFilter(agent=AgentId("1002")), {"c03", "c07", "c10", "c13"}),
        (CallFilter(outcome=CallOutcome.ABANDONED), {"c04", "c05", "c06", "c14"}),
        (CallFilter(outcome=CallOutcome.IVR), {"c12"}),
        (CallFilter(direction=Direction.OUTBOUND), {"c09-back"}),
        (CallFilter(direction=Direction.OUTBOUND, number="8001"), {"c09-back"}),
        (CallFilter(number="1380013", direction=Direction.OUTBOUND), {"c09-back"}),
        (CallFilter(text="C11@Carrier"), {"c11"}),
        (
            CallFilter(queue=QueueId("sales"), agent=AgentId("1001"), text="c0"),
            {"c01", "c02", "c03"},
        ),
        (CallFilter(has_recording=True), set()),
        (CallFilter(agent=AgentId("100")), set()),
        (CallFilter(text="no such thing"), set()),
    ],
)
def test_filters_find_what_is_meant(book: CallBook, wanted: CallFilter, expected: set[str]) -> None:
    assert ids(book, wanted) == expected


@pytest.mark.parametrize(
    "hostile",
    ["' OR 1=1 --", "%", "_", "\\", '"', "'); DROP TABLE calls; --", "\0", "*", "record", "1)"],
)
def test_what_is_typed_into_a_filter_is_never_sql(book: CallBook, hostile: str) -> None:
    for wanted in (
        CallFilter(number=hostile),
        CallFilter(text=hostile),
        CallFilter(agent=AgentId(hostile)),
        CallFilter(queue=QueueId(hostile)),
    ):
        assert ids(book, wanted) == set()
    assert len(ids(book, CallFilter())) == 15


def test_pages_follow_each_other_newest_first_and_miss_none(book: CallBook) -> None:
    seen: list[str] = []
    before: CallId | None = None
    while page := book.calls_between(*ALWAYS, limit=4, before=before):
        assert len(page) <= 4
        seen += [record.call for record in page]
        before = page[-1].call
    everything = book.calls_between(*ALWAYS, limit=100)
    assert seen == [record.call for record in everything]
    assert len(seen) == len(set(seen)) == 15
    entered = [record.entered for record in everything]
    assert entered == sorted(entered, reverse=True)


def test_a_span_takes_the_calls_that_entered_in_it(book: CallBook) -> None:
    found = book.calls_between(Utc(NINE + 690), Utc(NINE + 710))
    assert [record.call for record in found] == ["c05", "c04"]
    assert book.calls_between(Utc(NINE - 100), Utc(NINE)) == []


def test_a_timeline_is_the_calls_entries_in_order(book: CallBook) -> None:
    own = [entry for entry in golden_entries() if entry.call == "c03"]
    assert book.timeline(CallId("c03")) == own
    assert book.timeline(CallId("nobody")) == []
    assert book.call(CallId("nobody")) is None


def test_a_book_whose_ledger_was_not_begun_is_empty_and_fills_later(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    book = CallBook(path)
    assert book.calls_between(*ALWAYS) == []
    assert book.count_between(*ALWAYS) == 0
    assert book.entries_for_day(*ALWAYS) == []
    Ledger(path, record_of).append(golden_entries())
    assert book.count_between(*ALWAYS) == 15


def test_the_book_cannot_write(book: CallBook) -> None:
    with pytest.raises(EquipmentError, match="readonly"):
        book._rows("DELETE FROM calls", [])
    assert book.count_between(*ALWAYS) == 15


def test_a_book_opened_beside_the_writer_sees_each_commit(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "calls.db", record_of)
    book = CallBook(tmp_path / "calls.db")
    entries = golden_entries()
    for start in range(0, len(entries), 20):
        ledger.append(entries[start : start + 20])
        assert len(book.entries_between(*ALWAYS)) == min(start + 20, len(entries))


def test_the_golden_day_out_of_the_store_is_the_golden_day(book: CallBook) -> None:
    day = golden_day()
    stored = daily_report(book.entries_for_day(day.start, day.end), SITE, day, golden_end())
    assert stored == daily_report(golden_entries(), SITE, day, golden_end())


@pytest.mark.parametrize("seed", [11, 12])
def test_a_day_out_of_the_store_reports_as_all_the_journal_would(tmp_path: Path, seed: int) -> None:
    """Written in random groups, some of them twice, by a ledger that is killed now and then."""
    rng = Random(seed)
    first = day_of(date(2025, 11, 20), "Asia/Shanghai")
    calls = RandomCalls(rng, first.start)
    calls.write(400)
    entries = calls.entries
    path = tmp_path / "calls.db"
    ledger = Ledger(path, record_of)
    start = 0
    while start < len(entries):
        end = start + rng.randrange(1, 200)
        ledger.append(entries[start:end])
        if rng.random() < 0.3:
            ledger = Ledger(path, record_of)
            ledger.append(entries[max(0, start - 50) : end])
        start = end
    book = CallBook(path)
    for number in range(3):
        day = day_of(date(2025, 11, 20) + timedelta(days=number), "Asia/Shanghai")
        now = Utc(first.end + 5 * 86400)
        stored = daily_report(book.entries_for_day(day.start, day.end), SITE, day, now)
        whole = daily_report(entries, SITE, day, now)
        assert stored.box == whole.box
        assert stored.queues == whole.queues
        assert stored.reconciliation == whole.reconciliation
        assert stored.agents_together == whole.agents_together


def test_an_outage_of_days_is_taken_from_each_of_them(tmp_path: Path) -> None:
    """Ready on Thursday at nine, power fails at twelve and is back on Saturday at six."""
    hour, wang, zone = 3600.0, AgentId("1001"), "Asia/Shanghai"
    days = [day_of(date(2025, 11, 20) + timedelta(days=number), zone) for number in range(4)]
    journal = Journal(days[0].start)
    journal.add(9 * hour, AgentStateChanged(agent=wang, state=AgentState.READY))
    journal.add(12 * hour, PhoneSeen(extension=ExtensionNumber("8002"), is_registered=True))
    journal.add(54 * hour, BoxStarted(version="1", after="power_cut"))
    journal.add(55 * hour, BoxStarted(version="1", after="crash"))
    journal.add(58 * hour, AgentStateChanged(agent=wang, state=AgentState.SIGNED_OUT))
    ledger = Ledger(tmp_path / "calls.db", record_of)
    ledger.append(journal.entries)
    book = CallBook(tmp_path / "calls.db")
    hours = []
    for day in days:
        stored = daily_report(book.entries_for_day(day.start, day.end), SITE, day, days[-1].end)
        assert stored.agents == daily_report(journal.entries, SITE, day, days[-1].end).agents
        hours.append(stored.agents_together.times.signed_in / hour)
    assert hours == [3, 0, 4, 0]
