"""A far end that was told as lost: what may be heard on its leg from then on."""

import pytest
from rtp_desk import Desk, far_end

from appliance.vocabulary.audio import PeerAudio
from appliance.vocabulary.events import AudioLost
from appliance.vocabulary.ids import LegId

INSIDE = ("192.168.1.5", 4000)
"""What a phone behind NAT says of itself."""
NAT = "198.51.100.7"
BEFORE, AFTER = (NAT, 61000), (NAT, 61002)
LOST_TICKS = 2500


def fallen_silent() -> Desk:
    """A phone behind NAT talked to b, and was then told as lost."""
    desk = Desk()
    desk.leg("a", far=far_end(*INSIDE, signalling_address=NAT), hears=PeerAudio(leg=LegId("b")))
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=PeerAudio(leg=LegId("a")))
    for number in range(10):
        desk.arrives("a", sequence=number, source=BEFORE)
        desk.turn(2)
    desk.board.retargeted.clear()
    desk.turn(LOST_TICKS)
    assert [event.leg for event in desk.events if isinstance(event, AudioLost)] == ["a"]
    desk.sent.clear()
    return desk


def place_of(desk: Desk) -> int:
    return desk.board.legs[LegId("a")].place


def says(desk: Desk, source: tuple[str, int], first: int, *, packets: int = 10) -> int:
    """The phone talks; return how many of its packets were heard."""
    before = len(desk.heard("b"))
    for number in range(first, first + packets):
        desk.arrives("a", sequence=number, source=source)
        desk.turn(2)
    return len(desk.heard("b")) - before


def test_a_phone_whose_nat_gave_it_another_port_is_heard_again_and_answered_there() -> None:
    desk = fallen_silent()
    assert says(desk, AFTER, 2000) == 10
    assert desk.board.target(place_of(desk)) == AFTER
    assert desk.board.is_only_source(place_of(desk))
    assert says(desk, BEFORE, 3000) == 0, "one at a time"


def test_a_phone_that_only_listens_goes_on_hearing() -> None:
    """Muted, it sends nothing: its way through the NAT is still the one that was learnt."""
    desk = fallen_silent()
    assert desk.board.target(place_of(desk)) == BEFORE


def test_a_phone_that_speaks_again_from_where_it_was_is_alone_on_its_leg_again() -> None:
    desk = fallen_silent()
    assert says(desk, BEFORE, 2000) == 10
    assert desk.board.expected[place_of(desk)] == BEFORE
    assert desk.board.is_only_source(place_of(desk))
    assert says(desk, AFTER, 3000) == 0


@pytest.mark.parametrize("address", ["203.0.113.66", "198.51.100.8"])
def test_of_a_lost_phone_too_strangers_are_not_heard(address: str) -> None:
    desk = fallen_silent()
    assert says(desk, (address, 61000), 2000) == 0
    assert desk.board.target(place_of(desk)) == BEFORE


def test_what_is_no_sound_opens_nothing() -> None:
    desk = fallen_silent()
    desk.arrives_raw("a", b"\0\1\0\0" + bytes(16), BEFORE)
    desk.arrives_raw("a", b"\0\1\0\0" + bytes(16), AFTER)
    desk.turn()
    assert desk.board.target(place_of(desk)) == BEFORE
    assert says(desk, AFTER, 2000) == 10


def test_the_socket_of_a_lost_phone_is_open_until_it_speaks() -> None:
    """Connected it would never see a packet from the other port."""
    desk = fallen_silent()
    assert not desk.board.is_only_source(place_of(desk))
    assert place_of(desk) in desk.board.retargeted


def test_a_killed_worker_knows_that_a_phone_was_lost() -> None:
    desk = fallen_silent()
    slots = [desk.board.slot(leg) or b"" for leg in desk.board.legs]
    again = Desk(memory=desk.memory)
    again.tick = desk.tick + 7
    again.engine.resume(slots, again.tick, again.now)
    assert not again.board.is_only_source(place_of(again))
    assert says(again, AFTER, 2000) == 10
