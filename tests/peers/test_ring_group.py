"""Ring groups with real phones: all ring, one answers, the others stop and list no missed call."""

import pytest
from capture import Capture
from desk_box import desk_box, dial, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer

COUNTER = """
[[ring_group]]
id = "counter"
number = "8100"
members = ["8001", "8002", "8003"]
ring_seconds = 6
otherwise = { to = "voicemail", box = "counter" }

[[ring_group]]
id = "turn"
number = "8101"
members = ["8001", "8002"]
strategy = "in_order"
ring_seconds = 4
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    to_group = ('kind = "extension"\nextension = "8001"', 'kind = "extension"\nextension = "8100"')
    folder = tmp_path_factory.mktemp("group") / "var"
    yield from desk_box(folder, carrier_port, COUNTER, changes=[to_group])


def caller_of(sipp, folder, number, milliseconds):
    speech = voice(folder / f"{number}.pcap", tone(700, milliseconds / 1000), [(1.2, "3")])
    return sipp(
        invite("02188886666", caller=number), ANSWERED, ACK, play(speech), pause(milliseconds), BYE
    )


@pytest.mark.feature("ring groups")
def test_all_ring_and_the_first_to_answer_has_the_call(box, phones, sipp, tmp_path):
    made = [phones(number) for number in ("8001", "8002", "8003")]
    wire = Capture(tmp_path / "wire.pcap")
    caller = caller_of(sipp, tmp_path, "13900000301", 7000)
    for phone in made:
        phone.wait("CALL_INCOMING")
    anna, ben, cleo = made
    ben.say("accept")
    ben.wait("CALL_ESTABLISHED")
    for phone in (anna, cleo):
        phone.wait("CALL_CLOSED", 2)
    talking(box, "8002")
    caller.finish()
    call = one_call_of(box, "13900000301")
    assert [one["extension"] for one in call["talks"]] == ["8002"]
    assert call["outcome"] == "direct"
    wire.streams()  # what was said is in the file now
    assert wire.file.read_bytes().count(b"Call completed elsewhere") == 2


@pytest.mark.feature("ring groups")
def test_nobody_answers_and_the_group_takes_a_message(box, phones, sipp, tmp_path):
    anna = phones("8001")
    caller = caller_of(sipp, tmp_path, "13900000302", 9500)
    anna.wait("CALL_INCOMING")
    anna.wait("CALL_CLOSED", 10)
    wait_for(lambda: any(one.stage == "voicemail" for one in box.live().calls), 5, "the voicemail")
    caller.finish()
    assert one_call_of(box, "13900000302")["outcome"] == "voicemail"


@pytest.mark.feature("ring groups", "do not disturb")
def test_one_after_the_other_and_a_phone_that_wants_no_calls_is_passed_by(box, phones):
    anna, ben, cleo = phones("8001"), phones("8002"), phones("8003")
    dial(box, cleo, "8101")
    anna.wait("CALL_INCOMING")
    assert not ben.has("CALL_INCOMING")
    ben.wait("CALL_INCOMING", 8)
    cleo.say("hangup")
    ben.wait("CALL_CLOSED")
    dial(box, anna, "*78")
    anna.wait("CALL_CLOSED", 10, count=2)
    dial(box, cleo, "8101")
    ben.wait("CALL_INCOMING", count=2)
    assert len(anna.has("CALL_INCOMING")) == 1
    cleo.say("hangup")
    ben.wait("CALL_CLOSED", count=2)
