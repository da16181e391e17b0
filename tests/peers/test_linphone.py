"""linphone as the agent's phone: many codecs, SHA-256, its own RTP stack; UDP and TCP."""

import shutil
import wave

import numpy
import pytest
from capture import Capture
from heard import wait_to_hear
from lane import media_port
from linphone import Linphone
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from tone_prompts import loudest, tone

pytestmark = pytest.mark.peer

if shutil.which("linphonec") is None:
    pytest.skip("linphonec is not installed (make test installs it)", allow_module_level=True)


@pytest.fixture
def linphone(box, tmp_path):
    made = []
    says = tmp_path / "tone440.wav"
    with wave.open(str(says), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(440, 60).tobytes())

    def phone(number, transport):
        one = Linphone(
            tmp_path, box.sip_port, number, f"test-only-secret-of-{number}",
            says=says, transport=transport,
        )  # fmt: skip
        made.append(one)
        wait_for(
            lambda: any(line.name == number and line.is_up for line in box.live().lines),
            20,
            f"linphone to register: {one.told()}",
        )
        return one

    yield phone
    for one in made:
        one.stop()


def heard_by(phone):
    with wave.open(str(phone.heard), "rb") as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
    return loudest(samples[::channels][:: max(1, rate // 8000)])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_linphone_takes_a_call_from_the_queue(box, linphone, sipp, tmp_path, transport):
    agent = linphone("8001", transport)
    assert "algorithm=SHA-256" in agent.wire().partition("Authorization:")[2].partition("\n")[0]
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = sipp(
        invite("02188886666", name='"Dora" '), ANSWERED, ACK,
        play(voice(tmp_path / "caller.pcap", tone(700, 60), [(1.5, "1")])), WAIT_BYE,
        media=media,
    )  # fmt: skip
    wait_to_hear(capture, media, 440)
    capture.stop()
    agent.say("terminate")
    caller.finish()
    wait_for(lambda: "ended" in agent.told(), 10, "linphone to be told of the end")
    agent.stop()
    assert heard_by(agent).count(700) >= 15
    assert wait_for(lambda: not box.live().calls, 5)
    assert wait_for(
        lambda: not any(one.name == "8001" and one.is_up for one in box.live().lines), 15
    )
