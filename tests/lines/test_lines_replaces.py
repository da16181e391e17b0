"""An INVITE that takes another dialog's place: RFC 3891 §3, as attended transfer and as pickup."""

import pytest
from sip_desk import Desk

from appliance.protocols.sip.message import Request
from appliance.vocabulary.commands import DialPhone, HangUp, Ring
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.lines import Party


@pytest.fixture
def desk():
    return Desk()


def replaces(call_id, to_tag, from_tag, more=""):
    return f"Replaces: {call_id};to-tag={to_tag};from-tag={from_tag}{more}"


def of(talk, more=""):
    return replaces(talk.call_id, talk.box_tag, talk.tag, more)


def offered(call):
    return [event for event in call.events if isinstance(event, LegOffered)]


@pytest.mark.rfc("3891", "3")
def test_an_invite_takes_a_talks_place(desk):
    talk = desk.talk()
    call = desk.call(desk.second, "8002", of(talk), "Require: replaces")
    assert offered(call)[0].replaces == talk.leg


def test_an_ordinary_invite_replaces_nothing(desk):
    assert offered(desk.call())[0].replaces is None


@pytest.mark.rfc("3891", "3")
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (lambda talk: replaces("unknown", talk.box_tag, talk.tag), 481),
        (lambda talk: replaces(talk.call_id, "unknown", talk.tag), 481),
        (lambda talk: replaces(talk.call_id, talk.box_tag, "unknown"), 481),
        (lambda talk: of(talk, ";early-only"), 486),
        (lambda talk: "Replaces: x;to-tag=y", 400),
        (lambda talk: "Replaces: x;to-tag=y;from-tag=z\r\nReplaces: x;to-tag=y;from-tag=z", 400),
    ],
    ids=["call-id", "our tag", "their tag", "early-only", "half", "twice"],
)
def test_an_invite_that_can_replace_nothing(desk, header, status):
    call = desk.call(desk.second, "8002", header(desk.talk()))
    assert call.got[-1].status == status
    assert not offered(call)


@pytest.mark.rfc("3891", "3")
def test_a_talk_that_is_over_is_not_replaced(desk):
    talk = desk.talk()
    desk.do(HangUp(leg=talk.leg))
    assert desk.call(desk.second, "8002", of(talk)).got[-1].status == 603


@pytest.mark.rfc("3891", "3")
def test_a_ringing_phone_is_picked_up_by_its_early_dialog(desk):
    desk.phone.register(desk.link)
    desk.do(DialPhone(leg="ours", extension="8001", port=30004, caller=Party(number="139")))
    (invite,) = desk.phone.collect()
    assert isinstance(invite, Request)
    talk = desk.talk(desk.second, "100")
    talk.answers(invite, 180, tag="rings")
    header = replaces(invite.call_id, invite.from_.tag, "rings", ";early-only")
    assert offered(desk.call(desk.second, "8002", header))[0].replaces == "ours"


@pytest.mark.rfc("3891", "3")
def test_a_call_that_still_rings_at_the_box_is_not_taken_from_it(desk):
    call = desk.call()
    desk.do(Ring(leg=call.leg))
    call.remote = call.take().headers.get("To")
    assert desk.call(desk.second, "8002", of(call)).got[-1].status == 481


def test_a_carrier_replaces_its_own_calls_and_no_others(desk):
    own, other = desk.talk(desk.carrier, "100"), desk.talk(port=30002)
    assert offered(desk.call(desk.carrier, "100", of(own)))[0].replaces == own.leg
    assert desk.call(desk.carrier, "100", of(other)).got[-1].status == 403


@pytest.mark.rfc("3891", "6.1")
def test_the_box_says_that_it_understands_replaces(desk):
    talk = desk.talk()
    assert "replaces" in next(
        one.headers.tokens("Supported") for one in talk.got if one.headers.get("Supported")
    )
    answer = desk.phone.ask(desk.link, "OPTIONS")
    assert "replaces" in answer.headers.tokens("Supported")
