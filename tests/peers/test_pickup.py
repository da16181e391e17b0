"""Picking up a ringing phone's call with real phones: directed, and within a pickup group."""

import pytest
from desk_box import desk_box, dial, one_call_of, talking, wav_file
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    front = [
        (f'name = "{name}"\nsecret', f'name = "{name}"\npickup_group = "front"\nsecret')
        for name in ("Anna", "Ben")
    ]
    folder = tmp_path_factory.mktemp("pickup") / "var"
    yield from desk_box(folder, carrier_port, changes=front)


def caller_of(sipp, folder, number, key, **words):
    speech = voice(folder / f"{number}.pcap", tone(700, 60), [(1.2, key)])
    steps = (ANSWERED, ACK, play(speech), WAIT_BYE)
    return sipp(invite("02188886666", caller=number), *steps, **words)


@pytest.mark.feature("pickup of a phone")
def test_a_call_is_picked_up_at_another_phone_and_the_ringing_one_stops(
    box, phones, sipp, tmp_path
):
    anna, ben = phones("8001"), phones("8002", says=wav_file(tmp_path, 440))
    caller = caller_of(sipp, tmp_path, "13900000201", "3")
    anna.wait("CALL_INCOMING")
    dial(box, ben, "**8001")
    ben.wait("CALL_ESTABLISHED")
    anna.wait("CALL_CLOSED", 5)
    talking(box, "8002")
    ben.say("hangup")
    caller.finish()
    ben.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000201")
    assert [one["extension"] for one in call["talks"]] == ["8002"]
    told = box.linghe("calls", call["call"])
    assert "8001" in told and "8002" in told


@pytest.mark.feature("pickup in a group")
def test_a_queues_caller_is_picked_up_by_the_group_code(box, phones, sipp, tmp_path):
    anna, ben = phones("8001"), phones("8002")
    caller = caller_of(sipp, tmp_path, "13900000202", "1")
    wait_for(lambda: anna.has("CALL_INCOMING") or ben.has("CALL_INCOMING"), 10, "an agent rings")
    ringing, other = (anna, ben) if anna.has("CALL_INCOMING") else (ben, anna)
    dial(box, other, "*8")
    other.wait("CALL_ESTABLISHED")
    ringing.wait("CALL_CLOSED", 5)
    talking(box, other.number)
    other.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000202")
    assert call["outcome"] == "answered"
    assert [one["extension"] for one in call["talks"]] == [other.number]


@pytest.mark.feature("pickup in a group")
def test_a_phone_of_no_group_hears_that_there_is_nothing(box, phones, sipp, tmp_path):
    anna, cleo = phones("8001"), phones("8003")
    caller = caller_of(sipp, tmp_path, "13900000203", "3")
    anna.wait("CALL_INCOMING")
    dial(box, cleo, "*8")
    cleo.wait("CALL_ESTABLISHED")
    cleo.wait("CALL_CLOSED", 10)
    assert not anna.has("CALL_CLOSED")
    anna.say("accept")
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("hangup")
    caller.finish()


@pytest.mark.feature("pickup of a phone")
def test_an_internal_call_is_picked_up_too(box, phones):
    anna, ben, cleo = phones("8001"), phones("8002"), phones("8003")
    dial(box, anna, "8002")
    ben.wait("CALL_INCOMING")
    dial(box, cleo, "**8002")
    cleo.wait("CALL_ESTABLISHED")
    anna.wait("CALL_ESTABLISHED")
    cleo.say("hangup")
    anna.wait("CALL_CLOSED")
    call = one_call_of(box, "8001")
    assert (call["direction"], call["outcome"]) == ("internal", "answered")
