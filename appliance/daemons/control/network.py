"""What only the operating system knows of the network: our address toward a peer, hosts."""

import asyncio
import ipaddress
import logging
import socket

logger = logging.getLogger(__name__)

RESOLVE_EVERY_SECONDS = 60.0


class Network:
    """Cached answers; nothing here ever waits in the loop."""

    def __init__(self, bind: str) -> None:
        self._bind = bind
        self._toward: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._all: dict[str, frozenset[str]] = {}

    def address_toward(self, remote: str) -> str:
        """Return our IP address as that peer sees it."""
        if self._bind not in ("0.0.0.0", "::", ""):
            return self._bind
        if remote not in self._toward:
            if len(self._toward) > 4096:
                self._toward.clear()
            self._toward[remote] = _routed(remote)
        return self._toward[remote]

    def host_of(self, name: str) -> str | None:
        """Return the IP literal of a host, None while it is not known."""
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            return self._hosts.get(name)

    def hosts_of(self, name: str) -> frozenset[str]:
        """Return every address of a host: a carrier calls from any of them."""
        own = self.host_of(name)
        return self._all.get(name, frozenset() if own is None else frozenset({own}))

    async def resolve(self, names: list[str]) -> bool:
        """Look names up; say whether anything changed."""
        loop = asyncio.get_running_loop()
        is_changed = False
        for name in names:
            try:
                found = await loop.getaddrinfo(name, None, family=socket.AF_INET)
            except OSError as error:
                logger.warning("%s cannot be resolved: %s", name, error)
                continue
            addresses = [str(one[4][0]) for one in found]
            self._all[name] = frozenset(addresses)
            # The name server gives them in another order each time: keep to one while it holds.
            if self._hosts.get(name) not in addresses:
                self._hosts[name] = addresses[0]
                is_changed = True
        return is_changed

    def forget_routes(self) -> None:
        """Addresses may have changed (DHCP)."""
        self._toward.clear()


def is_literal(name: str) -> bool:
    """Say whether this is an address already."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _routed(remote: str) -> str:
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((remote, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
