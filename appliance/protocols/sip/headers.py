"""Typed views of header values: Via, name-addr (From, To, Contact, Route …), CSeq, Expires.

RFC 3261 §20, §25.1. Each is frozen; `parse` takes one header value (lists are split before, see
header_list.py) and raises PeerError; `str()` gives the value back as it goes on the wire.
"""

from functools import lru_cache

from appliance.protocols.sip.grammar import (
    Parameters,
    end_of_quoted,
    host_and_port,
    integer,
    is_token,
    parameter,
    parameters,
    parameters_text,
    quoted,
    unquoted,
    with_parameter,
    without_parameter,
)
from appliance.protocols.sip.limits import MAX_REMEMBERED, MAX_UINT32
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.shape import Value

MAGIC_COOKIE = "z9hG4bK"
"""RFC 3261 §8.1.1.7: a branch that begins so is unique to its transaction."""


class Via(Value, frozen=True, kw_only=True):
    """One hop that the message came over (RFC 3261 §20.42)."""

    transport: str = "UDP"
    """Upper case: UDP, TCP, TLS, or one that we do not know."""
    host: str
    port: int | None = None
    parameters: Parameters = ()
    version: str = "2.0"

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Parse one Via value. Raises PeerError."""
        return _remembered_via(text) if len(text) <= MAX_REMEMBERED else _parsed_via(text)

    @property
    def branch(self) -> str | None:
        """The transaction's mark, None from an RFC 2543 peer."""
        return parameter(self.parameters, "branch")

    @property
    def received(self) -> str | None:
        """The address that the element behind us saw."""
        return parameter(self.parameters, "received")

    @property
    def wants_rport(self) -> bool:
        """Whether it asked to be answered on the source port (RFC 3581)."""
        return parameter(self.parameters, "rport") is not None

    @property
    def rport(self) -> int | None:
        """The source port that was filled in; None when absent, empty or out of range."""
        value = parameter(self.parameters, "rport")
        if value is None or len(value) > 5 or not (value.isascii() and value.isdigit()):
            return None
        port = int(value)
        return port if 1 <= port <= 65535 else None

    @property
    def address(self) -> str:
        """The host without the brackets of IPv6."""
        return self.host[1:-1] if self.host.startswith("[") else self.host

    def param(self, name: str) -> str | None:
        """Return the parameter (name in lower case), "" when it has no value, None when absent."""
        return parameter(self.parameters, name)

    def with_source(self, address: str, port: int) -> "Via":
        """Return this Via with `received` and `rport` as §18.2.1 and RFC 3581 §4 want them.

        A `received` that the sender wrote itself goes: it would send our answer to a third party.
        """
        if self.host == address and self.received is None and not self.wants_rport:
            return self
        kept = without_parameter(self.parameters, "received")
        if self.wants_rport:
            kept = with_parameter(kept, "rport", str(port))
        if self.wants_rport or self.address != address:
            kept = (*kept, ("received", address))
        return Via(
            transport=self.transport, host=self.host, port=self.port, parameters=kept,
            version=self.version,
        )  # fmt: skip

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        listed = parameters_text(self.parameters)
        return f"SIP/{self.version}/{self.transport} {self.host}{port}{listed}"


class NameAddr(Value, frozen=True, kw_only=True):
    """A display name, a URI and the header's own parameters: From, To, Contact, Route, Refer-To."""

    uri: SipUri
    display: str = ""
    """Without quotes; may hold surrogates (bytes that are not UTF-8): see grammar.display_text."""
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        """Parse one value. Raises PeerError."""
        if len(text) <= MAX_REMEMBERED:
            return _remembered_name_addr(text)
        return _parsed_name_addr(text)

    @property
    def tag(self) -> str | None:
        """The dialog's half of From or To; None when absent."""
        return parameter(self.parameters, "tag")

    def param(self, name: str) -> str | None:
        """Return the parameter (name in lower case), "" when it has no value, None when absent."""
        return parameter(self.parameters, name)

    def __str__(self) -> str:
        name = f"{quoted(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{parameters_text(self.parameters)}"


class CSeq(Value, frozen=True, kw_only=True):
    """The number of a request within its dialog, and its method (RFC 3261 §20.16)."""

    number: int
    """0..2**32-1"""
    method: str

    @classmethod
    def parse(cls, text: str) -> "CSeq":
        """Parse `1 INVITE`. Raises PeerError."""
        words = text.split()
        if len(words) != 2 or not is_token(words[1]):
            raise PeerError(f"malformed CSeq: {text[:60]!a}")
        return cls(number=integer(words[0], MAX_UINT32), method=words[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_expires(text: str) -> int:
    """Return delta-seconds (Expires, Min-Expires, `expires=`), 0..2**32-1. Raises PeerError."""
    return integer(text.strip(" \t"), MAX_UINT32)


def media_type(text: str) -> str:
    """Return `type/subtype` of a Content-Type in lower case, without parameters."""
    return text.partition(";")[0].replace(" ", "").replace("\t", "").lower()


def _parsed_via(text: str) -> Via:
    protocol, slash, rest = text.partition("/")
    version, second_slash, rest = rest.partition("/")
    rest, semicolon, listed = rest.partition(";")
    words = rest.split()
    if not (slash and second_slash and words) or protocol.strip(" \t").upper() != "SIP":
        raise PeerError(f"malformed Via: {text[:60]!a}")
    transport, version = words[0].upper(), version.strip(" \t")
    if not is_token(transport) or not is_token(version):
        raise PeerError(f"malformed Via: {text[:60]!a}")
    # white space may stand around the colon of sent-by, nowhere else within it
    sent_by = " ".join(words[1:]).replace(" :", ":").replace(": ", ":")
    host, port = host_and_port(sent_by)
    return Via(
        transport=transport,
        host=host,
        port=port,
        parameters=parameters(listed) if semicolon else (),
        version=version,
    )


def _parsed_name_addr(text: str) -> NameAddr:
    text = text.strip(" \t")
    if text.startswith('"'):
        closing = end_of_quoted(text, 0)
        display = unquoted(text[: closing + 1])
        rest = text[closing + 1 :].lstrip(" \t")
    else:
        before, bracket, after = text.partition("<")
        if not bracket:
            return _parsed_addr_spec(text)
        # devices send unquoted names in any alphabet: RFC 4475 §3.1.2.15 lets us infer the quotes
        display, rest = before.rstrip(" \t"), f"<{after}"
        if '"' in display:
            raise PeerError(f"malformed display name: {text[:60]!a}")
    uri, bracket, tail = rest[1:].partition(">")
    if rest[:1] != "<" or not bracket:
        raise PeerError(f"malformed address: {text[:60]!a}")
    tail = tail.strip(" \t")
    if tail and tail[0] != ";":
        raise PeerError(f"text behind an address: {text[:60]!a}")
    listed = parameters(tail[1:]) if tail else ()
    return NameAddr(uri=SipUri.parse(uri), display=display, parameters=listed)


def _parsed_addr_spec(text: str) -> NameAddr:
    """Without <> every parameter is the header's, and the URI may have no `?` or `,` (§20.10)."""
    uri, semicolon, listed = text.partition(";")
    uri = uri.rstrip(" \t")
    if "?" in uri or "," in uri:
        raise PeerError(f"this URI must stand in <>: {text[:60]!a}")
    return NameAddr(uri=SipUri.parse(uri), parameters=parameters(listed) if semicolon else ())


_remembered_via = lru_cache(maxsize=512)(_parsed_via)
_remembered_name_addr = lru_cache(maxsize=1024)(_parsed_name_addr)
"""The same values come again in every message of a call, and are asked for more than once."""
