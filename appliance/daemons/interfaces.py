"""This machine's own addresses, asked of the kernel (netdevice(7); proc(5) for IPv6)."""

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

SIOCGIFADDR = 0x8915
IPV6_TABLE = Path("/proc/self/net/if_inet6")
"""Not /proc/net/…, which is not there for a unit with ProcSubset=pid."""


def own_addresses() -> list[str]:
    """Return the IPv4 address of each interface that has one; loopback last."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            request = struct.pack("16s24x", name.encode()[:15])
            try:
                answer = fcntl.ioctl(asking, SIOCGIFADDR, request)
            except OSError:
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    return sorted(dict.fromkeys(found), key=lambda address: address.startswith("127."))


def own_addresses_6() -> list[str]:
    """Return the IPv6 addresses that others can name; loopback last, link-local ones not at all:
    they mean nothing without an interface, which no URI can tell."""
    try:
        lines = IPV6_TABLE.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    found = [ipaddress.IPv6Address(bytes.fromhex(line.split()[0])) for line in lines if line]
    named = [one for one in found if not one.is_link_local]
    return [str(one) for one in sorted(named, key=lambda address: address.is_loopback)]
