"""Reading a file of SQLite that another process writes, and that may not be there yet."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from appliance.store.schema import Family, opened_for_reading
from appliance.vocabulary.errors import EquipmentError


class ReadFile:
    """Base of what reads such a file. Used by the thread that made it; any number may look."""

    def __init__(self, path: Path, family: Family) -> None:
        """Name the file; it is opened with the first question to which it is there."""
        self._path = path
        self._family = family
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection | None:
        if self._connection is None:
            self._connection = opened_for_reading(self._path, self._family)
        return self._connection

    # type-arg: what a row's columns are, its statement says.
    def _rows(self, sql: str, bound: Sequence[str | float | int | None] = ()) -> list[tuple]:  # type: ignore[type-arg]
        """Return all rows, none where there is no file. EquipmentError for a sick one."""
        connection = self._opened()
        if connection is None:
            return []
        try:
            return connection.execute(sql, bound).fetchall()
        except sqlite3.Error as error:
            raise EquipmentError(f"{self._path.name} cannot be read: {error}") from error
