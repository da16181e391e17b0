"""Whether audio may be sent where a caller says: datagrams' sources can be forged.

RFC 3261 §13.3.1.4 (the ACK), RFC 3262 (the PRACK), design of security: RTP to third parties.
"""

import pytest
from sip_desk import CARRIER, Desk, Talk, sdp

from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.message import Response
from appliance.vocabulary.commands import Answer, CheckLeg, DialTrunk, Ring
from appliance.vocabulary.events import (
    LegAnswered,
    LegAudioMoved,
    LegOffered,
)
from appliance.vocabulary.lines import Party

ELSEWHERE = sdp(address="192.0.2.66")
"""Its signalling comes from CARRIER."""
BESIDE = sdp(address=CARRIER)


@pytest.fixture
def desk():
    return Desk()


def offered(desk):
    return next(one.audio for one in desk.events if isinstance(one, LegOffered))


def proofs(desk):
    return [one.audio for one in desk.events if isinstance(one, LegAudioMoved)]


def answered(desk, body=ELSEWHERE, *lines):
    """The carrier calls, we answer; its ACK is still to come."""
    call = desk.call(desk.carrier, "02188886666", *lines, body=body)
    desk.do(Answer(leg=call.leg, port=30000))
    call.take()
    return call


@pytest.mark.rfc("3261", "13.3.1.4")
def test_a_separate_media_address_counts_from_the_ack_on(desk):
    call = answered(desk)
    assert not offered(desk).is_proven and not proofs(desk)
    call.acknowledge()
    (audio,) = proofs(desk)
    assert audio.is_proven and audio.address == "192.0.2.66"
    call.acknowledge()
    assert len(proofs(desk)) == 1


def test_who_wants_his_audio_where_he_signals_from_is_sent_it_at_once(desk):
    call = answered(desk, BESIDE)
    assert offered(desk).is_proven
    call.acknowledge()
    assert not proofs(desk), "nothing moves"


def test_a_phone_that_answered_our_challenge_is_proven(desk):
    desk.call(None, "8002", body=ELSEWHERE)
    assert offered(desk).is_proven


@pytest.mark.parametrize("to", ["<sip:02188886666@127.0.0.5>", "<sip:x@127.0.0.5>;tag=guessed"])
def test_an_ack_that_does_not_know_our_tag_proves_nothing(desk, to):
    """It ends the repetitions, for poor clients' sake; but anybody could have forged it."""
    call = answered(desk)
    call.remote = to
    call.says("ACK", cseq=call.invite_cseq)
    assert not proofs(desk)


@pytest.mark.rfc("3261", "13.2.2.4")
def test_an_ack_with_the_invites_own_branch_proves_nothing_without_our_tag(desk):
    call = answered(desk)
    ack = call.text("ACK", cseq=call.invite_cseq)
    call.send(ack.replace(b"%dACK" % call.invite_cseq, b"%dINVITE" % call.invite_cseq, 1))
    assert not proofs(desk)


@pytest.mark.rfc("3262", "3")
def test_before_the_answer_a_prack_proves_it(desk):
    call = desk.call(desk.carrier, "02188886666", "Require: 100rel", body=ELSEWHERE)
    desk.do(Ring(leg=call.leg, port=30000))
    ringing = call.take()
    call.remote = ringing.headers.get("To")
    assert not proofs(desk)
    call.says("PRACK", f"RAck: {ringing.headers.get('RSeq')} {call.invite_cseq} INVITE")
    assert proofs(desk)[-1].is_proven


@pytest.mark.rfc("3311", "5.2")
def test_before_the_ack_a_request_in_the_dialog_proves_it(desk):
    call = answered(desk)
    ok = next(one for one in call.got if isinstance(one, Response) and one.status == 200)
    call.remote = ok.headers.get("To")
    assert call.says("OPTIONS").status == 200
    assert proofs(desk)[-1].is_proven


def test_who_answers_a_request_of_ours_is_proven(desk):
    """His ACK names no tag of ours (pyVoIP's); he is asked whether he lives, and says so."""
    call = answered(desk)
    ok = next(one for one in call.got if isinstance(one, Response) and one.status == 200)
    call.says("ACK", cseq=call.invite_cseq)
    desk.do(CheckLeg(leg=call.leg))
    call.got += desk.later(1.1)
    (again,) = call.requests("INVITE")
    assert again.from_.tag == ok.to.tag and not proofs(desk)
    call.answers(again, 200, body=ELSEWHERE)
    assert proofs(desk)[-1].is_proven


@pytest.mark.rfc("3261", "13.3.1.4")
def test_a_late_offers_answer_comes_with_its_proof(desk):
    call = desk.call(desk.carrier, "02188886666", body=b"")
    desk.do(Answer(leg=call.leg, port=30000))
    call.acknowledge(ELSEWHERE)
    assert proofs(desk)[-1].address == "192.0.2.66" and proofs(desk)[-1].is_proven


def test_a_carrier_that_we_call_may_have_its_audio_anywhere(desk):
    desk.box.directory.routes["carrier"] = TrunkRoute(address=CARRIER)
    desk.do(
        DialTrunk(leg="out", trunk="carrier", number="138", port=30000, caller=Party(number="8001"))
    )
    (invite,) = desk.carrier.collect()
    pen = Talk(desk, desk.carrier, "138")
    pen.call_id, pen.remote = invite.call_id, invite.headers.get("From")
    pen.answers(invite, 200, body=ELSEWHERE, tag="theirs")
    (event,) = [one for one in desk.events if isinstance(one, LegAnswered)]
    assert event.audio.is_proven and event.audio.address == "192.0.2.66"


@pytest.mark.parametrize("is_acknowledged", [True, False])
def test_a_kill_forgets_neither_the_proof_nor_its_want(desk, is_acknowledged):
    call = answered(desk)
    if is_acknowledged:
        call.acknowledge()
    desk.kill()
    desk.events.clear()
    call.says("UPDATE", cseq=call.cseq + 1) if is_acknowledged else call.acknowledge()
    assert bool(proofs(desk)) is not is_acknowledged
