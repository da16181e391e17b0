"""SIP, SIPS and tel URIs as frozen values (RFC 3261 §19.1, RFC 3966).

What came in goes out byte for byte: the user part is kept escaped (`raw_user`) and `user` unescapes
it once on reading, never twice. URIs of other schemes are kept as `opaque`, so that a header which
names one can still be parsed and answered.
"""

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from appliance.protocols.sip.grammar import (
    Parameters,
    host_and_port,
    is_token,
    parameter,
    parameters,
    parameters_text,
)
from appliance.protocols.sip.limits import MAX_REMEMBERED
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.shape import Value

_NOT_IN_URI = re.compile(r'[\x00-\x20\x7f<>"]')
_USER_SAFE = "-_.!~*'()&=+$,;?/"
"""mark and user-unreserved of RFC 3261 §25.1: what a user part may hold without escaping."""
_NEVER_DEFAULT = ("user", "ttl", "method", "maddr", "transport")
"""§19.1.4: a URI that has one of these never equals a URI that has not."""


class SipUri(Value, frozen=True, kw_only=True):
    """One URI. `==` compares spelling; `same_as` compares by the rules of RFC 3261 §19.1.4."""

    scheme: str = "sip"
    """Lower case: sip, sips, tel, or whatever else was there."""
    raw_user: str | None = None
    """As on the wire, escapes and all; the number (with its dashes) of a tel URI."""
    password: str | None = None
    """As on the wire."""
    host: str = ""
    """A name or an address; IPv6 in brackets; empty for tel and unknown schemes."""
    port: int | None = None
    parameters: Parameters = ()
    headers: str = ""
    """What stands after `?`, as on the wire."""
    opaque: str = ""
    """Everything after the colon, of a scheme that is neither sip, sips nor tel."""

    @classmethod
    def parse(cls, text: str) -> "SipUri":
        """Parse any URI. Raises PeerError."""
        return _remembered(text) if len(text) <= MAX_REMEMBERED else _parsed(text)

    @classmethod
    def of(
        cls, user: str | None, host: str, port: int | None = None, *, scheme: str = "sip",
        parameters: Parameters = (),
    ) -> "SipUri":  # fmt: skip
        """Make a URI of ours: `user` is plain text and gets escaped where it must be."""
        raw = None if user is None else quote(user, safe=_USER_SAFE, errors="surrogateescape")
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return cls(scheme=scheme, raw_user=raw, host=host, port=port, parameters=parameters)

    @property
    def user(self) -> str:
        """The user part, unescaped once; empty when there is none."""
        raw = self.raw_user
        if raw is None:
            return ""
        return unquote(raw, errors="surrogateescape") if "%" in raw else raw

    @property
    def is_sip(self) -> bool:
        """Whether a SIP request can be sent there."""
        return self.scheme == "sip" or self.scheme == "sips"

    @property
    def address(self) -> str:
        """The host without the brackets of IPv6."""
        return self.host[1:-1] if self.host.startswith("[") else self.host

    def param(self, name: str) -> str | None:
        """Return the parameter (name in lower case), "" when it has no value, None when absent."""
        return parameter(self.parameters, name)

    def without_headers(self) -> "SipUri":
        """Return this URI as it may stand in a Request-URI (§19.1.1, table 1)."""
        return self._changed(headers="")

    def header(self, name: str) -> str | None:
        """Return one `?name=value` header (name in lower case), unescaped once."""
        for field in self.headers.split("&"):
            key, _, value = field.partition("=")
            if unquote(key).lower() == name:
                return unquote(value, errors="surrogateescape")
        return None

    def same_as(self, other: "SipUri") -> bool:
        """Say whether both mean the same resource (RFC 3261 §19.1.4)."""
        mine = (self.scheme, self.user, self.password, self.host.lower(), self.port, self.opaque)
        theirs = (
            other.scheme, other.user, other.password, other.host.lower(), other.port, other.opaque,
        )  # fmt: skip
        if mine != theirs or (self.raw_user is None) != (other.raw_user is None):
            return False
        here, there = _lowered(self.parameters), _lowered(other.parameters)
        if any((name in here) != (name in there) for name in _NEVER_DEFAULT):
            return False
        if any(there[name] != value for name, value in here.items() if name in there):
            return False
        return _header_set(self.headers) == _header_set(other.headers)

    def _changed(
        self, *, parameters: Parameters | None = None, headers: str | None = None
    ) -> "SipUri":
        return SipUri(
            scheme=self.scheme,
            raw_user=self.raw_user,
            password=self.password,
            host=self.host,
            port=self.port,
            parameters=self.parameters if parameters is None else parameters,
            headers=self.headers if headers is None else headers,
            opaque=self.opaque,
        )

    def __str__(self) -> str:
        if self.opaque:
            return f"{self.scheme}:{self.opaque}"
        text = f"{self.scheme}:"
        if self.scheme == "tel":
            return f"{text}{self.raw_user}{parameters_text(self.parameters)}"
        if self.raw_user is not None:
            text += self.raw_user
            if self.password is not None:
                text += f":{self.password}"
            text += "@"
        text += self.host
        if self.port is not None:
            text += f":{self.port}"
        text += parameters_text(self.parameters)
        return f"{text}?{self.headers}" if self.headers else text


def _parsed(text: str) -> SipUri:
    if _NOT_IN_URI.search(text):
        raise PeerError(f"malformed URI: {text[:60]!a}")
    scheme, colon, rest = text.partition(":")
    if not colon or not rest:
        raise PeerError(f"a URI needs a scheme and something behind it: {text[:60]!a}")
    scheme = scheme.lower()
    if scheme == "sip" or scheme == "sips":
        return _parsed_sip(scheme, rest)
    if not is_token(scheme):
        raise PeerError(f"malformed scheme: {scheme[:60]!a}")
    if scheme == "tel":
        number, semicolon, tail = rest.partition(";")
        if not number:
            raise PeerError("a tel URI without a number")
        return SipUri(
            scheme="tel", raw_user=number, parameters=parameters(tail) if semicolon else ()
        )
    return SipUri(scheme=scheme, opaque=rest)


_remembered = lru_cache(maxsize=1024)(_parsed)
"""The same few URIs come again in every message of a call."""


def _parsed_sip(scheme: str, rest: str) -> SipUri:
    """Parse what follows `sip:`.

    The user part may hold ; and ? (RFC 4475 §3.1.1.9), so the @ is looked for first of all. It
    cannot stand unescaped behind the host in a right URI, hence the first one ends the user part.
    """
    userinfo, at, tail = rest.partition("@")
    raw_user: str | None = None
    password: str | None = None
    if at:
        raw_user, colon, secret = userinfo.partition(":")
        if not raw_user:
            raise PeerError("an @ without a user before it")
        if colon:
            password = secret
    else:
        tail = rest
    tail, _, headers = tail.partition("?")
    tail, semicolon, listed = tail.partition(";")
    host, port = host_and_port(tail)
    return SipUri(
        scheme=scheme,
        raw_user=raw_user,
        password=password,
        host=host,
        port=port,
        parameters=parameters(listed) if semicolon else (),
        headers=headers,
    )


def _lowered(pairs: Parameters) -> dict[str, str]:
    return {name.lower(): unquote(value or "").lower() for name, value in pairs}


def _header_set(text: str) -> set[tuple[str, str]]:
    fields = (field.partition("=") for field in text.split("&") if field)
    return {(unquote(name).lower(), unquote(value)) for name, _, value in fields}
