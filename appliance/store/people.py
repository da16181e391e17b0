"""Who may use the pages: users with their roles, and the one-time code that claims the box."""

import sqlite3
from enum import StrEnum

from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.shape import Value


class Role(StrEnum):
    """What a user may see and do."""

    OWNER = "owner"
    AGENT = "agent"


class User(Value, frozen=True, kw_only=True):
    """Somebody who may log in."""

    name: str
    """What is typed at the login; unique, letter case does not count."""
    role: Role
    password_hash: str
    """argon2 as the web made it; kept as given."""
    agent: AgentId | None = None
    """Role agent: who it is in the queues."""
    login_stamp: str = ""
    """Changes with the password: older logins end."""


class People:
    """The users' table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        raise NotImplementedError

    def user(self, name: str) -> User | None:
        """Return the user, None where there is none of this name."""
        raise NotImplementedError

    def users(self) -> list[User]:
        """Return all users by name."""
        raise NotImplementedError

    def put(self, user: User) -> None:
        """Add the user, or replace the one of the same name."""
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Remove the user. RefusedError for the last owner."""
        raise NotImplementedError

    def has_owner(self) -> bool:
        """True once somebody owns the box."""
        raise NotImplementedError


class Claim:
    """The one-time code's table: its hash only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        raise NotImplementedError

    def offer(self, code_hash: str, at: Utc) -> None:
        """Make this the code that claims the box, in place of any older one."""
        raise NotImplementedError

    def code_hash(self) -> str | None:
        """Return the hash of the code that is on offer, None when there is none."""
        raise NotImplementedError

    def take(self, owner: User, at: Utc) -> None:
        """Make `owner` the box's owner and void the code, in one transaction.

        RefusedError when no code is on offer or the box has an owner already.
        """
        raise NotImplementedError
