"""A talk that nobody refreshes is over: RFC 4028, over hours of virtual time, both sides."""

import pytest
from sip_desk import CARRIER, Desk, sdp
from sip_shop import Pair

from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.events import DialogEnded
from appliance.protocols.sip.message import Request
from appliance.vocabulary.events import LegAnswered, LegEnded
from appliance.vocabulary.lines import Cause

HOUR = 3600.0
KNOWS = "Supported: timer"


@pytest.fixture
def desk():
    return Desk()


def requests(pair, box, method):
    sent = pair.link.messages(box)
    return [one for one in sent if isinstance(one, Request) and one.method == method]


def answer_of(talk):
    return next(one for one in reversed(talk.got) if getattr(one, "status", 0) == 200)


def ended(desk):
    return [event for event in desk.events if isinstance(event, LegEnded)]


# --- two boxes ------------------------------------------------------------------------------------
@pytest.mark.rfc("4028", "10")
def test_a_talk_of_six_hours_is_refreshed_by_update_and_lives():
    pair = Pair()
    pair.talking()
    pair.link.run(6 * HOUR)
    updates = requests(pair, pair.caller, "UPDATE")
    assert 22 <= len(updates) <= 24
    assert not updates[0].body
    assert not requests(pair, pair.called, "UPDATE")
    assert not pair.caller.told(DialogEnded) and not pair.called.told(DialogEnded)
    pair.give_up()
    assert pair.is_empty() and pair.caller.agent.wake_at() is None


@pytest.mark.rfc("4028", "10")
@pytest.mark.parametrize("lost", ["caller", "called"])
def test_a_far_end_that_is_gone_is_noticed_within_the_interval(lost):
    pair = Pair()
    pair.talking()
    gone, left = getattr(pair, lost), getattr(pair, "called" if lost == "caller" else "caller")
    pair.link.boxes.pop((gone.address, gone.port))
    pair.link.run(1801)
    (event,) = left.told(DialogEnded)
    assert event.status == 408
    assert requests(pair, left, "BYE")


def test_timers_go_on_after_kill():
    pair = Pair()
    pair.talking()
    pair.link.run(500)
    for box in (pair.caller, pair.called):
        box.kill(pair.link.now)
    pair.link.run(2 * HOUR)
    assert len(requests(pair, pair.caller, "UPDATE")) >= 7
    assert not pair.caller.told(DialogEnded) and not pair.called.told(DialogEnded)


def test_a_refresh_that_fell_due_while_killed_is_sent_at_once():
    pair = Pair()
    pair.talking()
    pair.link.gather()
    pair.link.boxes.pop((pair.caller.address, pair.caller.port))
    pair.link.run(1000)
    pair.link.boxes[pair.caller.address, pair.caller.port] = pair.caller
    pair.caller.kill(pair.link.now)
    pair.link.run(1)
    assert len(requests(pair, pair.caller, "UPDATE")) == 1


# --- as the called side ---------------------------------------------------------------------------
@pytest.mark.rfc("4028", "9")
@pytest.mark.parametrize(
    ("lines", "expected", "required"),
    [
        ((), None, False),
        ((KNOWS,), "1800;refresher=uas", False),
        ((KNOWS, "Session-Expires: 600"), "600;refresher=uac", True),
        ((KNOWS, "Session-Expires: 600;refresher=uas"), "600;refresher=uas", False),
        ((KNOWS, "Session-Expires: 600;refresher=uac"), "600;refresher=uac", True),
        ((KNOWS, "Session-Expires: 90"), "90;refresher=uac", True),
        ((KNOWS, "Session-Expires: 86400"), "1800;refresher=uac", True),
        ((KNOWS, "Session-Expires: 86400", "Min-SE: 3600"), "3600;refresher=uac", True),
        ((KNOWS, "Min-SE: 2400"), "2400;refresher=uas", False),
        (("Session-Expires: 600",), "600;refresher=uas", False),
        (("Session-Expires: 60",), "90;refresher=uas", False),
        (("Require: timer", "x: 600;refresher=uas"), "600;refresher=uas", False),
    ],
)
def test_what_our_200_says_of_the_timer(desk, lines, expected, required):
    answer = answer_of(desk.talk(None, "8002", *lines))
    assert answer.headers.get("Session-Expires") == expected
    assert ("timer" in answer.headers.tokens("Require")) is required
    assert "timer" in answer.headers.tokens("Supported")


