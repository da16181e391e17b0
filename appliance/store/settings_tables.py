"""The tables of settings.db: the site's versions, users, the claim code, the audit log."""

from typing import TYPE_CHECKING

from appliance.store.schema import Family

if TYPE_CHECKING:
    from sqlite_utils import Database

SETTINGS = Family("linghe.settings")


@SETTINGS.step
def site_people_audit(db: "Database") -> None:
    """The first form."""
    db.execute(
        "CREATE TABLE sites ("
        " version INTEGER PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, document TEXT NOT NULL)"
    )
    db.execute(
        "CREATE TABLE users ("
        " name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password_hash TEXT NOT NULL,"
        " agent TEXT, login_stamp TEXT NOT NULL)"
    )
    # One row at most: the code that claims the box.
    db.execute(
        "CREATE TABLE claim ("
        " one INTEGER PRIMARY KEY CHECK (one = 1), code_hash TEXT NOT NULL, at REAL NOT NULL)"
    )
    db.execute(
        "CREATE TABLE audit ("
        " seq INTEGER PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL,"
        " detail TEXT NOT NULL, place TEXT NOT NULL)"
    )
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
