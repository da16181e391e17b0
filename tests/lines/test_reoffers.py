"""Offers within a talk: hold, resume with and without a description, our own moves."""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.lines.sip import SipLines
from appliance.vocabulary.commands import Answer, CheckLeg, HangUp, MoveAudio
from appliance.vocabulary.events import LegAudioMoved
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Site, Trunk

CARRIER = "127.0.9.9"
REQUEST = """{method} sip:8001@127.0.0.5 SIP/2.0\r
Via: SIP/2.0/UDP 127.0.9.9:5062;branch=z9hG4bK{method}{cseq}\r
From: <sip:139@127.0.9.9>;tag=f\r
To: {to}\r
Call-ID: c1\r
CSeq: {cseq} {method}\r
Max-Forwards: 70\r
Contact: <sip:139@127.0.9.9:5062>\r
{kind}Content-Length: {length}\r
\r
"""


def sdp(direction, port=4000):
    return (
        f"v=0\r\no=a 1 1 IN IP4 {CARRIER}\r\ns=-\r\nc=IN IP4 {CARRIER}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na={direction}\r\n"
    ).encode()


class Talk:
    """A carrier's call, answered on port 30000."""

    def __init__(self):
        self.box = Box("127.0.0.5")
        self.link = Link(self.box)
        self.box.directory.trusted[CARRIER] = "carrier"
        site = Site(trunk=(Trunk(id="carrier", host=CARRIER),))
        self.lines = SipLines(
            user_agent=self.box.agent, site=site, new_number=lambda: 5, random_bytes=bytes
        )
        self.carrier = Phone(self.box, "139", "")
        self.to = "<sip:8001@127.0.0.5>"
        events, _ = self.says("INVITE", 1, sdp("sendrecv"))
        self.leg = events[0].leg
        self.lines.carry_out(Answer(leg=self.leg, port=30000), self.link.now)
        self.to = self.carrier.collect()[-1].headers.get("To")
        self.says("ACK", 1)

    def says(self, method, cseq, body=b""):
        kind = "Content-Type: application/sdp\r\n" if body else ""
        head = REQUEST.format(method=method, cseq=cseq, to=self.to, kind=kind, length=len(body))
        told = self.box.agent.receive(head.encode() + body, self.carrier.flow, self.link.now)
        return self.lines.translate(told, self.link.now), self.carrier.collect()


@pytest.fixture
def talk():
    return Talk()


def test_a_hold_is_mirrored_and_told(talk):
    events, got = talk.says("INVITE", 2, sdp("sendonly"))
    assert b"a=recvonly" in got[-1].body
    assert isinstance(events[0], LegAudioMoved) and not events[0].audio.receives


@pytest.mark.rfc("3264", "8.4")
def test_an_offer_asked_of_us_in_a_hold_is_a_whole_one(talk):
    _, held = talk.says("INVITE", 2, sdp("sendonly"))
    talk.says("ACK", 2)
    _, got = talk.says("INVITE", 3)
    assert b"a=sendrecv" in got[-1].body
    assert b"PCMA" in got[-1].body
    events, _ = talk.says("ACK", 3, sdp("sendrecv"))
    assert isinstance(events[0], LegAudioMoved) and events[0].audio.receives


def test_a_refresh_changes_nothing(talk):
    events, got = talk.says("INVITE", 2, sdp("sendrecv"))
    assert not events
    assert b"30000" in got[-1].body


def test_our_audio_on_another_port_is_offered_with_a_higher_version(talk):
    talk.lines.carry_out(MoveAudio(leg=talk.leg, port=40000), talk.link.now)
    (invite,) = talk.carrier.collect()
    assert invite.method == "INVITE"
    assert b"m=audio 40000" in invite.body
    assert b"o=linghe 5 1 " in invite.body


def test_asking_whether_they_live_repeats_what_was_said(talk):
    talk.lines.carry_out(CheckLeg(leg=talk.leg), talk.link.now)
    (invite,) = talk.carrier.collect()
    assert b"m=audio 30000" in invite.body


def test_a_plain_end_gives_no_reason_and_another_one_does(talk):
    talk.lines.carry_out(HangUp(leg=talk.leg), talk.link.now)
    (bye,) = talk.carrier.collect()
    assert bye.method == "BYE" and "Reason" not in bye.headers
    other = Talk()
    other.lines.carry_out(HangUp(leg=other.leg, cause=Cause.AUDIO_LOST), other.link.now)
    (bye,) = other.carrier.collect()
    assert "cause=480" in bye.headers.get("Reason")
