"""Transfer by a phone's own key (REFER, RFC 3515), blind and attended, with real phones."""

import time

import pytest
from running_box import wait_for
from sipp import WAIT_BYE, answers, pause
from sipp_desk import (
    ANSWERED_KEPT,
    HUNG_UP,
    NOTIFIED,
    acknowledged,
    bye,
    invite_of,
    notified,
    opened_dialog,
    received,
    request,
)

pytestmark = pytest.mark.peer

TALKS = invite_of("8001") + ANSWERED_KEPT + acknowledged(2)
TO_8002 = "Refer-To: <sip:8002@[remote_ip]:[remote_port]>"
TRYING = notified("100 Trying", "active")
RINGING = notified("180 Ringing", "active")
DONE = notified("200 OK", "terminated;reason=noresource")


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def calls_of(box, number):
    calls = box.linghe_json("calls", "--day", "2026-11-23")
    return [one for one in calls if one["caller"].get("number") == number]


def one_call(box):
    return wait_for(lambda: len(box.live().calls) == 1, 10, "one call")


def transferor_has_left(box):
    return all(not one.busy for one in box.live().lines if one.name == "8003")


@pytest.mark.feature("REFER with NOTIFY", "transfer: blind, by REFER")
@pytest.mark.rfc("3515", "2.4.4")
def test_a_blind_refer_of_a_sipp_phone_hands_its_talk_on(box, phones, sipp):
    first, second = phones("8001", answer="auto"), phones("8002", answer="auto")
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, TO_8002, "Referred-By: <sip:8003@[remote_ip]>"), received(202),
        TRYING, RINGING, DONE, HUNG_UP, NOTIFIED,
    )  # fmt: skip
    transferor.finish()
    second.wait("CALL_ESTABLISHED")
    assert not first.has("CALL_CLOSED")
    assert one_call(box)
    second.say("hangup")
    first.wait("CALL_CLOSED")


@pytest.mark.feature("REFER with NOTIFY")
def test_a_sipp_phone_that_hangs_up_on_202_still_hears_the_end(box, phones, sipp):
    first, second = phones("8001", answer="auto"), phones("8002")
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, TO_8002), received(202), TRYING, RINGING, bye(4), DONE, NOTIFIED,
    )  # fmt: skip
    second.wait("CALL_INCOMING")
    wait_for(lambda: transferor_has_left(box), 5, "the transferor to leave")
    second.say("accept")
    transferor.finish()
    second.wait("CALL_ESTABLISHED")
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("REFER with NOTIFY")
@pytest.mark.rfc("3515", "2.4.5")
def test_a_refer_to_a_busy_phone_brings_the_talk_back(box, phones, sipp):
    first, second = phones("8001", answer="auto"), phones("8002")
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, TO_8002), received(202), TRYING, RINGING,
        notified("486 Busy Here", "terminated;reason=noresource"),
        pause(500), bye(4), NOTIFIED,
    )  # fmt: skip
    second.wait("CALL_INCOMING")
    second.say("hangup")
    transferor.finish()
    first.wait("CALL_CLOSED")


@pytest.mark.rfc("3515", "2.4.2")
def test_a_refer_to_nobody_is_refused_and_the_talk_goes_on(box, phones, sipp):
    first = phones("8001", answer="auto")
    sipp(
        TALKS, pause(500),
        request("REFER", 3, "Refer-To: <sip:4444@[remote_ip]:[remote_port]>"), received(404),
        request("REFER", 4, "Refer-To: <sip:8002@192.0.2.7>"), received(403),
        request("REFER", 5), received(400),
        pause(300), bye(6),
    ).finish()  # fmt: skip
    first.wait("CALL_CLOSED")


@pytest.mark.rfc("4488", "4")
def test_a_refer_without_subscription_is_carried_out_silently(box, phones, sipp):
    first, second = phones("8001", answer="auto"), phones("8002", answer="auto")
    sipp(
        TALKS, pause(500),
        request("REFER", 3, TO_8002, "Refer-Sub: false", "Require: norefersub"), received(202),
        HUNG_UP,
    ).finish()  # fmt: skip
    second.wait("CALL_ESTABLISHED")
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("transfer: blind, by REFER")
@pytest.mark.rfc("3515", "2.4.4")
def test_a_blind_transfer_by_baresips_own_key(box, phones):
    first = phones("8001")
    second, third = phones("8002", answer="auto"), phones("8003", answer="auto")
    first.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    second.wait("CALL_ESTABLISHED")
    time.sleep(0.3)  # so much talk
    first.say("transfer", f"sip:8003@127.0.0.1:{box.sip_port}")
    third.wait("CALL_ESTABLISHED")
    first.wait("CALL_CLOSED")
    assert one_call(box)
    assert not second.has("CALL_CLOSED")
    third.say("hangup")
    second.wait("CALL_CLOSED")
    call = wait_for(lambda: calls_of(box, "8001"), 5)[-1]
    assert call["outcome"] == "answered"


@pytest.mark.feature("transfer: attended, by REFER", "Replaces")
@pytest.mark.rfc("3891", "3")
@pytest.mark.parametrize("order", ["as the standard has it", "the other way round"])
def test_an_attended_refer_with_replaces_joins_two_talks(box, phones, sipp, tmp_path, order):
    first, second = phones("8001", answer="auto"), phones("8002", answer="auto")
    consultation = sipp(
        invite_of("8002"), ANSWERED_KEPT, acknowledged(2), HUNG_UP,
        extra=("-trace_msg", "-message_file", str(tmp_path / "consult.log")),
    )  # fmt: skip
    second.wait("CALL_ESTABLISHED")
    call_id, ours, the_boxs = wait_for(
        lambda: opened_dialog(tmp_path / "consult.log"), 5, "the dialog"
    )
    to_tag, from_tag = (the_boxs, ours) if order.startswith("as") else (ours, the_boxs)
    replaces = f"{call_id.replace('@', '%40')}%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}"
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, f"Refer-To: <sip:8002@[remote_ip]:[remote_port]?Replaces={replaces}>"),
        received(202), TRYING, DONE, HUNG_UP, NOTIFIED,
    )  # fmt: skip
    transferor.finish()
    consultation.finish()
    assert one_call(box)
    assert not first.has("CALL_CLOSED") and not second.has("CALL_CLOSED")
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("transfer: outside, by REFER")
def test_a_refer_to_an_outside_number_goes_through_the_trunk(box, phones, sipp, carrier_port):
    first = phones("8001", answer="auto")
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    sipp(
        TALKS, pause(500),
        request("REFER", 3, "Refer-To: <sip:913800138000@[remote_ip]:[remote_port];user=phone>"),
        received(202), TRYING, RINGING, DONE, HUNG_UP, NOTIFIED,
    ).finish()  # fmt: skip
    assert one_call(box)
    assert not first.has("CALL_CLOSED")
    first.say("hangup")
    carrier.finish()


def test_a_transfer_under_way_outlives_control(box, phones, sipp):
    first, second = phones("8001", answer="auto"), phones("8002")
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, TO_8002), received(202), TRYING, RINGING, DONE, HUNG_UP, NOTIFIED,
    )  # fmt: skip
    second.wait("CALL_INCOMING")
    box.kill("control")
    wait_for(box.is_answering, 15, "control to be back")
    second.say("accept")
    transferor.finish()
    second.wait("CALL_ESTABLISHED")
    assert one_call(box)
    first.say("hangup")
    second.wait("CALL_CLOSED")
