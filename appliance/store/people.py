"""Who may use the pages: users with their roles, and the one-time code that claims the box."""

import sqlite3
from enum import StrEnum

from appliance.store.transaction import transaction
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.shape import Value


class Role(StrEnum):
    """What a user may see and do."""

    OWNER = "owner"
    AGENT = "agent"


class User(Value, frozen=True, kw_only=True):
    """Somebody who may log in."""

    name: str
    """What is typed at the login; unique, the case of a-z does not count."""
    role: Role
    password_hash: str
    """argon2 as the web made it; kept as given."""
    agent: AgentId | None = None
    """Role agent: who it is in the queues."""
    login_stamp: str = ""
    """Changes with the password: older logins end."""


_COLUMNS = "name, role, password_hash, agent, login_stamp"


class People:
    """The users' table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def user(self, name: str) -> User | None:
        """Return the user, None where there is none of this name."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM users WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else _user(*row)

    def users(self) -> list[User]:
        """Return all users by name."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM users ORDER BY name")
        return [_user(*row) for row in rows]

    def put(self, user: User) -> None:
        """Add the user, or replace the one of the same name. RefusedError for no owner left."""
        with transaction(self._connection):
            if user.role is not Role.OWNER:
                self._refuse_last_owner(user.name)
            _put(self._connection, user)

    def add(self, user: User) -> bool:
        """Add the user; False where the name is taken: of two forms at once one is told no."""
        with transaction(self._connection):
            if self.user(user.name) is not None:
                return False
            _put(self._connection, user)
        return True

    def change(self, user: User, *, stamp: str | None = None) -> bool:
        """Replace the user of this name; False where there is none any more, or where his stamp is
        not `stamp`: who was removed meanwhile does not come back by it."""
        with transaction(self._connection):
            there = self.user(user.name)
            if there is None or stamp not in (None, there.login_stamp):
                return False
            if user.role is not Role.OWNER:
                self._refuse_last_owner(user.name)
            _put(self._connection, user)
        return True

    def remove(self, name: str) -> None:
        """Remove the user, if there is one. RefusedError for the last owner."""
        with transaction(self._connection):
            self._refuse_last_owner(name)
            self._connection.execute("DELETE FROM users WHERE name = ?", (name,))

    def has_owner(self) -> bool:
        """True once somebody owns the box."""
        return _has_owner(self._connection)

    def _refuse_last_owner(self, name: str) -> None:
        owners = [user.name.lower() for user in self.users() if user.role is Role.OWNER]
        if owners == [name.lower()]:
            raise RefusedError(
                "last_owner",
                "This is the last owner of the box.",
                "Make somebody else an owner first.",
            )


class Claim:
    """The one-time code's table: its hash only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def offer(self, code_hash: str, at: Utc) -> None:
        """Make this the code that claims the box, in place of any older one."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO claim (one, code_hash, at) VALUES (1, ?, ?)",
                (code_hash, at),
            )

    def code_hash(self) -> str | None:
        """Return the hash of the code that is on offer, None when there is none."""
        row = self._connection.execute("SELECT code_hash FROM claim").fetchone()
        return None if row is None else str(row[0])

    def take(self, owner: User) -> None:
        """Make `owner` the box's owner and void the code, in one transaction.

        RefusedError when no code is on offer or the box has an owner already: of two browsers
        with the same code one is told no.
        """
        with transaction(self._connection):
            if self.code_hash() is None or _has_owner(self._connection):
                raise RefusedError("claimed", "This box has an owner already.", "Log in instead.")
            self._connection.execute("DELETE FROM claim")
            _put(self._connection, owner)


def _has_owner(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM users WHERE role = ?", (str(Role.OWNER),)).fetchone()
    return row is not None


def _put(connection: sqlite3.Connection, user: User) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO users ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
        (user.name, str(user.role), user.password_hash, user.agent, user.login_stamp),
    )


def _user(name: str, role: str, password_hash: str, agent: str | None, login_stamp: str) -> User:
    return User(
        name=name,
        role=Role(role),
        password_hash=password_hash,
        agent=None if agent is None else AgentId(agent),
        login_stamp=login_stamp,
    )
