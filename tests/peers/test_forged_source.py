"""INVITEs whose source may be forged, on the wire: the box shouts at nobody for them.

The carrier is known by its address, 127.0.0.1; the description names another one. A forger never
sees our 200, an honest carrier with a separate media address acknowledges it and misses no word.
"""

import re
import socket
import time

import pytest
from bakery import NOTICE
from capture import Capture
from lane import media_port
from raw_phone import RawPhone, sdp
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, Sipp, invite, pause
from tone_prompts import loudest

pytestmark = pytest.mark.peer

ELSEWHERE = "127.0.0.66"
RTP = b"\x80\x08" + bytes(10) + b"\x55" * 160
PACKETS = 50
"""The notice: 1 s."""


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


class Ear:
    """Who is at the address that the description names: RTP's port, and RTCP's beside it."""

    def __init__(self):
        self.port = free_port()
        self.sockets = [self._bound(self.port), self._bound(self.port + 1)]
        self._count = 0

    @staticmethod
    def _bound(port):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((ELSEWHERE, port))
        made.setblocking(False)
        return made

    def take(self):
        """All that has come since."""
        found = []
        for one in self.sockets:
            try:
                while True:
                    found.append(one.recv(2048))
            except BlockingIOError:
                pass
        return found

    @property
    def heard(self):
        """How many packets came since the first."""
        self._count += len(self.take())
        return self._count

    def first(self):
        """The first packet that comes, with a bound."""
        return wait_for(self.take, 10, "sound")[0]

    def close(self):
        for one in self.sockets:
            one.close()


@pytest.fixture
def ear():
    one = Ear()
    yield one
    one.close()


@pytest.fixture
def carrier(box):
    """A socket at the carrier's address."""
    one = RawPhone(box.sip_port, "13900007777", "")
    yield one
    one.close()


def called(box, carrier, ear):
    """The box has answered; nothing acknowledges that."""
    uri = f"sip:02188886666@127.0.0.1:{box.sip_port}"
    body = sdp(port=ear.port).replace("c=IN IP4 127.0.0.1", f"c=IN IP4 {ELSEWHERE}")
    carrier.send(carrier.request("INVITE", uri, body=body))
    answer = carrier.final(10)
    assert answer.status == 200
    return answer, uri


def repeated(carrier, answer, times=2):
    """The 200 comes again and again (after 0.5, 1.5 s); so long nothing proves anything."""
    for _ in range(times):
        assert carrier.final(10).header("CSeq") == answer.header("CSeq")


def hangs_up(carrier, answer, uri):
    bye = carrier.request("BYE", uri, to=answer.header("To").partition(">")[0].strip("<"))
    carrier.send(re.sub(r"(?m)^To: [^\r]*", lambda _: f"To: {answer.header('To')}", bye))
    wait_for(lambda: (got := carrier.final(5)) and "BYE" in got.header("CSeq"), 10, "its 200")


def rtp_port(answer):
    return int(re.search(r"m=audio (\d+)", answer.body)[1])


def test_nothing_is_sent_to_a_named_address_until_the_ack_and_then_the_whole_notice(
    box, carrier, ear
):
    answer, uri = called(box, carrier, ear)
    repeated(carrier, answer)
    assert not ear.take()
    carrier.acknowledge(answer, uri)
    first = ear.first()
    assert first[1] & 0x80, "the beginning of a talk spurt"
    wait_for(lambda: ear.heard >= PACKETS, 10, "the notice")
    hangs_up(carrier, answer, uri)


def test_a_forged_ack_without_our_tag_opens_nothing_but_sound_from_there_does(box, carrier, ear):
    answer, uri = called(box, carrier, ear)
    forged = carrier.request("ACK", uri).replace("CSeq: 2 ", "CSeq: 1 ")
    carrier.send(forged)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        assert box.live().calls and not ear.take()
    ear.sockets[0].sendto(RTP, ("127.0.0.1", rtp_port(answer)))
    ear.first()
    hangs_up(carrier, answer, uri)


@pytest.mark.parametrize("unit", ["control", "media-0"])
def test_a_kill_before_the_ack_changes_nothing_of_it(box, carrier, ear, unit):
    answer, uri = called(box, carrier, ear)
    box.kill(unit)
    repeated(carrier, answer)
    assert not ear.take()
    carrier.acknowledge(answer, uri)
    ear.first()
    hangs_up(carrier, answer, uri)


def test_a_carrier_whose_media_has_an_address_of_its_own_misses_no_word(box, tmp_path):
    """sipp acknowledges at once, as such carriers do."""
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = Sipp(
        tmp_path, box.sip_port, invite("02188886666"), ANSWERED, ACK, pause(1500), BYE,
        media=media, extra=("-mi", ELSEWHERE),
    )  # fmt: skip
    caller.finish()
    tones = loudest(capture.streams()[media].audio()[: 8000 * 9 // 10])
    assert sum(abs(one - NOTICE) <= 20 for one in tones) >= 0.8 * len(tones), tones