@pytest.mark.rfc("4028", "9")
def test_an_interval_that_is_too_short_is_refused_with_what_would_do(desk):
    refused = desk.call(None, "8002", KNOWS, "Session-Expires: 60").got[-1]
    assert (refused.status, refused.headers.get("Min-SE")) == (422, "90")
    talk = desk.talk()
    refused = talk.says("UPDATE", KNOWS, "Session-Expires: 60")
    assert (refused.status, refused.headers.get("Min-SE")) == (422, "90")


@pytest.mark.parametrize("line", ["Session-Expires: soon", "Min-SE: -1", "Session-Expires: 9e9"])
def test_a_timer_that_cannot_be_read_is_a_bad_request(desk, line):
    assert desk.call(None, "8002", KNOWS, line).got[-1].status == 400
    assert desk.talk().says("UPDATE", KNOWS, line).status == 400


@pytest.mark.rfc("4028", "10")
def test_a_caller_who_does_not_refresh_is_hung_up(desk):
    talk = desk.talk(None, "8002", KNOWS, "Session-Expires: 600;refresher=uac")
    desk.later(567)
    assert not ended(desk)
    talk.got += desk.later(2)
    (event,) = ended(desk)
    assert (event.leg, event.cause) == (talk.leg, Cause.AUDIO_LOST)
    assert talk.requests("BYE")


@pytest.mark.rfc("4028", "9")
@pytest.mark.parametrize(("method", "body"), [("UPDATE", b""), ("INVITE", sdp())])
def test_a_caller_who_refreshes_goes_on(desk, method, body):
    talk = desk.talk(None, "8002", KNOWS, "Session-Expires: 600;refresher=uac")
    for _ in range(20):
        desk.later(300)
        again = talk.says(method, KNOWS, "Session-Expires: 600;refresher=uac", body=body)
        assert again.headers.get("Session-Expires") == "600;refresher=uac"
        if body:
            talk.acknowledge()
    assert not ended(desk)


@pytest.mark.rfc("4028", "7.4")
def test_we_refresh_a_phone_without_update_by_what_was_said_last(desk):
    talk = desk.talk(None, "8002", KNOWS)
    talk.got += desk.later(901)
    (invite,) = talk.requests("INVITE")
    assert b"m=audio 30000" in invite.body
    assert invite.headers.get("Session-Expires") == "1800;refresher=uac"
    talk.answers(invite, 200, "Session-Expires: 1800;refresher=uac", "Require: timer", body=sdp())
    talk.got += desk.later(901)
    assert len(talk.requests("INVITE")) == 2


@pytest.mark.rfc("4028", "7.4")
def test_we_refresh_a_phone_that_allows_update_by_update(desk):
    talk = desk.talk(None, "8002", KNOWS, "Allow: INVITE, ACK, BYE, UPDATE")
    talk.got += desk.later(901)
    (update,) = talk.requests("UPDATE")
    assert not update.body and update.contact is not None
    assert not talk.requests("INVITE")


