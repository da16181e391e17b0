"""Asking strangers for their password. RFC 3261 §22.2, RFC 8760; limits of design/security.md.

Nothing is remembered of a request until its credentials were verified. Known and unknown users are
answered the same way, in the same time. Wrong passwords are counted per (address, user), never per
user alone (anybody could lock a phone out) and per network, so that an attacker who changes his
address is held too; addresses that have shown a right password are not locked with their network.
"""

import logging
from collections import OrderedDict

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.digest import (
    AuthFields,
    Freshness,
    NonceMint,
    challenge_headers,
    verify,
)
from appliance.protocols.sip.digest_choice import DigestChoice
from appliance.protocols.sip.directory import Credentials
from appliance.protocols.sip.flow import Flow, source_of
from appliance.protocols.sip.grammar import display_text
from appliance.protocols.sip.message import Request
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

logger = logging.getLogger(__name__)

FAILURES_OF_USER = 10
FAILURES_OF_NETWORK = 100
LOCK_S = 60.0
TABLE_SIZE = 4096
_NOBODY = Credentials(ha1_md5="", ha1_sha256="")


class FailureTable:
    """Wrong passwords by name, of fixed size: the oldest entry goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failures: OrderedDict[tuple[str, str], tuple[int, Instant]] = OrderedDict()
        """Count, and when the count began or the lock was set."""

    def is_locked(self, name: tuple[str, str], now: Instant) -> bool:
        """Whether this name has used up its tries for now."""
        count, since = self._failures.get(name, (0, now))
        if count and now - since >= LOCK_S:
            del self._failures[name]
            return False
        return count >= self._limit

    def add(self, name: tuple[str, str], now: Instant) -> None:
        """Count one failure; the last one that is allowed starts the lock."""
        count, since = self._failures.pop(name, (0, now))
        count += 1
        self._failures[name] = (count, now if count >= self._limit else since)
        if len(self._failures) > TABLE_SIZE:
            self._failures.popitem(last=False)

    def forget(self, name: tuple[str, str]) -> None:
        """The right password was shown."""
        self._failures.pop(name, None)


class Authorisation:
    """Says which user a request comes from, or answers it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._mint = NonceMint(core.key)
        self._choice = DigestChoice()
        self._of_user = FailureTable(FAILURES_OF_USER)
        self._of_network = FailureTable(FAILURES_OF_NETWORK)
        self._known_addresses: OrderedDict[str, None] = OrderedDict()

    def user_of(self, request: Request, flow: Flow, now: Instant) -> str | None:
        """The user who has proved the password; None when the request was answered (401, 403)."""
        given = self._credential(request)
        if given is None:
            self.challenge(request, flow, now)
            return None
        address, user = flow.remote_address, given.get("username")
        self._choice.answered(address, request.from_.uri.user)
        if self._is_locked(address, user, now):
            self._core.reply(request, flow, 403)
            return None
        salt, _, sealed = given.get("nonce").partition(".")
        freshness = self._mint.check(sealed, f"{address} {salt}", now)
        if freshness is not Freshness.FRESH:
            self.challenge(request, flow, now, stale=freshness is Freshness.STALE)
            return None
        known = self._core.directory.credentials(user) or _NOBODY
        if not verify(
            given, request.method, request.uri, request.body, known.ha1_md5, known.ha1_sha256
        ):
            self._wrong(request, flow, user, now)
            return None
        if not self._mint.take_count(given.get("nonce"), given.nonce_count):
            self.challenge(request, flow, now, stale=True)
            return None
        self._right(address, user)
        return user

    def challenge(self, request: Request, flow: Flow, now: Instant, *, stale: bool = False) -> None:
        """401 with a fresh nonce; nothing is remembered."""
        self._core.counters.challenges += 1
        # salted by the request: two phones behind one address may ask within one millisecond, and
        # the nonce count of one must not spend the other's
        salt = self._core.mark("salt", request.call_id, request.headers.get("CSeq") or "")
        nonce = self._mint.nonce(f"{flow.remote_address} {salt}", now)
        algorithms = self._choice.algorithms(
            flow.remote_address,
            request.from_.uri.user,
            request.headers.get("User-Agent") or "",
        )
        values = challenge_headers(
            self._core.directory.realm, f"{salt}.{nonce}", stale=stale, algorithms=algorithms
        )
        headers = tuple(("WWW-Authenticate", value) for value in values)
        self._core.reply(request, flow, 401, headers=headers)

    def _credential(self, request: Request) -> AuthFields | None:
        """The Authorization for our realm; one of a scheme that we do not speak is none."""
        realm = self._core.directory.realm
        for value in request.headers.all("Authorization"):
            try:
                given = AuthFields.parse(value)
            except PeerError:
                continue
            if given.scheme == "digest" and given.get("realm") == realm and given.get("username"):
                return given
        return None

    def _is_locked(self, address: str, user: str, now: Instant) -> bool:
        if self._of_user.is_locked((source_of(address), user), now):
            return True
        if address in self._known_addresses:
            return False
        return self._of_network.is_locked((network_of(address), ""), now)

    def _wrong(self, request: Request, flow: Flow, user: str, now: Instant) -> None:
        """401 again, so that a mistyped password can be mended; 403 from the limit on."""
        self._core.counters.wrong_passwords += 1
        address = flow.remote_address
        logger.warning("wrong password for %s from %s", display_text(user)[:64], address)
        self._of_user.add((source_of(address), user), now)
        self._of_network.add((network_of(address), ""), now)
        if self._of_user.is_locked((source_of(address), user), now):
            self._core.reply(request, flow, 403)
        else:
            self.challenge(request, flow, now)

    def _right(self, address: str, user: str) -> None:
        self._of_user.forget((source_of(address), user))
        self._known_addresses[address] = None
        self._known_addresses.move_to_end(address)
        if len(self._known_addresses) > TABLE_SIZE:
            self._known_addresses.popitem(last=False)


def network_of(address: str) -> str:
    """The /24 of an IPv4 address; the /64 of an IPv6 address."""
    return source_of(address) if ":" in address else address.rpartition(".")[0]
