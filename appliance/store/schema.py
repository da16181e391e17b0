"""Opening a database file: durability, migrations, and no for a file newer than the code.

A family is a named list of migrations: decorated functions on an open connection. All that are
pending run in one exclusive transaction together with their records, so that an upgrade that is cut
short leaves the old file, and two processes that start at once do not meet in it. The records lie
as sqlite-utils lays them, which made them in older files; it is no dependency any more, for it
imports numpy where that is there: two fifths of what control took for a new box's first start.
"""

import datetime
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from appliance.store.private_file import open_own
from appliance.vocabulary.errors import EquipmentError, RefusedError

Migration = Callable[[sqlite3.Connection], None]

RECORDS = (
    "CREATE TABLE IF NOT EXISTS _sqlite_migrations"
    " (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    "CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name"
    " ON _sqlite_migrations (migration_set, name)",
)

ROOM_TO_OPEN = 128 * 1024
"""Bytes that a file in WAL mode needs beside it to be opened: the index of the log, and a page."""
BUSY_MS = 10_000
"""How long to wait for another process's write: far above any commit that was measured."""


class Family:
    """The migrations of one database file, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._steps: list[Migration] = []

    def step(self, migration: Migration) -> Migration:
        """Add a migration; its function name is its record. Never rename or remove one.

        ValueError for a second one of that name: files that have the first would never get it.
        """
        if migration.__name__ in self.names:
            raise ValueError(f"{self.name} has a step {migration.__name__} already")
        self._steps.append(migration)
        return migration

    @property
    def names(self) -> list[str]:
        """The records that a file of this code's age has."""
        return [migration.__name__ for migration in self._steps]

    def applied(self, connection: sqlite3.Connection) -> list[str]:
        """Return which migrations this file has had; empty for a new file."""
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlite_migrations'"
        ).fetchone()
        if known is None:
            return []
        rows = connection.execute(
            "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (self.name,)
        )
        return [name for (name,) in rows]

    def check(self, connection: sqlite3.Connection, path: Path) -> list[str]:
        """Return the pending migrations. RefusedError when the file has unknown ones."""
        applied = self.applied(connection)
        unknown = sorted(set(applied) - set(self.names))
        if unknown:
            raise RefusedError(
                "database_newer",
                f"{path.name} was written by a newer Linghe (it has had: {', '.join(unknown)}).",
                "Install that version again, or restore the backup made before the update.",
            )
        return [name for name in self.names if name not in applied]

    def migrate(self, connection: sqlite3.Connection, path: Path) -> None:
        """Bring the file up to the code, all or nothing."""
        if not self.check(connection, path):
            return
        connection.execute("BEGIN EXCLUSIVE")
        try:
            pending = self.check(connection, path)
            for statement in RECORDS:
                connection.execute(statement)
            for migration in self._steps:
                if migration.__name__ in pending:
                    migration(connection)
                    connection.execute(
                        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
                        " VALUES (?, ?, ?)",
                        (self.name, migration.__name__, str(datetime.datetime.now(datetime.UTC))),
                    )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def opened_for_writing(path: Path, family: Family) -> sqlite3.Connection:
    """Open or make a file: WAL, synchronous=FULL, migrated, readable by its owner only.

    FULL, not NORMAL: in WAL mode NORMAL loses acknowledged rows at a power cut. Transactions are
    opened by hand (isolation_level None). EquipmentError when the disk refuses.
    """
    try:
        _make_private(path)
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            family.migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise EquipmentError(f"cannot open {path}: {_why(path, error)}") from error
    return connection


def opened_for_reading(path: Path, family: Family) -> sqlite3.Connection | None:
    """Open a file read-only; None while it is not there or its writer has not made it yet."""
    if not path.exists():
        return None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
        )
        try:
            is_ready = not family.check(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise EquipmentError(f"cannot read {path}: {error}") from error
    if not is_ready:
        connection.close()
        return None
    return connection


def _why(path: Path, error: Exception) -> str:
    """SQLite says "disk I/O error" where its shared memory has no room on the disk."""
    return "the disk is full" if is_full(path.parent) else str(error)


def is_full(folder: Path) -> bool:
    """Say whether a database there may not be opened for want of room."""
    try:
        return shutil.disk_usage(folder).free < ROOM_TO_OPEN
    except OSError:
        return False


def _make_private(path: Path) -> None:
    """Make an empty file before SQLite makes one by the umask; its -wal and -shm follow it."""
    os.close(open_own(path, os.O_RDWR | os.O_CREAT))
