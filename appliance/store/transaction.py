"""All or nothing: a block of writes on a connection that is in autocommit mode."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from appliance.vocabulary.errors import EquipmentError


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block wrote, or nothing when it raises. SQLite's errors: EquipmentError.

    IMMEDIATE, so that what the block reads cannot change before it writes. Within another one it
    is a part of that: a change and its line of the audit log are there together or not at all.
    """
    is_part = bool(connection.in_transaction)
    try:
        if is_part:
            yield
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise EquipmentError(f"the settings cannot be written: {error}") from error
