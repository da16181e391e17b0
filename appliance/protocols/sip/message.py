"""SIP messages: bytes to Request or Response and back (RFC 3261 §7).

Parsing is done in two steps, for speed and for robustness. `parse_message` reads the start line,
cuts the head into headers and the body to its length, and checks nothing else. Typed views (`via`,
`from_`, `cseq` …: views.py) parse one header when asked and raise PeerError when it is malformed.
`validation.validate_request` makes all
the checks that a user agent must make before it looks at the method.

Every error for any bytes at all is BadMessage: it carries the status to answer with, and as much
of the request as the answer needs.
"""

import re

from appliance.protocols.sip.grammar import integer, is_token
from appliance.protocols.sip.header_list import Headers, canonical, read_fields
from appliance.protocols.sip.headers import NameAddr
from appliance.protocols.sip.limits import (
    MAX_CONTACT,
    MAX_HEADER_LINE,
    MAX_HEADER_LINES,
    MAX_MESSAGE,
    MAX_RECORD_ROUTE,
    MAX_UINT32,
    MAX_VIA,
)
from appliance.protocols.sip.reasons import REASONS
from appliance.protocols.sip.uri import SipUri
from appliance.protocols.sip.views import Viewed
from appliance.vocabulary.errors import IllegalMove, PeerError

__all__ = [
    "BadMessage", "Headers", "Message", "Request", "Response", "canonical", "mark_source",
    "parse_message", "response_to",
]  # fmt: skip

VERSION = "SIP/2.0"
_FOLD = re.compile(r"\r\n[ \t]+")
_STRAY_CONTROL = re.compile(rb"(?<!\\)[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LAWFUL = bytes(set(range(256)) - set(range(0x20)) - {0x7F} | {0x09, 0x0D, 0x0A})
_VERSION_SHAPE = re.compile(r"SIP/[0-9]{1,9}\.[0-9]{1,9}", re.IGNORECASE | re.ASCII)
_COUNTED = {"Via": MAX_VIA, "Record-Route": MAX_RECORD_ROUTE, "Contact": MAX_CONTACT}


class BadMessage(PeerError):
    """What came in is no message that can be acted on.

    `status` and `reason` are what to answer; `partial` is enough of the request to build that
    answer with `response_to`, or None when nothing may or can be answered.
    """

    def __init__(self, status: int, reason: str, partial: "Request | None" = None) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.partial = partial


class Message(Viewed):
    """What Request and Response share: headers with their views, and a body."""

    __slots__ = ("body",)

    body: bytes

    def start_line(self) -> str:
        """Return the first line, without its line end."""
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """Return the message as it goes on the wire, Content-Length counted.

        Raises IllegalMove when a value holds a line end or a stray control character: it would
        become a header that nobody wrote.
        """
        lines = [self.start_line()]
        lines += [f"{name}: {value}" for name, value in self.headers.fields]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        try:
            head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise IllegalMove("a header holds half of a surrogate pair") from error
        ends = len(lines) + 1
        if head.count(b"\r") != ends or head.count(b"\n") != ends or not _is_lawful(head):
            raise IllegalMove("a control character in a header that we built")
        return head + self.body


class Request(Message):
    """A request. `uri` is the Request-URI as text; `request_uri` is its typed view."""

    __slots__ = ("method", "uri", "version")

    def __init__(
        self,
        method: str,
        uri: str,
        headers: Headers | None = None,
        body: bytes = b"",
        version: str = VERSION,
    ) -> None:
        self.method = method
        self.uri = uri
        self.headers = Headers() if headers is None else headers
        self.body = body
        self.version = version

    @property
    def request_uri(self) -> SipUri:
        """The Request-URI. Raises PeerError when malformed."""
        return SipUri.parse(self.uri)

    def start_line(self) -> str:
        """Return `METHOD uri SIP/2.0`."""
        if " " in self.uri:
            raise IllegalMove(f"a space in a Request-URI: {self.uri!a}")
        return f"{self.method} {self.uri} {self.version}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and (
            self.method, self.uri, self.headers, self.body, self.version
        ) == (other.method, other.uri, other.headers, other.body, other.version)  # fmt: skip

    def __repr__(self) -> str:
        return f"<{self.method} {self.uri}>"

    __hash__ = None  # type: ignore[assignment]  # mutable


class Response(Message):
    """A response. `reason` None gives the standard phrase."""

    __slots__ = ("status", "reason", "version")

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: Headers | None = None,
        body: bytes = b"",
        version: str = VERSION,
    ) -> None:
        self.status = status
        self.reason = REASONS.get(status, "") if reason is None else reason
        self.headers = Headers() if headers is None else headers
        self.body = body
        self.version = version

    def start_line(self) -> str:
        """Return `SIP/2.0 status reason`."""
        return f"{self.version} {self.status} {self.reason}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Response) and (
            self.status, self.reason, self.headers, self.body, self.version
        ) == (other.status, other.reason, other.headers, other.body, other.version)  # fmt: skip

    def __repr__(self) -> str:
        return f"<{self.status} {self.reason!a}>"

    __hash__ = None  # type: ignore[assignment]  # mutable


