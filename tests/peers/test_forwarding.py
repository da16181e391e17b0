"""Forwarding and do-not-disturb with real phones, keyed in, and kept over a killed box."""

import pytest
from desk_box import desk_box, dial, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, invite, pause, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    bens = 'name = "Ben"\nforward_no_answer = "8003"\nforward_after_seconds = 3\nsecret'
    annas = 'name = "Anna"\nforward_after_seconds = 3\nsecret'
    folder = tmp_path_factory.mktemp("forwarding") / "var"
    changes = [('name = "Ben"\nsecret', bens), ('name = "Anna"\nsecret', annas)]
    yield from desk_box(folder, carrier_port, changes=changes)


def keyed(box, phone, code):
    """Key a code in and wait until the box has said its answer."""
    before = len(phone.has("CALL_CLOSED"))
    dial(box, phone, code)
    phone.wait("CALL_CLOSED", 10, count=before + 1)


def caller_of(sipp, folder, number, *end):
    """A customer who presses 3 (Anna) and talks until he is hung up, or to an end of his own."""
    speech = voice(folder / f"{number}.pcap", tone(700, 60), [(1.2, "3")])
    steps = (ANSWERED, ACK, play(speech), *(end or (WAIT_BYE,)))
    return sipp(invite("02188886666", caller=number), *steps)


def talked(box, phone, caller):
    """The caller is talked with at this phone, which hangs up."""
    talking(box, phone.number)
    phone.say("hangup")
    caller.finish()


@pytest.mark.feature("forwarding: always")
def test_all_calls_go_to_a_colleague_and_after_a_kill_as_well(box, phones, sipp, tmp_path):
    anna, cleo = phones("8001"), phones("8003", answer="auto")
    keyed(box, anna, "*728003")
    caller = caller_of(sipp, tmp_path, "13900000401")
    cleo.wait("CALL_ESTABLISHED")
    talked(box, cleo, caller)
    call = one_call_of(box, "13900000401")
    assert [one["extension"] for one in call["talks"]] == ["8003"]
    assert len(call["recordings"]) == 1
    old = box.kill("control")
    wait_for(lambda: box.is_answering() and box.pid("control") != old, 20, "control to be back")
    caller = caller_of(sipp, tmp_path, "13900000402")
    cleo.wait("CALL_ESTABLISHED", count=2)
    talked(box, cleo, caller)
    assert not anna.has("CALL_INCOMING")
    keyed(box, anna, "*73")
    caller = caller_of(sipp, tmp_path, "13900000403")
    anna.wait("CALL_INCOMING")
    anna.say("accept")
    talked(box, anna, caller)


@pytest.mark.feature("forwarding: no answer")
def test_nobody_answers_and_it_rings_elsewhere_after_the_phones_own_time(box, phones):
    anna, ben, cleo = phones("8001"), phones("8002"), phones("8003")
    dial(box, anna, "8002")
    ben.wait("CALL_INCOMING")
    cleo.wait("CALL_INCOMING", 6)
    ben.wait("CALL_CLOSED")
    cleo.say("accept")
    anna.wait("CALL_ESTABLISHED")
    anna.say("hangup")
    cleo.wait("CALL_CLOSED")


def forwarded(box, number, why):
    """The caller's call has gone on from 8001 to 8003, where it was talked, for this reason."""
    call = one_call_of(box, number)
    assert [one["extension"] for one in call["talks"]] == ["8003"]
    told = box.linghe("calls", call["call"])
    assert f"8001 {why}: on to 8003" in told, told


@pytest.mark.feature("forwarding: busy")
def test_a_busy_phone_sends_its_caller_on_where_it_was_keyed_in(box, phones, sipp, tmp_path):
    anna, ben, cleo = phones("8001"), phones("8002"), phones("8003", answer="auto")
    keyed(box, anna, "*71")
    keyed(box, anna, "*908003")
    dial(box, anna, "8002")
    ben.wait("CALL_INCOMING")
    ben.say("accept")
    talking(box, "8001", "8002")
    caller = caller_of(sipp, tmp_path, "13900000405")
    cleo.wait("CALL_ESTABLISHED")
    assert not anna.has("CALL_INCOMING")
    talked(box, cleo, caller)
    forwarded(box, "13900000405", "is busy")
    ben.say("hangup")
    anna.wait("CALL_CLOSED", count=3)
    keyed(box, anna, "*91")
    dial(box, ben, "8001")
    anna.wait("CALL_INCOMING")
    ben.say("hangup")


