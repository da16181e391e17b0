"""Reading calls.db: lists, filters, timelines. Opened read-only; any number of readers.

Every condition is one of the constants below; what a person typed is only ever a bound parameter
(FreePBX CVE-2026-28210 was a column name taken from a filter).
"""

from pathlib import Path

import msgspec

from appliance.store.entry_rows import entries_of
from appliance.store.ledger_tables import LEDGER
from appliance.store.reading import ReadFile
from appliance.vocabulary.ids import AgentId, CallId, QueueId, RecordingId, Utc
from appliance.vocabulary.journal import CallOutcome, Direction, Entry
from appliance.vocabulary.records import CallRecord
from appliance.vocabulary.shape import Value

LONGEST_CALL_S = 86_400.0
"""A call that entered longer ago than this before a day does not reach into it."""

_decode_record = msgspec.json.Decoder(CallRecord).decode

Bound = list[str | float | int | None]


class CallFilter(Value, frozen=True, kw_only=True):
    """Which calls are wanted; None and "" are any. All that are given must hold."""

    number: str = ""
    """Part of the caller's or the called number."""
    agent: AgentId | None = None
    """Talked in it, or dialled it."""
    queue: QueueId | None = None
    outcome: CallOutcome | None = None
    direction: Direction | None = None
    has_recording: bool | None = None
    """A sealed file is there."""
    text: str = ""
    """Part of any of: numbers, names, ids of call, agent, queue and extension, digits."""


EVERY_CALL = CallFilter()


