"""Session descriptions: text to typed value and back (RFC 8866, the part that telephony uses).

Tolerant where devices are sloppy (bare line feeds, lines out of order, unknown lines, which are
kept), strict where a number or a length could hurt. Raises PeerError for any bytes at all.
"""

from functools import lru_cache

from appliance.protocols.sip.grammar import integer
from appliance.protocols.sip.limits import (
    MAX_MEDIA_LINES,
    MAX_PAYLOAD_TYPES,
    MAX_REMEMBERED_SDP,
    MAX_SDP,
    MAX_SDP_LINES,
)
from appliance.vocabulary.errors import IllegalMove, PeerError
from appliance.vocabulary.shape import Value

_NO_ORIGIN = "- 0 0 IN IP4 0.0.0.0"
_DIRECTIONS = frozenset(("sendrecv", "sendonly", "recvonly", "inactive"))
_BEFORE_C = "iuep"
_BEFORE_T = "cb"
"""Kept lines that stand before c= and before t= (RFC 8866 §5)."""


class Connection(Value, frozen=True, kw_only=True):
    """A c= line: where media goes."""

    address: str
    """As written, without multicast's /ttl."""
    address_type: str = "IP4"

    @classmethod
    def parse(cls, text: str) -> "Connection":
        """Parse the value of a c= line."""
        words = text.split()
        if len(words) != 3 or words[0].upper() != "IN" or words[2].startswith("/"):
            raise PeerError(f"malformed c= line: {text[:60]!a}")
        return cls(address=words[2].partition("/")[0], address_type=words[1].upper())

    def __str__(self) -> str:
        return f"IN {self.address_type} {self.address}"


class Mapping(Value, frozen=True, kw_only=True):
    """An a=rtpmap: what a payload type means (RFC 8866 §6.6)."""

    payload_type: int
    encoding: str
    """Upper case."""
    clock_rate: int
    channels: int = 1

    @classmethod
    @lru_cache(maxsize=64)
    def parse(cls, text: str) -> "Mapping":
        """Parse `8 PCMA/8000/1`; the same few come in every offer."""
        words = text.split()
        if len(words) != 2:
            raise PeerError(f"malformed rtpmap: {text[:60]!a}")
        encoding, *numbers = words[1].split("/")
        if not encoding or not 1 <= len(numbers) <= 2:
            raise PeerError(f"malformed rtpmap: {text[:60]!a}")
        return cls(
            payload_type=integer(words[0], 127),
            encoding=encoding.upper(),
            clock_rate=integer(numbers[0], 10_000_000),
            channels=integer(numbers[1], 255) if len(numbers) == 2 else 1,
        )


class MediaDescription(Value, frozen=True, kw_only=True):
    """One m= line and what stands under it."""

    kind: str
    """audio, video, image, application …"""
    port: int
    """0 refuses or disables the stream."""
    protocol: str = "RTP/AVP"
    formats: tuple[str, ...] = ()
    port_count: str = ""
    """What stood behind the port's slash, as written; layered media only."""
    connection: Connection | None = None
    attributes: tuple[tuple[str, str | None], ...] = ()
    """a= lines, name and value, in order."""
    others: tuple[tuple[str, str], ...] = ()
    """Lines of other types (i, b, k, further c, unknown), kept."""

    def attribute(self, name: str) -> str | None:
        """Return the first a=name; "" when it has no value, None when absent."""
        return _first(self.attributes, name)

    @property
    def mappings(self) -> dict[int, Mapping]:
        """Every readable rtpmap by payload type; unreadable ones are as if absent."""
        found: dict[int, Mapping] = {}
        for name, value in self.attributes:
            if name == "rtpmap" and value is not None:
                try:
                    mapping = Mapping.parse(value)
                except PeerError:
                    continue
                found.setdefault(mapping.payload_type, mapping)
        return found

    @property
    def direction(self) -> str | None:
        """sendrecv, sendonly, recvonly or inactive as the writer sees it; None when not said."""
        return _direction(self.attributes)

    def lines(self) -> list[str]:
        """Return the lines of this block."""
        count = f"/{self.port_count}" if self.port_count else ""
        formats = "".join([f" {form}" for form in self.formats])
        made = [f"m={self.kind} {self.port}{count} {self.protocol}{formats}"]
        made += _lines_of(_BEFORE_C, self.others)
        if self.connection is not None:
            made.append(f"c={self.connection}")
        made += [f"{kind}={value}" for kind, value in self.others if kind not in _BEFORE_C]
        return made + _attribute_lines(self.attributes)


