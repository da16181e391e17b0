"""The main job with real peers: from a ringing trunk to the record of the call."""

import wave

import numpy
import pytest
from bakery import AGENT_1001, AGENT_1002, MENU, NOTICE
from capture import Capture
from heard import wait_to_hear
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, sdp, voice
from tone_prompts import loudest, tone

from appliance.signals.g711 import decode_alaw

pytestmark = pytest.mark.peer


def speech(folder, *, keys, hertz=700, seconds=12, **words):
    """The caller's voice is one tone; keys as (second, key)."""
    return play(voice(folder / "caller.pcap", tone(hertz, seconds), keys, **words))


def wav_file(folder, hertz):
    file = folder / f"tone{hertz}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(hertz, 120).tobytes())
    return file


def calls_today(box):
    return box.linghe_json("calls", "--day", "2026-11-23")


def talked_for(box, seconds):
    live = box.live()
    since = [one.talking_since for one in live.calls if one.talking_since]
    return since and live.at - since[0] > seconds


def test_a_caller_is_led_to_a_ringing_agent_talks_and_stands_in_the_ledger(
    box, phones, sipp, tmp_path
):
    agent = phones("8001", says=wav_file(tmp_path, 440))
    capture = Capture(tmp_path / "loopback.pcap")
    media = media_port()
    caller = sipp(
        invite("02188886666", name='"Dora" '),
        ANSWERED, ACK,
        speech(tmp_path, keys=[(2.5, "1")], seconds=60), WAIT_BYE,
        media=media,
    )  # fmt: skip
    agent.wait("CALL_INCOMING")
    incoming = agent.has("CALL_INCOMING")[-1]
    assert "13900001111" in incoming["peeruri"]
    agent.say("accept")
    agent.wait("CALL_ESTABLISHED")
    wait_to_hear(capture, media, 440, tenths=10)
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")
    heard = [one for one in loudest(capture.streams()[media].audio()) if one]
    order = list(dict.fromkeys(heard))
    assert order.index(NOTICE) < order.index(MENU) < order.index(AGENT_1001) < order.index(440)
    call = wait_for(lambda: calls_today(box) and calls_today(box)[0], 5, "the call in the ledger")
    assert call["outcome"] == "answered"
    assert call["caller"]["number"] == "13900001111"


def test_the_recording_is_a_stereo_file_seconds_after_the_call(box, phones, sipp, tmp_path):
    agent = phones("8001", says=wav_file(tmp_path, 440), answer="auto")
    caller = sipp(
        invite("02188886666", caller="13900002222"), ANSWERED, ACK,
        speech(tmp_path, keys=[(1.5, "1")], seconds=60), WAIT_BYE,
    )  # fmt: skip
    wait_for(lambda: talked_for(box, 2.0), 20, "two seconds of talk")
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")

    def recorded():
        return [
            one
            for one in calls_today(box)
            if one["caller"]["number"] == "13900002222"
            and one["recordings"]
            and one["recordings"][0].get("file")
        ]

    call = wait_for(recorded, 10, "the sealed recording")[0]
    file = box.folder / "recordings" / call["recordings"][0]["file"]
    data = file.read_bytes()
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE"
    at = data.index(b"data") + 8
    body = numpy.frombuffer(data[at:], numpy.uint8)
    left, right = decode_alaw(body[0::2]), decode_alaw(body[1::2])
    assert 700 in loudest(left) and 440 not in loudest(left)
    assert 440 in loudest(right) and 700 not in loudest(right)
    assert call["recordings"][0]["notice"]


@pytest.mark.feature("codec: PCMA", "codec: PCMU")
@pytest.mark.parametrize(
    ("payloads", "ptime"), [("8 101", 10), ("8 101", 30), ("0 101", 20), ("0 8 101", 20)]
)
def test_each_side_has_its_own_codec_and_packet_time(box, phones, sipp, tmp_path, payloads, ptime):
    agent = phones("8002", says=wav_file(tmp_path, 440), answer="auto", codecs="pcmu")
    phones("8001").stop()
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = sipp(
        invite("02188886666", body=sdp(payloads, ptime)), ANSWERED, ACK,
        speech(tmp_path, keys=[(1.5, "1")], payload_type=int(payloads.split()[0]), ptime=ptime,
               seconds=60),
        WAIT_BYE,
        media=media,
    )  # fmt: skip
    wait_to_hear(capture, media, 440, tenths=10)
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")
    stream_heard = capture.streams()[media]
    sizes = {len(one[4]) for one in stream_heard.packets if one[1] in (0, 8)}
    assert sizes == {ptime * 8}
    assert {one[1] for one in stream_heard.packets} <= {int(payloads.split()[0]), 101}
    heard = loudest(stream_heard.audio())
    assert 440 in heard and (AGENT_1002 in heard or AGENT_1001 in heard)


def test_the_agents_hang_up_reaches_the_caller(box, phones, sipp, tmp_path):
    agent = phones("8001")
    caller = sipp(
        invite("02188886666"), ANSWERED, ACK, speech(tmp_path, keys=[(1.5, "1")]), WAIT_BYE
    )  # fmt: skip
    agent.wait("CALL_INCOMING")
    agent.say("accept")
    agent.wait("CALL_ESTABLISHED")
    wait_for(lambda: any(one.talking_since for one in box.live().calls), 10)
    agent.say("hangup")
    agent.wait("CALL_CLOSED")
    caller.finish()
