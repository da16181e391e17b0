"""Transfer by feature codes with real phones: blind, attended, still ringing, given back, to a
queue. A customer at sipp, desk phones at baresip, keys by RFC 4733."""

import time

import pytest
from desk_box import desk_box, filed, one_call_of, talking, with_sound
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, invite, pause, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    number = ('id = "office"\n', 'id = "office"\nnumber = "600"\n')
    yield from desk_box(tmp_path_factory.mktemp("codes") / "var", carrier_port, changes=[number])


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def customer(sipp, folder, number, *end):
    """A customer who presses 3 (Anna) and talks until he is hung up, or to an end of his own."""
    speech = voice(folder / f"{number}.pcap", tone(700, 60), [(1.2, "3")])
    steps = (ANSWERED, ACK, play(speech), *(end or (WAIT_BYE,)))
    return sipp(invite("02188886666", caller=number), *steps)


def with_anna(box, anna, sipp, folder, number, *end):
    """A customer who talks with Anna already."""
    caller = customer(sipp, folder, number, *end)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    return caller


def stage_of(box):
    calls = box.live().calls
    return calls[0].stage if calls else ""


def adds_up(call):
    assert call["talk"] == pytest.approx(sum(one["talk"] for one in call["talks"]), abs=0.01)


@pytest.mark.feature(
    "transfer: blind, by code",
    "transfer: talks add up, one call id, all recordings found",
)
def test_blind_by_code_hands_the_customer_on_at_once(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    before = with_sound(box)
    caller = with_anna(box, anna, sipp, tmp_path, "13900000201")
    anna.say("sndcode", "##8002#")
    anna.wait("CALL_CLOSED")
    ben.wait("CALL_ESTABLISHED")
    talking(box, "8002")
    wait_for(lambda: len(with_sound(box) - before) == 2, 10, "sound of both talks")
    ben.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000201")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8002"]
    adds_up(call)
    assert len(filed(box, "13900000201", 2)["recordings"]) == 2
    assert "8001 transfers to 8002 (blind)" in box.linghe("calls", call["call"])


@pytest.mark.feature(
    "transfer: attended, by code",
    "consult",
    "transfer: talks add up, one call id, all recordings found",
)
def test_attended_by_code_asks_first_and_hanging_up_hands_on(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000202")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_ESTABLISHED")
    wait_for(lambda: stage_of(box) == "consult", 5, "the consultation")
    time.sleep(1.0)  # so long they speak
    anna.say("hangup")
    talking(box, "8002")
    ben.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000202")
    first, second = call["talks"]
    assert (first["extension"], second["extension"]) == ("8001", "8002")
    assert first["hold"] > 1.0
    adds_up(call)
    assert len(filed(box, "13900000202", 1)["recordings"]) == 1
    assert "8001 transferred to 8002 (attended)" in box.linghe("calls", call["call"])


@pytest.mark.feature("consult")
def test_giving_up_takes_the_customer_back(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000203")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_ESTABLISHED")
    anna.say("sndcode", "*0")
    ben.wait("CALL_CLOSED")
    wait_for(lambda: stage_of(box) == "talking", 5, "the talk to go on")
    anna.say("hangup")
    caller.finish()
    assert len(one_call_of(box, "13900000203")["talks"]) == 1


def test_hanging_up_while_it_rings_and_nobody_answers_rings_back(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000204")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_INCOMING")
    anna.say("hangup")
    wait_for(lambda: stage_of(box) == "transfer", 5, "the transfer")
    ben.say("hangup")
    anna.wait("CALL_ESTABLISHED", 10, count=2)
    talking(box, "8001")
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000204")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8001"]
    adds_up(call)


@pytest.mark.feature("transfer: outside, by code", "transfer: outside without the right, by code")
def test_to_an_outside_number_by_the_phones_right(box, phones, sipp, tmp_path, carrier_port):
    anna = phones("8001", answer="auto")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000205", pause(14000), BYE)
    anna.say("sndcode", "##90044123456#")
    time.sleep(1.0)  # it would have been handed on by now
    assert stage_of(box) == "talking"
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    anna.say("sndcode", "##913800138000#")
    anna.wait("CALL_CLOSED")
    caller.finish()
    carrier.finish()
    call = one_call_of(box, "13900000205")
    assert [one.get("number", "") for one in call["talks"]] == ["", "13800138000"]
    adds_up(call)


@pytest.mark.feature("transfer: to a queue, by code")
def test_to_a_queue_by_its_number_the_wait_begins_anew(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000206", pause(9000), BYE)
    anna.say("sndcode", "##600#")
    wait_for(lambda: stage_of(box) == "queued", 5, "the wait in the queue")
    caller.finish()
    call = one_call_of(box, "13900000206")
    assert (call["queues"], len(call["talks"])) == (["office"], 1)


def test_a_number_that_nobody_has_leaves_its_trace_in_the_timeline(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    caller = with_anna(box, anna, sipp, tmp_path, "13900000291", pause(9000), BYE)
    for code in ("*2", "##"):
        anna.say("sndcode", f"{code}4711#")
    caller.finish()
    said = box.linghe("calls", one_call_of(box, "13900000291")["call"])
    assert "8001 wanted to ask 4711: number unknown" in said
    assert "8001 wanted to transfer to 4711: number unknown" in said
