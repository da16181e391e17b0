"""Whole calls between two user agents, over a wire that loses things. RFC 3261 §13, §15, §17."""

import pytest
from link import every, scattered, udp
from sip_shop import ANSWER, OFFER, Pair

from appliance.protocols.sip.dialog import request_in
from appliance.protocols.sip.events import (
    AnswerArrived,
    DialogEnded,
    FromTrunk,
    InfoArrived,
    InviteAnswered,
    InviteArrived,
    InviteRefused,
    InviteRinging,
    ReofferArrived,
    ReofferRefused,
)
from appliance.vocabulary.errors import IllegalMove


def test_call_rings_is_answered_and_hung_up_by_the_caller() -> None:
    pair = Pair()
    near, far = pair.talking()
    arrived = pair.called.told(InviteArrived)[0]
    assert isinstance(arrived, InviteArrived)
    assert arrived.origin == FromTrunk(trunk="shop")
    assert (arrived.from_user, arrived.from_name) == ("8001", "王芳")
    assert (arrived.called_user, arrived.to_user) == ("02188886666", "02188886666")
    assert arrived.sdp == OFFER
    assert pair.caller.told(InviteRinging) == [InviteRinging(dialog=near, status=180)]
    (answered,) = pair.caller.told(InviteAnswered)
    assert isinstance(answered, InviteAnswered) and answered.sdp == ANSWER
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    assert pair.called.told(DialogEnded) == [DialogEnded(dialog=far, reason="bye")]
    assert pair.caller.told(DialogEnded) == []
    pair.link.run(40)
    assert pair.is_empty()


def test_called_side_hangs_up() -> None:
    pair = Pair()
    near, far = pair.talking()
    pair.called.agent.hang_up(far, pair.link.now, 480, "shop closes")
    pair.link.run(1)
    assert pair.caller.told(DialogEnded) == [
        DialogEnded(dialog=near, reason="shop closes", status=480)
    ]
    pair.link.run(40)
    assert pair.is_empty()


def test_wire_without_loss_repeats_nothing() -> None:
    pair = Pair()
    near, _ = pair.talking()
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(60)
    assert pair.caller.agent.counters.retransmissions == 0
    assert pair.called.agent.counters.retransmissions == 0
    # INVITE ACK BYE; 100 180 200 200
    assert len(pair.link.carried) == 7


@pytest.mark.parametrize("percent", [10, 30])
@pytest.mark.parametrize("seed", range(40))
def test_call_over_a_lossy_wire_succeeds_and_leaves_nothing(percent: int, seed: int) -> None:
    pair = Pair(loss=scattered(percent, seed))
    pair.answers_at_once()
    near = pair.dial()
    pair.link.run(30)
    assert len(pair.caller.told(InviteAnswered)) == 1
    assert pair.called.told(DialogEnded) == []
    hanging_up = pair.caller if seed % 2 else pair.called
    hanging_up.agent.hang_up(near if seed % 2 else pair.arrived(), pair.link.now)
    pair.link.run(33)
    other = pair.called if seed % 2 else pair.caller
    assert len(other.told(DialogEnded)) == 1
    pair.link.run(70)
    assert pair.is_empty()


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_every_so_many_datagrams_are_lost_and_the_call_succeeds(number: int) -> None:
    pair = Pair(loss=every(number))
    pair.answers_at_once()
    pair.dial()
    pair.link.run(31)
    assert len(pair.caller.told(InviteAnswered)) == 1


def test_busy_is_told_and_acknowledged() -> None:
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    pair.called.agent.reject(pair.arrived(), 486, "", pair.link.now)
    pair.link.run(1)
    assert pair.caller.told(InviteRefused) == [
        InviteRefused(dialog=near, status=486, reason="Busy Here")
    ]
    assert b"ACK sip:" in pair.link.carried[-1][1]
    pair.link.run(40)
    assert pair.is_empty()
    assert pair.called.agent.counters.retransmissions == 0


def test_caller_gives_up_while_it_rings() -> None:
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.ring(far, pair.link.now)
    pair.link.run(1)
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    assert pair.called.told(DialogEnded) == [
        DialogEnded(dialog=far, reason="cancel", was_cancelled=True)
    ]
    assert pair.caller.told(InviteRefused) == []
    pair.link.run(70)
    assert pair.is_empty()


def test_cancel_waits_for_a_provisional_response() -> None:
    pair = Pair()
    near = pair.dial()
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.gather()
    assert [data.split(b" ")[0] for _, data in pair.link.carried] == [b"INVITE"]
    pair.link.run(1)
    sent = [data.split(b" ")[0] for name, data in pair.link.carried if name == "127.0.0.2"]
    assert sent == [b"INVITE", b"CANCEL", b"ACK"]
    assert len(pair.called.told(DialogEnded)) == 1


def test_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    assert pair.caller.told(InviteAnswered) == []
    sent = [data.split(b" ")[0] for name, data in pair.link.carried if name == "127.0.0.2"]
    assert sent[-2:] == [b"ACK", b"BYE"]
    assert pair.called.told(DialogEnded) == [DialogEnded(dialog=far, reason="bye")]
    pair.link.run(70)
    assert pair.is_empty()


def test_nobody_at_the_trunk_is_a_408_after_32_seconds() -> None:
    pair = Pair(loss=iter([True] * 1000))
    near = pair.dial()
    pair.link.run(33)
    assert pair.caller.told(InviteRefused) == [
        InviteRefused(dialog=near, status=408, reason="No Reply")
    ]
    # timer A: 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s
    assert len(pair.link.carried) == 7
    assert pair.is_empty()


