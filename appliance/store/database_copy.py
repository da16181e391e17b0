"""A database as of one moment in one file, also while others write to it (SQLite's backup API)."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance.store.shared import file_mode

BUSY_MS = 10_000


def copy_database(source: Path, target: Path) -> None:
    """Copy a database, journal and all, in the place of any older copy.

    Raises OSError, sqlite3.Error; what there is of the copy then is for the caller to remove.
    """
    remove_copy(target)
    # Made before SQLite would make it, for everybody's eyes: it has passwords and calls.
    mode = file_mode(target.parent)
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        reading.backup(writing)
        # As one file: without the mark of WAL in its head, which wants two more beside it.
        writing.execute("PRAGMA journal_mode = DELETE")


def remove_copy(target: Path) -> None:
    """Remove a copy, and what an interrupted one left beside it. Raises OSError."""
    for one in (target, target.with_name(target.name + "-journal")):
        one.unlink(missing_ok=True)
