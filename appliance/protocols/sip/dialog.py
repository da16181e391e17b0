"""A dialog: what two user agents remember of each other, and requests inside it. RFC 3261 §12.

It is made from an INVITE and its 2xx, on either side. Header text is kept as bytes (core.py says
why). Requests go where the other side was heard from when it is a phone, which may be behind NAT;
to the first hop of the route set, or to the remote target, when it is a trunk and names an address.
"""

import ipaddress
from functools import lru_cache

from appliance.protocols.sip.core import ALLOW, Core, as_bytes, as_text, request_of
from appliance.protocols.sip.extensions import SUPPORTED
from appliance.protocols.sip.flow import SIP_PORT, Flow, is_ip_literal, plain_address
from appliance.protocols.sip.headers import NameAddr
from appliance.protocols.sip.limits import MAX_ADDRESSES_REMEMBERED
from appliance.protocols.sip.location import default_port
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.shape import State

NO_CSEQ = -1
"""`remote_cseq` before the other side's first request (§12.1.2: empty)."""


class Dialog(State, kw_only=True):
    """One dialog's memory."""

    call_id: bytes
    local_tag: bytes
    remote_tag: bytes
    """Empty from an RFC 2543 peer."""
    local: bytes
    """Our From of requests, tag included."""
    remote: bytes
    """Our To of requests, tag included where there is one."""
    target: bytes
    """Remote target: the URI of the other side's latest Contact."""
    routes: list[bytes]
    """Route set, next hop first."""
    local_cseq: int
    remote_cseq: int
    flow: Flow
    """Where our requests go."""
    follows_contact: bool
    """False for phones: they are reached only over the flow they were heard on."""
    user: bytes = b""
    """User part of our Contact, escaped."""
    is_secure: bool = False
    """It began with a `sips:` Request-URI: our Contact stays one too (RFC 3261 §12.1)."""


def uas_dialog(request: Request, local_tag: str, flow: Flow, *, follows_contact: bool) -> Dialog:
    """The dialog that answering this INVITE makes (§12.1.1). Raises PeerError."""
    from_ = request.from_
    dialog = Dialog(
        call_id=as_bytes(request.call_id),
        local_tag=as_bytes(local_tag),
        remote_tag=as_bytes(from_.tag or ""),
        # the header as it came: quoted control characters in it survive only so
        local=as_bytes(f"{request.headers.get('To')};tag={local_tag}"),
        remote=as_bytes(request.headers.get("From") or ""),
        target=as_bytes(_target(request, str(from_.uri))),
        routes=[as_bytes(value) for value in request.headers.all("Record-Route")],
        local_cseq=0,
        remote_cseq=request.cseq.number,
        flow=flow,
        follows_contact=follows_contact,
        user=as_bytes(request.request_uri.raw_user or ""),
        is_secure=request.request_uri.scheme == "sips",
    )
    _aim(dialog, flow)
    return dialog


def uac_dialog(invite: Request, response: Response, flow: Flow, *, follows_contact: bool) -> Dialog:
    """The dialog that a 2xx to our INVITE makes (§12.1.2). Raises PeerError."""
    routes = [as_bytes(value) for value in response.headers.all("Record-Route")]
    dialog = Dialog(
        call_id=as_bytes(invite.call_id),
        local_tag=as_bytes(invite.from_.tag or ""),
        remote_tag=as_bytes(response.to.tag or ""),
        local=as_bytes(invite.headers.get("From") or ""),
        remote=as_bytes(response.headers.get("To") or ""),
        target=as_bytes(_target(response, invite.uri)),
        routes=routes[::-1],
        local_cseq=invite.cseq.number,
        remote_cseq=NO_CSEQ,
        flow=flow,
        follows_contact=follows_contact,
        user=as_bytes(invite.from_.uri.raw_user or ""),
        is_secure=invite.uri.startswith("sips:"),
    )
    _aim(dialog, flow)
    return dialog


def refresh_target(dialog: Dialog, message: Request | Response, flow: Flow | None) -> None:
    """Take over the Contact of a target refresh (§12.2.1.2, §12.2.2); `flow`: heard on."""
    dialog.target = as_bytes(_target(message, as_text(dialog.target)))
    _aim(dialog, dialog.flow if flow is None else flow)


def aim_at_contact(dialog: Dialog) -> None:
    """A phone's connection is gone: until it has another, try where its Contact says it listens.

    Behind NAT that says nothing, and nobody listens at the port that a connection came from.
    """
    flow, uri = dialog.flow, SipUri.parse(as_text(dialog.target))
    if dialog.routes:
        return
    if is_ip_literal(uri.address) and is_near(uri.address, flow):
        dialog.flow = _flow_to(flow, uri.address, uri.port or SIP_PORT)


