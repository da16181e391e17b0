"""Who owns the box: the one-time code while nobody does, and a new password for the owner.

The code is made here and kept in this program's memory; the box keeps its digest only. It is shown
on this screen and nowhere else: no file, no log, no page has it. A restart makes a new one.
"""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from msgspec.structs import replace

from appliance.store.audit import AuditLine
from appliance.store.people import Role
from appliance.store.places import Paths
from appliance.store.restore import is_begun, is_staged
from appliance.store.settings import SettingsStore
from appliance.vocabulary.claims import LETTERS, claim_code, claim_digest, claim_matches
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value

BY = "console"
RESTORING = "A backup is being put in its place."
PASSWORD_LETTERS = 15
"""75 random bits."""

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


class Ownership(Value, frozen=True, kw_only=True):
    """What is to be shown of it."""

    owners: tuple[str, ...] = ()
    code: str = ""
    """Nobody owns the box, and this claims it."""
    is_elsewhere: bool = False
    """Nobody owns it, and a newer code was shown by `linghe claim`."""
    language: Language = Language.EN


@contextmanager
def settings_of(paths: Paths) -> Iterator[SettingsStore]:
    """Open the settings for a moment. EquipmentError also for SQLite's own errors.

    Not while a backup takes their place: what is opened here would be made anew there. One that
    waits for the next start disturbs nobody.
    """
    if is_begun(paths) or (is_staged(paths) and not paths.settings.exists()):
        raise EquipmentError(RESTORING)
    try:
        store = SettingsStore(paths.settings)
        try:
            yield store
        finally:
            store.close()
    except sqlite3.Error as error:
        raise EquipmentError(f"The settings cannot be used: {error}.") from error


def note(paths: Paths, what: str, detail: str = "") -> None:
    """Write a line of the audit log. Raises EquipmentError, RefusedError."""
    with settings_of(paths) as store:
        store.audit.note(AuditLine(at=Utc(time.time()), by=BY, what=what, detail=detail))


class CodeKeeper:
    """Makes the code, and knows whether it still holds."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._code = ""

    def seen(self, now: Utc) -> Ownership:
        """Look, and make a code where the box needs one. Raises EquipmentError, RefusedError."""
        with settings_of(self._paths) as store:
            owners = tuple(one.name for one in store.people.users() if one.role is Role.OWNER)
            site = store.current()
            language = Language.EN if site.is_empty else site.site.language
            if owners:
                self._code = ""
                return Ownership(owners=owners, language=language)
            kept = store.claim.code_hash()
            if not self._code or kept is None:
                self._code = claim_code(secrets.token_bytes(10))
                store.claim.offer(claim_digest(self._code), now)
            elif not claim_matches(self._code, kept):
                return Ownership(is_elsewhere=True, language=language)
            return Ownership(code=self._code, language=language)

    def forget(self) -> None:
        """The next look makes a new code."""
        self._code = ""


def new_password(paths: Paths, owner: str, now: Utc) -> str:
    """Give an owner a new password and end his logins; return it, shown once.

    RefusedError where there is no such owner any more.
    """
    letters = [secrets.choice(LETTERS) for _ in range(PASSWORD_LETTERS)]
    password = "-".join("".join(letters[at : at + 5]) for at in range(0, PASSWORD_LETTERS, 5))
    kept = _hasher.hash(password)
    with settings_of(paths) as store, store.together():
        user = store.people.user(owner)
        if user is None or user.role is not Role.OWNER:
            raise RefusedError("no_owner", f"{owner} owns the box no longer.")
        stamp = secrets.token_urlsafe(12)
        store.people.put(replace(user, password_hash=kept, login_stamp=stamp))
        store.audit.note(AuditLine(at=now, by=BY, what="password_given", detail=owner))
    return password