class SessionDescription(Value, frozen=True, kw_only=True):
    """A whole description. Lines that telephony does not use are kept as they came."""

    origin: str = _NO_ORIGIN
    """The value of o=, whole."""
    name: str = "-"
    connection: Connection | None = None
    times: tuple[str, ...] = ("0 0",)
    attributes: tuple[tuple[str, str | None], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    media: tuple[MediaDescription, ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> "SessionDescription":
        """Parse a body of type application/sdp. Raises PeerError."""
        return _remembered(body) if len(body) <= MAX_REMEMBERED_SDP else _parsed(body)

    @property
    def version(self) -> int | None:
        """The version of o= (RFC 3264 §8: the same number means nothing changed)."""
        words = self.origin.split()
        if len(words) < 3 or not (words[2].isascii() and words[2].isdigit()):
            return None
        return int(words[2][:20])

    def attribute(self, name: str) -> str | None:
        """Return the first a=name of the whole description."""
        return _first(self.attributes, name)

    def connection_of(self, media: MediaDescription) -> Connection | None:
        """Return where a stream's media goes: its own c=, else the description's."""
        return media.connection or self.connection

    def direction_of(self, media: MediaDescription) -> str:
        """Return a stream's direction as its writer sees it (RFC 8866 §6.7)."""
        return media.direction or _direction(self.attributes) or "sendrecv"

    def to_bytes(self) -> bytes:
        """Return the description as it goes on the wire. Raises IllegalMove on a stray line end."""
        lines = ["v=0", f"o={self.origin}", f"s={self.name}"]
        lines += _lines_of(_BEFORE_C, self.others)
        if self.connection is not None:
            lines.append(f"c={self.connection}")
        lines += _lines_of(_BEFORE_T, self.others)
        lines += [f"t={time}" for time in self.times]
        early = _BEFORE_C + _BEFORE_T
        lines += [f"{kind}={value}" for kind, value in self.others if kind not in early]
        lines += _attribute_lines(self.attributes)
        for media in self.media:
            lines += media.lines()
        lines.append("")
        text = "\r\n".join(lines)
        ends = len(lines) - 1
        if text.count("\r") != ends or text.count("\n") != ends or "\0" in text:
            raise IllegalMove("a line end inside a session description's value")
        return text.encode("utf-8", "surrogateescape")


Line = tuple[str, str]


class _Block(Value, frozen=True, kw_only=True):
    """The lines of the session part, or of one medium, sorted by what they are."""

    connection: Connection | None
    attributes: tuple[tuple[str, str | None], ...]
    rest: tuple[Line, ...]

    @classmethod
    def of(cls, lines: list[Line]) -> "_Block":
        connection: Connection | None = None
        attributes: list[tuple[str, str | None]] = []
        rest: list[Line] = []
        for kind, value in lines:
            if kind == "a":
                name, colon, text = value.partition(":")
                attributes.append((name, text if colon else None))
            elif kind == "c" and connection is None:
                connection = Connection.parse(value)
            else:
                rest.append((kind, value))
        return cls(connection=connection, attributes=tuple(attributes), rest=tuple(rest))

    def last(self, kind: str, default: str) -> str:
        return next((value for key, value in reversed(self.rest) if key == kind), default)


def _parsed(body: bytes) -> SessionDescription:
    blocks = _blocks(body)
    plain = _Block.of(blocks[0])
    return SessionDescription(
        origin=plain.last("o", _NO_ORIGIN),
        name=plain.last("s", "-") or "-",
        connection=plain.connection,
        times=tuple([value for kind, value in plain.rest if kind == "t"]),
        attributes=plain.attributes,
        others=_kept(plain.rest, own="vost"),
        media=tuple([_media(block) for block in blocks[1:]]),
    )


_remembered = lru_cache(maxsize=32)(_parsed)
"""An offer is read when it comes and again when it is answered, some milliseconds later."""


def _blocks(body: bytes) -> list[list[Line]]:
    """Cut a body into the session's lines and each medium's."""
    if len(body) > MAX_SDP:
        raise PeerError("a session description longer than the limit")
    text = body.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text.split("\n") if line.strip(" \t")]
    if len(lines) > MAX_SDP_LINES or not lines or "\0" in text:
        raise PeerError("not a session description")
    if lines[0].rstrip(" \t") != "v=0":
        raise PeerError("a session description must begin with v=0")
    blocks: list[list[Line]] = [[]]
    for line in lines:
        kind, equals, value = line.partition("=")
        if len(kind) != 1 or not equals or not ("a" <= kind <= "z"):
            raise PeerError(f"malformed line in a session description: {line[:60]!a}")
        if kind == "m":
            blocks.append([])
        blocks[-1].append((kind, value.rstrip(" \t")))
    if len(blocks) - 1 > MAX_MEDIA_LINES:
        raise PeerError("too many media lines")
    return blocks


def _media(lines: list[Line]) -> MediaDescription:
    """Parse one block that begins with m=."""
    words = lines[0][1].split()
    if len(words) < 3 or len(words) - 3 > MAX_PAYLOAD_TYPES:
        raise PeerError(f"malformed m= line: {lines[0][1][:60]!a}")
    port, _, count = words[1].partition("/")
    block = _Block.of(lines[1:])
    return MediaDescription(
        kind=words[0].lower(),
        port=integer(port, 65535),
        port_count=count,
        protocol=words[2],
        formats=tuple(words[3:]),
        connection=block.connection,
        attributes=block.attributes,
        others=_kept(block.rest),
    )


def _first(attributes: tuple[tuple[str, str | None], ...], name: str) -> str | None:
    for key, value in attributes:
        if key == name:
            return value or ""
    return None


def _direction(attributes: tuple[tuple[str, str | None], ...]) -> str | None:
    for name, _ in attributes:
        if name in _DIRECTIONS:
            return name
    return None


def _kept(lines: tuple[Line, ...], own: str = "") -> tuple[Line, ...]:
    """Return the lines of types not in `own`, in the order that RFC 8866 §5 wants."""
    order = "iuepcbrzk"
    rest = [line for line in lines if line[0] not in own]
    return tuple(sorted(rest, key=lambda line: (order + line[0]).index(line[0])))


def _lines_of(kinds: str, others: tuple[Line, ...]) -> list[str]:
    return [f"{kind}={value}" for kind, value in others if kind in kinds]


def _attribute_lines(attributes: tuple[tuple[str, str | None], ...]) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
