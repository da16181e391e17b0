"""This machine's own addresses, asked of the kernel (netdevice(7))."""

import fcntl
import socket
import struct

SIOCGIFADDR = 0x8915


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
