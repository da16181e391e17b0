"""Recording control with real phones: masked seconds are silent in the sealed file; off and on; the
caller's own refusal."""

import time

import numpy
import pytest
from desk_box import channels, desk_box, filed, one_call_of, talking, wav_file
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from tone_prompts import phrase, text, tone

from appliance.store.calls import CallBook
from appliance.store.places import Paths
from appliance.vocabulary.facts_handling import RecordingMasked, RecordingUnmasked
from appliance.vocabulary.ids import CallId
from appliance.vocabulary.verbs import RecordingWish, SetRecording

pytestmark = pytest.mark.peer

CALLER, AGENT = 700, 440
"""Hertz of the two voices."""
CONSENT = "This call is recorded. To refuse, press 9."
UNSAID = """
[[flow]]
id = "unsaid"
start = "notice"

[flow.node.notice]
kind = "play"
text = "This call is recorded, but nobody has rendered this sentence."
next = "anna"

[flow.node.anna]
kind = "extension"
extension = "8001"

[[route]]
trunk = "carrier"
number = "02188880000"
flow = "unsaid"
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("recording") / "var"
    asked = (
        'kind = "play"\ntext = "Welcome to Bread and Co. This call is recorded."',
        f'kind = "consent"\ntext = "{CONSENT}"\nwait_seconds = 1',
    )
    prompts = [(text(CONSENT), 600, 0.6), (phrase("not_recorded"), 950, 0.6)]
    yield from desk_box(folder, carrier_port, UNSAID, changes=[asked], prompts=prompts)


def caller_of(sipp, folder, number, keys):
    """A customer who presses these keys and talks until he is hung up."""
    speech = voice(folder / f"{number}.pcap", tone(CALLER, 60), keys)
    return sipp(invite("02188886666", caller=number), ANSWERED, ACK, play(speech), WAIT_BYE)


def moments_of(box, call, *facts):
    """When these stand in the call's timeline, in seconds."""
    book = CallBook(Paths(box.folder).calls)
    try:
        at = {type(one.fact): one.at for one in book.timeline(CallId(call))}
    finally:
        book.close()
    return [at[fact] for fact in facts]


def silent_seconds(samples, window=800):
    """The longest run of silence within what is spoken, in seconds."""
    loud = [
        numpy.abs(samples[at : at + window].astype(int)).mean() > 200
        for at in range(0, len(samples) - window, window)
    ]
    first, last = loud.index(True), len(loud) - loud[::-1].index(True)
    longest = run = 0
    for is_loud in loud[first:last]:
        run = 0 if is_loud else run + 1
        longest = max(longest, run)
    return longest * window / 8000


@pytest.mark.feature(
    "recording: pause by key, silence measured",
    "recording: a mark in the timeline",
)
def test_masked_seconds_are_silent_on_both_sides_of_the_file(box, phones, sipp, tmp_path):
    anna = phones("8001", says=wav_file(tmp_path, AGENT), answer="auto")
    caller = caller_of(sipp, tmp_path, "13900000501", [(3.0, "3")])
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    time.sleep(1.5)  # so much is recorded before
    anna.say("sndcode", "*1")
    time.sleep(2.5)  # so long are card numbers said
    anna.say("sndcode", "*1")
    time.sleep(1.5)  # so much is recorded after
    anna.say("hangup")
    caller.finish()
    call = filed(box, "13900000501", 1)
    masked, unmasked = moments_of(box, call["call"], RecordingMasked, RecordingUnmasked)
    assert unmasked - masked > 2.0, "the keys are as far apart as they were pressed"
    for side in channels(box, call["recordings"][0]):
        assert silent_seconds(side) == pytest.approx(unmasked - masked, abs=0.5)


def test_a_program_pauses_and_goes_on_by_its_verb(box, phones, sipp, tmp_path):
    anna = phones("8001", says=wav_file(tmp_path, AGENT), answer="auto")
    caller = caller_of(sipp, tmp_path, "13900000502", [(3.0, "3")])
    anna.wait("CALL_ESTABLISHED")
    call = talking(box, "8001").call
    time.sleep(1.0)  # so much is recorded before

    def ask(wish):
        return box.ask(SetRecording(ask="till-1", by="till", call=call, wish=wish)).problem

    assert ask(RecordingWish.PAUSE) == ""
    time.sleep(2.0)  # so long are card numbers said
    assert ask(RecordingWish.RESUME) == ""
    time.sleep(1.5)  # so much is recorded after
    anna.say("hangup")
    caller.finish()
    (note,) = filed(box, "13900000502", 1)["recordings"]
    masked, unmasked = moments_of(box, call, RecordingMasked, RecordingUnmasked)
    assert unmasked - masked >= 2.0
    for side in channels(box, note):
        assert silent_seconds(side) == pytest.approx(unmasked - masked, abs=0.5)


@pytest.mark.feature("recording: on and off by key")
def test_switched_off_and_on_there_are_two_files_of_one_call(box, phones, sipp, tmp_path):
    anna = phones("8001", says=wav_file(tmp_path, AGENT), answer="auto")
    caller = caller_of(sipp, tmp_path, "13900000503", [(3.0, "3")])
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    anna.say("sndcode", "*4")
    wait_for(lambda: not any(one.is_recorded for one in box.live().calls), 5, "no recording")
    time.sleep(1.0)  # so long nothing is recorded
    anna.say("sndcode", "*4")
    wait_for(lambda: any(one.is_recorded for one in box.live().calls), 5, "the recording again")
    time.sleep(1.0)  # so much is recorded again
    anna.say("hangup")
    caller.finish()
    assert len(filed(box, "13900000503", 2)["recordings"]) == 2


@pytest.mark.feature("recording: consent choice")
def test_a_caller_who_presses_nine_is_in_no_file(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    caller = caller_of(sipp, tmp_path, "13900000504", [(0.7, "9"), (2.5, "3")])
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    assert not any(one.is_recorded for one in box.live().calls)
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000504")
    assert call["outcome"] == "direct" and not call.get("recordings")
    assert "9" in call["digits"]


@pytest.mark.feature("recording: fail closed")
def test_a_notice_that_cannot_be_played_and_nothing_is_recorded(box, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto")
    speech = voice(tmp_path / "unsaid.pcap", tone(CALLER, 60))
    caller = sipp(
        invite("02188880000", caller="13900000505"), ANSWERED, ACK, play(speech), WAIT_BYE
    )
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    time.sleep(1.0)  # so much could be recorded
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000505")
    (note,) = call["recordings"]
    assert "notice" in note["failed"] and not note.get("file")
