"""The headers of one message: an ordered list of (canonical name, value), RFC 3261 §7.3.

Names are compared without case and stored in one spelling; compact forms (the IANA registry's
nineteen) are expanded. Only the headers whose every value is an address are split at commas; all
others are kept whole, since a comma may be part of them. Content-Length is never in the list: the
serialiser counts.
"""

from collections.abc import Iterable, Iterator
from typing import TypedDict

from appliance.protocols.sip.grammar import is_token, split_outside
from appliance.protocols.sip.headers import CSeq, NameAddr, Via
from appliance.vocabulary.errors import IllegalMove, PeerError

_COMPACT = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
    "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
    "l": "Content-Length", "m": "Contact", "n": "Identity-Info", "o": "Event", "r": "Refer-To",
    "s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via", "x": "Session-Expires",
    "y": "Identity",
}  # fmt: skip
_SPELLINGS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events",
    "Authentication-Info", "Authorization", "CSeq", "Call-ID", "Call-Info", "Contact",
    "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Type",
    "Date", "Diversion", "Error-Info", "Event", "Expires", "From", "Geolocation", "History-Info",
    "Identity", "Identity-Info", "In-Reply-To", "Info-Package", "Join", "MIME-Version",
    "Max-Forwards", "Min-Expires", "Min-SE", "Organization", "P-Access-Network-Info",
    "P-Asserted-Identity", "P-Preferred-Identity", "Path", "Priority", "Privacy",
    "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Require", "RAck", "RSeq", "Reason",
    "Record-Route", "Recv-Info", "Refer-Sub", "Refer-To", "Referred-By", "Remote-Party-ID",
    "Replaces", "Reply-To", "Require", "Retry-After", "Route", "SIP-ETag", "SIP-If-Match", "Server",
    "Service-Route", "Session-Expires", "Subject", "Subscription-State", "Supported",
    "Target-Dialog", "Timestamp", "To", "Unsupported", "User-Agent", "Via", "WWW-Authenticate",
    "Warning",
)  # fmt: skip
CONTENT_LENGTH = "Content-Length"
LISTED = frozenset(("Via", "Contact", "Route", "Record-Route", "Path", "Service-Route"))
"""Headers that are split at commas: each value is a hop or an address of its own."""

_KNOWN: dict[str, str] = dict(_COMPACT)
_KNOWN.update({short.upper(): name for short, name in _COMPACT.items()})
for _name in _SPELLINGS:
    _KNOWN[_name] = _KNOWN[_name.lower()] = _KNOWN[_name.upper()] = _name


_KNOWN_NAMES = frozenset(_KNOWN.values())


def canonical(name: str) -> str:
    """Return the one spelling of a header name. Raises PeerError when it is no token."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    bare = name.rstrip(" \t")
    known = _KNOWN.get(bare.lower())
    if known is not None:
        return known
    if not is_token(bare):
        raise PeerError(f"malformed header name: {name[:60]!a}")
    return "-".join([word.capitalize() for word in bare.split("-")])


class Views(TypedDict, total=False):
    """Typed views that a message is asked for again and again while it is dealt with."""

    via: Via
    from_: NameAddr
    to: NameAddr
    cseq: CSeq


class Headers:
    """An ordered list of (canonical name, value). Names given to any method may be in any case."""

    __slots__ = ("fields", "views", "_firsts")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields: list[tuple[str, str]] = []
        """Read it freely; change it through the methods."""
        self.views: Views = {}
        """What was parsed of these fields already; every change forgets it."""
        self._firsts: dict[str, str] | None = None
        for name, value in fields:
            self.add(name, value)

    @classmethod
    def of_canonical(cls, fields: list[tuple[str, str]]) -> "Headers":
        """Take over a list whose names are canonical already (the parser's way, and fast)."""
        made = cls.__new__(cls)
        made.fields, made.views, made._firsts = fields, {}, None
        return made

    def get(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        firsts = self._firsts
        if firsts is None:
            firsts = self._firsts = dict(reversed(self.fields))
        value = firsts.get(name)
        if value is None and name not in _KNOWN_NAMES:
            return firsts.get(canonical(name))
        return value

    def all(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        name = _KNOWN.get(name) or canonical(name)
        return [value for key, value in self.fields if key == name]

    def tokens(self, name: str) -> list[str]:
        """Return the comma-separated items of a header such as Supported, Require or Allow."""
        if self.get(name) is None:
            return []
        items = (item.strip(" \t") for value in self.all(name) for item in value.split(","))
        return [item for item in items if item]

    def add(self, name: str, value: str) -> None:
        """Append one value."""
        self.fields.append((_own_name(name), value))
        self._forget()

    def replace(self, name: str, value: str) -> None:
        """Let `value` be the only one of its name, where the first stood, or at the end."""
        name = _own_name(name)
        self._forget()
        if name not in self:
            self.fields.append((name, value))
            return
        self.replace_first(name, value)
        seen = False
        kept: list[tuple[str, str]] = []
        for pair in self.fields:
            if pair[0] != name or not seen:
                kept.append(pair)
            seen = seen or pair[0] == name
        self.fields = kept

    def replace_first(self, name: str, value: str) -> None:
        """Change the first value of its name; the others (Vias of hops behind) stay."""
        name = _own_name(name)
        self._forget()
        for index, (key, _) in enumerate(self.fields):
            if key == name:
                self.fields[index] = (name, value)
                return

    def remove(self, name: str) -> None:
        """Take out every value of its name."""
        name = _own_name(name)
        self._forget()
        self.fields = [pair for pair in self.fields if pair[0] != name]

    def _forget(self) -> None:
        """To be called before or after every change: nothing known of the fields holds then."""
        self._firsts = None
        if self.views:
            self.views = {}

    def copy(self) -> "Headers":
        """Return a list of its own with the same values."""
        return Headers.of_canonical(list(self.fields))

    def __contains__(self, name: str) -> bool:
        name = _KNOWN.get(name) or canonical(name)
        for key, _ in self.fields:
            if key == name:
                return True
        return False

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.fields == other.fields

    def __repr__(self) -> str:
        return f"Headers({self.fields!r})"

    __hash__ = None  # type: ignore[assignment]  # mutable, like a list


def _own_name(name: str) -> str:
    """Return the canonical name of a header that we write ourselves; a bad one is our bug."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    try:
        return canonical(name)
    except PeerError as error:
        raise IllegalMove(f"not a header name: {name!a}") from error


def read_fields(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Turn unfolded header lines into canonical fields and the Content-Length values apart.

    Raises PeerError for a line that is no header.
    """
    fields: list[tuple[str, str]] = []
    lengths: list[str] = []
    known = _KNOWN.get
    for line in lines:
        spelt, colon, value = line.partition(":")
        name = known(spelt) or canonical(spelt)
        if not colon:
            raise PeerError(f"a header line without a colon: {line[:60]!a}")
        value = value.strip(" \t")
        if name in LISTED and "," in value:
            fields.extend([(name, part) for part in split_outside(value, ",")])
        elif name == CONTENT_LENGTH:
            lengths.append(value)
        else:
            fields.append((name, value))
    return fields, lengths
