"""The tables of calls.db: the journal's entries, and what is projected from them."""

import sqlite3

from appliance.store.schema import Family

LEDGER = Family("linghe.calls")


@LEDGER.step
def journal_and_calls(db: sqlite3.Connection) -> None:
    """The first form: entries, one row a call, which recording is whose."""
    # `body` is the whole entry as JSON; the columns beside it are there to be found by.
    # `agent` is set for changes of an agent's state only.
    db.execute(
        "CREATE TABLE entries ("
        " seq INTEGER PRIMARY KEY, at REAL NOT NULL, call TEXT, agent TEXT,"
        " key TEXT NOT NULL, body TEXT NOT NULL)"
    )
    # Keys are unique: those of calls by the writer, who knows every live call's (an index over
    # all keys would cost as much as all the rest); those of the box by this index.
    db.execute("CREATE UNIQUE INDEX entries_box_key ON entries (key) WHERE call IS NULL")
    db.execute("CREATE INDEX entries_call ON entries (call) WHERE call IS NOT NULL")
    db.execute("CREATE INDEX entries_at ON entries (at)")
    db.execute("CREATE INDEX entries_agent ON entries (agent, at) WHERE agent IS NOT NULL")
    # `queues` and `agents` are "|a|b|"; `numbers` and `search` are case-folded for instr().
    db.execute(
        "CREATE TABLE calls ("
        " call TEXT NOT NULL, entered REAL NOT NULL, ended REAL, direction TEXT NOT NULL,"
        " outcome TEXT, queues TEXT NOT NULL, agents TEXT NOT NULL, has_recording INTEGER NOT NULL,"
        " numbers TEXT NOT NULL, search TEXT NOT NULL, record TEXT NOT NULL)"
    )
    db.execute("CREATE UNIQUE INDEX calls_call ON calls (call)")
    db.execute("CREATE INDEX calls_entered ON calls (entered, call)")
    db.execute("CREATE INDEX calls_open ON calls (entered) WHERE ended IS NULL")
    db.execute(
        "CREATE TABLE recordings (recording TEXT PRIMARY KEY, call TEXT NOT NULL) WITHOUT ROWID"
    )
