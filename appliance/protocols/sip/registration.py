"""Registering at a trunk: the REGISTER we send, and what its answer means. RFC 3261 §10.2."""

from appliance.protocols.sip.core import Core, request_of
from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.flow import Flow, host_text
from appliance.protocols.sip.headers import parse_expires
from appliance.protocols.sip.location import Hop
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError

DEFAULT_GRANT = 300
"""Seconds, where the registrar does not say how long the binding lasts."""
SHORTEST_REFRESH = 15.0


def domain_of(route: TrunkRoute) -> str:
    """The host part of a trunk's URIs."""
    return route.domain or host_text(route.address)


def trunk_flow(core: Core, route: TrunkRoute, hop: Hop) -> Flow:
    """A flow to one hop of a trunk; over TLS it must show the trunk's own name."""
    name = (route.domain or route.address) if hop.transport == "tls" else ""
    return core.flow_to(hop.address, hop.port, hop.transport, name)


def register_request(
    core: Core, route: TrunkRoute, flow: Flow, call_id: str, cseq: int, expires: int
) -> Request:
    """The REGISTER that binds our contact for `expires` seconds; 0 takes it back."""
    domain = domain_of(route)
    own = SipUri.of(route.username or None, domain)
    tag = core.mark("from", call_id)
    contact = core.contact(flow, own.raw_user or "")
    fields = [
        ("From", f"<{own}>;tag={tag}"),
        ("To", f"<{own}>"),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} REGISTER"),
        ("Contact", contact),
        ("Expires", str(expires)),
        ("User-Agent", core.product),
    ]
    branch = core.branch(call_id, tag, str(cseq), "REGISTER")
    request = request_of(core, "REGISTER", f"sip:{domain}", flow, branch, fields)
    if flow.is_reliable:
        # may we send keep-alives, and how often (RFC 6223 §4.3)
        request.headers.replace_first("Via", core.via(flow, branch) + ";keep")
    return request


def granted(response: Response, asked: int, own_contact: str) -> int:
    """How long a 200 lets our binding last: our Contact's expires, else Expires, else as asked."""
    own = own_contact.strip("<>").partition(";")[0]
    try:
        for contact in response.contacts:
            lifetime = contact.param("expires")
            if lifetime is not None and str(contact.uri).partition(";")[0] == own:
                return parse_expires(lifetime)
        header = response.headers.get("Expires")
        return asked if header is None else parse_expires(header)
    except PeerError:
        return asked or DEFAULT_GRANT


def refresh_after(seconds: int) -> float:
    """When to register again: early enough for a whole lost transaction, not nervously."""
    return max(SHORTEST_REFRESH, min(0.8 * seconds, seconds - 40.0))


def min_expires(response: Response) -> int | None:
    """What a 423 wants at least (§10.2.8); None when it does not say so in a number."""
    value = response.headers.get("Min-Expires")
    if value is None:
        return None
    try:
        return min(parse_expires(value), 86400)
    except PeerError:
        return None
