"""What only the operating system knows of the network: our address toward a peer, and routes."""

import socket

ANY = ("0.0.0.0", "::", "")
FORGET_EVERY_SECONDS = 60.0
MOST_REMEMBERED = 4096


class Network:
    """Cached answers; nothing here ever waits."""

    def __init__(self, bind: str) -> None:
        self._bind = bind
        self._toward: dict[str, str | None] = {}

    def address_toward(self, remote: str) -> str:
        """Return our IP address as that peer sees it."""
        if self._bind not in ANY:
            return self._bind
        return self._routed(remote) or ("::1" if ":" in remote else "127.0.0.1")

    def can_reach(self, remote: str) -> bool:
        """Whether our sockets can send there, and the machine has a route."""
        is_ipv6 = ":" in remote
        if self._bind not in ANY:
            return is_ipv6 is (":" in self._bind)
        if is_ipv6 and self._bind != "::":
            return False
        return self._routed(remote) is not None

    def _routed(self, remote: str) -> str | None:
        if remote not in self._toward:
            if len(self._toward) > MOST_REMEMBERED:
                self._toward.clear()
            self._toward[remote] = _source_toward(remote)
        return self._toward[remote]

    def forget_routes(self) -> None:
        """Addresses may have changed (DHCP)."""
        self._toward.clear()


def _source_toward(remote: str) -> str | None:
    """Ask the kernel which source address it would choose; no packet is sent."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((remote, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None
