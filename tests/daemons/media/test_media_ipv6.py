"""A worker of both families: a leg's socket hears whoever its next leg talks to.

Linux forgets an IPv6 socket's far end only in part: after connect(2) to one address and AF_UNSPEC
it still drops what comes from other IPv6 addresses.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from lane import free_rtp_ports
from rtp_far_end import RtpFarEnd
from test_media_worker import Box, until

from appliance.vocabulary.audio import PeerAudio
from appliance.vocabulary.commands import ClaimAudio, ReleaseAudio
from appliance.vocabulary.events import AudioClaimed, AudioRefused
from appliance.vocabulary.ids import CallId, LegId

V4, V6 = "127.0.0.1", "::1"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind((V6, 0))
    except OSError:
        return False
    return True


if not has_ipv6():
    pytest.skip("this machine has no IPv6 on loopback", allow_module_level=True)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """With room for two legs only: the next call gets the ports of the last one."""
    first = int(free_rtp_ports().partition("-")[0])
    made = Box(tmp_path, LINGHE_BIND="::", LINGHE_RTP_PORTS=f"{first}-{first + 3}")
    yield made
    made.end()


def claimed(box: Box, leg: str) -> int:
    """Claim a leg's port; the one before may hold it for a moment yet."""
    found: list[AudioClaimed] = []

    def is_claimed() -> bool:
        box.link.say(ClaimAudio(leg=LegId(leg), call=CallId("call")))
        told = box.link.wait_for(lambda event: isinstance(event, AudioClaimed | AudioRefused))
        if isinstance(told, AudioClaimed) and told.leg == leg:
            found.append(told)
        return bool(found)

    until(is_claimed, within=15)
    return found[0].port


def talk(box: Box, number: int, *addresses: str) -> None:
    """Two people talk until both have heard each other well; then they go."""
    names = (f"caller{number}", f"agent{number}")
    ends = [RtpFarEnd(address=one, ssrc=10 + place) for place, one in enumerate(addresses)]
    ports = [claimed(box, name) for name in names]
    for name, end, other in zip(names, ends, reversed(names), strict=True):
        box.set(name, end.far(), PeerAudio(leg=LegId(other)))
    box.figures()

    def is_heard() -> bool:
        for end, port in zip(ends, ports, strict=True):
            end.say(port, to=end.address)
            end.listen()
        return all(len(end.heard) > 20 for end in ends)

    until(is_heard, within=10)
    box.link.say(*(ReleaseAudio(leg=LegId(name)) for name in names))
    box.figures()
    for end in ends:
        end.socket.close()


@pytest.mark.parametrize("after", [(V4, V4), (V6, V6), (V4, V6)])
def test_a_port_that_served_one_family_serves_the_other_next(
    box: Box, after: tuple[str, str]
) -> None:
    talk(box, 1, V4, V4)
    talk(box, 2, *after)
    talk(box, 3, V6, V4)
    talk(box, 4, V4, V6)


def test_a_leg_that_goes_from_one_family_to_the_other_is_heard(box: Box) -> None:
    agent, old, new = RtpFarEnd(address=V4), RtpFarEnd(address=V4), RtpFarEnd(address=V6)
    to_caller, to_agent = claimed(box, "caller"), claimed(box, "agent")
    box.set("agent", agent.far(), PeerAudio(leg=LegId("caller")))
    for version, caller in enumerate((old, new), 1):
        box.set("caller", caller.far(), PeerAudio(leg=LegId("agent")), version=version)
        box.figures()
        before = len(agent.heard)

        def is_heard(caller: RtpFarEnd = caller, before: int = before) -> bool:
            caller.say(to_caller, to=caller.address)
            agent.say(to_agent)
            caller.listen()
            return len(agent.listen()) > before + 20 and len(caller.heard) > 20

        until(is_heard, within=10)
