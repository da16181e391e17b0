"""An audio socket as phones open it: on an even port, so that the next one is left to RTCP."""

import socket


def even_socket(address: str = "127.0.0.1") -> socket.socket:
    """Return a UDP socket at an address of loopback."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while True:
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.bind((address, 0))
        if opened.getsockname()[1] % 2 == 0:
            return opened
        opened.close()
