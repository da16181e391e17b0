"""Session timers (RFC 4028) and offers that meet (RFC 3261 §14.1) with real peers, in real time.

The shortest interval that the standard allows is 90 seconds, so these take a minute; all of them
wait at the same time.
"""

import pytest
from running_box import wait_for
from sipp import pause, sdp
from sipp_desk import (
    ANSWERED_KEPT,
    HUNG_UP,
    KEEP_REQUEST,
    acknowledged,
    bye,
    has,
    heard,
    invite_of,
    lacks,
    received,
    reply,
    request,
    used,
)

pytestmark = pytest.mark.peer

KNOWS = "Supported: timer"
AGAIN = sdp().replace("o=sipp 1 1", "o=sipp 1 2")


def rung(called, *lines, timer):
    """A call with a timer; the 200 must say so."""
    keep = ANSWERED_KEPT.replace(
        "</action>", has(timer, header="Session-Expires", name="timer") + "</action>"
    )
    return invite_of(called, KNOWS, *lines) + keep + acknowledged(2)


@pytest.mark.feature("glare (491)", "session timers")
@pytest.mark.rfc("4028", "7.4")
@pytest.mark.rfc("4028", "10")
@pytest.mark.rfc("3261", "14.1")
def test_refresh_expiry_and_glare_within_the_shortest_interval(box, sipp):
    """Three talks at once with 90 s each; the box refreshes two at 45 s, ends the third at 60 s."""
    by_update = sipp(
        rung("*43", "Allow: INVITE, ACK, BYE, UPDATE", "Session-Expires: 90;refresher=uas",
             timer="90;refresher=uas"),
        heard("UPDATE", lacks("m=audio"), has("90;refresher=uac", header="Session-Expires"),
              timeout="60000"),
        reply(200, "OK", "Require: timer", "Session-Expires: 90;refresher=uac"),
        pause(1000), bye(3), used("timer", "seen", "unseen"),
    )  # fmt: skip
    forgotten = sipp(
        rung("*43", "Session-Expires: 90;refresher=uac", timer="90;refresher=uac"),
        heard("BYE", timeout="80000"), reply(200, "OK"), used("timer"),
    )  # fmt: skip
    meeting = sipp(
        rung("*43", "Session-Expires: 90;refresher=uas", timer="90;refresher=uas"),
        heard("INVITE", has("m=audio"), timeout="60000"), reply(491, "Request Pending"),
        heard("ACK"),
        # its second try meets an offer of ours
        heard("INVITE", has("m=audio"), KEEP_REQUEST, timeout="5000"),
        request("INVITE", 3, body=AGAIN), received(491),
        reply(200, "OK", "Require: timer", "Session-Expires: 90;refresher=uac", body=AGAIN,
              kept=True), heard("ACK"), pause(300),
        request("INVITE", 4, body=AGAIN), received(100, optional="true"), received(200),
        acknowledged(4), pause(300), bye(5), used("timer", "seen"),
    )  # fmt: skip
    for one in (by_update, meeting, forgotten):
        one.finish(90)
    wait_for(lambda: not box.live().calls, 10, "all calls to end")


@pytest.mark.feature("session timers")
@pytest.mark.rfc("4028", "9")
def test_an_interval_that_is_too_short_is_refused_with_what_would_do(sipp):
    sipp(
        invite_of("*43", KNOWS, "Session-Expires: 30"),
        received(422, has("90", header="Min-SE")), acknowledged(2).replace("[routes]\n", "")
        .replace("To: [$box]", "[last_To:]").replace("[next_url]", "sip:*43@[remote_ip]"),
        used("seen"),
    ).finish()  # fmt: skip


@pytest.mark.feature("session timers")
@pytest.mark.rfc("4028", "7.3")
def test_a_carrier_that_wants_a_longer_interval_gets_it(box, phones, sipp, carrier_port):
    phone = phones("8001")
    carrier = sipp(
        heard("INVITE", has("1800", header="Session-Expires")),
        reply(422, "Session Interval Too Small", "Min-SE: 7200", tag="[pid]T1"),
        heard("ACK"),
        heard("INVITE", has("7200", header="Session-Expires", name="longer")),
        reply(200, "OK", "Require: timer", "Session-Expires: 7200;refresher=uac",
              body=sdp(), tag="[pid]T2"),
        heard("ACK"), HUNG_UP, used("seen", "longer"),
        extra=("-p", str(carrier_port)),
    )  # fmt: skip
    phone.say("dial", f"sip:913800138000@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")
    phone.say("hangup")
    carrier.finish()
