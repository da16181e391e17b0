"""Finds one part of a message's body: the session description beside a location or an ISUP.

RFC 2046 §5.1 (multipart), RFC 5621 (multipart in SIP), one level deep and few parts: carriers'
gateways (SIP-I) and phones with emergency locations send no more.
"""

from appliance.protocols.sip.grammar import parameter, parameters
from appliance.protocols.sip.header_list import Headers, read_fields
from appliance.protocols.sip.headers import media_type
from appliance.protocols.sip.limits import MAX_HEADER_LINES, MAX_MIME_PARTS
from appliance.protocols.sip.message import Message
from appliance.vocabulary.errors import PeerError

SDP = "application/sdp"


def find_part(message: Message, wanted: str = SDP) -> bytes | None:
    """Return the body, or the first part of it, whose media type is `wanted`.

    None when there is none: an empty body, or one of other types (415 where it is needed). Raises
    PeerError for a multipart body that cannot be cut (400).
    """
    declared = message.headers.get("Content-Type")
    if not message.body or declared is None:
        return None
    kind = media_type(declared)
    if kind == wanted:
        return message.body
    if not kind.startswith("multipart/"):
        return None
    for headers, content in _parts(message.body, _boundary(declared)):
        if media_type(headers.get("Content-Type") or "text/plain") == wanted:
            return content
    return None


def _boundary(declared: str) -> bytes:
    """Return the boundary of a multipart Content-Type, 1 to 70 characters (RFC 2046 §5.1.1)."""
    _, semicolon, listed = declared.partition(";")
    boundary = parameter(parameters(listed), "boundary") if semicolon else None
    if not boundary or len(boundary) > 70:
        raise PeerError("a multipart body without a boundary")
    return boundary.encode("utf-8", "surrogateescape")


def _parts(body: bytes, boundary: bytes) -> list[tuple[Headers, bytes]]:
    """Cut a multipart body at its boundary lines; preamble and epilogue are dropped."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_MIME_PARTS + 2)[1:]
    made: list[tuple[Headers, bytes]] = []
    for piece in pieces:
        if piece.startswith(b"--"):
            return made
        padding, line_end, part = piece.partition(b"\r\n")
        if padding.strip(b" \t") or not line_end:
            raise PeerError("malformed boundary line in a multipart body")
        if len(made) == MAX_MIME_PARTS:
            raise PeerError("too many parts in a multipart body")
        made.append(_part(part))
    raise PeerError("a multipart body without an end")


def _part(part: bytes) -> tuple[Headers, bytes]:
    """Split one part into its headers (there may be none) and its content."""
    if part.startswith(b"\r\n"):
        return Headers(), part[2:]
    head, _, content = part.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape").replace("\r\n ", " ").replace("\r\n\t", " ")
    lines = text.split("\r\n")
    if len(lines) > MAX_HEADER_LINES:
        raise PeerError("too many headers in a part")
    return Headers.of_canonical(read_fields(lines)[0]), content
