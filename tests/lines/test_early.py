"""Before the answer: 100rel and PRACK, early media, forks. RFC 3262; RFC 3261 §13.2.2.4."""

import pytest
from sip_desk import Desk, sdp

from appliance.protocols.sip.message import Request, Response
from appliance.vocabulary.commands import Answer, HangUp, Reject, Ring
from appliance.vocabulary.events import LegAnswered, LegEnded, LegRinging
from appliance.vocabulary.lines import Cause

REQUIRED = "Require: 100rel"


@pytest.fixture
def desk():
    return Desk()


def responses(talk, status):
    talk.take()
    return [one for one in talk.got if isinstance(one, Response) and one.status == status]


def rings(desk, *lines, port=None):
    """A call whose 18x has been sent; the pen knows the box's tag."""
    call = desk.call(None, "8002", *lines)
    desk.do(Ring(leg=call.leg, port=port))
    call.remote = call.take().headers.get("To")
    return call


def prack(call, ringing, rseq=None, method="INVITE"):
    number = ringing.headers.get("RSeq") if rseq is None else rseq
    return call.says("PRACK", f"RAck: {number} {call.invite_cseq} {method}")


# --- as the called side ---------------------------------------------------------------------------
@pytest.mark.rfc("3262", "3")
def test_a_ringing_that_must_be_reliable_is_repeated_until_its_prack(desk):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    assert ringing.headers.tokens("Require") == ["100rel"]
    assert 1 <= int(ringing.headers.get("RSeq")) < 2**31
    call.got += desk.later(3.6)  # after 0.5, 1.5, 3.5 s
    assert len(responses(call, 180)) == 4
    assert prack(call, ringing).status == 200
    assert not desk.later(30)


@pytest.mark.rfc("3262", "3")
def test_no_prack_at_all_ends_the_call(desk):
    call = rings(desk, REQUIRED)
    call.got += desk.later(33)
    assert responses(call, 504)
    (event,) = [one for one in desk.events if isinstance(one, LegEnded)]
    assert event.leg == call.leg


@pytest.mark.rfc("3262", "3")
@pytest.mark.parametrize(
    ("rseq", "method", "status"), [("1", "INVITE", 481), (None, "BYE", 481), ("x", "INVITE", 400)]
)
def test_a_prack_of_nothing_we_sent(desk, rseq, method, status):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    assert prack(call, ringing, rseq, method).status == status
    assert prack(call, ringing).status == 200


def test_a_prack_that_is_repeated_is_answered_again_and_a_second_one_is_unknown(desk):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    assert prack(call, ringing).status == 200
    assert prack(call, ringing).status == 481


@pytest.mark.rfc("3262", "3")
def test_the_answer_waits_for_the_prack(desk):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    desk.do(Answer(leg=call.leg, port=30000))
    assert not responses(call, 200)
    prack(call, ringing)
    to_invite = [one for one in responses(call, 200) if one.cseq.method == "INVITE"]
    assert b"m=audio 30000" in to_invite[0].body
    call.says("ACK", cseq=call.invite_cseq)
    assert not [one for one in desk.events if isinstance(one, LegEnded)]


@pytest.mark.rfc("3262", "3")
def test_a_second_18x_waits_for_the_prack_of_the_first(desk):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    desk.do(Ring(leg=call.leg, port=30000))
    assert not responses(call, 183)
    prack(call, ringing)
    (early,) = responses(call, 183)
    assert int(early.headers.get("RSeq")) == int(ringing.headers.get("RSeq")) + 1
    assert b"m=audio 30000" in early.body
    assert prack(call, early).status == 200


def test_a_refusal_does_not_wait(desk):
    call = rings(desk, REQUIRED)
    desk.do(Reject(leg=call.leg, cause=Cause.BUSY))
    assert responses(call, 486)


def test_an_unacknowledged_ringing_survives_kill(desk):
    call = rings(desk, REQUIRED)
    (ringing,) = responses(call, 180)
    desk.do(Answer(leg=call.leg, port=30000))
    desk.kill()
    call.got += desk.later(1)
    assert len(responses(call, 180)) == 2
    prack(call, ringing)
    assert [one for one in responses(call, 200) if one.cseq.method == "INVITE"]


def test_a_caller_who_only_could_is_rung_as_ever(desk):
    call = rings(desk, "Supported: 100rel")
    (ringing,) = responses(call, 180)
    assert "RSeq" not in ringing.headers
    assert prack(call, ringing, "1").status == 481


@pytest.mark.rfc("3262", "5")
def test_a_call_without_an_offer_that_requires_reliable_ringing_hears_none(desk):
    """The 18x would have to carry our offer, and there is no port for it yet."""
    call = desk.call(None, "8002", REQUIRED, body=b"")
    desk.do(Ring(leg=call.leg))
    assert not responses(call, 180)
    desk.do(Answer(leg=call.leg, port=30000))
    assert b"m=audio 30000" in responses(call, 200)[0].body


