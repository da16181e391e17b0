"""Hold and resume in every way that phones do it, and offers that come late, with real phones.

RFC 3264 §8.4 (sendonly, inactive, the null address), RFC 3311 (by UPDATE), RFC 3261 §13.2.1 and
§14.1 (an INVITE and a re-INVITE without an offer).
"""

import pytest
from running_box import wait_for
from sipp import pause, sdp
from sipp_desk import (
    ANSWERED_KEPT,
    acknowledged,
    bye,
    has,
    invite_of,
    received,
    request,
    used,
)

pytestmark = pytest.mark.peer

TALKS = invite_of("8001") + ANSWERED_KEPT + acknowledged(2)
HELD_MS = 1500


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def is_at(box, stage):
    """Wait until the only call is so."""
    return wait_for(lambda: [one.stage for one in box.live().calls] == [stage], 10, stage)


def described(way, version):
    """Our description, holding in this way."""
    text = sdp().replace("o=sipp 1 1", f"o=sipp 1 {version}")
    if way == "null address":
        return text.replace("c=IN IP4 [media_ip]", "c=IN IP4 0.0.0.0")
    return text.replace("a=sendrecv", f"a={way}")


def offers(method, cseq, way, version, answered):
    """An offer within the talk, its answer, and the ACK that a re-INVITE wants."""
    acknowledgement = acknowledged(cseq) if method == "INVITE" else ""
    return (
        request(method, cseq, body=described(way, version))
        + received(100, optional="true")
        + received(200, has(f"a={answered}", name="answered"))
        + acknowledgement
    )


@pytest.mark.rfc("3264", "8.4")
@pytest.mark.rfc("3311", "5.2")
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize(
    ("way", "answered"),
    [("sendonly", "recvonly"), ("inactive", "inactive"), ("null address", "sendrecv")],
)
def test_hold_and_resume(box, phones, sipp, method, way, answered):
    other = phones("8001", answer="auto")
    holder = sipp(
        TALKS, pause(500), offers(method, 3, way, 2, answered), pause(HELD_MS),
        offers(method, 4, "sendrecv", 3, "sendrecv"), pause(HELD_MS), bye(5), used("answered"),
    )  # fmt: skip
    is_at(box, "held")
    is_at(box, "talking")
    holder.finish()
    other.wait("CALL_CLOSED")


def test_hold_and_resume_by_baresips_own_key(box, phones):
    first, second = phones("8001"), phones("8002", answer="auto")
    first.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    first.say("hold")
    is_at(box, "held")
    first.say("resume")
    is_at(box, "talking")
    first.say("hangup")
    second.wait("CALL_CLOSED")


def test_a_late_offer_is_answered_in_the_ack(box, phones, sipp):
    other = phones("8001", answer="auto")
    caller = sipp(
        invite_of("8001", body=""),
        ANSWERED_KEPT.replace("<action>", f"<action>{has('m=audio .*8', name='offer')}"),
        request("ACK", 2, body=sdp()), pause(1000), bye(3), used("offer"),
    )  # fmt: skip
    is_at(box, "talking")
    caller.finish()
    other.wait("CALL_CLOSED")


def test_an_offer_asked_of_the_box_within_a_hold_ends_it(box, phones, sipp):
    other = phones("8001", answer="auto")
    holder = sipp(
        TALKS, pause(500), offers("INVITE", 3, "sendonly", 2, "recvonly"), pause(HELD_MS),
        request("INVITE", 4), received(100, optional="true"),
        received(200, has("a=sendrecv", name="offer")),
        request("ACK", 4, body=described("sendrecv", 3)), pause(HELD_MS), bye(5),
        used("answered", "offer"),
    )  # fmt: skip
    is_at(box, "held")
    is_at(box, "talking")
    holder.finish()
    other.wait("CALL_CLOSED")
