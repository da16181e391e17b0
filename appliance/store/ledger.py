"""The only writer of calls.db: the journal, append-only, and one projected row a call.

Each `append` is one transaction that has reached the disk when it returns; the daemon's writer
thread gathers what came in meanwhile (group commit). A call's row is written thinly when the call
enters and in full when it ends or a recording of it is filed, always as a function of all its
entries.

The writer keeps the entries of the calls that go on in memory: to know a repeated key and to fold
the call at its end without reading it back. What is not in memory (after a restart, or long after
the end) is read from the file first, so memory is only ever a copy. Figures, SQLite 3.40, groups
of 50 ms at 50 calls a second: an index over all keys would take 0.08 ms CPU a call, reading the
call back 0.08 (tests/bench/ledger.py).
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from appliance.store.entry_rows import entries_of
from appliance.store.ledger_tables import LEDGER
from appliance.store.schema import opened_for_writing
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.facts_handling import QualityMeasured
from appliance.vocabulary.ids import CallId, Utc
from appliance.vocabulary.journal import (
    AgentStateChanged,
    CallEnded,
    CallEntered,
    Entry,
    RecordingFailed,
    RecordingFiled,
)
from appliance.vocabulary.records import CallRecord

RecordOf = Callable[[Sequence[Entry]], CallRecord | None]
"""reports.record.record_of: the call's record as a function of its entries."""

logger = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode

