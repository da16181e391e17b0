"""A desk phone's own transfer key: REFER to the box, NOTIFYs back. RFC 3515, 3891, 4488, 3892."""

import pytest
from sip_desk import Desk, sdp

from appliance.vocabulary.commands import (
    DialPhone,
    HangUp,
    Ring,
    TellTransfer,
    TransferStage,
)
from appliance.vocabulary.events import LegEnded, TransferAsked
from appliance.vocabulary.lines import Cause, Party

TO_8003 = "Refer-To: <sip:8003@127.0.0.5>"


@pytest.fixture
def desk():
    return Desk()


def tell(desk, talk, stage, cause=Cause.NORMAL):
    desk.do(TellTransfer(leg=talk.leg, stage=stage, cause=cause))


def asked(talk):
    return [event for event in talk.events if isinstance(event, TransferAsked)]


def notified(talk):
    """(body, Subscription-State) of each NOTIFY so far."""
    return [
        (one.body, one.headers.get("Subscription-State").partition(";expires")[0])
        for one in talk.requests("NOTIFY")
    ]


@pytest.mark.rfc("3515", "2.4.4")
def test_a_blind_refer_is_accepted_and_told_of_to_the_good_end(desk):
    talk = desk.talk()
    assert talk.says("REFER", TO_8003) is None  # it waits for the switchboard
    (event,) = asked(talk)
    assert (event.leg, event.to, event.replaces) == (talk.leg, "8003", None)
    tell(desk, talk, TransferStage.TRYING)
    accepted, notify = talk.phone.collect()
    talk.got += [notify]
    assert accepted.status == 202 and accepted.contact is not None
    assert notify.headers.get("Event") == "refer"
    assert notify.headers.get("Content-Type") == "message/sipfrag;version=2.0"
    talk.answers(notify, 200)
    tell(desk, talk, TransferStage.RINGING)
    tell(desk, talk, TransferStage.DONE)
    assert notified(talk) == [
        (b"SIP/2.0 100 Trying\r\n", "active"),
        (b"SIP/2.0 180 Ringing\r\n", "active"),
        (b"SIP/2.0 200 OK\r\n", "terminated;reason=noresource"),
    ]


@pytest.mark.rfc("3515", "2.4.5")
def test_a_transfer_that_fails_later_is_told_as_its_status(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.TRYING)
    tell(desk, talk, TransferStage.FAILED, Cause.BUSY)
    assert notified(talk)[-1] == (b"SIP/2.0 486 Busy Here\r\n", "terminated;reason=noresource")


def test_a_transfer_that_the_switchboard_refuses_at_once_is_refused(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.FAILED, Cause.FORBIDDEN)
    assert talk.take().status == 403
    assert not talk.requests("NOTIFY")
    talk.says("REFER", TO_8003)  # and another one may be asked for
    assert asked(talk)


def test_a_switchboard_that_says_nothing_is_answered_for(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    desk.later(10)
    tell(desk, talk, TransferStage.DONE)
    talk.says("BYE")
    desk.later(40)
    assert not desk.box.agent.wake_at()


@pytest.mark.rfc("3515", "2.4.2")
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((), 400),
        ((TO_8003, TO_8003), 400),
        (("Refer-To: <sip:8003@127.0.0.5",), 400),
        (("Refer-To: <sip:8003@127.0.0.5;method=BYE>",), 405),
        (("Refer-To: <sip:8003@192.0.2.99>",), 403),
        (("Refer-To: <http://127.0.0.5/>",), 416),
        (("Refer-To: <sip:127.0.0.5>",), 404),
        ((TO_8003, "Require: norefersub, unheard-of"), 420),
        (("Refer-To: <sip:8003@127.0.0.5?Replaces=nonsense>",), 400),
        (("Refer-To: <sip:8003@127.0.0.5?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>",), 404),
        ((TO_8003, "Referred-By: <broken"), 400),
    ],
)
def test_a_refer_that_cannot_be_taken(desk, lines, status):
    talk = desk.talk()
    assert talk.says("REFER", *lines).status == status
    assert not asked(talk)


