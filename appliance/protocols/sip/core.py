"""What every part of the user agent needs: keys, addresses, a way out, notes of what changed.

Nothing here decides anything. Header text of peers is kept in state as bytes: it may hold bytes
that are no UTF-8, which a snapshot must give back unchanged.
"""

import hashlib
from collections.abc import Callable

from appliance.protocols.sip.directory import Directory
from appliance.protocols.sip.events import SipEvent
from appliance.protocols.sip.failover import Outages
from appliance.protocols.sip.flow import Flow, Outgoing, host_text, is_any_address, is_sendable
from appliance.protocols.sip.headers import MAGIC_COOKIE
from appliance.protocols.sip.message import Headers, Request, Response, response_to
from appliance.vocabulary.errors import IllegalMove, PeerError
from appliance.vocabulary.shape import State

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE, REFER, SUBSCRIBE"
ACCEPT = "application/sdp"
MAX_FORWARDS = "70"


def as_bytes(text: str) -> bytes:
    """Header text as it is kept."""
    return text.encode("utf-8", "surrogateescape")


def as_text(kept: bytes) -> str:
    """Kept bytes as header text."""
    return kept.decode("utf-8", "surrogateescape")


class Counters(State, kw_only=True):
    """What the box's status page shows of this user agent, since the process began."""

    requests: int = 0
    responses: int = 0
    bad_packets: int = 0
    retransmissions: int = 0
    """Messages that we sent again, for whatever reason."""
    challenges: int = 0
    wrong_passwords: int = 0
    stray_responses: int = 0
    refused_full: int = 0
    """Requests refused because a table was full."""
    refused_destinations: int = 0
    """Messages not sent because the peer named an impossible destination."""
    limited: int = 0
    """Requests not answered because too many came from that address in that second."""
    dead_connections: int = 0
    """Connections of ours closed because nobody answered pings on them any more."""
    late_verbs: int = 0
    """Verbs for dialogs that had ended in the meantime."""