_INSERT_ENTRY = "INSERT OR IGNORE INTO entries (at, call, agent, key, body) VALUES (?, ?, ?, ?, ?)"
_CALL_COLUMNS = (
    "(call, entered, ended, direction, outcome, queues, agents, has_recording,"
    " numbers, search, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_CALL = f"INSERT OR IGNORE INTO calls {_CALL_COLUMNS}"
_REPLACE_CALL = (
    f"INSERT INTO calls {_CALL_COLUMNS} ON CONFLICT (call) DO UPDATE SET"
    " ended = excluded.ended, outcome = excluded.outcome, queues = excluded.queues,"
    " agents = excluded.agents, has_recording = excluded.has_recording,"
    " numbers = excluded.numbers, search = excluded.search, record = excluded.record"
)
_FINISHING = frozenset((CallEnded, RecordingFiled, RecordingFailed, QualityMeasured))

MAX_CALLS_IN_MEMORY = 4_000
"""Some 12 kB each; beyond it the longest untouched is forgotten and read back when needed."""

Told = dict[str, Entry]
"""A call's entries by key, in order."""


class Ledger:
    """Writes the journal durably. Used from one thread (the control daemon's writer)."""

    def __init__(self, path: Path, record_of: RecordOf) -> None:
        """Open or make calls.db. RefusedError when the file is newer than this code."""
        self._connection = opened_for_writing(path, LEDGER)
        # A checkpoint writes and syncs the main file within a commit; once in 8 MB is often enough.
        self._connection.execute("PRAGMA wal_autocheckpoint = 2000")
        self._record_of = record_of
        self._told: dict[CallId, Told] = {}
        """Longest untouched first."""

    def append(self, entries: Sequence[Entry]) -> int:
        """Write all in one durable transaction; return how many were new.

        An entry whose key is already there changes nothing. On return they survive a power cut.
        EquipmentError when the disk refuses; then none of them is written.
        """
        if not entries:
            return 0
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            before = connection.total_changes
            new = [entry for entry in entries if self._is_new(entry)]
            connection.executemany(_INSERT_ENTRY, [_row(entry) for entry in new])
            written = connection.total_changes - before
            self._project(new)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise EquipmentError(f"the ledger cannot be written: {error}") from error
        except BaseException:
            self._roll_back()
            raise
        return written

    def unfinished(self) -> list[CallId]:
        """Return the calls that entered and never ended, oldest first (after a power cut)."""
        rows = self._connection.execute(
            "SELECT call FROM calls WHERE ended IS NULL ORDER BY entered"
        )
        return [call for (call,) in rows]

    def last_at(self) -> Utc | None:
        """Return the time of the latest entry: the box's last sign of life before this start."""
        row = self._connection.execute("SELECT max(at) FROM entries").fetchone()
        return None if row[0] is None else Utc(row[0])

    def story(self, call: CallId) -> list[Entry]:
        """Return all entries of a call in order."""
        rows = self._connection.execute(
            "SELECT seq, body FROM entries WHERE call = ? ORDER BY seq", (call,)
        )
        return entries_of(rows)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _roll_back(self) -> None:
        self._told.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _is_new(self, entry: Entry) -> bool:
        """Say whether a call's entry was not told before, and remember it.

        Entries of no call are left to the index on their keys.
        """
        if entry.call is None:
            return True
        told = self._told_of(entry.call)
        if entry.key in told:
            return False
        told[entry.key] = entry
        return True

    def _told_of(self, call: CallId) -> Told:
        """Return the call's entries, from the file when they are not in memory."""
        told = self._told.pop(call, None)
        if told is None:
            told = {entry.key: entry for entry in self.story(call)}
            if len(self._told) >= MAX_CALLS_IN_MEMORY:
                del self._told[next(iter(self._told))]
        self._told[call] = told
        return told

    def _project(self, entries: Sequence[Entry]) -> None:
        """Bring the rows of the calls that these entries begin or finish up to the journal."""
        finished = {
            entry.call: None
            for entry in entries
            if type(entry.fact) in _FINISHING and entry.call is not None
        }
        thin = [
            record
            for entry in entries
            if type(entry.fact) is CallEntered and entry.call not in finished
            if (record := self._record(entry.call, [entry])) is not None
        ]
        whole = [
            record
            for call in finished
            if (record := self._record(call, list(self._told_of(call).values()))) is not None
        ]
        if thin:
            self._connection.executemany(_INSERT_CALL, [_call_row(record) for record in thin])
        if whole:
            self._connection.executemany(_REPLACE_CALL, [_call_row(record) for record in whole])
            self._connection.executemany(
                "INSERT OR IGNORE INTO recordings (recording, call) VALUES (?, ?)",
                [(note.recording, record.call) for record in whole for note in record.recordings],
            )
            for record in whole:
                if _is_complete(record):
                    self._told.pop(record.call, None)

    def _record(self, call: CallId | None, entries: Sequence[Entry]) -> CallRecord | None:
        """Return the call's record; None also where a bug of ours keeps it from being made.

        The journal is worth more than what is made of it: all other calls are written on, this
        one's entries too, and its row stays as thin as it is. But when it has ended it is not
        open any more: nobody shall try to close it, and its entries need not be kept in memory.
        """
        try:
            return self._record_of(entries)
        except Exception:  # a bug of ours, whichever
            logger.exception("call=%s its entries give no record", call)
        for entry in entries:
            if isinstance(entry.fact, CallEnded):
                self._connection.execute(
                    "UPDATE calls SET ended = ? WHERE call = ?", (entry.at, entry.call)
                )
                self._told.pop(entry.call or CallId(""), None)
        return None


def _row(entry: Entry) -> tuple[float, str | None, str | None, str, str]:
    fact = entry.fact
    agent = fact.agent if isinstance(fact, AgentStateChanged) else None
    return entry.at, entry.call, agent, entry.key, _encode(entry).decode()


def _call_row(record: CallRecord) -> tuple[str | float | int | None, ...]:
    words = (
        record.caller.number,
        record.caller.name,
        record.called,
        record.line_call,
        record.extension or "",
        record.digits,
        record.call,
        *record.agents,
        *record.queues,
    )
    return (
        record.call,
        record.entered,
        record.ended,
        record.direction,
        record.outcome,
        _listed(record.queues),
        _listed(record.agents),
        int(any(note.file for note in record.recordings)),
        f"{record.caller.number}\n{record.called}".casefold(),
        "\n".join(word for word in words if word).casefold(),
        _encode(record).decode(),
    )


def _is_complete(record: CallRecord) -> bool:
    """Say whether nothing more is to be expected: ended, and every recording filed or failed.

    One without audio is filed without a file; its seconds (0) tell that it was.
    """
    return record.ended is not None and all(
        note.seconds is not None or note.failed for note in record.recordings
    )


def _listed(ids: Sequence[str]) -> str:
    return f"|{'|'.join(ids)}|" if ids else ""
