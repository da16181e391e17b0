"""SRTP with keys from SDES, with baresip (libsrtp) as the far end, and what is told of quality."""

import time

import numpy
import pytest
from bakery import BAKERY
from capture import Capture
from running_box import wait_for
from test_main_job import wav_file
from tone_prompts import loudest

pytestmark = pytest.mark.peer

SECURE = {"config": "module srtp.so", "account": ";mediaenc=srtp-mand"}
CALLER, CALLED = 440, 1000
"""Hertz of their voices."""


@pytest.fixture(scope="module", autouse=True)
def site(box, carrier_port):
    """Extension 8003 talks encrypted or not at all."""
    secret = 'secret = "test-only-secret-of-8003"'
    assert secret in BAKERY
    box.apply(
        BAKERY.replace(secret, f"{secret}\nsrtp = true").replace(
            "port = 5090", f"port = {carrier_port}"
        )
    )


def tones_in(capture, *phones):
    """Return, of each stream from or to these phones, the tone that it carries in the clear."""
    found = {}
    for port, stream in capture.streams().items():
        ends = {port, *(packet[5] for packet in stream.packets)}
        tones = [one for one in loudest(stream.audio()) if one]
        if len(tones) < 10 or not any(ends & set(phone.rtp_ports) for phone in phones):
            continue
        near = [one for one in tones if min(abs(one - CALLER), abs(one - CALLED)) <= 20]
        found[port] = round(float(numpy.median(near)), -1) if len(near) > len(tones) / 2 else 0
    return found


def talk(caller, called, number):
    caller.say("dial", f"sip:{number}@{caller.host}:{caller.box_port}")
    called.wait("CALL_ESTABLISHED")
    caller.wait("CALL_ESTABLISHED")
    time.sleep(4)  # so much talk is listened to
    caller.say("hangup")
    called.wait("CALL_CLOSED")


def quality_of(box, number):
    def measured():
        for call in box.linghe_json("calls", "--number", number):
            if len(call.get("quality", ())) >= 2:
                return call["quality"]
        return None

    return wait_for(measured, 10, f"the quality of a call to {number}")


@pytest.mark.feature("SRTP")
@pytest.mark.rfc("4568", "5.1")
def test_a_phone_that_offers_srtp_talks_to_one_that_does_not(box, phones, tmp_path):
    secure = phones("8001", says=wav_file(tmp_path, CALLER), **SECURE)
    plain = phones("8002", says=wav_file(tmp_path, CALLED), answer="auto")
    capture = Capture(tmp_path / "loopback.pcap")
    talk(secure, plain, "8002")
    tones = tones_in(capture, secure, plain)
    assert sorted(tones.values()) == [0, 0, CALLER, CALLED], "8002's side alone is in the clear"


@pytest.mark.feature("SRTP")
@pytest.mark.rfc("4568", "5.1.1")
def test_a_phone_that_the_site_wants_encrypted_is_offered_srtp(box, phones, tmp_path):
    plain = phones("8001", says=wav_file(tmp_path, CALLER))
    secure = phones("8003", says=wav_file(tmp_path, CALLED), answer="auto", **SECURE)
    capture = Capture(tmp_path / "loopback.pcap")
    talk(plain, secure, "8003")
    tones = tones_in(capture, secure, plain)
    assert sorted(tones.values()) == [0, 0, CALLER, CALLED], "8001's side alone is in the clear"


@pytest.mark.feature("SRTP")
def test_a_phone_that_the_site_wants_encrypted_is_refused_without(box, phones, tmp_path):
    plain = phones("8003")
    plain.say("dial", f"sip:8001@127.0.0.1:{box.sip_port}")
    closed = plain.wait("CALL_CLOSED")
    assert "488" in closed["param"]


@pytest.mark.feature("quality: in the record")
def test_the_quality_of_both_legs_stands_with_the_call(box, phones, tmp_path):
    caller = phones("8001", says=wav_file(tmp_path, CALLER))
    called = phones("8002", says=wav_file(tmp_path, CALLED), answer="auto")
    talk(caller, called, "8002")
    for leg in quality_of(box, "8002")[-2:]:
        assert leg["codec"] == "pcma"
        assert leg["packets"] > 100
        assert leg["lost"] <= 2
        assert leg["mos"] > 4
