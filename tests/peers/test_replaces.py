"""An INVITE that takes another dialog's place (Replaces, RFC 3891), with real phones."""

import re

import pytest
from running_box import free_port, wait_for
from sipp import pause
from sipp_desk import (
    ANSWERED_KEPT,
    HUNG_UP,
    KEEP_REQUEST,
    acknowledged,
    bye,
    has,
    heard,
    invite_of,
    opened_dialog,
    received,
    registers,
    reply,
    request,
    used,
)

pytestmark = pytest.mark.peer

ACK_OF_REFUSAL = request("ACK", 2, number="8002", to="[last_To:]").replace("To: [", "[")
ACK_OF_REFUSAL = ACK_OF_REFUSAL.replace("[next_url]", "sip:x@[remote_ip]").replace("[routes]\n", "")


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


@pytest.mark.feature("Replaces")
@pytest.mark.rfc("3891", "3")
def test_an_invite_with_replaces_takes_over_a_talk(box, phones, sipp, tmp_path):
    other = phones("8001", answer="auto")
    log = tmp_path / "first.log"
    replaced = sipp(
        invite_of("8001"), ANSWERED_KEPT, acknowledged(2), HUNG_UP,
        extra=("-trace_msg", "-message_file", str(log)),
    )  # fmt: skip
    other.wait("CALL_ESTABLISHED")
    call_id, theirs, ours = wait_for(lambda: opened_dialog(log), 5, "the dialog")
    header = f"Replaces: {call_id};to-tag={ours};from-tag={theirs}"
    taker = sipp(
        invite_of("8003", header, "Require: replaces", number="8002"), ANSWERED_KEPT,
        acknowledged(2, number="8002"), pause(3000), bye(3, number="8002"),
    )  # fmt: skip
    replaced.finish()
    wait_for(lambda: [one.stage for one in box.live().calls] == ["talking"], 5, "the talk")
    assert not other.has("CALL_CLOSED")
    taker.finish()
    other.wait("CALL_CLOSED")


@pytest.mark.rfc("3891", "3")
def test_what_is_not_there_is_not_replaced(sipp):
    sipp(
        invite_of("8003", "Replaces: none@nowhere;to-tag=a;from-tag=b", number="8002"),
        received(481), ACK_OF_REFUSAL,
    ).finish()  # fmt: skip


@pytest.mark.rfc("3891", "3")
def test_a_talk_is_no_early_dialog(box, phones, sipp, tmp_path):
    phones("8001", answer="auto")
    log = tmp_path / "first.log"
    first = sipp(
        invite_of("8001"), ANSWERED_KEPT, acknowledged(2), pause(4000), bye(3),
        extra=("-trace_msg", "-message_file", str(log)),
    )  # fmt: skip
    call_id, theirs, ours = wait_for(lambda: opened_dialog(log), 5, "the dialog")
    header = f"Replaces: {call_id};to-tag={ours};from-tag={theirs};early-only"
    sipp(
        invite_of("8003", header, number="8002"), received(486), ACK_OF_REFUSAL
    ).finish()  # fmt: skip
    first.finish()


@pytest.mark.rfc("3891", "6.1")
def test_the_box_says_that_it_understands_replaces(sipp):
    sipp(
        invite_of("*43"),
        ANSWERED_KEPT.replace("</action>", has("replaces", header="Supported") + "</action>"),
        acknowledged(2), bye(3), used("seen"),
    ).finish()  # fmt: skip


def rung_dialog(log):
    """Call-ID and the box's tag of the INVITE in a ringing phone's message log; None: none yet."""
    text = log.read_text(errors="replace") if log.exists() else ""
    if "SIP/2.0 180" not in text:
        return None
    found = [re.search(one, text) for one in (r"Call-ID: (\S+)", r"From: .*tag=(\S+)")]
    return [one.group(1) for one in found]


@pytest.mark.feature("Replaces", "pickup of a phone")
@pytest.mark.rfc("3891", "3")
def test_a_ringing_phone_is_picked_up_by_another_phones_key(box, phones, sipp, tmp_path):
    """What a phone does that shows a ringing colleague on a lamp: INVITE with early-only."""
    caller = phones("8003")
    at, log = ("-p", str(free_port())), tmp_path / "rung.log"
    sipp(registers("8001"), extra=at).finish()
    rung = sipp(
        heard("INVITE", KEEP_REQUEST), reply(180, "Ringing", tag="[pid]T"),
        heard("CANCEL"), reply(200, "OK"),
        reply(487, "Request Terminated", tag="[pid]T", kept=True), heard("ACK"),
        extra=(*at, "-trace_msg", "-message_file", str(log)),
    )  # fmt: skip
    caller.say("dial", f"sip:8001@127.0.0.1:{box.sip_port}")
    call_id, boxs = wait_for(lambda: rung_dialog(log), 10, "the phone to ring")
    header = f"Replaces: {call_id};to-tag={boxs};from-tag={rung.process.pid}T;early-only"
    taker = sipp(
        invite_of("8001", header, "Require: replaces", number="8002"), ANSWERED_KEPT,
        acknowledged(2, number="8002"), pause(1000), bye(3, number="8002"),
    )  # fmt: skip
    rung.finish()
    caller.wait("CALL_ESTABLISHED")
    taker.finish()
    caller.wait("CALL_CLOSED")
    sipp(registers("8001", 0), extra=at).finish()
