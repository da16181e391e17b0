"""Which far ends get keys by SIP INFO, which do not, and what becomes of refused ones."""

import pytest
from sip_desk import CARRIER, Desk, sdp

from appliance.vocabulary.commands import Answer, SendDigit
from appliance.vocabulary.events import DigitHeard, DigitsUnsent, LegAudioMoved, LegEnded
from appliance.vocabulary.settings import Extension, Site, Trunk

NO_EVENTS = sdp().replace(b" 8 101", b" 8").replace(b"a=rtpmap:101 telephone-event/8000\r\n", b"")
RELAY = "Accept: application/sdp, application/dtmf-relay"
KEY = b"Signal=5\r\nDuration=250\r\n"


@pytest.fixture
def desk():
    return Desk()


def wishing_info():
    return Desk(
        Site(
            extension=(Extension(number="8001", keys="info"), Extension(number="8002")),
            trunk=(Trunk(id="carrier", host=CARRIER, keys="info"),),
        )
    )


def talk(desk, *lines, body=NO_EVENTS):
    made = desk.call(desk.carrier, "02188886666", *lines, body=body)
    desk.do(Answer(leg=made.leg, port=30000))
    made.acknowledge()
    return made


def far(desk, leg):
    found = [
        event.audio
        for event in desk.events
        if getattr(event, "leg", None) == leg and getattr(event, "audio", None) is not None
    ]
    return found[-1]


def presses(made, body=KEY, kind="application/dtmf-relay"):
    return made.send(made.text("INFO", body=body, kind=kind))


def infos(desk, made, keys):
    for key in keys:
        desk.do(SendDigit(leg=made.leg, digit=key))
    return made.requests("INFO")


# --- whom ---
def test_who_has_agreed_to_events_gets_events_whatever_else_he_speaks(desk):
    made = talk(desk, RELAY, body=sdp())
    presses(made)
    assert not far(desk, made.leg).takes_keys_by_signalling
    assert far(desk, made.leg).dtmf_payload_type == 101


def test_who_names_no_keys_and_sends_none_gets_tones(desk):
    made = talk(desk, "Allow: INVITE, ACK, BYE, INFO")
    assert not far(desk, made.leg).takes_keys_by_signalling


def test_who_names_keys_in_accept_gets_info(desk):
    assert far(desk, talk(desk, RELAY).leg).takes_keys_by_signalling


def test_who_sends_a_key_by_info_gets_his_by_info_from_then_on(desk):
    made = talk(desk)
    assert not far(desk, made.leg).takes_keys_by_signalling
    presses(made)
    kinds = [type(event) for event in made.events]
    assert kinds == [LegAudioMoved, DigitHeard]
    assert far(desk, made.leg).takes_keys_by_signalling
    presses(made)
    assert [type(event) for event in made.events] == [DigitHeard]


def test_an_info_that_is_no_key_shows_nothing(desk):
    made = talk(desk)
    presses(made, b"<xml/>", "application/media_control+xml")
    assert not made.events and not far(desk, made.leg).takes_keys_by_signalling


def test_the_rule_outlives_a_kill(desk):
    made = talk(desk)
    presses(made)
    desk.kill()
    (one,) = infos(desk, made, "5")
    assert one.body == b"Signal=5\r\nDuration=160\r\n"
    assert one.headers.get("Content-Type") == "application/dtmf-relay"
    again = made.says("INVITE", body=NO_EVENTS)
    assert again.status == 200
    assert not any(isinstance(event, LegAudioMoved) for event in made.events), "known still"


def test_site_may_say_so_of_a_trunk_and_then_events_are_not_named():
    desk = wishing_info()
    made = talk(desk, body=sdp())
    audio = far(desk, made.leg)
    assert audio.takes_keys_by_signalling and audio.dtmf_payload_type is None
    answer = next(one for one in made.got if getattr(one, "status", 0) == 200)
    assert b"telephone-event" not in answer.body


def test_site_may_say_so_of_a_phone_that_is_rung():
    desk = wishing_info()
    pen, invite = desk.dialled("b1")
    assert b"telephone-event" not in invite.body
    pen.answers(invite, 200, "Allow: INVITE, INFO", body=NO_EVENTS, tag="t")
    assert far(desk, "b1").takes_keys_by_signalling


def test_early_media_gets_tones_until_the_answer():
    desk = wishing_info()
    pen, invite = desk.dialled("b1")
    pen.answers(invite, 183, body=NO_EVENTS, tag="t")
    assert not far(desk, "b1").takes_keys_by_signalling
    pen.answers(invite, 200, body=NO_EVENTS, tag="t")
    assert far(desk, "b1").takes_keys_by_signalling


def test_site_is_not_heeded_where_the_phone_knows_no_info():
    desk = wishing_info()
    made = talk(desk, "Allow: INVITE, ACK, BYE, CANCEL", body=sdp())
    audio = far(desk, made.leg)
    assert not audio.takes_keys_by_signalling and audio.dtmf_payload_type == 101


# --- refusals ---
def refuse(desk, made, status, keys="12"):
    """The box tells keys; the far end refuses the first of them."""
    first = infos(desk, made, keys)[0]
    made.answers(first, status)
    return [event for event in desk.events if isinstance(event, DigitsUnsent)]


@pytest.mark.parametrize("status", [405, 415, 469, 501])
def test_who_refuses_info_gets_tones_for_all_of_it_and_ever_after(desk, status):
    made = talk(desk, RELAY)
    (unsent,) = refuse(desk, made, status)
    assert unsent.digits == "12" and unsent.leg == made.leg
    assert not far(desk, made.leg).takes_keys_by_signalling
    presses(made)
    assert not far(desk, made.leg).takes_keys_by_signalling


@pytest.mark.parametrize("status", [491, 500, 503])
def test_who_is_busy_just_now_gets_tones_this_time(desk, status):
    made = talk(desk, RELAY)
    (unsent,) = refuse(desk, made, status)
    assert unsent.digits == "12"
    assert far(desk, made.leg).takes_keys_by_signalling
    assert len(infos(desk, made, "3")) == 2


def test_who_says_that_there_is_no_such_dialog_is_asked_whether_he_lives(desk):
    made = talk(desk, RELAY)
    (unsent,) = refuse(desk, made, 481, "7")
    assert unsent.digits == "7"
    (question,) = made.requests("INVITE")
    made.answers(question, 481)
    assert any(isinstance(event, LegEnded) for event in desk.events)


def test_a_wrong_481_costs_the_talk_nothing(desk):
    made = talk(desk, RELAY)
    refuse(desk, made, 481, "7")
    (question,) = made.requests("INVITE")
    made.answers(question, 200, body=NO_EVENTS)
    assert not any(isinstance(event, LegEnded) for event in desk.events)


def test_keys_that_nobody_answered_for_half_a_minute_are_not_sounded_late(desk):
    made = talk(desk, RELAY)
    infos(desk, made, "1")
    sent = desk.later(33)
    assert not any(isinstance(event, DigitsUnsent) for event in desk.events)
    assert not far(desk, made.leg).takes_keys_by_signalling
    assert any(getattr(one, "method", "") == "INVITE" for one in sent), "is it alive?"
