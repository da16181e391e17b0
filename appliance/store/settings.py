"""settings.db: the site in versions, users, the claim code, the audit log, tokens.

A version is a whole site as JSON. Nothing is changed in place: saving adds a version, so that
every report can name the site it was made under and any older one can be put back. Each flow that
is different has a version of its own besides (flow_versions.py), in the same transaction.
"""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from appliance.store.audit import Audit
from appliance.store.flow_versions import FlowVersions
from appliance.store.people import Claim, People
from appliance.store.schema import opened_for_writing
from appliance.store.settings_tables import SETTINGS
from appliance.store.tokens import Tokens
from appliance.store.transaction import transaction
from appliance.store.webhook_tests import WebhookWishes
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Site).decode


class SettingsStore:
    """The settings file. Used by the thread that made it; several processes may open it."""

    people: People
    claim: Claim
    audit: Audit
    tokens: Tokens
    webhook_wishes: WebhookWishes
    flows: FlowVersions

    def __init__(self, path: Path) -> None:
        """Open or make settings.db. RefusedError when the file is newer than this code."""
        self._connection = opened_for_writing(path, SETTINGS)
        self.people = People(self._connection)
        self.claim = Claim(self._connection)
        self.audit = Audit(self._connection)
        self.tokens = Tokens(self._connection)
        self.webhook_wishes = WebhookWishes(self._connection)
        self.flows = FlowVersions(self._connection)

    def current(self) -> Site:
        """Return the site that holds now; version 0 and empty when there is none."""
        return self.flows.numbered(_latest(self._connection) or Site())

    def save(self, site: Site, *, by: str, at: Utc, why: str = "", back_to: int = 0) -> Site:
        """Save a site as the next version and return it with its number, all or nothing.

        The same document as the current one is not written; its version is returned.
        `why`: of its flows' new versions; `back_to`: the older version of the one flow that is
        put back.
        """
        with transaction(self._connection):
            current = self.current()
            if _document(site) == _document(current):
                return current
            saved = msgspec.structs.replace(site, version=current.version + 1)
            self._connection.execute(
                "INSERT INTO sites (version, at, by, document) VALUES (?, ?, ?, ?)",
                (saved.version, at, by, _document(saved)),
            )
            self.flows.note(saved, by=by, at=at, why=why, back_to=back_to)
            return self.flows.numbered(saved)

    def together(self) -> AbstractContextManager[None]:
        """Make all that the block changes be there, or nothing of it, whatever happens between."""
        return transaction(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _latest(connection: sqlite3.Connection) -> Site | None:
    row = connection.execute(
        "SELECT version, document FROM sites ORDER BY version DESC LIMIT 1"
    ).fetchone()
    return None if row is None else _site(*row)


def _document(site: Site) -> str:
    """Return the site without its numbers: what makes two sites the same."""
    return _encode(msgspec.structs.replace(site, version=0, flow_versions={})).decode()


def _site(version: int, document: str) -> Site:
    return msgspec.structs.replace(_decode(document), version=version)