class CallBook(ReadFile):
    """The calls, for pages, command line and jobs. Used by the thread that made it."""

    def __init__(self, path: Path) -> None:
        """Open calls.db read-only. A file that is not there yet is an empty book."""
        super().__init__(path, LEDGER)
        self._opened()

    def calls_between(
        self,
        start: Utc,
        end: Utc,
        wanted: CallFilter = EVERY_CALL,
        *,
        limit: int = 50,
        before: CallId | None = None,
    ) -> list[CallRecord]:
        """Return calls that entered in [start, end), newest first.

        `before`: the last call of the page shown before; the next page begins after it.
        """
        where, bound = _conditions(start, end, wanted)
        if before is not None:
            where += " AND (entered, call) < (SELECT entered, call FROM calls WHERE call = ?)"
            bound.append(before)
        rows = self._rows(
            f"SELECT record FROM calls WHERE {where} ORDER BY entered DESC, call DESC LIMIT ?",
            [*bound, limit],
        )
        return [_decode_record(text) for (text,) in rows]

    def count_between(self, start: Utc, end: Utc, wanted: CallFilter = EVERY_CALL) -> int:
        """Return how many calls `calls_between` would find without a limit."""
        where, bound = _conditions(start, end, wanted)
        rows = self._rows(f"SELECT count(*) FROM calls WHERE {where}", bound)
        return int(rows[0][0]) if rows else 0

    def queued_between(self, start: Utc, end: Utc) -> list[tuple[Utc, QueueId]]:
        """Return when callers entered whom a queue took, and which one took them first."""
        rows = self._rows(
            "SELECT entered, queues FROM calls WHERE entered >= ? AND entered < ?"
            " AND direction = 'inbound' AND queues <> '' ORDER BY entered",
            [start, end],
        )
        found = [(Utc(at), queues.strip("|").partition("|")[0]) for at, queues in rows]
        return [(at, QueueId(queue)) for at, queue in found if queue]

    def call(self, call: CallId) -> CallRecord | None:
        """Return a call's record, None for one that is not there."""
        rows = self._rows("SELECT record FROM calls WHERE call = ?", [call])
        return _decode_record(rows[0][0]) if rows else None

    def call_of_recording(self, recording: RecordingId) -> CallRecord | None:
        """Return the record of the call that this recording belongs to."""
        rows = self._rows(
            "SELECT record FROM calls JOIN recordings USING (call) WHERE recording = ?",
            [recording],
        )
        return _decode_record(rows[0][0]) if rows else None

    def timeline(self, call: CallId) -> list[Entry]:
        """Return all entries of a call in order."""
        rows = self._rows("SELECT seq, body FROM entries WHERE call = ? ORDER BY seq", [call])
        return entries_of(rows)

    def entries_between(self, start: Utc, end: Utc) -> list[Entry]:
        """Return all entries with `at` in [start, end), in order of writing."""
        rows = self._rows(
            "SELECT seq, body FROM entries WHERE at >= ? AND at < ? ORDER BY seq", [start, end]
        )
        return entries_of(rows)

    def entries_for_day(self, start: Utc, end: Utc) -> list[Entry]:
        """Return what a report on [start, end) needs, in order of writing.

        All entries of the calls that touch it, whole (also what lies outside), of each agent
        the states within, the last one before and the wrap-up that runs past the end, and the
        outages of power that touch it.
        """
        touching = "entered >= ? AND entered < ? AND (ended IS NULL OR ended >= ?)"
        bound: Bound = [start - LONGEST_CALL_S, end, start]
        rows = self._rows(
            f"SELECT seq, body FROM calls JOIN entries USING (call) WHERE {touching}", bound
        )
        last = self._rows(f"SELECT max(ended) FROM calls WHERE {touching}", bound)
        # A second more: the wrap-up after the last talk is written just after its end.
        until = Utc((max(end, last[0][0] or end) if last else end) + 1.0)
        for agent in self._agents():
            rows += self._states(agent, start, until)
        rows += self._outages(start, until)
        bodies = dict(rows)
        return entries_of(sorted(bodies.items()))

    def _agents(self) -> list[str]:
        """Return every agent the journal knows, by stepping over the index, not through it."""
        rows = self._rows(
            "WITH RECURSIVE each(agent) AS ("
            " SELECT min(agent) FROM entries WHERE agent IS NOT NULL"
            " UNION ALL"
            " SELECT (SELECT min(agent) FROM entries WHERE agent > each.agent)"
            " FROM each WHERE each.agent IS NOT NULL"
            ") SELECT agent FROM each WHERE agent IS NOT NULL",
            [],
        )
        return [agent for (agent,) in rows]

    def _states(self, agent: str, start: Utc, until: Utc) -> list[tuple[int, str]]:
        find = "SELECT seq, body FROM entries WHERE agent = ? AND at"
        return [
            *self._rows(f"{find} < ? ORDER BY at DESC, seq DESC LIMIT 1", [agent, start]),
            *self._rows(f"{find} BETWEEN ? AND ?", [agent, start, until]),
            *self._rows(f"{find} > ? ORDER BY at, seq LIMIT 1", [agent, until]),
        ]

    def _outages(self, start: Utc, until: Utc) -> list[tuple[int, str]]:
        """Return the starts after a power cut, each with the box's last sign of life before it.

        One that began before `until` and is over later ends with the first entry after it.
        """
        find = "SELECT seq, body FROM entries WHERE at"
        after = self._rows("SELECT min(at) FROM entries WHERE at > ?", [until])
        last = after[0][0] if after and after[0][0] is not None else until
        starts = self._rows(
            "SELECT seq, body, at FROM entries WHERE (at BETWEEN ? AND ? OR at = ?)"
            " AND call IS NULL AND agent IS NULL AND instr(body, ?) AND instr(body, ?)",
            [start, until, last, '"BoxStarted"', '"power_cut"'],
        )
        rows: list[tuple[int, str]] = []
        for seq, body, at in starts:
            rows.append((seq, body))
            rows += self._rows(f"{find} < ? ORDER BY at DESC, seq DESC LIMIT 1", [at])
        return rows


def _conditions(start: Utc, end: Utc, wanted: CallFilter) -> tuple[str, Bound]:
    """Return a WHERE clause of constants, and its parameters."""
    chosen: list[tuple[str, str | float | int]] = [("entered >= ?", start), ("entered < ?", end)]
    if wanted.number:
        chosen.append(("instr(numbers, ?)", wanted.number.strip().casefold()))
    if wanted.agent is not None:
        chosen.append(("instr(agents, ?)", f"|{wanted.agent}|"))
    if wanted.queue is not None:
        chosen.append(("instr(queues, ?)", f"|{wanted.queue}|"))
    if wanted.outcome is not None:
        chosen.append(("outcome = ?", str(wanted.outcome)))
    if wanted.direction is not None:
        chosen.append(("direction = ?", str(wanted.direction)))
    if wanted.has_recording is not None:
        chosen.append(("has_recording = ?", int(wanted.has_recording)))
    if wanted.text.strip():
        chosen.append(("instr(search, ?)", wanted.text.strip().casefold()))
    return " AND ".join(text for text, _ in chosen), [value for _, value in chosen]
