"""Comfort noise (RFC 3389) in what the box offers: asked for where the other side has agreed."""

import pytest
from sip_desk import CARRIER, Desk, sdp

from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.message import Request
from appliance.vocabulary.commands import CheckLeg, DialTrunk, MoveAudio
from appliance.vocabulary.events import LegAnswered
from appliance.vocabulary.lines import Party

NOISY = sdp().replace(b" 8 101", b" 8 13 101")


@pytest.fixture
def desk():
    return Desk()


def noise_of(desk):
    return [
        event.audio.comfort_noise_payload_type
        for event in desk.events
        if isinstance(event, LegAnswered)
    ]


def offers(message):
    line = next(line for line in message.body.splitlines() if line.startswith(b"m="))
    return b" 13" in line


@pytest.mark.rfc("3389", "4")
def test_a_phone_is_asked_where_the_other_side_hushes_and_again_in_each_later_offer(desk):
    pen, invite = desk.dialled("b1", may_hush=True)
    assert offers(invite)
    pen.answers(invite, 200, body=NOISY, tag="t")
    assert noise_of(desk) == [13]
    desk.do(MoveAudio(leg="b1", port=30010))
    (again,) = [one for one in pen.requests("INVITE") if one.to.tag]
    assert offers(again)


@pytest.mark.rfc("3389", "4")
def test_a_phone_that_does_not_answer_it_is_not_asked_again(desk):
    pen, invite = desk.dialled("b1", may_hush=True)
    pen.answers(invite, 200, body=sdp(), tag="t")
    assert noise_of(desk) == [None]
    desk.do(MoveAudio(leg="b1", port=30010))
    (again,) = [one for one in pen.requests("INVITE") if one.to.tag]
    assert not offers(again)


def test_a_phone_is_not_asked_otherwise(desk):
    pen, invite = desk.dialled("b1")
    assert not offers(invite)
    pen.answers(invite, 200, body=sdp(), tag="t")
    desk.do(CheckLeg(leg="b1"))
    assert not any(offers(one) for one in pen.requests("INVITE") if one.body)


def test_a_carrier_is_asked_likewise(desk):
    desk.box.directory.routes["carrier"] = TrunkRoute(address=CARRIER)
    desk.do(
        DialTrunk(
            leg="b2", trunk="carrier", number="139", port=30006, caller=Party(), may_hush=True
        )  # fmt: skip
    )
    (invite,) = [one for one in desk.carrier.collect() if isinstance(one, Request)]
    assert offers(invite)
