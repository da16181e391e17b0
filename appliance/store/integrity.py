"""Is a database file sound? SQLite's own quick check, read-only, while others may be writing."""

import sqlite3
from pathlib import Path

SHOWN = 3
"""Lines of damage that are told; there may be thousands."""


def damage_in(place: Path) -> str:
    """Return what is wrong with the file in SQLite's words; "" when it is sound."""
    try:
        connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=5.0)
    except sqlite3.Error as error:
        return str(error)
    try:
        found = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({SHOWN})")]
    except sqlite3.Error as error:
        return str(error)
    finally:
        connection.close()
    return "" if found == ["ok"] else "; ".join(found)
