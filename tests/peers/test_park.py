"""Parking with real phones: by key, by the transfer key, fetched elsewhere, given back."""

import pytest
from capture import Capture
from desk_box import PARKED, desk_box, dial, filed, one_call_of, talking, wav_file
from heard import wait_to_hear
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from test_lamps import CONFIRMED, OUT, is_told, key
from tone_prompts import loudest, phrase, tone

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    parking = '[parking]\nslots = "701-703"\nreturn_seconds = 10'
    folder = tmp_path_factory.mktemp("park") / "var"
    # With the place in it, where the box has the words for that.
    places = ("701", "702", "703")
    told = [(phrase("call_parked", slot=place), PARKED, 0.8) for place in places]
    yield from desk_box(folder, carrier_port, parking, prompts=told)


def caller_of(sipp, folder, number, **words):
    """A customer who presses 3 (Anna) and talks until he is hung up."""
    speech = voice(folder / f"{number}.pcap", tone(700, 60), [(1.2, "3")])
    steps = (ANSWERED, ACK, play(speech), WAIT_BYE)
    return sipp(invite("02188886666", caller=number), *steps, **words)


def is_parked(box):
    return [one for one in box.live().calls if one.stage == "parked"]


@pytest.mark.feature(
    "park and retrieve",
    "transfer: talks add up, one call id, all recordings found",
)
def test_a_call_is_parked_by_key_and_fetched_at_another_phone(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002", says=wav_file(tmp_path, 440))
    capture = Capture(tmp_path / "loopback.pcap")
    media = media_port()
    caller = caller_of(sipp, tmp_path, "13900000101", media=media)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*7")
    wait_for(lambda: is_parked(box), 5, "the parked call")
    anna.wait("CALL_CLOSED")
    dial(box, ben, "701")
    ben.wait("CALL_ESTABLISHED")
    talking(box, "8002")
    wait_to_hear(capture, media, 440, tenths=5)
    ben.say("hangup")
    caller.finish()
    ben.wait("CALL_CLOSED")
    streams = capture.streams()
    assert 440 in loudest(streams[media].audio())
    assert any(PARKED in loudest(stream.audio()) for stream in streams.values())
    call = one_call_of(box, "13900000101")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8002"]
    assert call["talk"] == pytest.approx(sum(one["talk"] for one in call["talks"]), abs=0.01)
    assert len(filed(box, "13900000101", 2)["recordings"]) == 2
    told = box.linghe("calls", call["call"])
    assert "701" in told


def test_nobody_fetches_it_and_who_parked_is_rung(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    caller = caller_of(sipp, tmp_path, "13900000102")
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*7")
    wait_for(lambda: is_parked(box), 5, "the parked call")
    anna.wait("CALL_ESTABLISHED", 20, count=2)
    assert not is_parked(box)
    talking(box, "8001")
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000102")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8001"]


@pytest.mark.feature("park and retrieve")
def test_the_transfer_key_parks_at_a_named_place(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002")
    caller = caller_of(sipp, tmp_path, "13900000103")
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("transfer", f"sip:703@127.0.0.1:{box.sip_port}")
    wait_for(lambda: is_parked(box), 5, "the parked call")
    anna.wait("CALL_CLOSED")
    dial(box, ben, "703")
    ben.wait("CALL_ESTABLISHED")
    talking(box, "8002")
    ben.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000103")
    assert [one["extension"] for one in call["talks"]] == ["8001", "8002"]


@pytest.mark.feature("busy lamps")
def test_the_key_of_a_park_place_is_lit_while_a_call_waits_there(box, phones, sipp, tmp_path):
    anna, ben = phones("8001", answer="auto"), phones("8002")
    panel = sipp(*key("701", OUT, CONFIRMED, OUT))
    is_told(tmp_path, 0)
    caller = caller_of(sipp, tmp_path, "13900000104")
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*7")
    is_told(tmp_path, 1)
    dial(box, ben, "701")
    ben.wait("CALL_ESTABLISHED")
    panel.finish(20)
    ben.say("hangup")
    caller.finish()
