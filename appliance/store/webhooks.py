"""webhooks.db: how far each webhook has been told, what was given up, what the tests found.

Written by jobs, read by the page. A commit is written but not synced (synchronous=NORMAL): it
outlives kill -9; a power cut may undo the last ones, and then those events are sent a second time.
At least once is the promise, and an event's id tells a repeated one.
"""

import sqlite3
from pathlib import Path

from appliance.store.reading import ReadFile
from appliance.store.schema import Family, opened_for_writing
from appliance.store.transaction import transaction
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.shape import Value

WEBHOOKS = Family("linghe.webhooks")

MOST_GIVEN_UP = 1000
"""Kept of each webhook; older ones go."""
MARKS_FOR_S = 3 * 86_400.0
MOST_TESTS = 50


@WEBHOOKS.step
def states_and_given_up(db: sqlite3.Connection) -> None:
    """The first form."""
    db.execute(
        "CREATE TABLE states ("
        " webhook TEXT PRIMARY KEY, row INTEGER NOT NULL, failing_since REAL,"
        " attempts INTEGER NOT NULL, next_try REAL NOT NULL, last_at REAL, last_status INTEGER"
        " NOT NULL, last_error TEXT NOT NULL, delivered INTEGER NOT NULL, given_up INTEGER"
        " NOT NULL)"
    )
    db.execute(
        "CREATE TABLE given_up ("
        " number INTEGER PRIMARY KEY, webhook TEXT NOT NULL, row INTEGER NOT NULL,"
        " name TEXT NOT NULL, at REAL NOT NULL, error TEXT NOT NULL, body TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX given_up_webhook ON given_up (webhook, number)")
    # When the journal had which last row: an event's age by the machine's own clock.
    db.execute("CREATE TABLE marks (at REAL PRIMARY KEY, row INTEGER NOT NULL)")
    db.execute(
        "CREATE TABLE tests ("
        " number INTEGER PRIMARY KEY, webhook TEXT NOT NULL, at REAL NOT NULL,"
        " status INTEGER NOT NULL, error TEXT NOT NULL, seconds REAL NOT NULL)"
    )


class Attempt(Value, frozen=True, kw_only=True):
    """What came of one POST."""

    at: Utc
    status: int = 0
    """HTTP's; 0: it did not come to an answer."""
    error: str = ""
    """Empty: it was taken."""
    seconds: float = 0.0


class HookState(Value, frozen=True, kw_only=True):
    """How far a webhook is."""

    webhook: WebhookId
    row: int
    """Up to this row of the journal everything was delivered, not wanted, or given up."""
    failing_since: Utc | None = None
    attempts: int = 0
    """In vain, of the event that is next."""
    next_try: Utc = Utc(0.0)
    last: Attempt | None = None
    delivered: int = 0
    given_up: int = 0


class GivenUp(Value, frozen=True, kw_only=True):
    """An event that was not delivered within a day."""

    row: int
    name: str
    at: Utc
    error: str
    body: str
    """The JSON that would have been sent."""


class HookTest(Value, frozen=True, kw_only=True):
    """What a press of the page's button found."""

    number: int
    webhook: WebhookId
    attempt: Attempt


_STATE = (
    "webhook, row, failing_since, attempts, next_try, last_at, last_status, last_error,"
    " delivered, given_up"
)


