"""SQLite: schema, migrations, ledger, settings, queries. One module a table family.

All SQL of the house stands in this room. Nothing here starts a thread: an object is used by the
thread that made it. Reports are not made here; they are functions of the journal (reports/).
"""
