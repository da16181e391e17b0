"""Tests of webhooks that the page asks for: rows in settings.db, which jobs carries out."""

import sqlite3

from appliance.store.transaction import transaction
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.shape import Value

KEPT = 50


class WebhookWish(Value, frozen=True, kw_only=True):
    """One press of the button."""

    number: int
    webhook: WebhookId
    at: Utc


class WebhookWishes:
    """The wishes' table; the latest of them are kept."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, webhook: WebhookId, at: Utc) -> int:
        """Ask for a test; return its number, by which jobs tells the result."""
        with transaction(self._connection):
            done = self._connection.execute(
                "INSERT INTO webhook_tests (webhook, at) VALUES (?, ?)", (webhook, at)
            )
            number = int(done.lastrowid or 0)
            self._connection.execute(
                "DELETE FROM webhook_tests WHERE number <= ?", (number - KEPT,)
            )
        return number

    def after(self, number: int) -> list[WebhookWish]:
        """Return the wishes after this one, in order."""
        rows = self._connection.execute(
            "SELECT number, webhook, at FROM webhook_tests WHERE number > ? ORDER BY number",
            (number,),
        )
        return [
            WebhookWish(number=number, webhook=WebhookId(webhook), at=Utc(at))
            for number, webhook, at in rows
        ]
