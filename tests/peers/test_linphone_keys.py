"""linphone's own keys: hold, blind and attended transfer, as a person at that phone does it."""

import shutil
import wave

import pytest
from linphone import Linphone
from running_box import wait_for
from tone_prompts import tone

pytestmark = pytest.mark.peer

if shutil.which("linphonec") is None:
    pytest.skip("linphonec is not installed (make test installs it)", allow_module_level=True)


@pytest.fixture
def linphone(box, tmp_path):
    """A linphone at 8001, registered; stopped at the end."""
    says = tmp_path / "tone440.wav"
    with wave.open(str(says), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(440, 60).tobytes())
    phone = Linphone(
        tmp_path, box.sip_port, "8001", "test-only-secret-of-8001", says=says, transport="udp"
    )
    wait_for(
        lambda: any(line.name == "8001" and line.is_up for line in box.live().lines),
        20,
        f"linphone to register: {phone.told()}",
    )
    yield phone
    phone.stop()
    wait_for(lambda: not box.live().calls, 40, "all calls to end")


def is_at(box, *stages):
    """Wait until the calls are so."""
    wanted = sorted(stages)
    return wait_for(lambda: sorted(one.stage for one in box.live().calls) == wanted, 15, wanted)


def calls(phone, box, number):
    """Dial, and wait until the phone itself says that it talks."""
    phone.say(f"call sip:{number}@127.0.0.1:{box.sip_port}")
    said = f"Media streams established with sip:{number}@"
    wait_for(lambda: said in phone.told(), 20, said)


@pytest.mark.feature("hold: by re-INVITE", "hold: resume")
@pytest.mark.rfc("3264", "8.4")
def test_linphone_holds_and_resumes(box, linphone, phones):
    other = phones("8002", answer="auto")
    calls(linphone, box, "8002")
    other.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    linphone.say("pause")
    is_at(box, "held")
    wait_for(lambda: "is now paused" in linphone.told(), 10, "linphone to know it")
    linphone.say("resume 1")
    is_at(box, "talking")
    linphone.say("terminate")
    other.wait("CALL_CLOSED")


@pytest.mark.feature("transfer: blind, by REFER", "REFER with NOTIFY")
@pytest.mark.rfc("3515", "2.4.4")
def test_linphone_hands_its_talk_on(box, linphone, phones):
    second, third = phones("8002", answer="auto"), phones("8003", answer="auto")
    calls(linphone, box, "8002")
    second.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    linphone.say(f"transfer sip:8003@127.0.0.1:{box.sip_port}")
    third.wait("CALL_ESTABLISHED")
    wait_for(lambda: all(not one.busy for one in box.live().lines if one.name == "8001"), 10)
    is_at(box, "talking")
    assert not second.has("CALL_CLOSED")
    third.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("transfer: attended, by REFER", "Replaces")
@pytest.mark.rfc("3891", "3")
def test_linphone_joins_its_two_talks(box, linphone, phones):
    second, third = phones("8002", answer="auto"), phones("8003", answer="auto")
    calls(linphone, box, "8002")
    second.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    linphone.say("pause")
    is_at(box, "held")
    calls(linphone, box, "8003")
    third.wait("CALL_ESTABLISHED")
    is_at(box, "held", "talking")
    linphone.say("transfer 1 --to-call 2")
    wait_for(lambda: all(not one.busy for one in box.live().lines if one.name == "8001"), 15)
    is_at(box, "talking")
    assert not second.has("CALL_CLOSED") and not third.has("CALL_CLOSED")
    third.say("hangup")
    second.wait("CALL_CLOSED")