@pytest.mark.feature("forwarding: no answer")
def test_nobody_answers_and_it_goes_where_it_was_keyed_in(box, phones, sipp, tmp_path):
    anna, cleo = phones("8001"), phones("8003", answer="auto")
    keyed(box, anna, "*928003")
    caller = caller_of(sipp, tmp_path, "13900000406")
    anna.wait("CALL_INCOMING")
    cleo.wait("CALL_ESTABLISHED", 8)
    anna.wait("CALL_CLOSED", count=2)
    talked(box, cleo, caller)
    forwarded(box, "13900000406", "did not answer")
    keyed(box, anna, "*93")


@pytest.mark.feature("forwarding: unreachable")
def test_a_phone_that_is_not_there_has_said_where_its_calls_go(box, phones, sipp, tmp_path):
    anna, cleo = phones("8001"), phones("8003", answer="auto")
    keyed(box, anna, "*948003")
    anna.stop()
    wait_for(
        lambda: not any(one.name == "8001" and one.is_up for one in box.live().lines),
        15,
        "farewell",
    )
    caller = caller_of(sipp, tmp_path, "13900000407")
    cleo.wait("CALL_ESTABLISHED")
    talked(box, cleo, caller)
    forwarded(box, "13900000407", "cannot be reached")
    keyed(box, phones("8001"), "*95")


@pytest.mark.feature("forwarding: always")
def test_a_call_is_forwarded_out_through_the_carrier(box, phones, sipp, carrier_port, tmp_path):
    anna = phones("8001")
    keyed(box, anna, "*72913800138000")
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    caller = caller_of(sipp, tmp_path, "13900000404", pause(9000), BYE)
    wait_for(lambda: any(one.stage == "talking" for one in box.live().calls), 10, "the talk")
    caller.finish()
    carrier.finish()
    told = box.linghe("calls", one_call_of(box, "13900000404")["call"])
    assert "13800138000" in told
    keyed(box, anna, "*73")


@pytest.mark.feature("do not disturb")
def test_a_phone_that_wants_no_calls_is_busy_for_all(box, phones):
    anna, cleo = phones("8001"), phones("8003")
    keyed(box, anna, "*78")
    dial(box, cleo, "8001")
    closed = cleo.wait("CALL_CLOSED")
    assert "486" in closed["param"] or "Busy" in closed["param"]
    assert not anna.has("CALL_INCOMING")
    keyed(box, anna, "*79")
    dial(box, cleo, "8001")
    anna.wait("CALL_INCOMING")
    cleo.say("hangup")


@pytest.mark.feature("redial of a busy extension")
def test_a_busy_phone_is_dialled_again_when_it_is_free(box, phones):
    anna, ben, cleo = phones("8001", answer="auto"), phones("8002"), phones("8003")
    keyed(box, anna, "*71")
    dial(box, ben, "8001")
    ben.wait("CALL_ESTABLISHED")
    dial(box, cleo, "8001")
    cleo.wait("CALL_CLOSED")
    keyed(box, cleo, "*66")
    assert not cleo.has("CALL_INCOMING")
    ben.say("hangup")
    cleo.wait("CALL_INCOMING")
    cleo.say("accept")
    anna.wait("CALL_ESTABLISHED", count=2)
    talking(box, "8001")
    cleo.say("hangup")
    anna.wait("CALL_CLOSED", count=2)


@pytest.mark.feature("call waiting")
def test_a_second_call_rings_a_busy_phone_that_takes_second_calls(box, phones):
    anna, ben, cleo = phones("8001"), phones("8002"), phones("8003")
    keyed(box, anna, "*70")
    dial(box, ben, "8001")
    anna.wait("CALL_INCOMING")
    anna.say("accept")
    ben.wait("CALL_ESTABLISHED")
    dial(box, cleo, "8001")
    anna.wait("CALL_INCOMING", count=2)
    cleo.say("hangup")
    ben.say("hangup")
    anna.wait("CALL_CLOSED", count=3)
