"""An audio socket as phones open it: on an even port, so that the next one is left to RTCP."""

import socket


def even_socket(address: str = "127.0.0.1") -> socket.socket:
    """Return a UDP socket at an IPv4 address of loopback."""
    while True:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind((address, 0))
        if opened.getsockname()[1] % 2 == 0:
            return opened
        opened.close()
