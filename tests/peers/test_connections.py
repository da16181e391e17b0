"""Which way each leg is connected, told in words and lamps: TLS and SRTP with baresip, UDP without.

On the page Live, in the API's picture, in the call's record and in its timeline.
"""

import pytest
from baresip import Baresip
from running_box import wait_for

pytestmark = pytest.mark.peer


@pytest.fixture
def secure(box, tmp_path):
    """8001, registered over TLS, whose sound is encrypted or not at all."""
    authority = box.folder / "certificates" / "authority.pem"
    phone = Baresip(
        tmp_path, box.sips_port, "8001", "test-only-secret-of-8001", transport="tls",
        config=f"sip_cafile {authority}\nmodule srtp.so", account=";mediaenc=srtp-mand",
    )  # fmt: skip
    wait_for(lambda: line_of(box, "8001").is_up, 20, "8001 to be registered")
    yield phone
    phone.stop()


def line_of(box, number):
    return next(one for one in box.live().lines if one.name == number)


def ways(box):
    """Of the call that goes on: extension to transport and whether it is encrypted."""
    calls = box.live().calls
    legs = calls[0].legs if calls else ()
    return {one.extension: (one.transport, one.is_encrypted) for one in legs}


WAYS = {"8001": ("tls", True), "8002": ("udp", False)}


def test_a_call_says_of_each_leg_whether_signalling_and_sound_are_secure(box, secure, phones):
    phones("8002", answer="auto")
    assert [line_of(box, number).transport for number in ("8001", "8002")] == ["tls", "udp"]
    secure.say("dial", f"sip:8002@127.0.0.1:{box.sips_port};transport=tls")
    secure.wait("CALL_ESTABLISHED")
    wait_for(lambda: ways(box) == WAYS, 10, "both ways")
    secure.say("hangup")
    wait_for(lambda: not box.live().calls, 10, "the end")
    (call, *_) = box.linghe_json("calls", "--number", "8002")
    assert {
        one["extension"]: (one["transport"], one.get("is_encrypted", False))
        for one in call["connections"]
    } == WAYS
    said = box.linghe("calls", call["call"])
    assert "8001 is connected by TLS, its sound is encrypted" in said
    assert "8002 is connected by UDP, its sound is not encrypted" in said


def test_a_restarted_control_still_knows_how_its_phones_are_registered(box, secure):
    pid = box.kill("control")
    wait_for(lambda: box.pid("control") != pid and box.is_answering(), 20, "its return")
    wait_for(lambda: line_of(box, "8001").is_up, 20, "8001 to be registered still")
    assert line_of(box, "8001").transport == "tls"
