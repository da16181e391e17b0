"""Where bytes come from and go to: flows, and bytes that wait to be sent.

A flow (RFC 5626 §3.3 uses the word so) is one pair of addresses over one transport. Responses and
requests inside a dialog go back over the flow that the other side was heard on: this is what
reaches phones behind NAT. No address that is not an IP literal and no port outside 1..65535 ever
gets into an `Outgoing`: one such packet has killed the sockets of other stacks.
"""

import ipaddress
from functools import lru_cache

from appliance.vocabulary.shape import Value

SIP_PORT = 5060
"""RFC 3261 §18.2.2: the port where Via or a URI names none."""
SIPS_PORT = 5061
"""The same for TLS (§19.1.2)."""
TRANSPORTS = ("udp", "tcp", "tls")


class Flow(Value, frozen=True, kw_only=True):
    """One pair of addresses over one transport. Addresses are IP literals without brackets."""

    transport: str
    """`udp`, `tcp` or `tls`."""
    local_address: str
    """Ours; may be the any-address when the daemon's socket is bound so."""
    local_port: int
    remote_address: str
    remote_port: int
    connection: str = ""
    """TCP and TLS: the daemon's name for the connection. Empty: any open connection to the remote
    address and port will do, and `Outgoing.connect` says whether to open one."""
    we_connected: bool = False
    """TCP and TLS: we opened the connection, so it is ours to keep alive (RFC 5626 §3.5.1)."""
    name: str = ""
    """TLS: whom the far end's certificate must name when we connect (RFC 5922 §4). Empty: nobody
    that we would connect to; a phone comes to us."""

    @property
    def is_reliable(self) -> bool:
        """True for TCP and TLS: nothing is retransmitted (RFC 3261 §17)."""
        return self.transport != "udp"


def same_place(one: Flow, other: Flow) -> bool:
    """Whether two flows have the same far end."""
    return (one.transport, one.remote_address, one.remote_port) == (
        other.transport, other.remote_address, other.remote_port,
    )  # fmt: skip


class Outgoing(Value, frozen=True, kw_only=True):
    """Bytes to be sent over a flow."""

    data: bytes
    flow: Flow
    connect: bool = False
    """No connection is known: open a TCP connection to the remote address and port (or use one
    that is open already)."""
    close: bool = False
    """Close the connection after `data` (which may be empty): its framing is lost (§18.3)."""


@lru_cache(maxsize=4096)
def is_ip_literal(address: str) -> bool:
    """True for an IPv4 or IPv6 address without brackets, zone or name."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return "%" not in address and not (parsed.is_multicast or parsed.is_unspecified)


def is_sendable(flow: Flow) -> bool:
    """True when the operating system will take this destination."""
    if flow.transport not in TRANSPORTS or not 1 <= flow.remote_port <= 65535:
        return False
    return is_ip_literal(flow.remote_address) and flow.remote_address != "255.255.255.255"


@lru_cache(maxsize=4096)
def plain_address(literal: str) -> str:
    """The one spelling of an address that the system uses too (RFC 5952; IPv4 in IPv6 as IPv4), so
    that two can be compared as text. What is no address stays as it is."""
    try:
        parsed = ipaddress.ip_address(literal)
    except ValueError:
        return literal
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def source_of(address: str) -> str:
    """Whom an address stands for when its doings are counted: IPv4 itself; of IPv6 the /64, for
    each machine may take any address of its network (RFC 4291 §2.5.4)."""
    return _first_64_bits(address) if ":" in address else address


@lru_cache(maxsize=4096)
def _first_64_bits(address: str) -> str:
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


@lru_cache(maxsize=4096)
def is_any_address(address: str) -> bool:
    """True where a socket is bound to all addresses, so that none can be put in a header."""
    return address in ("", "0.0.0.0", "::")


def host_text(address: str) -> str:
    """An address as it stands in a URI or Via: IPv6 in brackets (RFC 3261 §25.1)."""
    return f"[{address}]" if ":" in address else address
