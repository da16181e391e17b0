"""Ring groups with real phones: all ring, one answers, the others stop and list no missed call."""

import pytest
from capture import Capture
from desk_box import desk_box, dial, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, invite, pause, play, voice
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


def caller_of(sipp, folder, number, *end):
    """A customer who presses 3 and talks until he is hung up, or to an end of his own."""
    speech = voice(folder / f"{number}.pcap", tone(700, 60), [(1.2, "3")])
    steps = (ANSWERED, ACK, play(speech), *(end or (WAIT_BYE,)))
    return sipp(invite("02188886666", caller=number), *steps)


@pytest.mark.feature("ring groups")
def test_all_ring_and_the_first_to_answer_has_the_call(box, phones, sipp, tmp_path):
    made = [phones(number) for number in ("8001", "8002", "8003")]
    wire = Capture(tmp_path / "wire.pcap")
    caller = caller_of(sipp, tmp_path, "13900000301")
    for phone in made:
        phone.wait("CALL_INCOMING")
    anna, ben, cleo = made
    ben.say("accept")
    ben.wait("CALL_ESTABLISHED")
    for phone in (anna, cleo):
        phone.wait("CALL_CLOSED", 5)
    talking(box, "8002")
    ben.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000301")
    assert [one["extension"] for one in call["talks"]] == ["8002"]
    assert call["outcome"] == "direct"
    words = b"Call completed elsewhere"
    wait_for(
        lambda: wire.file.read_bytes().count(words) == 2, 5, "why they stopped, in each CANCEL"
    )
    wire.stop()


@pytest.mark.feature("ring groups")
def test_nobody_answers_and_the_group_takes_a_message(box, phones, sipp, tmp_path):
    anna = phones("8001")
    caller = caller_of(sipp, tmp_path, "13900000302", pause(13000), BYE)
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
