"""An INVITE that takes another dialog's place (Replaces, RFC 3891), with real phones."""

import pytest
from running_box import wait_for
from sipp import pause
from sipp_desk import (
    ANSWERED_KEPT,
    HUNG_UP,
    acknowledged,
    bye,
    has,
    invite_of,
    opened_dialog,
    received,
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
        acknowledged(2, number="8002"), pause(1500), bye(3, number="8002"),
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
        invite_of("8001"), ANSWERED_KEPT, acknowledged(2), pause(1500), bye(3),
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
