"""Desk phones' own calls and codes, and every form of a pressed key, with real peers."""

import json
import time

import numpy
import pytest
from bakery import MENU, NOTICE
from capture import Capture
from desk_box import dial
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, info_digit, invite, pause, play, sdp, voice
from tone_prompts import loudest, tone

pytestmark = pytest.mark.peer

INFO = info_digit("1", 5)
TRIES = 4
BYE_AFTER_INFO = BYE.replace("CSeq: 2 BYE", "CSeq: 6 BYE")


def calls_of(box, number):
    calls = box.linghe_json("calls", "--day", "2026-11-23")
    return [one for one in calls if one["caller"].get("number") == number]


def nodes_of(box, number):
    return wait_for(lambda: calls_of(box, number), 5, "the call in the ledger")[0]["nodes"]


def inband_key(seconds=0.2, low=697, high=1209):
    return tone(low, seconds, 5000) + tone(high, seconds, 5000)


@pytest.mark.feature("keys: INFO, event and tones steer a menu")
def test_a_key_by_sip_info_counts(box, sipp):
    caller = sipp(
        invite("02188886666", caller="1390001"), ANSWERED, ACK, pause(1500), INFO, pause(1500),
        BYE_AFTER_INFO,
    )  # fmt: skip
    caller.finish()
    assert nodes_of(box, "1390001")[-1] == "orders"


@pytest.mark.feature("keys: INFO, event and tones steer a menu")
def test_a_key_as_a_tone_in_the_voice_counts(box, sipp, tmp_path):
    samples = numpy.concatenate([tone(300, 1.5, 50), inband_key(), tone(300, 1.0, 50)])
    caller = sipp(
        invite("02188886666", caller="1390002", body=sdp("8")), ANSWERED, ACK,
        play(voice(tmp_path / "inband.pcap", samples)), pause(5000), BYE,
    )  # fmt: skip
    caller.finish()
    assert nodes_of(box, "1390002")[-1] == "orders"


@pytest.mark.feature("keys: INFO, event and tones steer a menu")
def test_a_key_stops_the_menu_within_a_fifth_of_a_second(box, sipp, tmp_path):
    """The box takes that long at most; what a busy machine adds is not added each time."""
    found = []
    for number in range(TRIES):
        found.append(seconds_from_key_to_silence(box, sipp, tmp_path, f"139000{number}3"))
        if found[-1] < 0.2:
            return
    raise AssertionError(f"the menu went on: {found} s")


def seconds_from_key_to_silence(box, sipp, folder, caller_number):
    """How long the menu goes on once its key was pressed, by the clock of the wire."""
    media = media_port()
    capture = Capture(folder / f"{caller_number}.pcap")
    caller = sipp(
        invite("02188886666", caller=caller_number), ANSWERED, ACK,
        play(voice(folder / "key.pcap", tone(300, 3, 50), [(1.6, "1")])), pause(3000), BYE,
        media=media,
    )  # fmt: skip
    caller.finish()
    streams = capture.streams()
    pressed = min(
        one[0] for stream in streams.values() for one in stream.packets
        if one[1] == 101 and one[4][:1] == b"\x01" and one[5] == media
    )  # fmt: skip
    voice_packets = [one for one in streams[media].packets if one[1] == 8]
    audio = streams[media].audio()
    first = voice_packets[0][3]
    menu_until = max(
        one[0]
        for one in voice_packets
        if loudest(audio[(one[3] - first) & 0xFFFFFFFF :][:800])[:1] == [MENU]
    )
    assert NOTICE in loudest(audio)
    return menu_until - pressed


def test_an_agent_dials_out_through_the_trunk_recorded(box, phones, sipp, carrier_port):
    phone = phones("8001")
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    phone.say("dial", f"sip:913800138000@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")
    wait_for(lambda: any(one.is_recorded for one in box.live().calls), 10, "the recording")
    assert next(one.state for one in box.live().agents if one.agent == "1001") == "busy"
    time.sleep(1.5)  # so much talk is recorded
    phone.say("hangup")
    carrier.finish()

    def filed():
        return [
            one for one in calls_of(box, "8001")
            if one["direction"] == "outbound" and one["recordings"][0].get("file")
        ]  # fmt: skip

    call = wait_for(filed, 10, "the filed recording")[0]
    assert (call["outcome"], call["called"]) == ("answered", "913800138000")


def test_8001_dials_8002_and_both_hear_each_other(box, phones):
    first, second = phones("8001"), phones("8002", answer="auto")
    first.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    second.wait("CALL_ESTABLISHED")
    live = wait_for(lambda: box.live().calls, 5)
    assert live[0].direction == "internal"
    first.say("hangup")
    second.wait("CALL_CLOSED")
    ended = wait_for(
        lambda: [one for one in calls_of(box, "8001") if one["direction"] == "internal"], 5
    )
    assert ended[0]["outcome"] == "answered"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("*81", "signed_out"),
        ("*8010014711", "ready"),
        ("*832", "not_ready"),
        ("*82", "ready"),
    ],
)
def test_agent_codes_from_the_desk_phone(box, phones, code, state):
    phone = phones("8001")
    phone.say("dial", f"sip:{code}@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")
    wait_for(
        lambda: next(one.state for one in box.live().agents if one.agent == "1001") == state,
        5,
        state,
    )
    phone.wait("CALL_CLOSED", 30)


def test_an_agents_number_alone_asks_for_the_pin_at_a_real_phone(box, phones):
    phone = phones("8001")

    def state():
        return next(one.state for one in box.live().agents if one.agent == "1001")

    dial(box, phone, "*81")
    wait_for(lambda: state() == "signed_out", 10, "to be signed out")
    phone.wait("CALL_CLOSED", 30)
    dial(box, phone, "*801001")
    phone.wait("CALL_ESTABLISHED", count=2)
    for key in "4711#":
        phone.say("sndcode", key)
    wait_for(lambda: state() == "ready", 15, "to be signed in")
    phone.wait("CALL_CLOSED", 30, count=2)


def test_the_callers_hang_up_stops_the_ringing_within_half_a_second(box, phones, sipp, tmp_path):
    """Of the box's own time; a busy machine may be late with it, but not each time."""
    phone, found = phones("8001"), []
    for number in range(1, TRIES + 1):
        caller = sipp(
            invite("02188886666", caller=f"13900{number}9"), ANSWERED, ACK,
            play(voice(tmp_path / "key.pcap", tone(300, 3, 50), [(1.2, "1")])), pause(5000), BYE,
        )  # fmt: skip
        phone.wait("CALL_INCOMING", count=number)
        caller.finish()
        ended = time.monotonic()
        phone.wait("CALL_CLOSED", 5, count=number)
        found.append(time.monotonic() - ended)
        call = wait_for(lambda who=f"13900{number}9": calls_of(box, who), 5)[0]
        assert call["outcome"] == "abandoned"
        if found[-1] < 0.5:
            return
    raise AssertionError(f"it rang on: {found} s")


def test_the_days_report_reconciles_after_all_this(box):
    wait_for(lambda: not box.live().calls, 30, "all calls to end")

    def reconciled():
        day = ("--date", "2026-11-23")
        report = json.loads(box.linghe("report", "daily", *day, "--format", "json"))
        lines = report["reconciliation"]
        return bool(lines) and all(line["difference"] == 0 for line in lines)

    wait_for(reconciled, 10, "the ledger's last commit, and no difference")
