"""SIP's listening sockets: the service manager's, or our own where we were started by hand."""

import socket
from dataclasses import dataclass

from appliance.daemons import notify
from appliance.daemons.paths import Environment


@dataclass(frozen=True, slots=True)
class Listeners:
    """What the box is heard on; None: not this way."""

    udp: socket.socket
    tcp: socket.socket | None = None
    tls: socket.socket | None = None


def own_sockets(environment: Environment) -> Listeners:
    """Return the sockets that the service manager keeps for us, or new ones."""
    kinds = (
        ("sip-udp", socket.SOCK_DGRAM, environment.sip_port),
        ("sip-tcp", socket.SOCK_STREAM, environment.sip_port),
        ("sip-tls", socket.SOCK_STREAM, environment.sips_port),
    )
    udp, tcp, tls = [
        notify.inherited_socket(name) or _bound(environment.bind, port, kind)
        for name, kind, port in kinds
    ]
    return Listeners(udp=udp, tcp=tcp, tls=tls)


def _bound(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, False)
    if kind is socket.SOCK_STREAM:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    if kind is socket.SOCK_STREAM:
        made.listen(128)
    return made
