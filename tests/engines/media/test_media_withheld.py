"""Calls whose source may be forged: nothing goes to the address that they name, until it is proven.

Else anybody could have the box send its prompts to somebody else (amplification).
"""

import msgspec
import pytest
from rtp_desk import START_TICK, Desk, far_end

from appliance.engines.media.joining import NEVER
from appliance.vocabulary.audio import PeerAudio, Playlist, Silence
from appliance.vocabulary.events import PlayEnded
from appliance.vocabulary.ids import Instant, LegId, PlayId, PromptHash

MEDIA, SIGNALLING = "192.0.2.66", "198.51.100.1"
"""What the description names, and where the INVITE says it comes from."""
STATED = (MEDIA, 4000)
NOTICE = bytes(range(1, 201)) * 4
"""800 samples: 100 ms, five packets of 20 ms."""
UNPROVEN = far_end(MEDIA, 4000, signalling_address=SIGNALLING, is_proven=False)
PROVEN = msgspec.structs.replace(UNPROVEN, is_proven=True)
PLAY = Playlist(play=PlayId("p1"), prompts=(PromptHash("notice"),), since=Instant(START_TICK / 100))
LONG = 3200
"""Ticks: the 32 s that a 200 is repeated without an ACK."""


@pytest.fixture
def desk() -> Desk:
    """A caller who is not proven is to hear the notice."""
    made = Desk({"notice": NOTICE})
    made.leg("a", far=UNPROVEN, hears=PLAY)
    return made


def target(desk: Desk) -> tuple[str, int] | None:
    return desk.board.target(desk.board.legs[LegId("a")].place)


def heard_whole(desk: Desk) -> bool:
    return b"".join(packet.payload for packet in desk.heard("a")) == NOTICE


def test_nothing_is_sent_to_an_address_that_nobody_has_proven(desk: Desk) -> None:
    desk.turn(LONG)
    assert not desk.sent and not desk.reported and target(desk) is None
    assert not desk.events, "what nobody heard is not over"


def test_what_was_withheld_begins_with_its_first_word_once_the_answer_is_proven(desk: Desk) -> None:
    desk.turn(70)
    desk.leg("a", far=PROVEN, hears=PLAY, version=2)
    desk.turn(12)
    assert heard_whole(desk) and target(desk) == STATED
    assert desk.events == [PlayEnded(leg=LegId("a"), play=PlayId("p1"))]
    assert desk.heard("a")[0].is_marked


def test_sound_from_that_address_proves_it_as_well(desk: Desk) -> None:
    desk.turn(70)
    desk.arrives("a", sequence=1, source=(MEDIA, 4002))
    desk.turn(12)
    assert heard_whole(desk) and target(desk) == STATED


def test_sound_from_where_the_signalling_comes_from_is_answered_there(desk: Desk) -> None:
    """Behind NAT; the address in the description gets nothing."""
    desk.turn(70)
    desk.arrives("a", sequence=1, source=(SIGNALLING, 61000))
    desk.turn(12)
    assert heard_whole(desk) and target(desk) == (SIGNALLING, 61000)


def test_a_strangers_sound_proves_nothing(desk: Desk) -> None:
    for number in range(50):
        desk.arrives("a", sequence=number, source=("203.0.113.9", 4000))
        desk.turn(2)
    assert not desk.sent and desk.refused == 50


def test_bytes_that_are_no_sound_prove_nothing(desk: Desk) -> None:
    desk.arrives_raw("a", b"\x00" * 40, STATED)
    desk.turn(50)
    assert not desk.sent


def test_a_talker_is_not_relayed_there_either_and_is_from_the_proof_on() -> None:
    desk = Desk()
    desk.leg("a", far=UNPROVEN, hears=PeerAudio(leg=LegId("b")))
    desk.leg("b", far=far_end("10.0.0.2", 5000), hears=PeerAudio(leg=LegId("a")))
    for number in range(20):
        if number == 10:
            assert not desk.heard("a")
            desk.leg("a", far=PROVEN, hears=PeerAudio(leg=LegId("b")), version=2)
        desk.arrives("b", sequence=number, source=("10.0.0.2", 5000))
        desk.turn(2)
    assert len(desk.heard("a")) == 10


def test_the_proof_moves_nothing_for_who_was_heard_already() -> None:
    """Its source stays locked: an ACK must not open the leg to others again."""
    desk = Desk()
    desk.leg("a", far=UNPROVEN, hears=Silence())
    desk.arrives("a", sequence=1, source=(MEDIA, 4002))
    desk.turn()
    desk.leg("a", far=PROVEN, hears=Silence(), version=2)
    desk.arrives("a", sequence=2, source=(MEDIA, 4444))
    desk.turn()
    assert desk.refused == 1


def test_another_play_that_comes_with_the_proof_begins_at_once(desk: Desk) -> None:
    desk.turn(50)
    later = msgspec.structs.replace(PLAY, play=PlayId("p2"), since=desk.now)
    desk.leg("a", far=PROVEN, hears=later, version=2)
    desk.turn(12)
    assert heard_whole(desk)
    assert [event.play for event in desk.events if isinstance(event, PlayEnded)] == ["p2"]


@pytest.mark.parametrize("is_memory_kept", [True, False])
def test_a_killed_worker_goes_on_withholding_and_plays_whole_after_the_proof(
    desk: Desk, is_memory_kept: bool
) -> None:
    desk.turn(70)
    slot = desk.board.slot(LegId("a"))
    assert slot is not None
    after = Desk({"notice": NOTICE}, memory=desk.memory if is_memory_kept else None)
    after.tick = desk.tick
    after.engine.resume([slot], after.tick, after.now)
    after.turn(100)
    assert not after.sent
    assert after.columns.send_tick[after.board.legs[LegId("a")].place] == NEVER
    after.leg("a", far=PROVEN, hears=PLAY, version=2)
    after.turn(12)
    assert heard_whole(after)