def test_early_media_of_ours_is_the_answer_that_the_200_repeats(desk):
    call = rings(desk, port=30000)
    (early,) = responses(call, 183)
    assert b"m=audio 30000" in early.body and early.contact is not None
    desk.do(Answer(leg=call.leg, port=30000))
    assert responses(call, 200)[0].body == early.body


# --- as the caller --------------------------------------------------------------------------------
def ringing_events(desk):
    return [one for one in desk.events if isinstance(one, LegRinging)]


@pytest.mark.rfc("3262", "4")
def test_a_reliable_ringing_of_a_phone_gets_its_prack_once(desk):
    pen, invite = desk.dialled("ours")
    assert "100rel" in invite.headers.tokens("Supported")
    for _ in range(2):
        pen.answers(invite, 180, REQUIRED, "RSeq: 77", tag="a")
    (one,) = pen.requests("PRACK")
    assert one.headers.get("RAck") == f"77 {invite.cseq.number} INVITE"
    assert one.to.tag == "a" and one.cseq.number == invite.cseq.number + 1
    assert len(ringing_events(desk)) == 1
    pen.answers(one, 200)
    pen.answers(invite, 183, REQUIRED, "RSeq: 78", tag="a", body=sdp())
    assert [one.headers.get("RAck")[:2] for one in pen.requests("PRACK")] == ["77", "78"]


@pytest.mark.rfc("3262", "4")
def test_a_ringing_that_came_too_early_is_not_acknowledged(desk):
    pen, invite = desk.dialled("ours")
    pen.answers(invite, 180, REQUIRED, "RSeq: 77", tag="a")
    pen.answers(invite, 183, REQUIRED, "RSeq: 79", tag="a")
    assert len(pen.requests("PRACK")) == 1


def test_the_dialog_counts_on_from_its_pracks(desk):
    pen, invite = desk.dialled("ours")
    pen.answers(invite, 180, REQUIRED, "RSeq: 77", tag="a")
    pen.answers(pen.requests("PRACK")[0], 200)
    pen.answers(invite, 200, tag="a", body=sdp())
    desk.do(HangUp(leg="ours"))
    assert pen.requests("BYE")[0].cseq.number == invite.cseq.number + 2


@pytest.mark.rfc("3262", "5")
def test_an_answer_that_came_reliably_need_not_come_again(desk):
    pen, invite = desk.dialled("ours")
    pen.answers(invite, 183, REQUIRED, "RSeq: 1", tag="a", body=sdp(port=4444))
    pen.answers(invite, 200, tag="a")
    (answered,) = [one for one in desk.events if isinstance(one, LegAnswered)]
    assert answered.audio.port == 4444


def test_early_media_of_a_called_phone_is_told(desk):
    pen, invite = desk.dialled("ours")
    pen.answers(invite, 180, tag="a")
    pen.answers(invite, 183, tag="a", body=sdp(port=4444))
    first, second = ringing_events(desk)
    assert first.audio is None
    assert second.audio.port == 4444 and second.audio.address == "127.0.9.9"


@pytest.mark.rfc("3261", "13.2.2.4")
def test_of_forked_answers_the_first_wins_and_the_others_are_hung_up(desk):
    pen, invite = desk.dialled("ours")
    pen.answers(invite, 180, tag="a")
    pen.answers(invite, 180, tag="b")
    pen.answers(invite, 200, tag="b", body=sdp(port=5555))
    pen.answers(invite, 200, tag="a", body=sdp(port=4444))
    (answered,) = [one for one in desk.events if isinstance(one, LegAnswered)]
    assert answered.audio.port == 5555
    acks = [one.to.tag for one in pen.got if isinstance(one, Request) and one.method == "ACK"]
    assert acks == ["b", "a"]
    (bye,) = pen.requests("BYE")
    assert bye.to.tag == "a"


@pytest.mark.rfc("3262", "4")
def test_early_dialogs_of_a_fork_are_acknowledged_apart(desk):
    pen, invite = desk.dialled("ours")
    for tag, rseq in (("a", 10), ("b", 500), ("a", 11), ("b", 501)):
        pen.answers(invite, 180, REQUIRED, f"RSeq: {rseq}", tag=tag)
    pracks = [one for one in pen.got if isinstance(one, Request) and one.method == "PRACK"]
    assert [(one.to.tag, one.headers.get("RAck").split()[0]) for one in pracks] == [
        ("a", "10"), ("b", "500"), ("a", "11"), ("b", "501"),
    ]  # fmt: skip
    assert [one.cseq.number for one in pracks] == [2, 2, 3, 3]


def test_a_fork_to_very_many_phones_is_bounded(desk):
    pen, invite = desk.dialled("ours")
    for number in range(50):
        pen.answers(invite, 180, REQUIRED, "RSeq: 1", tag=f"t{number}")
    assert len([one for one in pen.got if isinstance(one, Request)]) <= 8
    desk.box.write_down()
    (slot,) = [desk.box.slots[name] for name in desk.box.slots if name.startswith("dialog:out")]
    assert len(slot) < 20000
