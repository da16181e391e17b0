"""Phones that die without a word: told within a minute, and back by themselves."""

import signal
import time

import pytest
from bakery import BAKERY
from capture import Capture
from running_box import wait_for

pytestmark = [pytest.mark.peer, pytest.mark.slow]

WITHIN_S = 60


def state_of(box, agent):
    return next(one.state for one in box.live().agents if one.agent == agent)


def answers(capture):
    """Extensions whose phone has answered an OPTIONS."""
    parts = capture.file.read_bytes().split(b"SIP/2.0 200 OK")[1:]
    heads = [part.partition(b"\r\n\r\n")[0] for part in parts]
    found = [head for head in heads if b"1 OPTIONS" in head]
    return {
        user for user in ("8001", "8002") if any(f"<sip:{user}@".encode() in one for one in found)
    }


@pytest.fixture
def watching(box, carrier_port):
    """The bakery that asks its phones whether they live."""
    site = BAKERY.replace("port = 5090", f"port = {carrier_port}")
    box.apply(site.replace("watch_phones = false\n", ""))
    yield box
    box.apply(site)


@pytest.mark.feature("phone lost: told within a minute")
def test_a_stopped_phone_and_a_killed_one_make_their_agents_unreachable(watching, phones, tmp_path):
    port = watching.sip_port
    signalling = Capture(tmp_path / "signalling.pcap", f"port {port} or tcp port {port}")
    stopped = phones("8001")
    killed = phones("8002", transport="tcp")
    for agent in ("1001", "1002"):
        wait_for(lambda agent=agent: state_of(watching, agent) == "ready", 20, f"{agent} ready")
    # Each is asked within six seconds, and has answered: a phone that never did is not judged.
    wait_for(lambda: answers(signalling) == {"8001", "8002"}, 20, "both to be asked")
    signalling.stop()
    stopped.process.send_signal(signal.SIGSTOP)
    killed.process.kill()
    began = time.monotonic()
    try:
        for agent in ("1001", "1002"):
            left = WITHIN_S - (time.monotonic() - began)
            wait_for(
                lambda agent=agent: state_of(watching, agent) == "unreachable",
                left,
                f"{agent} to be unreachable",
            )
    finally:
        stopped.process.send_signal(signal.SIGCONT)
    wait_for(lambda: state_of(watching, "1001") == "ready", 30, "the phone to be back")
    assert state_of(watching, "1002") == "unreachable"
