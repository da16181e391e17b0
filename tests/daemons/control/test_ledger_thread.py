"""The ledger's writer: in order, once, after a power cut and over a full disk."""

import queue
import resource
import sqlite3
from contextlib import contextmanager

import pytest

from appliance.daemons.control import ledger_thread
from appliance.daemons.control.alive_mark import IDLE_SECONDS, AliveMark
from appliance.daemons.control.ledger_thread import LedgerThread
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.events import RecordingLeft
from appliance.vocabulary.journal import (
    CallEnded,
    CallEntered,
    CallOutcome,
    DigitPressed,
    Direction,
    Entry,
    RecordingClosed,
    RecordingOpened,
    Side,
)
from appliance.vocabulary.lines import Cause, Party, TrunkLine

WITHIN_SECONDS = 10
"""Far above what any of this takes; only a failing test waits so long."""


def entry(call, number, fact, at=1000.0):
    return Entry(at=at, mono=at, call=call, fact=fact, key=f"{call}:{number}")


def entered(call, at=1000.0):
    fact = CallEntered(
        direction=Direction.INBOUND,
        line=TrunkLine(trunk="carrier"),
        caller=Party(number="13900001111"),
        called="02188886666",
    )
    return entry(call, 0, fact, at)


def ended(call, at):
    fact = CallEnded(by=Side.CALLER, cause=Cause.NORMAL, outcome=CallOutcome.IVR)
    return entry(call, 1, fact, at)


class Desk:
    """A ledger thread, what it said, and what stands in the file."""

    def __init__(self, folder):
        self.path = folder / "calls.db"
        self.mark = folder / "alive"
        self.written = queue.SimpleQueue()
        self.left = []

    def begun(self, *, living=(), before=()):
        """A thread; the batches of `before` are handed over ahead of its start, as the box does."""
        thread = LedgerThread(
            self.path,
            AliveMark(self.mark),
            on_written=self.written.put,
            on_left=self.left.extend,
        )
        for number, entries in enumerate(before, start=1):
            thread.put(number, entries)
        thread.start(set(living))
        return thread

    def run(self, *, living=(), before=()):
        """One life of a control process."""
        self.begun(living=living, before=before).stop()

    def append(self, *entries):
        ledger = Ledger(self.path, record_of)
        ledger.append(entries)
        ledger.close()

    def story(self, call):
        ledger = Ledger(self.path, record_of)
        story = ledger.story(call)
        ledger.close()
        return story

    def ends(self, call):
        return [one for one in self.story(call) if isinstance(one.fact, CallEnded)]

    def numbers(self):
        """What was said to be written, in order."""
        found = []
        while not self.written.empty():
            found += self.written.get()
        return found


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_call_that_a_power_cut_ended_is_closed_by_the_ledgers_own_times(desk):
    desk.append(entered("c1"), entry("c2", 7, DigitPressed(digit="1"), at=1234.0))
    desk.run()
    (end,) = desk.ends("c1")
    assert end.fact.cause is Cause.BOX_RESTARTED
    assert end.at == 1234.0  # the box's last sign of life, whatever call it was of


def test_a_call_in_which_nothing_was_written_for_long_ends_at_the_mark_of_life(desk):
    desk.append(entered("c1"))
    thread = desk.begun(living={"c1"})
    for at in (1001.0, 1002.0, 1017.0):
        thread.alive(at, is_busy=True)
    thread.stop()
    desk.run()
    (end,) = desk.ends("c1")
    assert (end.at, end.fact.cause) == (1017.0, Cause.BOX_RESTARTED)
    assert desk.numbers() == []


def test_a_mark_from_before_the_last_entry_takes_nothing_away(desk):
    AliveMark(desk.mark).write(1010.0)
    desk.append(entered("c1"), entry("c1", 7, DigitPressed(digit="1"), at=1234.0))
    desk.run()
    assert [one.at for one in desk.ends("c1")] == [1234.0]


@pytest.mark.parametrize("content", [b"", b"\0" * 21, b"a torn sector or so"])
def test_a_mark_that_cannot_be_read_is_none(desk, content):
    desk.mark.write_bytes(content)
    desk.append(entered("c1"))
    desk.run()
    assert [one.at for one in desk.ends("c1")] == [1000.0]


def test_without_calls_the_mark_is_written_now_and_then(tmp_path):
    mark = AliveMark(tmp_path / "alive")
    assert mark.is_due(1000.0, is_busy=False)
    mark.write(1000.0)
    assert not mark.is_due(1000.0 + IDLE_SECONDS / 2, is_busy=False)
    assert mark.is_due(1001.0, is_busy=True)
    assert mark.is_due(1000.0 + IDLE_SECONDS, is_busy=False)
    assert mark.is_due(900.0, is_busy=False), "the clock was set back"
    mark.close()
    assert AliveMark(tmp_path / "alive").before == 1000.0