class WebhookStates(ReadFile):
    """The file. Used by the thread that made it; each thread of jobs opens its own."""

    def __init__(self, path: Path, *, is_writer: bool) -> None:
        """Open or make it; for a reader it need not be there."""
        super().__init__(path, WEBHOOKS)
        if is_writer:
            self._connection = opened_for_writing(path, WEBHOOKS)
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def state(self, webhook: WebhookId) -> HookState | None:
        """Return how far it is; None for one that nobody has begun with."""
        rows = self._rows(f"SELECT {_STATE} FROM states WHERE webhook = ?", (webhook,))
        return _state(*rows[0]) if rows else None

    def put(self, state: HookState) -> None:
        """Remember how far it is."""
        last = state.last or Attempt(at=Utc(0.0))
        with transaction(self._writer()):
            self._writer().execute(
                f"INSERT OR REPLACE INTO states ({_STATE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    state.webhook,
                    state.row,
                    state.failing_since,
                    state.attempts,
                    state.next_try,
                    None if state.last is None else last.at,
                    last.status,
                    last.error,
                    state.delivered,
                    state.given_up,
                ),
            )

    def forget(self, webhook: WebhookId) -> None:
        """It is not wanted any more; wanted again, it begins with what happens then."""
        with transaction(self._writer()):
            self._writer().execute("DELETE FROM states WHERE webhook = ?", (webhook,))

    def known(self) -> list[WebhookId]:
        """Return every webhook that has a state."""
        return [WebhookId(name) for (name,) in self._rows("SELECT webhook FROM states")]

    def give_up(self, webhook: WebhookId, event: GivenUp) -> None:
        """Keep an event that was not delivered."""
        with transaction(self._writer()):
            done = self._writer().execute(
                "INSERT INTO given_up (webhook, row, name, at, error, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (webhook, event.row, event.name, event.at, event.error, event.body),
            )
            self._writer().execute(
                "DELETE FROM given_up WHERE webhook = ? AND number <= ?",
                (webhook, int(done.lastrowid or 0) - MOST_GIVEN_UP),
            )

    def given_up(self, webhook: WebhookId, most: int) -> list[GivenUp]:
        """Return what was given up, the latest first."""
        rows = self._rows(
            "SELECT row, name, at, error, body FROM given_up WHERE webhook = ?"
            " ORDER BY number DESC LIMIT ?",
            (webhook, most),
        )
        return [
            GivenUp(row=row, name=name, at=Utc(at), error=error, body=body)
            for row, name, at, error, body in rows
        ]

    def mark(self, at: Utc, row: int) -> None:
        """Remember that this was the journal's last row at this time."""
        with transaction(self._writer()):
            self._writer().execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (at, row))
            # Also those of a clock that was ahead.
            self._writer().execute(
                "DELETE FROM marks WHERE at < ? OR at > ?", (at - MARKS_FOR_S, at)
            )

    def row_at(self, at: Utc) -> int:
        """Return a row that was surely there at this time; 0 where nothing is known."""
        rows = self._rows("SELECT row FROM marks WHERE at <= ? ORDER BY at DESC LIMIT 1", (at,))
        return int(rows[0][0]) if rows else 0

    def tested(self, test: HookTest) -> None:
        """Keep what a test found."""
        one = test.attempt
        with transaction(self._writer()):
            self._writer().execute(
                "INSERT OR REPLACE INTO tests VALUES (?, ?, ?, ?, ?, ?)",
                (test.number, test.webhook, one.at, one.status, one.error, one.seconds),
            )
            self._writer().execute(
                "DELETE FROM tests WHERE number <= ?", (test.number - MOST_TESTS,)
            )

    def last_test(self, webhook: WebhookId | None = None) -> HookTest | None:
        """Return the latest test, of this webhook or of all."""
        which, bound = ("WHERE webhook = ?", (webhook,)) if webhook is not None else ("", ())
        rows = self._rows(
            "SELECT number, webhook, at, status, error, seconds FROM tests"
            f" {which} ORDER BY number DESC LIMIT 1",
            bound,
        )
        for number, name, at, status, error, seconds in rows:
            attempt = Attempt(at=Utc(at), status=status, error=error, seconds=seconds)
            return HookTest(number=number, webhook=WebhookId(name), attempt=attempt)
        return None

    def _writer(self) -> sqlite3.Connection:
        if self._connection is None:
            raise EquipmentError(f"{self._path.name} is closed")
        return self._connection


def _state(  # noqa: PLR0913 - a row's columns
    webhook: str,
    row: int,
    failing_since: float | None,
    attempts: int,
    next_try: float,
    last_at: float | None,
    last_status: int,
    last_error: str,
    delivered: int,
    given_up: int,
) -> HookState:
    last = None
    if last_at is not None:
        last = Attempt(at=Utc(last_at), status=last_status, error=last_error)
    return HookState(
        webhook=WebhookId(webhook),
        row=row,
        failing_since=None if failing_since is None else Utc(failing_since),
        attempts=attempts,
        next_try=Utc(next_try),
        last=last,
        delivered=delivered,
        given_up=given_up,
    )
