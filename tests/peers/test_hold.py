"""Hold and resume in every way that phones do it, and offers that come late, with real phones.

RFC 3264 §8.4 (sendonly, inactive, the null address), RFC 3311 (by UPDATE), RFC 3261 §13.2.1 and
§14.1 (an INVITE and a re-INVITE without an offer).
"""

import itertools

import numpy
import pytest
from capture import Capture
from desk_box import wav_file
from lane import media_port
from running_box import wait_for
from sipp import pause, play, sdp, voice
from sipp_desk import (
    ANSWERED_KEPT,
    acknowledged,
    bye,
    has,
    invite_of,
    received,
    request,
    used,
)
from tone_prompts import tone

pytestmark = pytest.mark.peer

TALKS = invite_of("8001") + ANSWERED_KEPT + acknowledged(2)
HELD_MS = 1500


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def is_at(box, stage):
    """Wait until the only call is so."""
    return wait_for(lambda: [one.stage for one in box.live().calls] == [stage], 10, stage)


def described(way, version):
    """Our description, holding in this way."""
    text = sdp().replace("o=sipp 1 1", f"o=sipp 1 {version}")
    if way == "null address":
        return text.replace("c=IN IP4 [media_ip]", "c=IN IP4 0.0.0.0")
    return text.replace("a=sendrecv", f"a={way}")


def offers(method, cseq, way, version, answered):
    """An offer within the talk, its answer, and the ACK that a re-INVITE wants."""
    acknowledgement = acknowledged(cseq) if method == "INVITE" else ""
    return (
        request(method, cseq, body=described(way, version))
        + received(100, optional="true")
        + received(200, has(f"a={answered}", name="answered"))
        + acknowledgement
    )


@pytest.mark.feature(
    "hold: by re-INVITE",
    "hold: by UPDATE",
    "hold: sendonly",
    "hold: inactive",
    "hold: null address",
    "hold: resume",
)
@pytest.mark.rfc("3264", "8.4")
@pytest.mark.rfc("3311", "5.2")
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize(
    ("way", "answered"),
    [("sendonly", "recvonly"), ("inactive", "inactive"), ("null address", "sendrecv")],
)
def test_hold_and_resume(box, phones, sipp, method, way, answered):
    other = phones("8001", answer="auto")
    holder = sipp(
        TALKS, pause(500), offers(method, 3, way, 2, answered), pause(HELD_MS),
        offers(method, 4, "sendrecv", 3, "sendrecv"), pause(HELD_MS), bye(5), used("answered"),
    )  # fmt: skip
    is_at(box, "held")
    is_at(box, "talking")
    holder.finish()
    other.wait("CALL_CLOSED")


HOLDER, OTHER = 1330, 440
"""Hertz."""
LOUD = 4000
"""Amplitude: half of a voice's, more than any music's single tone."""


def heard_in_turn(samples, hertz):
    """(is heard, seconds) one after the other, each of at least half a second."""
    at = numpy.exp(-2j * numpy.pi * hertz * numpy.arange(800) / 8000)
    tenths = samples[: len(samples) // 800 * 800].reshape(-1, 800).astype(float)
    loud = 2 * numpy.abs((tenths * at).mean(axis=1)) > LOUD
    runs = [(bool(key), len(list(group)) / 10) for key, group in itertools.groupby(loud)]
    joined = []
    for is_heard, seconds in runs:
        if joined and (seconds < 0.5 or joined[-1][0] == is_heard):
            joined[-1] = (joined[-1][0], joined[-1][1] + seconds)
        else:
            joined.append((is_heard, seconds))
    return joined


@pytest.mark.feature("hold: resume", "hold: by re-INVITE")
@pytest.mark.parametrize(
    ("method", "way", "answered"),
    [("INVITE", "null address", "sendrecv"), ("UPDATE", "sendonly", "recvonly")],
)
def test_the_talk_is_heard_again_after_a_hold(box, phones, sipp, tmp_path, method, way, answered):
    other = phones("8001", answer="auto", says=wav_file(tmp_path, OTHER))
    media, capture = media_port(), Capture(tmp_path / "loopback.pcap")
    speaks = play(voice(tmp_path / "holder.pcap", tone(HOLDER, 15)))
    holder = sipp(
        TALKS, speaks, pause(2000), offers(method, 3, way, 2, answered), pause(2 * HELD_MS),
        offers(method, 4, "sendrecv", 3, "sendrecv"), pause(2000), bye(5), used("answered"),
        media=media,
    )  # fmt: skip
    is_at(box, "held")
    holder.finish()
    other.wait("CALL_CLOSED")
    streams = capture.streams()
    to_other = [one.audio() for port, one in streams.items() if port in other.rtp_ports]
    for samples, hertz in ((max(to_other, key=len), HOLDER), (streams[media].audio(), OTHER)):
        turns = heard_in_turn(samples, hertz)
        kinds = [is_heard for is_heard, _ in turns]
        while kinds and not kinds[0]:
            turns, kinds = turns[1:], kinds[1:]
        assert kinds[:3] == [True, False, True], (hertz, turns)
        assert turns[1][1] == pytest.approx(2 * HELD_MS / 1000, abs=1.0), (hertz, turns)


@pytest.mark.feature("hold: by re-INVITE", "hold: resume")
def test_hold_and_resume_by_baresips_own_key(box, phones):
    first, second = phones("8001"), phones("8002", answer="auto")
    first.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    first.say("hold")
    is_at(box, "held")
    first.say("resume")
    is_at(box, "talking")
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("late offer")
def test_a_late_offer_is_answered_in_the_ack(box, phones, sipp):
    other = phones("8001", answer="auto")
    caller = sipp(
        invite_of("8001", body=""),
        ANSWERED_KEPT.replace("<action>", f"<action>{has('m=audio .*8', name='offer')}"),
        request("ACK", 2, body=sdp()), pause(1000), bye(3), used("offer"),
    )  # fmt: skip
    is_at(box, "talking")
    caller.finish()
    other.wait("CALL_CLOSED")


def test_an_offer_asked_of_the_box_within_a_hold_ends_it(box, phones, sipp):
    other = phones("8001", answer="auto")
    holder = sipp(
        TALKS, pause(500), offers("INVITE", 3, "sendonly", 2, "recvonly"), pause(HELD_MS),
        request("INVITE", 4), received(100, optional="true"),
        received(200, has("a=sendrecv", name="offer")),
        request("ACK", 4, body=described("sendrecv", 3)), pause(HELD_MS), bye(5),
        used("answered", "offer"),
    )  # fmt: skip
    is_at(box, "held")
    is_at(box, "talking")
    holder.finish()
    other.wait("CALL_CLOSED")
