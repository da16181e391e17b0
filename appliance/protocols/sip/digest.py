"""Digest authentication, both sides: MD5 and SHA-256, with qop=auth and without.

RFC 3261 §22 with RFC 8760 (SHA-256 in SIP), RFC 7616 (the arithmetic), RFC 2617 (peers that know
no qop). Secrets never come in here on the server side: it compares with HA1 digests.

The server keeps no state for a challenge: a nonce is a time and an HMAC over it and the address it
was given to, so a flood of requests costs nothing to remember. Who answers with a nonce of ours is
then held to a rising nonce count, in a table of fixed size.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable
from enum import StrEnum

from appliance.protocols.sip.grammar import end_of_quoted, is_token, quoted, unquoted
from appliance.protocols.sip.limits import (
    MAX_AUTH_PARAMETERS,
    NONCE_COUNTS_KEPT,
    NONCE_LIFE_S,
)
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import Value

_NEVER_QUOTED = frozenset(("algorithm", "qop", "nc", "stale"))


class Algorithm(StrEnum):
    """Hash algorithms by their names on the wire (RFC 8760 §2.1), the weakest first."""

    MD5 = "MD5"
    SHA256 = "SHA-256"


class Freshness(StrEnum):
    """What a nonce is worth that somebody brings back."""

    FRESH = "fresh"
    STALE = "stale"
    """Ours, but old: challenge again with stale=true and count no failure."""
    FORGED = "forged"
    """Not ours, or given to another address."""


class AuthFields(Value, frozen=True, kw_only=True):
    """One challenge or credential: its scheme and its parameters, unquoted, names in lower case."""

    scheme: str
    """Lower case."""
    fields: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "AuthFields":
        """Parse the value of one header. Linear in its length. Raises PeerError."""
        scheme, _, rest = text.strip(" \t").partition(" ")
        if not is_token(scheme):
            raise PeerError(f"malformed authentication scheme: {text[:40]!a}")
        if scheme.lower() != "digest":
            return cls(scheme=scheme.lower(), fields={})
        return cls(scheme="digest", fields=_auth_parameters(rest))

    def get(self, name: str) -> str:
        """Return a parameter, or "" when it is absent."""
        return self.fields.get(name, "")

    @property
    def algorithm(self) -> Algorithm | None:
        """The algorithm; MD5 when none is named; None for one that we do not speak."""
        wanted = self.fields.get("algorithm", Algorithm.MD5).upper()
        return next((known for known in Algorithm if known == wanted), None)

    @property
    def nonce_count(self) -> int | None:
        """`nc`, eight hexadecimal digits; None when absent or malformed."""
        text = self.get("nc")
        if len(text) != 8 or not set(text) <= set("0123456789abcdefABCDEF"):
            return None
        return int(text, 16)


def ha1(user: str, realm: str, secret: str, algorithm: Algorithm) -> str:
    """Return H(user:realm:secret) in hex: what is stored instead of the secret."""
    return _hashed(algorithm, user, realm, secret)


def verify(
    authorization: str | AuthFields, method: str, request_uri: str, body: bytes, ha1_md5: str,
    ha1_sha256: str,
) -> bool:  # fmt: skip
    """Say whether a credential proves the secret behind one of the HA1s, in constant time.

    An empty HA1 closes that algorithm. `request_uri` is what the request was for: the credential's
    own `uri` must be the same, or it could be replayed against another target (RFC 7616 §3.4.6).
    `body` counts only for qop=auth-int, which we do not offer and do not take.
    """
    try:
        given = AuthFields.parse(authorization) if isinstance(authorization, str) else authorization
    except PeerError:
        return False
    algorithm = given.algorithm
    if given.scheme != "digest" or algorithm is None:
        return False
    known = ha1_sha256 if algorithm is Algorithm.SHA256 else ha1_md5
    qop = given.get("qop").lower()
    if qop not in ("", "auth") or (qop and (given.nonce_count is None or not given.get("cnonce"))):
        return False
    # an unknown user costs the same hashing as a known one: the time tells nothing
    expected = _response(algorithm, known, given, method)
    matches = hmac.compare_digest(expected.encode(), _bytes(given.get("response").lower()))
    return matches and bool(known) and _same_target(given.get("uri"), request_uri)


def challenge_headers(
    realm: str,
    nonce: str,
    *,
    stale: bool = False,
    algorithms: Iterable[Algorithm] = (Algorithm.SHA256, Algorithm.MD5),
) -> list[str]:
    """Return the values of WWW-Authenticate (or Proxy-Authenticate), best first (RFC 8760 §2.4)."""
    end = ", stale=true" if stale else ""
    return [
        f'Digest realm={quoted(realm)}, nonce="{nonce}", algorithm={algorithm}, qop="auth"{end}'
        for algorithm in algorithms
    ]


def answer_challenge(  # noqa: PLR0913 - the standard's own list of inputs
    challenges: Iterable[str], user: str, secret: str, method: str, uri: str, cnonce: str, nc: int,
    wanted_realm: str | None = None,
) -> str | None:  # fmt: skip
    """Return the Authorization value for the strongest challenge that we can answer, or None.

    `wanted_realm` is the one that the secret belongs to: another realm gets no digest of it (a
    peer could otherwise collect one with a request of its own). None takes any realm. `nc` counts
    our requests with this nonce from 1. Where several challenges are equally strong the first wins.
    """
    best = _strongest(challenges, wanted_realm)
    if best is None:
        return None
    challenge, algorithm = best
    fields = {
        "username": user, "realm": challenge.get("realm"), "nonce": challenge.get("nonce"),
        "uri": uri,
    }  # fmt: skip
    if challenge.get("qop"):
        fields |= {"qop": "auth", "nc": f"{nc:08x}", "cnonce": cnonce}
    if "algorithm" in challenge.fields:
        fields["algorithm"] = algorithm.value
    if "opaque" in challenge.fields:
        fields["opaque"] = challenge.get("opaque")
    known = ha1(user, challenge.get("realm"), secret, algorithm)
    credential = AuthFields(scheme="digest", fields=fields)
    fields["response"] = _response(algorithm, known, credential, method)
    listed = (
        f"{name}={value if name in _NEVER_QUOTED else quoted(value)}"
        for name, value in fields.items()
    )
    return f"Digest {', '.join(listed)}"


class NonceMint:
    """Makes nonces that need no memory, and remembers how often the used ones were used.

    `key` is secret and lives as long as the box is up (keep it over restarts, or every phone is
    challenged once more). Given the same key two processes take each other's nonces.
    """

    def __init__(
        self, key: bytes, *, life_s: float = NONCE_LIFE_S, counts_kept: int = NONCE_COUNTS_KEPT
    ) -> None:
        self._key = key
        self._life_s = life_s
        self._counts_kept = counts_kept
        self._counts: OrderedDict[str, int] = OrderedDict()

    def nonce(self, address: str, now: Instant) -> str:
        """Return a nonce for requests from `address`."""
        stamp = f"{max(0, int(now * 1000)):012x}"
        return stamp + self._seal(stamp, address)

    def check(self, nonce: str, address: str, now: Instant) -> Freshness:
        """Say whether a nonce is ours, meant for `address`, and not older than its life."""
        stamp, seal = nonce[:12], nonce[12:]
        if not hmac.compare_digest(self._seal(stamp, address).encode(), _bytes(seal)):
            return Freshness.FORGED
        age_s = now - int(stamp, 16) / 1000
        return Freshness.FRESH if -1.0 <= age_s <= self._life_s else Freshness.STALE

    def take_count(self, nonce: str, count: int | None) -> bool:
        """Say whether `count` is higher than every count seen with this nonce, and remember it.

        Call it only for a credential that was verified, so that strangers cannot fill the table.
        None (a peer without qop) may use a nonce only once.
        """
        last = self._counts.pop(nonce, 0)
        current = 1 if count is None else count
        self._counts[nonce] = max(last, current)
        if len(self._counts) > self._counts_kept:
            self._counts.popitem(last=False)
        return current > last

    def _seal(self, stamp: str, address: str) -> str:
        text = _bytes(f"{stamp} {address}")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]


def _strongest(
    challenges: Iterable[str], wanted_realm: str | None
) -> tuple[AuthFields, Algorithm] | None:
    """Return the first challenge with SHA-256 that we can answer, else the first with MD5."""
    best: tuple[AuthFields, Algorithm] | None = None
    for text in challenges:
        try:
            challenge = AuthFields.parse(text)
        except PeerError:
            continue
        algorithm = challenge.algorithm
        if algorithm is None or not _is_answerable(challenge, wanted_realm):
            continue
        if best is None or (algorithm is Algorithm.SHA256 and best[1] is Algorithm.MD5):
            best = (challenge, algorithm)
    return best


def _is_answerable(challenge: AuthFields, wanted_realm: str | None) -> bool:
    """Say whether a challenge is one that our secret may answer."""
    if challenge.scheme != "digest" or not challenge.get("nonce"):
        return False
    qops = [item.strip().lower() for item in challenge.get("qop").split(",")]
    if challenge.get("qop") and "auth" not in qops:
        return False
    return wanted_realm is None or challenge.get("realm") == wanted_realm


def _response(algorithm: Algorithm, known: str, fields: AuthFields, method: str) -> str:
    """Return the `response` (RFC 7616 §3.4.1; without qop RFC 2617 §3.2.2.1)."""
    ha2 = _hashed(algorithm, method, fields.get("uri"))
    if not fields.get("qop"):
        return _hashed(algorithm, known, fields.get("nonce"), ha2)
    counted = (fields.get("nonce"), fields.get("nc"), fields.get("cnonce"), fields.get("qop"))
    return _hashed(algorithm, known, *counted, ha2)


def _hashed(algorithm: Algorithm, *parts: str) -> str:
    joined = _bytes(":".join(parts))
    if algorithm is Algorithm.SHA256:
        return hashlib.sha256(joined).hexdigest()
    return hashlib.md5(joined, usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _same_target(given: str, request_uri: str) -> bool:
    """Compare the credential's uri with the Request-URI.

    Phones add or leave out parameters (;transport=) and the default port, and write the host in
    other case; scheme, user, host and port must agree. A credential that names the server alone
    (pyVoIP signs INVITE so) is taken for every user of that server: its nonce is good for one
    request from one address, so nobody can spend it on another number.
    """
    named, asked = _bare(given), _bare(request_uri)
    scheme_and_user, _, server = asked.rpartition("@")
    return named in (asked, f"{scheme_and_user.partition(':')[0]}:{server}")


def _bare(uri: str) -> str:
    bare = uri.partition("?")[0] if "@" not in uri else uri
    user, at, target = bare.rpartition("@")
    target = target.partition(";")[0].partition("?")[0].lower()
    return f"{user}{at}{target.removesuffix(':5060')}"


def _auth_parameters(text: str) -> dict[str, str]:
    """Parse `name=value, name="value"` in one pass: each step moves on, none looks back."""
    fields: dict[str, str] = {}
    at, length = 0, len(text)
    while at < length:
        equals = text.find("=", at)
        if equals < 0:
            if text[at:].strip(" \t,"):
                raise PeerError("an authentication parameter without a value")
            break
        name = text[at:equals].strip(" \t").lower()
        value, at = _auth_value(text, equals + 1)
        if not is_token(name) or name in fields or len(fields) >= MAX_AUTH_PARAMETERS:
            raise PeerError(f"malformed authentication parameter: {name[:40]!a}")
        fields[name] = value
    return fields


def _auth_value(text: str, at: int) -> tuple[str, int]:
    """Return the value that begins at `at`, and where the next parameter begins."""
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    if text[at : at + 1] == '"':
        closing = end_of_quoted(text, at)
        value = unquoted(text[at : closing + 1])
        comma = text.find(",", closing)
        between = text[closing + 1 : comma if comma >= 0 else len(text)]
        if between.strip(" \t"):
            raise PeerError("text behind a quoted authentication parameter")
    else:
        comma = text.find(",", at)
        value = text[at : comma if comma >= 0 else len(text)].strip(" \t")
    return value, comma + 1 if comma >= 0 else len(text)