class Core:
    """The common ground of the user agent's parts."""

    def __init__(
        self, *, key: bytes, directory: Directory, random_text: Callable[[], str], product: str
    ) -> None:
        self.key = key
        # BLAKE2b with a key (RFC 7693) is a MAC by itself: HMAC of OpenSSL takes six times as long,
        # and a call has seven of these. Its keys are of 64 bytes at most, hence the digest.
        self._marks = hashlib.blake2b(key=hashlib.sha256(key).digest(), digest_size=8)
        self.directory = directory
        self.random_text = random_text
        self.product = product
        self.counters = Counters()
        self.outages = Outages()
        self.touched: set[str] = set()
        """Slots that changed since the daemon last wrote them."""
        self.may_be_over: set[str] = set()
        """Slots that lost a transaction or ended: perhaps nothing is left of them."""
        self._events: list[SipEvent] = []
        self._outgoing: list[Outgoing] = []

    # --- names ----------------------------------------------------------------------------------
    def mark(self, *parts: str) -> str:
        """64 bits in hex, the same for the same parts whenever this box is asked."""
        made = self._marks.copy()
        made.update(as_bytes("\0".join(parts)))
        return made.hexdigest()

    def branch(self, *parts: str) -> str:
        """A branch of a transaction of ours (RFC 3261 §8.1.1.7)."""
        return MAGIC_COOKIE + self.mark("branch", *parts)

    def reply_tag(self, request: Request) -> str:
        """The To tag of every answer to this request outside a dialog (§8.2.7: always the same)."""
        return self.mark(
            "tag", request.call_id, request.from_.tag or "", request.headers.get("CSeq") or ""
        )

    # --- addresses ------------------------------------------------------------------------------
    def near(self, flow: Flow) -> str:
        """Our address on a flow, one that can be told to the other side."""
        if is_any_address(flow.local_address):
            return self.directory.local_address_toward(flow.remote_address)
        return flow.local_address

    def flow_to(self, address: str, port: int, transport: str, name: str = "") -> Flow:
        """A new flow of ours to an address; `name`: whose certificate is wanted there (TLS)."""
        own = self.directory
        return Flow(
            transport=transport,
            local_address=own.local_address_toward(address),
            local_port=own.sips_port if transport == "tls" else own.local_port,
            remote_address=address,
            remote_port=port,
            name=name,
        )

    def via(self, flow: Flow, branch: str) -> str:
        """Our Via on a flow; over UDP it asks for rport (RFC 3581 §3)."""
        where = f"{host_text(self.near(flow))}:{flow.local_port or self.directory.local_port}"
        rport = "" if flow.is_reliable else ";rport"
        return f"SIP/2.0/{flow.transport.upper()} {where};branch={branch}{rport}"

    def contact(self, flow: Flow, user: str, *, is_secure: bool = False) -> str:
        """Where we want the dialog's requests. `is_secure`: they call, or we call, a `sips:` URI,
        and all that follows must be one too (RFC 3261 §8.1.1.8, §12.1.1)."""
        where = f"{host_text(self.near(flow))}:{flow.local_port or self.directory.local_port}"
        at = f"{user}@" if user else ""
        if is_secure and flow.transport == "tls":
            return f"<sips:{at}{where}>"
        tail = f";transport={flow.transport}" if flow.is_reliable else ""
        return f"<sip:{at}{where}{tail}>"

    # --- out ------------------------------------------------------------------------------------
    def send(self, data: bytes, flow: Flow, *, close: bool = False) -> None:
        """Put bytes on the way; an impossible destination is counted and nothing is sent."""
        if not is_sendable(flow):
            self.counters.refused_destinations += 1
            return
        connect = flow.is_reliable and not flow.connection
        self._outgoing.append(Outgoing(data=data, flow=flow, connect=connect, close=close))

    def reply(
        self,
        request: Request,
        flow: Flow,
        status: int,
        reason: str | None = None,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        to_source: bool = False,
    ) -> None:
        """Answer without keeping anything (RFC 3261 §8.2.7); never answers an ACK.

        `to_source`: to the very port that it came from, whatever its Via says.
        """
        if request.method == "ACK":
            return
        try:
            response = response_to(request, status, reason, to_tag=self._tag_or_none(request))
            for name, value in headers:
                response.headers.add(name, value)
            response.headers.add("Server", self.product)
            self.send(response.to_bytes(), flow if to_source else reply_flow(request, flow))
        except (PeerError, IllegalMove):
            # what they sent cannot stand in an answer (control characters, unreadable Via)
            self.counters.refused_destinations += 1

    def _tag_or_none(self, request: Request) -> str | None:
        try:
            return self.reply_tag(request)
        except PeerError:
            return None

    def drain_outgoing(self) -> list[Outgoing]:
        """Everything that waits to be sent."""
        drained, self._outgoing = self._outgoing, []
        return drained

    # --- up -------------------------------------------------------------------------------------
    def tell(self, event: SipEvent) -> None:
        """Put an event on the way to the line."""
        self._events.append(event)

    def drain_events(self) -> list[SipEvent]:
        """Everything that the line has not heard yet."""
        drained, self._events = self._events, []
        return drained

    # --- building -------------------------------------------------------------------------------
    def add_body(self, message: Request | Response, sdp: bytes) -> None:
        """Put a session description in a message."""
        if sdp:
            message.headers.add("Content-Type", "application/sdp")
            message.body = sdp


def reply_flow(request: Request, flow: Flow) -> Flow:
    """Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4). Raises PeerError.

    Always to the address that it came from: `maddr` and `received` of strangers could make us
    shoot at third parties.
    """
    if flow.is_reliable:
        return flow
    via = request.via
    port = flow.remote_port if via.wants_rport else via.port or 5060
    if port == flow.remote_port:
        return flow
    return Flow(
        transport=flow.transport,
        local_address=flow.local_address,
        local_port=flow.local_port,
        remote_address=flow.remote_address,
        remote_port=port,
    )


def request_of(
    core: Core, method: str, uri: str, flow: Flow, branch: str, fields: list[tuple[str, str]]
) -> Request:
    """Begin a request of ours: Via and Max-Forwards, then `fields` (canonical names)."""
    head = [("Via", core.via(flow, branch)), ("Max-Forwards", MAX_FORWARDS)]
    return Request(method, uri, Headers.of_canonical(head + fields))