@pytest.mark.parametrize(
    "target",
    ["tel:8003", "<tel:8003>", "<sip:%38003@127.0.0.5:5060;user=phone>", "sip:8003@127.0.0.5"],
)
def test_numbers_are_taken_in_every_spelling(desk, target):
    talk = desk.talk()
    talk.says("REFER", f"Refer-To: {target}", "Referred-By: <sip:8001@127.0.0.5>")
    assert asked(talk)[0].to == "8003"


def test_a_second_refer_meanwhile_is_told_to_wait(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    assert talk.says("REFER", TO_8003).status == 491


@pytest.mark.rfc("3515", "2.4.6")
def test_notifies_of_a_second_refer_say_which_one(desk):
    talk = desk.talk()
    for _ in range(2):
        talk.says("REFER", TO_8003)
        tell(desk, talk, TransferStage.TRYING)
        tell(desk, talk, TransferStage.FAILED, Cause.NO_ANSWER)
    events = [one.headers.get("Event") for one in talk.requests("NOTIFY")]
    assert events == ["refer", "refer", f"refer;id={talk.cseq}", f"refer;id={talk.cseq}"]


@pytest.mark.rfc("4488", "4")
def test_a_phone_that_wants_no_notify_gets_none(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003, "Refer-Sub: false", "Require: norefersub")
    tell(desk, talk, TransferStage.TRYING)
    accepted = talk.take()
    assert accepted.status == 202 and accepted.headers.get("Refer-Sub") == "false"
    tell(desk, talk, TransferStage.DONE)
    assert not talk.requests("NOTIFY")


def test_a_phone_that_hangs_up_at_once_still_hears_the_end(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.TRYING)
    talk.says("BYE")
    assert [type(event) for event in talk.events] == [LegEnded]
    assert talk.leg not in desk.lines.legs()
    tell(desk, talk, TransferStage.DONE)
    assert notified(talk)[-1][0] == b"SIP/2.0 200 OK\r\n"
    for notify in talk.requests("NOTIFY"):
        talk.answers(notify, 200)
    desk.later(40)
    desk.keep_lines()
    desk.box.write_down()
    assert not desk.slots and not [name for name in desk.box.slots if name.startswith("dialog:")]


@pytest.mark.rfc("3515", "2.4.4")
def test_a_phone_that_refuses_the_notify_hears_no_more(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.TRYING)
    talk.answers(talk.requests("NOTIFY")[0], 481)
    tell(desk, talk, TransferStage.DONE)
    assert len(talk.requests("NOTIFY")) == 1


@pytest.mark.rfc("3515", "2.4.6")
def test_a_subscription_is_lengthened_and_ended_by_the_phone(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.TRYING)
    talk.says("SUBSCRIBE", "Event: refer", "Expires: 60")
    lengthened = next(
        one for one in talk.got if getattr(one, "status", 0) == 200 and one.headers.get("Expires")
    )
    assert lengthened.headers.get("Expires") == "60"
    talk.says("SUBSCRIBE", "Event: refer;id=77", "Expires: 60")
    assert talk.got[-1].status == 489
    talk.says("SUBSCRIBE", "Event: refer", "Expires: 0")
    assert notified(talk)[-1] == (b"SIP/2.0 100 Trying\r\n", "terminated;reason=timeout")
    tell(desk, talk, TransferStage.DONE)
    assert len(notified(talk)) == 3


def test_a_hang_up_of_ours_ends_the_subscription_first(desk):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    tell(desk, talk, TransferStage.TRYING)
    talk.take()
    desk.do(HangUp(leg=talk.leg))
    notify, bye = talk.phone.collect()
    assert notify.headers.get("Subscription-State").startswith("terminated")
    assert bye.method == "BYE"


@pytest.mark.rfc("3515", "2.4.4")
def test_a_transfer_that_is_done_at_once_is_told_so_before_the_hang_up(desk):
    """As engines/calls/surveys.py says it to an agent who hands a caller on to *88."""
    talk = desk.talk()
    talk.says("REFER", "Refer-To: <sip:*88@127.0.0.5>")
    assert asked(talk)[0].to == "*88"
    tell(desk, talk, TransferStage.TRYING)
    tell(desk, talk, TransferStage.DONE)
    desk.do(HangUp(leg=talk.leg))
    accepted, *rest = talk.phone.collect()
    assert accepted.status == 202
    assert [one.method for one in rest] == ["NOTIFY", "NOTIFY", "BYE"]
    assert rest[1].body == b"SIP/2.0 200 OK\r\n"


@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_pending_refer_survives_kill(desk, killed_at):
    talk = desk.talk()
    talk.says("REFER", TO_8003)
    if killed_at == 1:
        desk.kill()
    tell(desk, talk, TransferStage.TRYING)
    accepted, _ = talk.phone.collect()
    assert accepted.status == 202
    if killed_at == 2:
        desk.kill()
    tell(desk, talk, TransferStage.DONE)
    assert talk.requests("NOTIFY")[-1].body == b"SIP/2.0 200 OK\r\n"


@pytest.mark.rfc("3515", "2.4.2")
def test_who_does_not_talk_hands_nothing_on(desk):
    assert desk.phone.ask(desk.link, "REFER", TO_8003, uri="sip:8003@127.0.0.5").status == 403


def test_a_carrier_hands_nothing_on(desk):
    talk = desk.talk(desk.carrier, "8001")
    assert talk.says("REFER", TO_8003).status == 403


def replacing(talk, *, swapped=False):
    """Refer-To with a Replaces of another dialog of the same phone."""
    to_tag, from_tag = talk.box_tag, talk.tag
    if swapped:
        to_tag, from_tag = from_tag, to_tag
    return (
        f"Refer-To: <sip:8002@127.0.0.5?Replaces={talk.call_id}"
        f"%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}>"
    )


@pytest.mark.rfc("3891", "3")
@pytest.mark.parametrize("swapped", [False, True])
def test_an_attended_refer_names_the_other_leg_however_the_tags_stand(desk, swapped):
    first, second = desk.talk(), desk.talk(port=30002)
    first.says("REFER", replacing(second, swapped=swapped))
    (event,) = asked(first)
    assert (event.leg, event.replaces, event.to) == (first.leg, second.leg, "8002")


def test_an_attended_refer_may_name_a_call_that_we_made_to_the_phone(desk):
    assert desk.phone.register(desk.link).status == 200
    desk.do(DialPhone(leg="ours", extension="8001", port=30004, caller=Party(number="139")))
    (invite,) = desk.phone.collect()
    talk = desk.talk()
    talk.answers(invite, 200, body=sdp(), tag="phones")
    box_tag = invite.from_.tag
    talk.says(
        "REFER",
        f"Refer-To: <sip:139@127.0.0.5?Replaces={invite.call_id.replace('@', '%40')}"
        f"%3Bto-tag%3D{box_tag}%3Bfrom-tag%3Dphones>",
    )
    assert asked(talk)[0].replaces == "ours"


def test_nobody_transfers_with_another_phones_call(desk):
    mine, other = desk.talk(), desk.talk(desk.second, "8001", port=30002)
    assert mine.says("REFER", replacing(other)).status == 403


def test_a_call_does_not_replace_itself(desk):
    talk = desk.talk()
    assert talk.says("REFER", replacing(talk)).status == 403


def test_a_refer_before_the_answer_is_too_early(desk):
    call = desk.call()
    desk.do(Ring(leg=call.leg))
    call.remote = call.take().headers.get("To")
    assert call.says("REFER", TO_8003).status == 500
