"""Transfers by a phone's own key (REFER) that the talk of test_refer.py does not have: while the
target still rings, to a queue, outside without the right, and nobody answers (by code as well)."""

import pytest
from capture import Capture, read
from desk_box import desk_box, dial, one_call_of, talking, wav_file
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, pause, play, voice
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
from test_refer import DONE, RINGING, TRYING
from tone_prompts import loudest, tone

pytestmark = pytest.mark.peer

TALKS = invite_of("8001") + ANSWERED_KEPT + acknowledged(2)
MORE_PHONES = """
[[extension]]
number = "8004"
name = "Dan"
secret = "test-only-secret-of-8004"

[[extension]]
number = "8005"
name = "Eve"
secret = "test-only-secret-of-8005"
"""
CLEO = 1000
"""Hertz of her voice."""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    changes = [
        ('id = "office"\n', 'id = "office"\nnumber = "600"\n'),
        ('pin = "4713"\n', 'pin = "4713"\nsigned_in = true\n'),
    ]
    folder = tmp_path_factory.mktemp("keys") / "var"
    yield from desk_box(folder, carrier_port, MORE_PHONES, changes=changes)


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def customer(sipp, folder, number, seconds, **words):
    """A customer who presses 3 (Anna) and talks until he is hung up."""
    speech = voice(folder / f"{number}.pcap", tone(700, seconds), [(1.2, "3")])
    steps = (ANSWERED, ACK, play(speech), WAIT_BYE)
    return sipp(invite("02188886666", caller=number), *steps, **words)


@pytest.mark.feature("transfer: semi-attended, by REFER")
@pytest.mark.rfc("3891", "3")
def test_semi_attended_by_refer_while_the_target_still_rings(box, phones, sipp, tmp_path):
    first, second = phones("8001", answer="auto"), phones("8002")
    log = tmp_path / "consult.log"
    consultation = sipp(
        invite_of("8002"), received(100, optional="true"), received(180), received(487),
        request("ACK", 2, to="[last_To:]", uri="sip:8002@[remote_ip]:[remote_port]")
        .replace("To: [", "["),
        extra=("-trace_msg", "-message_file", str(log)),
    )  # fmt: skip
    second.wait("CALL_INCOMING")
    call_id, ours, the_boxs = wait_for(lambda: opened_dialog(log, 180), 5, "the early dialog")
    replaces = f"{call_id.replace('@', '%40')}%3Bto-tag%3D{the_boxs}%3Bfrom-tag%3D{ours}"
    transferor = sipp(
        TALKS, pause(500),
        request("REFER", 3, f"Refer-To: <sip:8002@[remote_ip]:[remote_port]?Replaces={replaces}>"),
        received(202), TRYING, RINGING, DONE, HUNG_UP, NOTIFIED,
    )  # fmt: skip
    consultation.finish()
    assert not second.has("CALL_CLOSED"), "it rings on for the other caller"
    second.say("accept")
    transferor.finish()
    second.wait("CALL_ESTABLISHED")
    wait_for(lambda: [one.stage for one in box.live().calls] == ["talking"], 5, "the talk")
    assert not first.has("CALL_CLOSED")
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("transfer: semi-attended, by code")
def test_semi_attended_by_code_hanging_up_while_it_rings(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002")
    caller = customer(sipp, tmp_path, "13900000701", 20)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_INCOMING")
    anna.say("hangup")
    wait_for(lambda: [one.stage for one in box.live().calls] == ["transfer"], 5, "the transfer")
    ben.say("accept")
    talking(box, "8002")
    ben.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000701")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8002"]
    assert call["talk"] == pytest.approx(sum(one["talk"] for one in call["talks"]), abs=0.01)
    told = box.linghe("calls", call["call"])
    assert "8001 transfers to 8002 (still ringing)" in told, told


@pytest.mark.feature("transfer: to a queue, by REFER")
def test_a_refer_to_a_queue_waits_there_and_its_agent_is_heard(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    cleo = phones("8003", says=wav_file(tmp_path, CLEO))
    media, capture = media_port(), Capture(tmp_path / "loopback.pcap")
    caller = customer(sipp, tmp_path, "13900000702", 30, media=media)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("transfer", f"sip:600@127.0.0.1:{box.sip_port}")
    anna.wait("CALL_CLOSED")
    cleo.wait("CALL_INCOMING")
    assert [one.stage for one in box.live().calls] == ["queued"]
    cleo.say("accept")
    talking(box, "8003")

    def hears_cleo():
        found = read(capture.file).get(media)
        return found is not None and loudest(found.audio()).count(CLEO) >= 5

    wait_for(hears_cleo, 10, "the queue's agent at the customer's ear")
    cleo.say("hangup")
    caller.finish()
    capture.stop()
    call = one_call_of(box, "13900000702")
    assert call["queues"] == ["office"]
    assert [one["agent"] for one in call["talks"]] == ["1001", "1003"]


@pytest.mark.feature("transfer: outside without the right, by REFER")
def test_a_refer_outside_without_the_right_is_refused_and_the_talk_goes_on(box, phones, sipp):
    first = phones("8001", answer="auto")
    sipp(
        TALKS, pause(500),
        request("REFER", 3, "Refer-To: <sip:90044123456@[remote_ip]:[remote_port];user=phone>"),
        received(403), pause(500), bye(4),
    ).finish()  # fmt: skip
    first.wait("CALL_CLOSED")


@pytest.mark.feature(
    "transfer: back on no answer, by REFER",
    "transfer: back on no answer, by code",
)
@pytest.mark.slow
def test_nobody_answers_and_the_call_is_back_with_who_handed_it_on(box, phones, sipp, tmp_path):
    """Both ways at once, for a target may ring for half a minute: 8001 by code is rung again, 8003
    by REFER takes the other one back at once."""
    anna, ben = phones("8001", answer="auto"), phones("8002")
    dan, eve = phones("8004", answer="auto"), phones("8005")
    caller = customer(sipp, tmp_path, "13900000703", 60)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    # Who says nothing for so long is taken for gone.
    speaks = play(voice(tmp_path / "cleo.pcap", tone(CLEO, 50)))
    transferor = sipp(
        invite_of("8004"), ANSWERED_KEPT, acknowledged(2), speaks, pause(500),
        request("REFER", 3, "Refer-To: <sip:8005@[remote_ip]:[remote_port]>"), received(202),
        TRYING, RINGING, notified("480 Temporarily Unavailable", "terminated;reason=noresource"),
        pause(500), bye(4), NOTIFIED,
    )  # fmt: skip
    anna.say("sndcode", "##8002#")
    ben.wait("CALL_INCOMING")
    eve.wait("CALL_INCOMING")
    ben.wait("CALL_CLOSED", 40)
    eve.wait("CALL_CLOSED", 10)
    anna.wait("CALL_ESTABLISHED", 10, count=2)
    talking(box, "8001")
    transferor.finish()
    dan.wait("CALL_CLOSED")
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000703")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8001"]


def test_a_desk_phones_transfer_key_brings_the_talk_back_from_a_busy_phone(box, phones):
    """baresip stays in its talk until it is told that the target has answered."""
    anna, ben, cleo = phones("8001"), phones("8002", answer="auto"), phones("8003")
    dial(box, anna, "8002")
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001", "8002")
    anna.say("transfer", f"sip:8003@127.0.0.1:{box.sip_port}")
    cleo.wait("CALL_INCOMING")
    cleo.say("hangup")
    talking(box, "8001", "8002")
    assert not anna.has("CALL_CLOSED") and not ben.has("CALL_CLOSED")
    anna.say("hangup")
    ben.wait("CALL_CLOSED")
