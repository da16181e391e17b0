"""UPDATE, and offers of both sides that meet. RFC 3311; RFC 3261 §14.1, §14.2."""

import pytest
from sip_desk import Desk, sdp

from appliance.vocabulary.commands import Answer, HangUp, MoveAudio, Ring
from appliance.vocabulary.events import LegAudioMoved, LegEnded


@pytest.fixture
def desk():
    return Desk()


def moved(talk):
    return [event.audio for event in talk.events if isinstance(event, LegAudioMoved)]


@pytest.mark.rfc("3311", "5.2")
@pytest.mark.parametrize(
    ("direction", "answered"), [("sendonly", b"a=recvonly"), ("inactive", b"a=inactive")]
)
def test_hold_and_resume_by_update(desk, direction, answered):
    talk = desk.talk()
    answer = talk.says("UPDATE", body=sdp(direction))
    assert answer.status == 200 and answered in answer.body and answer.contact is not None
    (audio,) = moved(talk)
    assert not audio.receives
    assert b"a=sendrecv" in talk.says("UPDATE", body=sdp("sendrecv", version=2)).body
    (audio,) = moved(talk)
    assert audio.receives and audio.sends


@pytest.mark.rfc("3264", "8.4")
def test_hold_by_the_null_address_in_an_update(desk):
    talk = desk.talk()
    assert talk.says("UPDATE", body=sdp(address="0.0.0.0")).status == 200
    assert not moved(talk)[0].receives


def test_an_update_without_an_offer_changes_nothing_of_the_audio(desk):
    talk = desk.talk()
    answer = talk.says("UPDATE")
    assert answer.status == 200 and not answer.body and not moved(talk)


def test_an_update_whose_audio_we_cannot_do_leaves_all_as_it_was(desk):
    talk = desk.talk()
    video = sdp().replace(b"m=audio", b"m=video")
    assert talk.says("UPDATE", body=video).status == 488
    assert not moved(talk)
    assert talk.says("UPDATE", body=sdp()).status == 200


@pytest.mark.rfc("3311", "5.2")
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_offer_of_theirs_that_meets_ours_is_told_491(desk, method):
    talk = desk.talk()
    desk.do(MoveAudio(leg=talk.leg, port=31000))
    (ours,) = talk.requests("INVITE")
    assert talk.says(method, body=sdp("sendonly")).status == 491
    talk.answers(ours, 200, body=sdp())
    assert talk.says(method, body=sdp("sendonly")).status == 200


@pytest.mark.rfc("3311", "5.2")
def test_an_update_without_an_offer_meets_nothing(desk):
    talk = desk.talk()
    desk.do(MoveAudio(leg=talk.leg, port=31000))
    assert talk.says("UPDATE").status == 200


@pytest.mark.rfc("3261", "14.1")
@pytest.mark.parametrize(("is_ours", "earliest", "latest"), [(False, 0.0, 2.0), (True, 2.1, 4.0)])
def test_our_offer_that_meets_theirs_is_tried_again_when_its_turn_is(
    desk, is_ours, earliest, latest
):
    """Who made the Call-ID waits longer, so that the two do not meet again."""
    talk = dialled(desk) if is_ours else desk.talk()
    desk.do(MoveAudio(leg=talk.leg, port=31000))
    talk.answers(talk.requests("INVITE")[-1], 491)
    before = desk.link.now
    count = len(talk.requests("INVITE"))
    while len(talk.requests("INVITE")) == count:
        assert desk.link.now - before < 5
        talk.got += desk.later(0.05)
    assert earliest <= desk.link.now - before <= latest + 0.06
    again = talk.requests("INVITE")[-1]
    assert b"m=audio 31000" in again.body
    talk.answers(again, 200, body=sdp())


def dialled(desk):
    """A talk that the box began, as the phone keeps it."""
    talk, invite = desk.dialled("ours")
    talk.tag = "phones"
    talk.answers(invite, 200, body=sdp(), tag=talk.tag)
    talk.got.clear()
    return talk


@pytest.mark.rfc("3311", "5.2")
def test_before_the_answer_an_update_waits_with_its_offer(desk):
    call = desk.call()
    desk.do(Ring(leg=call.leg))
    call.remote = call.take().headers.get("To")
    refused = call.says("UPDATE", body=sdp("sendonly"))
    assert refused.status == 500 and refused.headers.get("Retry-After")
    assert call.says("UPDATE").status == 200


@pytest.mark.rfc("3311", "5.2")
def test_an_update_of_a_phone_that_still_rings(desk):
    talk, invite = desk.dialled("ours")
    talk.tag = "rings"
    talk.answers(invite, 180, tag=talk.tag)
    assert talk.says("UPDATE").status == 200
    assert talk.says("UPDATE", body=sdp()).status == 491


def test_a_move_right_after_the_answer_waits_for_the_ack(desk):
    call = desk.call()
    desk.do(Answer(leg=call.leg, port=30000))
    desk.do(MoveAudio(leg=call.leg, port=31000))
    assert not call.requests("INVITE")
    call.acknowledge()
    call.got += desk.later(2)
    assert b"m=audio 31000" in call.requests("INVITE")[0].body


def test_an_update_after_the_end_is_unknown(desk):
    talk = desk.talk()
    desk.do(HangUp(leg=talk.leg))
    talk.take()
    assert talk.says("UPDATE", body=sdp()).status == 481
    assert not any(isinstance(event, LegEnded) for event in talk.events)
