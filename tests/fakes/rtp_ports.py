"""Ports for the audio of a media worker that no other program has, nor another run of the tests."""

import random
import socket

BLOCK = 128
_FIRST, _LAST = 20_000, 24_000
"""Where no box of the tests has its RTP; below what the system gives to outgoing connections."""
_held: dict[int, socket.socket] = {}
"""Blocks of this run: by a name in the kernel that goes with this process."""


def rtp_ports() -> str:
    """Return a range of BLOCK ports, as LINGHE_RTP_PORTS takes it; all are free now."""
    blocks = range(_FIRST, _LAST, BLOCK)
    for first in random.sample(blocks, len(blocks)):
        if _is_ours(first) and all(_is_free(port) for port in range(first, first + BLOCK)):
            return f"{first}-{first + BLOCK - 1}"
    raise AssertionError("no block of ports is free")


def _is_ours(first: int) -> bool:
    if first in _held:
        return True
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0linghe-test-rtp-block-{first}")
    except OSError:
        name.close()
        return False
    _held[first] = name
    return True


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
