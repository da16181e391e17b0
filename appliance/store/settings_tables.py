"""The tables of settings.db: the site's versions, users, the claim code, the audit log, tokens."""

import sqlite3

from appliance.store.schema import Family

SETTINGS = Family("linghe.settings")


@SETTINGS.step
def site_people_audit(db: sqlite3.Connection) -> None:
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


@SETTINGS.step
def tokens_and_webhook_tests(db: sqlite3.Connection) -> None:
    """The API's tokens, and the tests of webhooks that the page asks for."""
    db.execute(
        "CREATE TABLE tokens ("
        " name TEXT PRIMARY KEY COLLATE NOCASE, digest TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,"
        " made REAL NOT NULL, made_by TEXT NOT NULL, last_used REAL)"
    )
    # AUTOINCREMENT: a number is never given twice, though old rows go.
    db.execute(
        "CREATE TABLE webhook_tests ("
        " number INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL, at REAL NOT NULL)"
    )


@SETTINGS.step
def flow_versions_and_drafts(db: sqlite3.Connection) -> None:
    """Each flow's versions, the first of them from the site that holds, and its draft."""
    db.execute(
        "CREATE TABLE flow_versions ("
        " flow TEXT NOT NULL, version INTEGER NOT NULL, at REAL NOT NULL, by TEXT NOT NULL,"
        " why TEXT NOT NULL, back_to INTEGER NOT NULL, document TEXT NOT NULL,"
        " PRIMARY KEY (flow, version))"
    )
    db.execute(
        "CREATE TABLE flow_drafts ("
        " flow TEXT PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, why TEXT NOT NULL,"
        " based_on INTEGER NOT NULL, document TEXT NOT NULL)"
    )
    db.execute(
        "INSERT INTO flow_versions (flow, version, at, by, why, back_to, document)"
        " SELECT json_extract(one.value, '$.id'), 1, sites.at, sites.by, '', 0, one.value"
        " FROM sites, json_each(sites.document, '$.flow') AS one"
        " WHERE sites.version = (SELECT MAX(version) FROM sites)"
    )