@pytest.mark.rfc("4028", "7.4")
def test_a_refresh_that_the_phone_finds_too_short_is_made_longer(desk):
    talk = desk.talk(None, "8002", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    talk.answers(talk.requests("UPDATE")[0], 422, "Min-SE: 3600")
    again = talk.requests("UPDATE")[1]
    assert again.headers.get("Session-Expires") == "3600;refresher=uac"
    assert again.headers.get("Min-SE") == "3600"
    talk.answers(again, 200, "Session-Expires: 3600;refresher=uac")
    talk.got += desk.later(1799)
    assert len(talk.requests("UPDATE")) == 2
    talk.got += desk.later(2)
    assert len(talk.requests("UPDATE")) == 3


@pytest.mark.parametrize("status", [405, 501])
def test_a_phone_that_takes_no_update_after_all_gets_a_reinvite(desk, status):
    talk = desk.talk(None, "8002", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    talk.answers(talk.requests("UPDATE")[0], status)
    assert b"m=audio 30000" in talk.requests("INVITE")[0].body


@pytest.mark.parametrize("status", [408, 481])
def test_a_refresh_that_finds_nobody_ends_the_talk(desk, status):
    talk = desk.talk(None, "8002", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    talk.answers(talk.requests("UPDATE")[0], status)
    assert [event.leg for event in ended(desk)] == [talk.leg]


def test_a_refresh_that_meets_an_offer_is_tried_again_soon(desk):
    talk = desk.talk(None, "8002", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    talk.answers(talk.requests("UPDATE")[0], 491)
    talk.got += desk.later(4.1)
    assert len(talk.requests("UPDATE")) == 2


def test_a_refresh_that_is_refused_is_tried_again_until_the_talk_expires(desk):
    talk = desk.talk(None, "8002", KNOWS, "Allow: UPDATE")
    answered = 0
    for _ in range(1801):
        talk.got += desk.later(1)
        for update in talk.requests("UPDATE")[answered:]:
            talk.answers(update, 500)
            answered += 1
    assert ended(desk) and answered > 20


# --- as the caller --------------------------------------------------------------------------------
def dialled(desk):
    return desk.dialled("ours")


@pytest.mark.rfc("4028", "7.1")
def test_our_invite_asks_for_half_an_hour(desk):
    _, invite = dialled(desk)
    assert invite.headers.get("Session-Expires") == "1800"
    assert invite.headers.get("Min-SE") == "90"
    assert "timer" in invite.headers.tokens("Supported")


@pytest.mark.rfc("4028", "7.3")
def test_a_phone_that_wants_a_longer_interval_is_called_again_with_it(desk):
    talk, invite = dialled(desk)
    talk.answers(invite, 422, "Min-SE: 7200", tag="phones")
    ack, again = talk.got
    assert (ack.method, again.method) == ("ACK", "INVITE")
    assert again.headers.get("Session-Expires") == "7200"
    assert again.cseq.number == invite.cseq.number + 1 and again.branch != invite.branch
    assert again.call_id == invite.call_id
    talk.answers(again, 200, "Session-Expires: 7200;refresher=uas", tag="phones", body=sdp())
    assert any(isinstance(event, LegAnswered) for event in desk.events)
    desk.later(7100)
    assert not [event for event in ended(desk) if event.leg == "ours"]


@pytest.mark.rfc("4028", "7.3")
def test_a_422_that_wants_no_more_than_was_offered_is_a_refusal(desk):
    talk, invite = dialled(desk)
    talk.answers(invite, 422, "Min-SE: 900", tag="phones")
    assert [one.method for one in talk.got] == ["ACK"]


@pytest.mark.rfc("4028", "7.2")
def test_a_phone_without_timers_is_never_refreshed_nor_hung_up(desk):
    talk, invite = dialled(desk)
    talk.answers(invite, 200, tag="phones", body=sdp())
    sent = desk.later(5 * HOUR)
    assert not [event for event in ended(desk) if event.leg == "ours"]
    assert not sent


@pytest.mark.rfc("4028", "7.2")
def test_a_phone_that_refreshes_itself_is_waited_for(desk):
    talk, invite = dialled(desk)
    talk.answers(invite, 200, "Session-Expires: 300;refresher=uas", tag="phones", body=sdp())
    desk.later(267)
    assert not [event for event in ended(desk) if event.leg == "ours"]
    desk.later(2)
    assert [event for event in ended(desk) if event.leg == "ours"]


def test_a_trunk_that_asks_for_the_password_of_a_refresh_gets_it(desk):
    desk.box.directory.routes["carrier"] = TrunkRoute(
        address=CARRIER, username="shop", secret="word"
    )
    talk = desk.talk(desk.carrier, "8002", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n1", algorithm=MD5'
    talk.answers(talk.requests("UPDATE")[0], 407, challenge)
    again = talk.requests("UPDATE")[1]
    assert 'username="shop"' in again.headers.get("Proxy-Authorization")
    talk.answers(again, 200, "Session-Expires: 1800;refresher=uac")
    talk.got += desk.later(905)
    assert len(talk.requests("UPDATE")) == 3 and not ended(desk)


def test_who_wants_ever_longer_intervals_is_not_asked_for_ever(desk):
    pen, invite = dialled(desk)
    pen.answers(invite, 422, "Min-SE: 3600", tag="phones")
    pen.answers(pen.requests("INVITE")[-1], 422, "Min-SE: 3601", tag="phones")
    assert len(pen.requests("INVITE")) == 1  # besides the first one, which the pen did not take
    talk = desk.talk(desk.second, "8001", KNOWS, "Allow: UPDATE")
    talk.got += desk.later(901)
    for number, seconds in enumerate((3600, 3601, 3602)):
        if number < len(talk.requests("UPDATE")):
            talk.answers(talk.requests("UPDATE")[number], 422, f"Min-SE: {seconds}")
    assert len(talk.requests("UPDATE")) == 2