def aim_back(dialog: Dialog, name: str) -> bool:
    """A carrier's own connection is gone: go to where it says it listens, its first route or its
    Contact (§12.2.1.1); False when that is no address. `name`: of the trunk, for TLS."""
    flow = dialog.flow
    uri = NameAddr.parse(as_text(dialog.routes[0])).uri if dialog.routes else None
    uri = SipUri.parse(as_text(dialog.target)) if uri is None else uri
    if not is_ip_literal(uri.address) or not is_near(uri.address, flow):
        return False
    port = uri.port or default_port(flow.transport)
    dialog.flow = _flow_to(flow, uri.address, port, name if flow.transport == "tls" else "")
    return True


def request_in(core: Core, dialog: Dialog, method: str, *, cseq: int | None = None) -> Request:
    """Begin a request in the dialog (§12.2.1.1); the caller adds body and more headers.

    `cseq` None takes the next number; an ACK carries its INVITE's.
    """
    if cseq is None:
        dialog.local_cseq += 1
        cseq = dialog.local_cseq
    uri, routes = _routed(dialog)
    branch = core.branch(
        as_text(dialog.call_id), as_text(dialog.local_tag), as_text(dialog.remote_tag),
        str(cseq), method,
    )  # fmt: skip
    fields = [("Route", route) for route in routes]
    fields += [
        ("From", as_text(dialog.local)),
        ("To", as_text(dialog.remote)),
        ("Call-ID", as_text(dialog.call_id)),
        ("CSeq", f"{cseq} {method}"),
    ]
    if method in ("INVITE", "UPDATE", "NOTIFY"):
        fields.append(("Contact", own_contact(core, dialog)))
        fields.append(("Allow", ALLOW))
        fields.append(("Supported", SUPPORTED))
    fields.append(("User-Agent", core.product))
    return request_of(core, method, uri, dialog.flow, branch, fields)


def own_contact(core: Core, dialog: Dialog) -> str:
    """Where we want the dialog's requests."""
    return core.contact(dialog.flow, as_text(dialog.user), is_secure=dialog.is_secure)


def _routed(dialog: Dialog) -> tuple[str, list[str]]:
    """Request-URI and Route values, for loose and strict routers (§12.2.1.1)."""
    target = as_text(dialog.target)
    routes = [as_text(route) for route in dialog.routes]
    if not routes:
        return target, []
    first = NameAddr.parse(routes[0]).uri
    if first.param("lr") is not None:
        return target, routes
    return str(first.without_headers()), [*routes[1:], f"<{target}>"]


def _target(message: Request | Response, otherwise: str) -> str:
    """The Contact's URI; devices that leave Contact out are reached where they were before."""
    contact = message.contact
    if contact is None or not contact.uri.is_sip:
        return otherwise
    return str(contact.uri.without_headers())


def _aim(dialog: Dialog, heard: Flow) -> None:
    """Choose where the dialog's requests go."""
    dialog.flow = heard
    if heard.is_reliable or not dialog.follows_contact:
        return
    hop = NameAddr.parse(as_text(dialog.routes[0])).uri if dialog.routes else None
    hop = SipUri.parse(as_text(dialog.target)) if hop is None else hop
    port = hop.port or SIP_PORT
    if not hop.is_sip or not is_ip_literal(hop.address) or not is_near(hop.address, heard):
        return
    if (hop.address, port) == (heard.remote_address, heard.remote_port):
        return
    dialog.flow = _flow_to(heard, hop.address, port)


def _flow_to(heard: Flow, address: str, port: int, name: str = "") -> Flow:
    return Flow(
        transport=heard.transport,
        local_address=heard.local_address,
        local_port=heard.local_port,
        remote_address=plain_address(address),
        remote_port=port,
        name=name,
    )


def is_near(address: str, heard: Flow) -> bool:
    """False for an address that the flow's own address shows to be behind NAT."""
    return address == heard.remote_address or _is_as_near(address, heard.remote_address)


@lru_cache(maxsize=MAX_ADDRESSES_REMEMBERED)
def _is_as_near(address: str, heard: str) -> bool:
    named, seen = ipaddress.ip_address(address), ipaddress.ip_address(heard)
    return named.version == seen.version and (
        named.is_loopback == seen.is_loopback and (seen.is_private or not named.is_private)
    )
