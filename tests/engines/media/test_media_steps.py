"""Legs that need more than the plain relay go through steps; the others do not notice."""

from rtp_desk import Desk, far_end

from appliance.engines.media.intake import Intake
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import HEADER_BYTES, Batch, Places
from appliance.vocabulary.audio import PeerAudio, SrtpKeys
from appliance.vocabulary.ids import Instant, LegId

KEYS = SrtpKeys(suite="AES_CM_128_HMAC_SHA1_80", ours="b3Vycw==", theirs="dGhlaXJz")
SEAL = b"seal"


class Sealing:
    """A far end whose packets end with a seal, both ways; a report each hundred ticks."""

    def __init__(self, desk: Desk) -> None:
        self._columns = desk.columns
        self.heard: list[int] = []

    def unwrap(self, batch: Batch, rows: Places, now: Instant) -> None:
        for row in rows.tolist():
            size = int(batch.size[row]) - len(SEAL)
            is_sealed = bytes(batch.views[row][size : size + len(SEAL)]) == SEAL
            batch.size[row] = size if is_sealed else 0

    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        self.heard += [int(batch.views[row][HEADER_BYTES]) for row in taken.rows.tolist()]

    def wrap(self, departures: Departures) -> Departures:
        for at, (row, place) in enumerate(
            zip(departures.rows.tolist(), departures.to.tolist(), strict=True)
        ):
            if self._columns.is_special[place]:
                size = int(departures.sizes[at])
                departures.batch.views[row][size : size + len(SEAL)] = SEAL
                departures.sizes[at] += len(SEAL)
        return departures

    def wrap_one(self, packet: bytes, place: int) -> bytes:
        return packet + SEAL if self._columns.is_special[place] else packet

    def due(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        if tick % 100:
            return []
        return [(b"report", int(place)) for place in self._columns.is_special.nonzero()[0]]


def sealed_bridge(**of_b: object) -> tuple[Desk, Sealing]:
    """a is sealed, b is plain."""
    desk = Desk()
    step = Sealing(desk)
    desk.engine.steps.append(step)
    desk.leg("a", far=far_end(keys=KEYS), hears=PeerAudio(leg=LegId("b")))
    desk.leg("b", far=far_end("10.0.0.2", 5000, **of_b), hears=PeerAudio(leg=LegId("a")))
    return desk, step


def test_a_special_leg_is_unwrapped_heard_and_wrapped_and_its_peer_is_plain() -> None:
    desk, step = sealed_bridge()
    desk.arrives("a", sequence=1, payload=b"\x01" * 160 + SEAL)
    desk.arrives("b", sequence=1, payload=b"\x02" * 160, source=("10.0.0.2", 5000))
    desk.turn()
    assert [p.payload for p in desk.heard("b")] == [b"\x01" * 160]
    assert [p.payload for p in desk.heard("a")] == [b"\x02" * 160 + SEAL]
    assert step.heard == [1, 2]


def test_what_a_step_drops_reaches_nobody() -> None:
    desk, step = sealed_bridge()
    desk.arrives("a", sequence=1, payload=b"\x01" * 160)
    desk.turn()
    assert desk.heard("b") == [] and step.heard == []


def test_a_key_that_goes_singly_to_a_special_leg_is_wrapped_too() -> None:
    desk, _ = sealed_bridge(ptime_ms=30)
    event = b"\x05\x0a\x00\xa0"
    desk.arrives("b", sequence=1, payload_type=101, payload=event, source=("10.0.0.2", 5000))
    desk.turn()
    assert [p.payload for p in desk.heard("a")] == [event + SEAL]


def test_a_step_sends_reports_of_its_own() -> None:
    desk, _ = sealed_bridge()
    desk.turn(100)
    assert desk.reported == [("a", b"report")]


def test_first_aid_is_told_which_bridges_are_not_plain() -> None:
    desk, _ = sealed_bridge()
    assert not desk.columns.sole_listener.any()
    desk.leg("a", far=far_end(), hears=PeerAudio(leg=LegId("b")), version=2)
    a, b = (desk.board.legs[LegId(name)].place for name in "ab")
    assert desk.columns.sole_listener[[a, b]].tolist() == [b + 1, a + 1]
    assert not desk.board.special
