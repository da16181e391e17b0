"""The ports of one run of the tests: a lane of its own, which no other run on this machine has.

Tests run side by side (tests/side_by_side.py), and people run some by hand besides. Each process of
them takes a lane when it wants its first port: an abstract name in the kernel, which goes with the
process. Lanes lie below what the system gives to outgoing connections, which takes ports away
between the choice and the use, and above what sipp takes by itself.

A lane has three parts: for SIP, HTTP and the like; for the audio of phones; for the audio of boxes.
In each, ports are given out in turns from a random beginning, so that what was given out a moment
ago, and is not bound yet, is not given to the next who asks, nor meets packets of the one before.
"""

import itertools
import random
import socket
from collections import deque

LANES = 10
WIDTH = 2350
_FIRST = 9000
_SIGNALLING = 500
PHONE_RTP_PORTS = 42
_PHONES = 18 * PHONE_RTP_PORTS
BOX_RTP_PORTS = 270
RTP_BLOCK = 128
CROWDED = "61000-65535"
"""For a box with a thousand calls, which no lane has room for: above what the system gives out."""
_FORBIDDEN = {10080}
"""Chromium opens no page there."""
KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)


class Lane:
    """One of them."""

    def __init__(self) -> None:
        self.first, self._name = _lane_of_our_own()
        audio = self.first + _SIGNALLING
        self._boxes = range(audio + _PHONES, self.first + WIDTH)
        signalling = range(self.first, audio, 2)
        phones = range(audio, audio + _PHONES, PHONE_RTP_PORTS)
        self.signalling = itertools.cycle(random.sample(signalling, len(signalling)))
        self.phones = itertools.cycle(random.sample(phones, len(phones)))
        self._next_box = self._boxes.start
        self.recent: deque[int] = deque(maxlen=100)
        """Ports for signalling, as given out; not all of them are bound yet."""
        self.videos: deque[int] = deque(maxlen=50)
        """Ports that some sipp takes besides its own."""

    @property
    def ports(self) -> range:
        """All of them."""
        return range(self.first, self.first + WIDTH)

    def for_box(self, count: int) -> range:
        """So many for a box's audio, none of them given out a moment ago."""
        if self._next_box + count > self._boxes.stop:
            self._next_box = self._boxes.start
        found = range(self._next_box, self._next_box + count)
        assert found.stop <= self._boxes.stop, f"a lane has {len(self._boxes)} of them"
        self._next_box = found.stop
        return found


_taken: list[Lane] = []


def lane() -> Lane:
    """Return this process's own."""
    if not _taken:
        _taken.append(Lane())
    return _taken[0]


def _lane_of_our_own() -> tuple[int, socket.socket | None]:
    """Return a lane's first port, and what holds it. Where all are taken, two share one: each port
    is looked at before it is given out."""
    for number in range(LANES):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0linghe-test-lane-{number}")
        except OSError:
            name.close()
            continue
        return _FIRST + number * WIDTH, name
    return _FIRST + random.randrange(LANES) * WIDTH, None


def free_port() -> int:
    """Return a port that is free for UDP and TCP, and so is the next (RTCP; baresip's TLS)."""
    for _ in range(_SIGNALLING):
        port = next(lane().signalling)
        pair = (port, port + 1)
        if port in lane().videos or _FORBIDDEN & set(pair):
            continue
        if all(_is_free(kind, one) for kind in KINDS for one in pair):
            lane().recent.append(port)
            return port
    raise AssertionError("no port is free")


def media_port() -> int:
    """Return a port for sipp's audio (-mp). It binds the next but one too, for video, and gives up
    with exit code 254 where that is somebody's: so nobody gets it."""
    for _ in range(_SIGNALLING):
        port = free_port()
        video = port + 2
        if video not in lane().recent and _is_free(socket.SOCK_DGRAM, video):
            lane().videos.append(video)
            return port
    raise AssertionError("no port is free")


def phone_rtp_ports() -> range:
    """Return a range for the audio of one phone, where no free_port() is."""
    first = next(lane().phones)
    return range(first, first + PHONE_RTP_PORTS)


def box_rtp_ports() -> str:
    """Return a range as LINGHE_RTP_PORTS takes it. A box passes over those that are not free."""
    ports = lane().for_box(BOX_RTP_PORTS)
    return f"{ports[0]}-{ports[-1]}"


def free_rtp_ports(count: int = RTP_BLOCK) -> str:
    """Return such a range of which all are free now."""
    for _ in range(2 * WIDTH // count):
        ports = lane().for_box(count)
        if all(_is_free(socket.SOCK_DGRAM, port) for port in ports):
            return f"{ports[0]}-{ports[-1]}"
    raise AssertionError("no range of ports is free")


def _is_free(kind: int, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
