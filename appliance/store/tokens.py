"""Tokens of the API in settings.db: their digests, scopes, and when each was last used."""

import sqlite3

from appliance.store.transaction import transaction
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.tokens import Scope, Token

USED_EVERY_S = 60.0
"""The last use is written at most so often: a program may ask many times a second."""
MOST_TOKENS = 100
LONGEST_NAME = 40

_COLUMNS = "name, digest, scopes, made, made_by, last_used"


class Tokens:
    """The tokens' table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def by_digest(self, digest: str) -> Token | None:
        """Return the token whose digest this is, None for none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM tokens WHERE digest = ?", (digest,)
        ).fetchone()
        return None if row is None else _token(*row)

    def all(self) -> list[Token]:
        """Return all tokens by name."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY name")
        return [_token(*row) for row in rows]

    def add(self, token: Token) -> None:
        """Add one. RefusedError for a name that is no name or is taken, and for one without scope.

        Names: 1 to 40 letters, digits and - _ . , the case of a-z does not count.
        """
        if not 0 < len(token.name) <= LONGEST_NAME or not all(
            char.isalnum() or char in "-_." for char in token.name
        ):
            raise RefusedError(
                "token_name",
                f"A token's name has 1 to {LONGEST_NAME} letters, digits and - _ . only.",
            )
        if not token.scopes:
            raise RefusedError("token_scopes", "A token needs at least one scope.")
        with transaction(self._connection):
            known = {one.name.lower() for one in self.all()}
            if token.name.lower() in known:
                raise RefusedError(
                    "token_taken",
                    f"There is a token {token.name} already.",
                    "Revoke it first, or choose another name.",
                )
            if len(known) >= MOST_TOKENS:
                raise RefusedError(
                    "tokens_full", f"There are {MOST_TOKENS} tokens.", "Revoke one first."
                )
            self._connection.execute(
                f"INSERT INTO tokens ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, NULL)",
                (token.name, token.digest, " ".join(token.scopes), token.made, token.made_by),
            )

    def revoke(self, name: str) -> bool:
        """Remove a token; False where there is none of this name."""
        with transaction(self._connection):
            done = self._connection.execute("DELETE FROM tokens WHERE name = ?", (name,))
        return done.rowcount > 0

    def used(self, token: Token, at: Utc) -> None:
        """Remember that it was used, to the minute."""
        if token.last_used is not None and 0 <= at - token.last_used < USED_EVERY_S:
            return
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE tokens SET last_used = ? WHERE digest = ?", (at, token.digest)
            )


def _token(
    name: str, digest: str, scopes: str, made: float, made_by: str, last_used: float | None
) -> Token:
    known = set(Scope)
    return Token(
        name=name,
        digest=digest,
        # A scope that a newer Linghe gave is nothing here.
        scopes=tuple(Scope(one) for one in scopes.split() if one in known),
        made=Utc(made),
        made_by=made_by,
        last_used=None if last_used is None else Utc(last_used),
    )
