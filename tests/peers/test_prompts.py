"""An owner's prompts on a running box: brought as a file, recorded at a phone, heard by callers."""

import itertools
import json
import time

import numpy
import pytest
from capture import Capture, read
from desk_box import desk_box, dial, wav_file
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause
from sound_files import sine, write
from tone_prompts import loudest, phrase, text

from appliance.signals.g711 import decode_alaw

pytestmark = [pytest.mark.peer, pytest.mark.slow]

NUMBER = "02188886602"
SPOKEN, SPEAK, KEYS, KEPT = 500, 900, 1100, 1300
BROUGHT, VOICE = 1600, 700
"""Hertz."""
SITE = f"""
[[route]]
trunk = "carrier"
number = "{NUMBER}"
flow = "hall"

[[flow]]
id = "hall"
start = "hello"

[flow.node.hello]
kind = "play"
text = "Welcome to the hall."
prompt = "welcome"
next = "bye"

[flow.node.bye]
kind = "hangup"

[prompt_recording]
pin = "2580"
numbers = {{ "1" = "welcome" }}
"""
PROMPTS = (
    (text("Welcome to the hall."), SPOKEN, 1.5),
    (phrase("prompt_speak"), SPEAK, 1.0),
    (phrase("prompt_keys"), KEYS, 1.0),
    (phrase("prompt_kept"), KEPT, 1.0),
)


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("prompts") / "var"
    yield from desk_box(folder, carrier_port, SITE, prompts=PROMPTS)


def tones(capture, ports):
    """Every tone of 0.3 s at least that was sent to these ports, in order."""
    found = [stream for port, stream in read(capture.file).items() if port in ports]
    heard = loudest(max(found, key=lambda one: len(one.packets)).audio()) if found else []
    runs = [(hertz, len(list(run))) for hertz, run in itertools.groupby(heard)]
    return [hertz for hertz, tenths in runs if hertz and tenths >= 3]


def hears(capture, ports, hertz):
    def has_come():
        time.sleep(0.2)  # the whole file is read each time
        return hertz in tones(capture, ports)

    wait_for(has_come, 30, f"{hertz} Hz")


def caller_hears(sipp, folder, hertz):
    """A caller hears this prompt of the flow, and no other one."""
    media = media_port()
    capture = Capture(folder / f"caller-{hertz}.pcap", f"port {media}")
    caller = sipp(invite(NUMBER), ANSWERED, ACK, pause(2500), BYE, media=media)
    hears(capture, (media,), hertz)
    caller.finish()
    others = {SPOKEN, BROUGHT, VOICE} - {hertz}
    assert not others & set(tones(capture, (media,)))
    capture.stop()


@pytest.mark.feature("prompt: a sound file of the owner's", "prompt: recorded at a phone (*77)")
def test_a_file_is_heard_and_then_what_was_spoken_at_a_phone_and_a_kill_loses_neither(
    box, phones, sipp, tmp_path
):
    caller_hears(sipp, tmp_path, SPOKEN)  # nobody has brought it yet
    box.linghe("prompt", "add", "welcome", str(write(tmp_path / "w.mp3", sine(BROUGHT, 2))))
    caller_hears(sipp, tmp_path, BROUGHT)

    phone = phones("8001", says=wav_file(tmp_path, VOICE))
    capture = Capture(tmp_path / "phone.pcap")
    dial(box, phone, "*771*2580")
    hears(capture, set(phone.rtp_ports), SPEAK)
    time.sleep(2)  # the sentence's end, the tone, and the first words
    box.kill("control")
    wait_for(box.is_answering, 30, "control to be back")
    caller_hears(sipp, tmp_path, BROUGHT)
    phone.say("sndcode", "#")
    hears(capture, set(phone.rtp_ports), KEYS)
    phone.say("sndcode", "1")
    hears(capture, set(phone.rtp_ports), KEPT)
    phone.wait("CALL_CLOSED", 30)
    order = tones(capture, set(phone.rtp_ports))
    assert order.index(SPEAK) < order.index(VOICE) < order.index(KEYS) < order.index(KEPT)
    capture.stop()
    caller_hears(sipp, tmp_path, VOICE)

    newest, first = json.loads(box.linghe("prompt", "versions", "welcome", "--json"))
    assert (newest["by"], newest["origin"], first["origin"]) == ("8001", "phone", "file")
    former = (box.folder / "prompts" / f"{first['prompt']}.alaw").read_bytes()
    assert loudest(decode_alaw(numpy.frombuffer(former, numpy.uint8))).count(BROUGHT) >= 15, (
        "an old call's proof"
    )
    assert "prompt_used" in box.linghe("prompt", "remove", "welcome", "--json", check=False)
