"""The store's files as one request sees them: opened when first asked for, closed at its end.

SQLite's connections belong to one thread, and a request is one thread's.
"""

import secrets

from flask import Flask, current_app, g

from appliance.reports.names import Names, names_of
from appliance.store.calls import CallBook
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.settings import Site

EXTENSION = "linghe.places"


def init_app(app: Flask, places: Paths) -> None:
    """Remember where the files lie; close what a request opened."""
    app.extensions[EXTENSION] = places
    app.teardown_appcontext(_close)


def places() -> Paths:
    """Return where the files lie."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Paths):
        raise TypeError("create_app() has not named the places")
    return found


def settings() -> SettingsStore:
    """Return settings.db."""
    if "linghe_settings" not in g:
        g.linghe_settings = SettingsStore(places().settings)
    store: SettingsStore = g.linghe_settings
    return store


def call_book() -> CallBook:
    """Return calls.db, read-only; empty while call control has not made it yet."""
    if "linghe_calls" not in g:
        g.linghe_calls = CallBook(places().calls)
    book: CallBook = g.linghe_calls
    return book


def site() -> Site:
    """Return the site that holds now, read once a request."""
    if "linghe_site" not in g:
        g.linghe_site = settings().current()
    found: Site = g.linghe_site
    return found


def names() -> Names:
    """Return what queues, agents and phones are called."""
    return names_of(site())


def web_key(at: Paths) -> bytes:
    """Return the key that signs cookies, made at the first start."""
    return Secrets(at.secrets, secrets.token_bytes).web_key()


def _close(_error: BaseException | None) -> None:
    store: SettingsStore | None = g.pop("linghe_settings", None)
    if store is not None:
        store.close()
    book: CallBook | None = g.pop("linghe_calls", None)
    if book is not None:
        book.close()
