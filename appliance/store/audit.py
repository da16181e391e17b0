"""The audit log: who changed or heard what. Append-only; triggers refuse anything else."""

import sqlite3

from appliance.store.transaction import transaction
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value


class AuditLine(Value, frozen=True, kw_only=True):
    """One act."""

    at: Utc
    by: str
    """User name, "command line", or "" before a login."""
    what: str
    """A stable key: login, login_failed, site_saved, recording_heard, user_added, claimed…"""
    detail: str = ""
    where: str = ""
    """Address that it came from."""


class Audit:
    """The audit log's table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, line: AuditLine) -> None:
        """Write one line."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO audit (at, by, what, detail, place) VALUES (?, ?, ?, ?, ?)",
                (line.at, line.by, line.what, line.detail, line.where),
            )

    def latest(self, limit: int = 100) -> list[AuditLine]:
        """Return the latest lines, newest first."""
        return self._lines("ORDER BY seq DESC LIMIT ?", (limit,))

    def since(self, start: Utc, what: str) -> list[AuditLine]:
        """Return all lines of this kind from `start` on, oldest first."""
        return self._lines("WHERE what = ? AND at >= ? ORDER BY seq", (what, start))

    def _lines(self, which: str, bound: tuple[str | float, ...]) -> list[AuditLine]:
        rows = self._connection.execute(
            f"SELECT at, by, what, detail, place FROM audit {which}", bound
        )
        return [
            AuditLine(at=Utc(at), by=by, what=what, detail=detail, where=where)
            for at, by, what, detail, where in rows
        ]