def test_answer_without_an_ack_ends_with_bye_after_32_seconds() -> None:
    pair = Pair()
    pair.dial()
    pair.link.run(1)
    pair.link.loss = iter([True] * 14 + [False] * 100)
    far = pair.arrived()
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.link.run(32.5)
    assert pair.called.told(DialogEnded) == [DialogEnded(dialog=far, reason="no ACK", status=408)]
    assert any(data.startswith(b"BYE ") for _, data in pair.link.carried)


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.called.agent.hang_up(far, pair.link.now)
    pair.link.gather()
    assert not any(data.startswith(b"BYE ") for _, data in pair.link.carried)
    pair.link.run(1)
    assert pair.caller.told(DialogEnded) == [DialogEnded(dialog=near, reason="bye")]


def test_bye_overtakes_the_answer() -> None:
    """RFC 5407 §3.1.2: the 200 was lost, the callee hangs up; the late 200 wants only an ACK."""
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    late = pair.called.leaving()
    # the callee believes the ACK came (a stray one with the right tags) and hangs up
    invite = pair.link.messages(pair.caller)[0]
    ok = late[0].data
    tag = ok.partition(b"To: ")[2].partition(b"\r\n")[0]
    ack = (
        b"ACK sip:x@127.0.0.3 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKodd;rport\r\n"
        b"From: " + (invite.headers.get("From") or "").encode() + b"\r\nTo: " + tag + b"\r\n"
        b"Call-ID: " + invite.call_id.encode() + b"\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"
    )
    pair.called.agent.receive(ack, udp(pair.called, "127.0.0.2"), pair.link.now)
    pair.called.agent.hang_up(far, pair.link.now)
    pair.link.run(0.1)
    assert pair.caller.told(DialogEnded) == [DialogEnded(dialog=near, reason="bye")]
    pair.caller.heard(
        pair.caller.agent.receive(ok, udp(pair.caller, "127.0.0.3"), pair.link.now), pair.link.now
    )
    sent = [out.data.split(b" ")[0] for out in pair.caller.leaving()]
    assert sent == [b"ACK"]
    pair.link.run(70)
    assert pair.is_empty()


def test_hold_and_its_answer() -> None:
    pair = Pair()
    near, far = pair.talking()
    pair.caller.agent.reoffer(near, b"hold", pair.link.now)
    pair.link.run(0.1)
    assert pair.called.told(ReofferArrived) == [ReofferArrived(dialog=far, sdp=b"hold")]
    pair.called.agent.answer_reoffer(far, b"held", pair.link.now)
    pair.link.run(1)
    assert pair.caller.told(AnswerArrived) == [AnswerArrived(dialog=near, sdp=b"held")]
    pair.called.agent.reoffer(far, b"back", pair.link.now)
    pair.link.run(0.1)
    pair.caller.agent.answer_reoffer(near, None, pair.link.now)
    pair.link.run(1)
    assert pair.called.told(ReofferRefused) == [ReofferRefused(dialog=far, status=488)]
    assert pair.called.agent.counters.retransmissions == 0
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(70)
    assert pair.is_empty()


def test_two_reoffers_that_meet_are_both_made_in_the_end() -> None:
    pair = Pair()
    near, far = pair.talking()
    for box, dialog in ((pair.caller, near), (pair.called, far)):

        def on_event(event: object, now: object, box: object = box) -> None:
            if isinstance(event, ReofferArrived):
                box.agent.answer_reoffer(event.dialog, b"fine", now)

        box.on_event = on_event
        box.agent.reoffer(dialog, b"mine", pair.link.now)
    pair.link.run(10)
    assert len(pair.caller.told(AnswerArrived)) == 1
    assert len(pair.called.told(AnswerArrived)) == 1
    assert any(b" 491 " in data for _, data in pair.link.carried)


def test_invite_without_an_offer_gets_ours_and_acks_with_the_answer() -> None:
    pair = Pair()
    pair.dial(sdp=b"")
    pair.link.run(1)
    far = pair.arrived()
    (arrived,) = pair.called.told(InviteArrived)
    assert isinstance(arrived, InviteArrived) and arrived.sdp == b""
    pair.called.agent.answer(far, OFFER, pair.link.now)
    ok = pair.called.leaving()[0]
    assert ok.data.endswith(OFFER)


def test_verbs_to_an_ended_dialog_are_ignored_and_wrong_ones_raise() -> None:
    pair = Pair()
    near, far = pair.talking()
    with pytest.raises(IllegalMove):
        pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.called.agent.hang_up(far, pair.link.now)
    assert pair.called.agent.counters.late_verbs == 2


def test_info_carries_a_digit() -> None:
    pair = Pair()
    near, far = pair.talking()
    dialog = pair.caller.agent._usages.get(near).dialog
    assert dialog is not None
    info = request_in(pair.caller.agent._core, dialog, "INFO")
    info.headers.add("Content-Type", "application/dtmf-relay; charset=utf-8")
    info.body = b"Signal=5\r\nDuration=160\r\n"
    pair.caller.agent._transactions.ask(info, dialog.flow, f"dialog:{near}", pair.link.now)
    pair.link.run(1)
    assert pair.called.told(InfoArrived) == [
        InfoArrived(dialog=far, content_type="application/dtmf-relay", body=info.body)
    ]
