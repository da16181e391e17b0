"""What somebody on the network without the key may do to an encrypted leg: nothing."""

import base64

import numpy as np
import pytest
from rtp_desk import Desk, far_end
from rtp_packet import Packet, build

from appliance.daemons.media.secure_legs import MOST_STREAMS, SecureLegs
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import ROW_BYTES
from appliance.protocols.rtp.srtp import Cipher
from appliance.vocabulary.audio import PeerAudio, SrtpKeys
from appliance.vocabulary.ids import LegId
from appliance.vocabulary.srtp_suites import SUITES

SUITE = SUITES["AES_CM_128_HMAC_SHA1_80"]
OURS, THEIRS = bytes(range(30)), bytes(range(60, 90))
KEYS = SrtpKeys(
    suite=SUITE.name,
    ours=base64.b64encode(OURS).decode(),
    theirs=base64.b64encode(THEIRS).decode(),
)
PHONE, OTHER_PORT = ("10.0.0.1", 4000), ("10.0.0.1", 6666)


class SecureDesk(Desk):
    """An encrypted phone `a`, and `b` who hears it in the clear."""

    def __init__(self) -> None:
        super().__init__()
        self.secure = self.begins_secure()
        self.leg("b")
        self.leg("a", far=far_end(keys=KEYS), hears=PeerAudio(leg=LegId("b")))
        b = far_end("10.0.0.2", 5000)
        self.leg("b", far=b, hears=PeerAudio(leg=LegId("a")), version=2)

    def begins_secure(self) -> SecureLegs:
        """As a worker does, after a kill too."""
        made = SecureLegs(self.engine)
        self.engine.steps[:] = [made, *[s for s in self.engine.steps if type(s) is not SecureLegs]]
        self.engine.is_theirs = made.is_theirs
        return made

    def says(self, index: int, *, ssrc: int = 7, source: tuple[str, int] = PHONE) -> bytes:
        packet = Packet(
            payload_type=8, is_marked=False, sequence=index & 0xFFFF,
            timestamp=index * 160 & 0xFFFFFFFF, ssrc=ssrc, payload=b"\x55" * 160,
        )  # fmt: skip
        sealed = Cipher(SUITE, THEIRS).seal(build(packet), index)
        self.hears(sealed, source)
        return sealed

    def hears(self, packet: bytes, source: tuple[str, int] = PHONE) -> None:
        self.arrives_raw("a", packet, source)
        self.turn()

    def passed_on(self) -> int:
        """Packets of `a` that `b` heard."""
        return sum(name == "b" for name, _ in self.sent)

    def goes_on(self, begin: int, count: int = 60, ssrc: int = 7) -> int:
        """Let the phone talk on; how many of its packets were heard."""
        before = self.passed_on()
        for index in range(begin, begin + count):
            self.says(index, ssrc=ssrc)
        return self.passed_on() - before


@pytest.fixture
def desk() -> SecureDesk:
    return SecureDesk()


def test_nobody_without_the_key_locks_a_leg_to_himself(desk: SecureDesk) -> None:
    forged = build(
        Packet(payload_type=8, is_marked=False, sequence=1, timestamp=1, ssrc=9, payload=bytes(170))
    )
    desk.hears(forged, OTHER_PORT)
    assert desk.board.legs[LegId("a")].source is None
    assert desk.goes_on(100) == 60
    assert desk.board.legs[LegId("a")].source == PHONE


def test_a_stream_of_before_played_once_more_does_not_silence_the_phone(desk: SecureDesk) -> None:
    old = desk.says(50, ssrc=1)
    desk.turn(100)
    assert desk.goes_on(0xFFC0, 120) == 120
    for _ in range(3):
        desk.hears(old)
    assert desk.goes_on(0xFFC0 + 120, 60, ssrc=7) == 60


def test_a_phone_with_two_streams_is_heard_on_both_past_a_rollover(desk: SecureDesk) -> None:
    assert desk.goes_on(0xFFE0, 80) == 80
    desk.turn(100)
    assert desk.goes_on(3, 5, ssrc=1) == 5
    desk.turn(100)
    assert desk.goes_on(0xFFE0 + 80, 20) == 20


def test_what_came_is_not_taken_again_by_a_worker_that_was_killed(desk: SecureDesk) -> None:
    sealed = [desk.says(index) for index in range(100, 130)]
    desk.secure = desk.begins_secure()
    before = desk.passed_on()
    for packet in sealed:
        desk.hears(packet)
    assert desk.passed_on() == before
    assert desk.goes_on(130, 30) == 30


def test_ever_new_streams_fill_no_memory(desk: SecureDesk) -> None:
    for ssrc in range(1, 50):
        desk.says(1, ssrc=ssrc)
    (secured,) = desk.secure._secured.values()
    assert len(secured.streams) == MOST_STREAMS


def test_packets_in_the_clear_with_the_look_of_reports_are_no_audio() -> None:
    desk = SecureDesk()
    far = far_end(keys=KEYS, payload_type=72)
    desk.leg("a", far=far, hears=PeerAudio(leg=LegId("b")), version=2)
    clear = build(
        Packet(payload_type=72, is_marked=True, sequence=1, timestamp=1, ssrc=9, payload=bytes(160))
    )
    desk.hears(clear)
    assert desk.passed_on() == 0


def test_a_packet_that_has_no_room_for_its_tag_never_leaves_in_the_clear(desk: SecureDesk) -> None:
    a, b = (desk.board.legs[LegId(name)].place for name in "ab")
    desk.batch.filled([b, b, b], [ROW_BYTES, 172, ROW_BYTES])
    for row in range(3):
        desk.batch.views[row][:12] = bytes([0x80, 8]) + row.to_bytes(2, "big") + bytes(8)
    sizes = np.array([ROW_BYTES, 172, ROW_BYTES])
    left = desk.secure.wrap(Departures(desk.batch, np.arange(3), sizes, np.array([a, a, b])))
    assert left.rows.tolist() == [1, 2], "to `b` it is no secret"
    assert left.sizes.tolist() == [182, ROW_BYTES]