def parse_message(data: bytes) -> Request | Response:
    """Parse one datagram, or one message that the framer cut out of a stream.

    Bytes behind the body are ignored (§18.3, RFC 4475 §3.1.1.8). Raises BadMessage and no other.
    """
    if len(data) > MAX_MESSAGE:
        raise BadMessage(513, "Message Too Large")
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")  # §7.5: line ends before the start line are ignored
    head, blank_line, rest = data.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape")
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    _check_lines(head, lines)
    fault: str | None = None
    fields: list[tuple[str, str]] = []
    lengths: list[str] = []
    try:
        fields, lengths = read_fields(lines[1:])
    except PeerError as error:
        fault = str(error)
    message = _started(lines[0], fields, fault)
    if fault is not None:
        raise BadMessage(400, "Malformed Header", _answerable(message, lines))
    for name, most in _COUNTED.items():
        if len(fields) > most and len(message.headers.all(name)) > most:
            raise BadMessage(400, f"Too Many {name} Headers")
    if not blank_line:
        raise BadMessage(400, "No End Of Headers", _answerable(message, lines))
    try:
        message.body = _body(lengths, rest)
    except PeerError as error:
        raise BadMessage(400, str(error), _answerable(message, lines)) from error
    return message


def _is_lawful(head: bytes) -> bool:
    """Say whether control characters stand only where RFC 3261 has them: in quoted pairs."""
    return not head.translate(None, _LAWFUL) or _STRAY_CONTROL.search(head) is None


def _check_lines(head: bytes, lines: list[str]) -> None:
    """Refuse what cannot be answered because no line of it can be trusted."""
    if len(lines) > MAX_HEADER_LINES:
        raise BadMessage(513, "Too Many Headers")
    if len(head) > MAX_HEADER_LINE and max(map(len, lines)) > MAX_HEADER_LINE:
        raise BadMessage(513, "Header Too Long")
    ends = head.count(b"\r\n")
    if head.count(b"\r") != ends or head.count(b"\n") != ends or not _is_lawful(head):
        raise BadMessage(400, "Stray Control Character")


def _started(line: str, fields: list[tuple[str, str]], fault: str | None) -> Request | Response:
    """Parse the start line (§7.1, §7.2) and put the headers under it."""
    headers = Headers.of_canonical(fields)
    first, _, rest = line.partition(" ")
    if first == VERSION or _VERSION_SHAPE.fullmatch(first):
        code, _, reason = rest.partition(" ")
        if len(code) != 3 or not (code.isascii() and code.isdigit()) or not "1" <= code[0] <= "6":
            raise BadMessage(400, "Malformed Status Line")
        if first.upper() != VERSION or fault is not None:
            raise BadMessage(400, "Malformed Response")
        return Response(int(code), reason, headers)
    uri, _, version = rest.partition(" ")
    request = Request(first, uri, headers)
    is_ours = version == VERSION
    if not is_token(first) or not uri or not (is_ours or _VERSION_SHAPE.fullmatch(version)):
        raise BadMessage(400, "Malformed Request Line", _answerable(request, []))
    if not is_ours and version.upper() != VERSION:
        raise BadMessage(505, REASONS[505], _answerable(request, []))
    return request


def _body(lengths: list[str], rest: bytes) -> bytes:
    """Cut the body to Content-Length; without one it goes on to the end (§18.3, datagrams)."""
    if not lengths:
        return rest
    if len(lengths) > 1:
        raise PeerError("Several Content-Lengths")
    try:
        length = integer(lengths[0], MAX_UINT32)
    except PeerError as error:
        raise PeerError("Malformed Content-Length") from error
    if length > len(rest):
        raise PeerError("Body Shorter Than Content-Length")
    return rest[:length]


def _answerable(message: Request | Response, lines: list[str]) -> Request | None:
    """Return the request with what an answer copies, or None when no answer may be sent.

    An ACK is never answered (§17.1.1.3), nor a response, nor a request whose Via is unreadable.
    """
    if not isinstance(message, Request) or message.method == "ACK":
        return None
    if not message.headers.fields and lines:
        message = Request(message.method, message.uri, _salvaged(lines[1:]))
    copied = [pair for pair in message.headers if pair[0] in _COPIED]
    if not _COPIED.issubset({name for name, _ in copied}):
        return None
    partial = Request(message.method, message.uri, Headers.of_canonical(copied))
    try:
        _ = partial.via
    except PeerError:
        return None
    return partial


_COPIED = frozenset(("Via", "From", "To", "Call-ID", "CSeq"))


def _salvaged(lines: list[str]) -> Headers:
    """Read those headers that can be read, of a message in which one cannot."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        try:
            fields += read_fields([line])[0]
        except PeerError:
            continue
    return Headers.of_canonical(fields)


def mark_source(request: Request, address: str, port: int) -> None:
    """Write where a request really came from into its top Via (§18.2.1, RFC 3581 §4).

    Raises PeerError when that Via is malformed.
    """
    via = request.via
    marked = via.with_source(address, port)
    if marked != via:
        request.headers.replace_first("Via", str(marked))
        request.headers.views["via"] = marked


def response_to(
    request: Request, status: int, reason: str | None = None, *, to_tag: str | None = None
) -> Response:
    """Begin a response: Via list, From, To, Call-ID and CSeq are the request's (§8.2.6.2).

    `to_tag` is added where To has no tag yet; 100 is sent without one.
    """
    fields = [("Via", value) for value in request.headers.all("Via")]
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = request.headers.get(name)
        if value is None:
            continue
        if name == "To" and to_tag is not None:
            value = _tagged(value, to_tag)
        fields.append((name, value))
    return Response(status, reason, Headers.of_canonical(fields))


def _tagged(value: str, to_tag: str) -> str:
    try:
        tag = NameAddr.parse(value).tag
    except PeerError:
        return value  # a To that we could not read goes back as it came
    return value if tag is not None else f"{value};tag={to_tag}"
