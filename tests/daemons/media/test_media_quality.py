"""A real worker tells how good each leg was, by its own counts and by RTCP with the far end."""

import base64
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lane import free_rtp_ports
from msgspec import structs
from rtp_far_end import MediaLink, RtpFarEnd, start_worker

from appliance.protocols.rtp import rtcp
from appliance.protocols.rtp.srtp import Cipher
from appliance.signals import emodel
from appliance.vocabulary.audio import (
    Codec,
    Echo,
    FarEnd,
    Hears,
    LegAudio,
    PeerAudio,
    Quality,
    SrtpKeys,
)
from appliance.vocabulary.commands import ReleaseAudio, SetAudio
from appliance.vocabulary.events import LegMeasured
from appliance.vocabulary.ids import CallId, LegId
from appliance.vocabulary.srtp_suites import SUITES
from appliance.wire.media import FiguresAsked, WorkerFigures

OURS = base64.b64encode(bytes(range(30))).decode()
THEIRS = base64.b64encode(bytes(range(60, 90))).decode()
SUITE = "AES_CM_128_HMAC_SHA1_80"


class Stage:
    """A worker, and what the tests say to it."""

    def __init__(self, folder: Path) -> None:
        self.worker = start_worker(folder, LINGHE_RTP_PORTS=free_rtp_ports())
        self.link = MediaLink(folder / "run/media-0.sock")

    def leg(self, name: str, far: FarEnd, hears: Hears) -> int:
        port = self.link.claim(name)
        audio = LegAudio(leg=LegId(name), call=CallId("call"), version=1, far=far, hears=hears)
        self.link.say(SetAudio(audio=audio), FiguresAsked())
        self.link.wait_for(lambda event: isinstance(event, WorkerFigures))
        return port

    def ticks(self) -> int:
        self.link.say(FiguresAsked())
        told = self.link.wait_for(lambda event: isinstance(event, WorkerFigures))
        assert isinstance(told, WorkerFigures)
        return told.ticks

    def has_read_what_came(self) -> None:
        """The worker looks at what came in each of its ticks."""
        begun = self.ticks()
        until(lambda: self.ticks() > begun + 3)

    def released(self, name: str) -> Quality:
        self.link.say(ReleaseAudio(leg=LegId(name)))
        told = self.link.wait_for(lambda event: isinstance(event, LegMeasured))
        assert isinstance(told, LegMeasured)
        assert told.leg == name
        assert told.call == "call"
        return told.quality

    def end(self) -> None:
        self.link.close()
        self.worker.kill()
        self.worker.wait()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.end()


def until(condition: Callable[[], bool], within: float = 8.0) -> None:
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.002)


def heard(far: RtpFarEnd, count: int) -> None:
    until(lambda: len(far.listen()) >= count)


@pytest.mark.rfc("3550", "A.3")
def test_lost_packets_are_counted_late_and_double_ones_are_not_lost(stage: Stage) -> None:
    phone = RtpFarEnd()
    port = stage.leg("a", phone.far(), Echo())
    for number in range(40):
        if number in (7, 8, 30):
            phone.sequence = (phone.sequence + 1) & 0xFFFF  # never sent
            continue
        phone.say(port)
        if number in (5, 20):
            phone.sequence = (phone.sequence - 1) & 0xFFFF
            phone.say(port)  # the same number once more
    heard(phone, 39)
    quality = stage.released("a")
    assert (quality.packets, quality.lost) == (39, 1)  # 3 lost, 2 of them made up for by doubles
    assert 1.0 <= quality.mos <= 4.5


def test_a_clean_leg_is_rated_near_the_best(stage: Stage) -> None:
    phone = RtpFarEnd()
    port = stage.leg("a", phone.far(), Echo())
    begin, earliest_ms, latest_ms = time.monotonic(), float("inf"), 0.0
    for number in range(80):
        due = begin + number * 0.02
        time.sleep(max(0.0, due - time.monotonic()))
        earliest_ms = min(earliest_ms, (time.monotonic() - due) * 1000)
        phone.say(port)
        latest_ms = max(latest_ms, (time.monotonic() - due) * 1000)
    heard(phone, 80)
    quality = stage.released("a")
    assert quality.lost == 0
    # A busy machine lets this phone shake; no two of its packets differ by more than this.
    own_ms = latest_ms - earliest_ms
    assert quality.jitter_ms < own_ms + 2, "the tick's grid of 10 ms is not in it"
    at_worst = emodel.mos(
        Codec.PCMA, packets=80, lost=0, jitter_ms=own_ms + 2,
        round_trip_ms=quality.round_trip_ms, packet_ms=20,
    )  # fmt: skip
    assert quality.mos >= at_worst
    assert own_ms > 10 or quality.mos > 4.2


