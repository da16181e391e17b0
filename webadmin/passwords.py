"""Passwords of the pages: argon2id (RFC 9106), and the rules that a new one must keep.

NIST SP 800-63B §5.1.1.2: length counts, composition rules do not; refuse what is easily guessed.
"""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from webadmin.languages import say

SHORTEST = 10
LONGEST = 256

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""64 MiB a hash, some 0.1 s on the box's own processor."""

_one_at_a_time = BoundedSemaphore(1)
"""Many logins at once must not take the memory and the processor that calls need."""

_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
"""Checked for names that are not there, so that both answers take the same time."""

GUESSED = frozenset(
    "1234567890 0123456789 0987654321 12345678910 123456789a 1q2w3e4r5t qwertyuiop qwerty1234 "
    "password12 password123 password1234 passw0rd123 iloveyou12 admin12345 administrator "
    "changeme123 letmein1234 linghe12345 linghelinghe callcenter callcentre woaini1314 "
    "5201314520 a123456789 abc1234567 abcdefghij aa12345678 zaq12wsxcde haslo12345 "
    "qazwsxedcr 1qaz2wsx3edc".split()
)
"""What is tried first; the lists of stolen passwords begin with these."""


def hash_of(password: str) -> str:
    """Return the argon2id hash that is kept."""
    with _one_at_a_time:
        return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Say whether it is the password of this hash; `kept` None takes the same time and is no."""
    with _one_at_a_time:
        try:
            return _hasher.verify(_NOBODY if kept is None else kept, password) and kept is not None
        except (Argon2Error, InvalidHashError):
            return False


def fault_of(password: str, again: str, name: str) -> str:
    """Return what is wrong with a new password in the reader's language, "" for a good one."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return say("The password needs at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return say("The password may have at most %(count)s characters.", count=LONGEST)
    if len(set(plain)) < 4 or plain in GUESSED:
        return say("This password is easily guessed. Take another one.")
    if name and len(name) > 2 and name.casefold() in plain:
        return say("The password must not contain the user name.")
    if password != again:
        return say("The two passwords are not the same.")
    return ""
