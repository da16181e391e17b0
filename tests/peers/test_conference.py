"""A conference of three by feature codes with real phones; each hears the sum of the others."""

import time

import pytest
from capture import Capture
from desk_box import desk_box, filed, one_call_of, talking, wav_file
from heard import seconds_of, tones_in
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer

CUSTOMER, ANNA, BEN = 700, 440, 1000
"""Hertz: who says what."""
VOICES = (CUSTOMER, ANNA, BEN)


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    yield from desk_box(tmp_path_factory.mktemp("conference") / "var", carrier_port)


def conferring(box):
    return [one for one in box.live().calls if one.stage == "conference"]


@pytest.mark.feature("conference of three", "consult")
def test_three_talk_and_the_agent_leaves_the_others_talking(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto", says=wav_file(tmp_path, ANNA))
    ben = phones("8002", answer="auto", says=wav_file(tmp_path, BEN))
    capture = Capture(tmp_path / "loopback.pcap")
    media = media_port()
    speech = voice(tmp_path / "customer.pcap", tone(CUSTOMER, 60), [(1.2, "3")])
    caller = sipp(
        invite("02188886666", caller="13900000301"), ANSWERED, ACK, play(speech), WAIT_BYE,
        media=media,
    )  # fmt: skip
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_ESTABLISHED")
    began = box.live().at
    anna.say("sndcode", "*3")
    wait_for(lambda: conferring(box), 5, "the conference")
    time.sleep(2.5)  # so long all three talk
    anna.say("hangup")
    wait_for(lambda: not conferring(box) and box.live().calls, 5, "the plain talk")
    at_most = box.live().at - began
    time.sleep(2.0)  # so long two talk on
    ben.say("hangup")
    caller.finish()
    ben.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000301")
    first, second = call["talks"]
    assert (first["extension"], second["extension"]) == ("8001", "8002")
    twice = first["talk"] + second["talk"] - call["talk"]
    assert 2.4 < twice <= at_most, "the customer's time with both counts once for him"
    assert len(filed(box, "13900000301", 1)["recordings"]) == 1
    told = box.linghe("calls", call["call"])
    assert "conference of 13900000301, 8001, 8002" in told
    streams = capture.streams()
    heard = tones_in(streams[media].audio(), VOICES)
    assert seconds_of(heard, ANNA, BEN) > 1.5, "the customer heard both at once"
    assert seconds_of(heard, BEN) > 1.0, "and then the one who stayed"
    by_ben = [tones_in(streams[port].audio(), VOICES) for port in ben.rtp_ports if port in streams]
    assert any(seconds_of(one, CUSTOMER, ANNA) > 1.5 for one in by_ben)


def test_a_conference_outlives_the_death_of_call_control(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    speech = voice(tmp_path / "customer.pcap", tone(CUSTOMER, 60), [(1.2, "3")])
    caller = sipp(
        invite("02188886666", caller="13900000302"), ANSWERED, ACK, play(speech), WAIT_BYE
    )
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*28002#")
    ben.wait("CALL_ESTABLISHED")
    old = box.kill("control")
    wait_for(lambda: box.pid("control") != old and box.is_answering(), 10, "control to be back")
    anna.say("sndcode", "*3")
    wait_for(lambda: conferring(box), 5, "the conference")
    old = box.kill("control")
    wait_for(lambda: box.pid("control") != old and box.is_answering(), 10, "control to be back")
    assert conferring(box)
    anna.say("hangup")
    wait_for(lambda: not conferring(box) and box.live().calls, 5, "the plain talk")
    ben.say("hangup")
    caller.finish()
    ben.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000302")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8002"]
    assert len(filed(box, "13900000302", 1)["recordings"]) == 1
