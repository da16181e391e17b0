"""The audit log: who changed or heard what. Append-only; triggers refuse anything else."""

import sqlite3

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
        raise NotImplementedError

    def note(self, line: AuditLine) -> None:
        """Write one line."""
        raise NotImplementedError

    def latest(self, limit: int = 100) -> list[AuditLine]:
        """Return the latest lines, newest first."""
        raise NotImplementedError