def test_what_was_recorded_of_it_is_asked_for(desk):
    """Of the call that was cut in the middle; a recording that was closed is asked for already."""
    closed = RecordingOpened(recording="r0"), RecordingClosed(recording="r0")
    facts = [*closed, RecordingOpened(recording="r1")]
    desk.append(entered("c1"), *(entry("c1", 3 + at, one) for at, one in enumerate(facts)))
    desk.append(entered("c2"), entry("c2", 3, RecordingOpened(recording="r2")))
    desk.run(living={"c2"})
    assert desk.left == [RecordingLeft(recording="r1", call="c1")]
    desk.run(living={"c2"})
    assert len(desk.left) == 1


def test_closed_once_is_closed_for_ever(desk):
    desk.append(entered("c1"))
    for _ in range(3):
        desk.run()
    assert len(desk.ends("c1")) == 1


def test_a_call_that_lives_is_left_open_and_ends_by_its_own_words(desk):
    desk.append(entered("c1"), entered("c2"))
    thread = desk.begun(living={"c1"})
    thread.put(1, [ended("c1", 1010.0)])
    thread.stop()
    assert [one.at for one in desk.ends("c1")] == [1010.0]
    assert [one.fact.cause for one in desk.ends("c2")] == [Cause.BOX_RESTARTED]


def test_an_end_that_waited_in_the_state_journal_comes_before_the_closing(desk):
    desk.append(entered("c1"))
    desk.run(before=[[ended("c1", 1010.0)]])
    assert [one.fact.cause for one in desk.ends("c1")] == [Cause.NORMAL]


def test_batches_are_committed_in_order_and_told_once(desk):
    batches = [
        [entry("c1", number, DigitPressed(digit=str(number % 10)), at=1000.0 + number)]
        for number in range(1, 31)
    ]
    thread = desk.begun(living={"c1"}, before=batches[:10])
    for number, batch in enumerate(batches[10:], start=11):
        thread.put(number, batch)
    thread.stop()
    assert desk.numbers() == list(range(1, 31))
    assert desk.story("c1") == [one for batch in batches for one in batch]


def test_a_batch_that_was_committed_before_the_kill_is_not_counted_twice(desk):
    batch = [entered("c1"), ended("c1", 1010.0)]
    desk.run(before=[batch])
    desk.run(before=[batch])
    assert desk.numbers() == [1, 1]
    assert desk.story("c1") == batch


@contextmanager
def full_disk():
    """No file of this process takes another byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def warnings(monkeypatch):
    """What the thread warns of, as it does; and it tries again soon."""
    monkeypatch.setattr(ledger_thread, "RETRY_SECONDS", 0.01)
    told = queue.SimpleQueue()
    monkeypatch.setattr(ledger_thread.logger, "warning", lambda *words: told.put(words))
    return told


def test_a_full_disk_delays_the_ledger_and_loses_nothing(desk, warnings):
    thread = desk.begun(living={"c1"})
    thread.put(1, [entered("c1")])
    assert desk.written.get(timeout=WITHIN_SECONDS) == [1]
    with full_disk():
        thread.put(2, [ended("c1", 1010.0)])
        thread.alive(1010.5, is_busy=True)
        for _ in range(3):
            warnings.get(timeout=WITHIN_SECONDS)
        assert desk.written.empty()
    assert desk.written.get(timeout=WITHIN_SECONDS) == [2]
    thread.stop()
    assert [one.at for one in desk.ends("c1")] == [1010.0]


def test_a_box_that_starts_with_a_full_disk_writes_when_there_is_room(desk, warnings):
    desk.append(entered("c1"))
    with full_disk():
        thread = desk.begun()
        for _ in range(3):
            warnings.get(timeout=WITHIN_SECONDS)
        thread.put(1, [entered("c2", at=2000.0)])
    assert desk.written.get(timeout=WITHIN_SECONDS) == [1]
    thread.stop()
    assert [one.at for one in desk.ends("c1")] == [1000.0]
    assert desk.ends("c2") == []


def test_a_call_that_comes_while_the_file_is_being_opened_is_not_closed(desk):
    other = sqlite3.connect(desk.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")  # whoever opens the file waits for this
    thread = desk.begun()
    thread.put(1, [entered("c1")])
    other.execute("ROLLBACK")
    other.close()
    thread.stop()
    assert desk.numbers() == [1]
    assert desk.ends("c1") == []
