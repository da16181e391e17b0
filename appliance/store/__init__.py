"""SQLite: schema, migrations, journal, settings, queries. All SQL is here."""
