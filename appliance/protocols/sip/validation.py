"""The checks that every message passes before anybody looks at what it asks for.

RFC 3261 §8.1.1 (what a request must have), §8.2.2 (what a server refuses first), §8.1.3.3 (which
responses are dropped), in the order of RFC 4475: form, then scheme. Authentication and extensions
are the user agent's.
"""

from appliance.protocols.sip.headers import MAGIC_COOKIE, NameAddr, Via, parse_expires
from appliance.protocols.sip.message import BadMessage, Message, Request, Response
from appliance.protocols.sip.reasons import REASONS
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError

_SINGLE = (
    "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Expires", "Min-Expires",
    "Event", "Refer-To", "Replaces", "Session-Expires",
)  # fmt: skip
_ADDRESSES = frozenset(("Contact", "Route", "Record-Route", "Path"))
_TARGET_SCHEMES = frozenset(("sip", "sips", "tel"))


def validate_request(request: Request) -> None:
    """Raise BadMessage (400, 416) unless the request is one that may be acted on.

    `partial` is the request itself, or None where no answer is possible (ACK, unreadable Via).
    """
    try:
        _ = request.via
        partial = None if request.method == "ACK" else request
    except PeerError as error:
        raise BadMessage(400, "Malformed Via") from error
    try:
        _check_common(request)
        _check_target(request)
        _check_numbers(request)
    except BadMessage as error:
        error.partial = partial
        raise
    except PeerError as error:
        raise BadMessage(400, _phrase(error), partial) from error


def validate_response(response: Response) -> None:
    """Raise BadMessage unless the response may be given to a transaction; it is then dropped."""
    if len(response.headers.all("Via")) != 1:
        # §8.1.3.3: more than one Via means that it was misrouted to us
        raise BadMessage(400, "Response With Other Than One Via")
    try:
        _ = response.via
        _check_common(response)
    except PeerError as error:
        raise BadMessage(400, _phrase(error)) from error


def _check_common(message: Message) -> None:
    """Mandatory headers once each, readable; contacts and routes readable."""
    names = [name for name, _ in message.headers.fields]
    has_repeated = len(set(names)) != len(names)
    if has_repeated:
        for name in _SINGLE:
            if names.count(name) > 1:
                raise PeerError(f"Several {name} Headers")
    if not message.call_id or " " in message.call_id:
        raise PeerError("Malformed Call-ID")
    from_, to = message.from_, message.to
    if from_.tag == "" or to.tag == "":
        raise PeerError("Empty Tag")
    _ = message.cseq
    for name, value in message.headers.fields:
        if name in _ADDRESSES and value != "*":
            NameAddr.parse(value)
    if has_repeated:  # the first Via has been parsed above
        for value in message.headers.all("Via")[1:]:
            Via.parse(value)


def _check_target(request: Request) -> None:
    """Check the method, the Request-URI, and To where it names whom to register."""
    if request.cseq.method != request.method:
        raise PeerError("CSeq Method Differs")
    uri = SipUri.parse(request.uri)
    if uri.headers:
        # §19.1.1 table 1: not allowed here; RFC 4475 §3.1.2.11: never to become real headers
        raise PeerError("Headers In Request-URI")
    if uri.scheme not in _TARGET_SCHEMES:
        raise BadMessage(416, REASONS[416])
    if request.branch == MAGIC_COOKIE:
        raise PeerError("Empty Branch")  # RFC 4475 §3.2.1: it would match everybody's transaction
    if request.method == "REGISTER" and not request.to.uri.is_sip:
        raise PeerError("To Is Not A SIP URI")
    if request.has_wildcard_contact and (request.method != "REGISTER" or request.contacts):
        raise PeerError("Misplaced Wildcard Contact")


def _check_numbers(request: Request) -> None:
    """Range-check every number that somebody will use."""
    _ = request.max_forwards
    expires = request.headers.get("Expires")
    if expires is not None:
        parse_expires(expires)
    for contact in request.contacts:
        lifetime = contact.param("expires")
        if lifetime is not None:
            parse_expires(lifetime)


def _phrase(error: PeerError) -> str:
    """Return the error as a reason phrase: ASCII, short, no echo of control characters."""
    text = str(error).encode("ascii", "replace").decode()
    return "".join(character for character in text if character.isprintable())[:80] or REASONS[400]