@pytest.mark.rfc("3550", "6.4")
def test_reports_go_both_ways_and_tell_round_trip_and_far_loss(stage: Stage) -> None:
    phone = RtpFarEnd()
    reports = beside(phone)
    port = stage.leg("a", phone.far(), Echo())
    phone.say(port)
    heard(phone, 1)
    ours = phone.heard[0].ssrc
    told = rtcp.parse(next_datagram(reports))
    assert told.ssrc == ours
    assert told.sent is not None
    [block] = told.blocks
    assert block.ssrc == phone.ssrc
    assert block.lost == 0
    answer = rtcp.ReportBlock(
        ssrc=ours,
        fraction_lost=0,
        lost=3,
        highest_sequence=0,
        jitter=0,
        last_report=rtcp.middle_of(told.sent.ntp_seconds),
        delay_since=0,
    )
    packet = rtcp.build(rtcp.Report(phone.ssrc, None, (answer,)), "phone")
    reports.sendto(packet, ("127.0.0.1", port + 1))
    stage.has_read_what_came()
    quality = stage.released("a")
    assert quality.far_lost == 3
    assert quality.round_trip_ms is not None
    assert 0 <= quality.round_trip_ms < 2000


def test_reports_of_a_stranger_change_nothing(stage: Stage) -> None:
    phone = RtpFarEnd()
    port = stage.leg("a", phone.far(), Echo())
    phone.say(port)
    heard(phone, 1)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.77", 0))
    block = rtcp.ReportBlock(phone.heard[0].ssrc, 0, 999, 0, 0, 0, 0)
    for target in (port, port + 1):
        packet = rtcp.build(rtcp.Report(1, None, (block,)), "stranger")
        stranger.sendto(packet, ("127.0.0.1", target))
    stage.has_read_what_came()
    quality = stage.released("a")
    assert quality.far_lost is None


@pytest.mark.rfc("5761", "4")
def test_reports_on_the_port_of_the_audio_are_told_from_it(stage: Stage) -> None:
    phone = RtpFarEnd()
    multiplexed = structs.replace(phone.far(), rtcp_port=phone.port)
    port = stage.leg("a", multiplexed, Echo())
    phone.say(port)
    heard(phone, 1)
    block = rtcp.ReportBlock(phone.heard[0].ssrc, 0, 5, 0, 0, 0, 0)
    packet = rtcp.build(rtcp.Report(phone.ssrc, None, (block,)), "phone")
    phone.socket.sendto(packet, ("127.0.0.1", port))
    phone.say(port)
    heard(phone, 2)
    quality = stage.released("a")
    assert (quality.packets, quality.far_lost) == (2, 5)


@pytest.mark.rfc("3711", "3")
def test_a_phone_with_keys_and_one_without_talk_and_nothing_goes_out_in_the_clear(
    stage: Stage,
) -> None:
    secure, plain = RtpFarEnd(ssrc=1), RtpFarEnd(ssrc=2)
    keys = SrtpKeys(suite=SUITE, ours=OURS, theirs=THEIRS)
    far = structs.replace(secure.far(), keys=keys)
    to_secure = stage.leg("s", far, PeerAudio(leg=LegId("p")))
    to_plain = stage.leg("p", plain.far(), PeerAudio(leg=LegId("s")))
    sealing = Cipher(SUITES[SUITE], base64.b64decode(THEIRS))
    opening = Cipher(SUITES[SUITE], base64.b64decode(OURS))
    index = secure.sequence
    for number in range(12):  # over the end of the sequence numbers, where the count rolls over
        packet = secure.packet(bytes([number]) * 160)
        sealed = sealing.seal(packet, index)
        secure.socket.sendto(sealed, ("127.0.0.1", to_secure))
        secure.socket.sendto(sealed, ("127.0.0.1", to_secure))  # once more: a replay
        index += 1
        plain.say(to_plain, bytes([100 + number]) * 160)
    secure.say(to_secure, b"\x2a" * 160)  # in the clear: not from the phone
    heard(plain, 12)
    assert [one.payload[0] for one in plain.heard] == list(range(12))
    got: list[bytes] = []
    until(lambda: bool(got.extend(datagrams(secure.socket))) or len(got) >= 12)
    first = int.from_bytes(got[0][2:4], "big")
    opened = [opening.open(one, first + at) for at, one in enumerate(got)]
    assert [one[12] for one in opened if one is not None] == [100 + n for n in range(12)]
    assert all(bytes([100 + n]) * 20 not in one for n, one in enumerate(got))
    quality = stage.released("s")
    assert (quality.packets, quality.lost) == (12, 0)


def beside(phone: RtpFarEnd) -> socket.socket:
    """Return the socket on the port after the phone's."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((phone.address, phone.port + 1))
    made.settimeout(8)
    return made


def next_datagram(opened: socket.socket) -> bytes:
    return opened.recv(2000)


def datagrams(opened: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    while True:
        try:
            found.append(opened.recv(2000))
        except BlockingIOError:
            return found
