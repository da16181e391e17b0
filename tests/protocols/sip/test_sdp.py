"""Session descriptions: read tolerantly, written strictly."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.sdp import Connection, MediaDescription, SessionDescription
from appliance.vocabulary.errors import IllegalMove, PeerError

PHONE = (
    b"v=0\r\no=- 3724394400 3724394405 IN IP4 192.0.2.5\r\ns=call\r\ni=about\r\n"
    b"c=IN IP4 192.0.2.5\r\nb=AS:64\r\nt=0 0\r\na=sendrecv\r\n"
    b"m=audio 49170/2 RTP/AVP 8 0 101\r\nc=IN IP4 192.0.2.6/127\r\nb=TIAS:64000\r\n"
    b"a=rtpmap:8 pcma/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    b"a=ptime:20\r\na=sendonly\r\na=x-unknown\r\n"
    b"m=video 0 RTP/AVP 31\r\ny=odd\r\n"
)


@pytest.mark.rfc("8866", "5")
def test_description_of_a_phone_is_read() -> None:
    description = SessionDescription.parse(PHONE)
    audio, video = description.media
    assert description.version == 3724394405
    assert (audio.kind, audio.port, audio.formats) == ("audio", 49170, ("8", "0", "101"))
    assert audio.mappings[8].encoding == "PCMA"
    assert audio.mappings[101].clock_rate == 8000
    assert audio.attribute("fmtp") == "101 0-16"
    assert audio.attribute("x-unknown") == ""
    assert description.connection_of(audio) == Connection(address="192.0.2.6")
    assert description.connection_of(video) == Connection(address="192.0.2.5")
    assert description.direction_of(audio) == "sendonly"
    assert description.direction_of(video) == "sendrecv"
    assert video.others == (("y", "odd"),)


def test_bare_line_feeds_missing_end_and_odd_order_are_tolerated() -> None:
    text = b"v=0\ns=x\no=- 1 2 IN IP4 127.0.0.1\nt=0 0\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0"
    description = SessionDescription.parse(text)
    assert description.connection == Connection(address="127.0.0.1")
    assert description.to_bytes() == (
        b"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 4000 RTP/AVP 0\r\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\r\n", b"hello", b"v=1\r\n", b"v=0\r\nmedia=x\r\n", b"v=0\r\nm=audio\r\n",
        b"v=0\r\nm=audio 65536 RTP/AVP 0\r\n", b"v=0\r\nm=audio -1 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 99999999999999999999 RTP/AVP 0\r\n", b"v=0\r\nc=IN IP4\r\n",
        b"v=0\r\nc=IN IP4 /127\r\n",
        b"v=0\r\n" + b"m=audio 0 RTP/AVP 0\r\n" * 11, b"v=0\r\n" + b"a=x\r\n" * 600,
        b"v=0\r\nm=audio 1 RTP/AVP" + b" 0" * 65, b"v=0\r\na=" + b"x" * 17_000,
        b"v=0\r\ns=a\x00b\r\n",
    ],
)  # fmt: skip
def test_what_is_no_description_is_refused(body: bytes) -> None:
    with pytest.raises(PeerError):
        SessionDescription.parse(body)


@pytest.mark.parametrize("rtpmap", ["", "8", "8 PCMA", "x PCMA/8000", "8 PCMA/8000/1/1", "128 A/1"])
def test_unreadable_rtpmap_is_as_if_absent(rtpmap: str) -> None:
    media = MediaDescription(kind="audio", port=1, attributes=(("rtpmap", rtpmap),))
    assert media.mappings == {}


def test_line_end_in_a_value_of_ours_never_leaves() -> None:
    with pytest.raises(IllegalMove):
        SessionDescription(name="x\r\nm=audio 1 RTP/AVP 0").to_bytes()


def test_largest_description_is_read_in_no_time() -> None:
    body = b"v=0\r\nm=audio 1 RTP/AVP 0\r\n" + b"a=rtpmap:8 PCMA/8000\r\n" * 500
    began = time.process_time()
    assert SessionDescription.parse(body).media[0].mappings[8].encoding == "PCMA"
    assert time.process_time() - began < 0.1


@given(st.binary(max_size=300))
def test_garbage_is_a_description_or_a_peer_error(body: bytes) -> None:
    _survives(body)
    _survives(b"v=0\r\n" + body)


@given(st.integers(0, len(PHONE)), st.integers(0, 12), st.binary(max_size=12))
def test_damaged_description_survives_a_round_trip_or_is_refused(
    at: int, cut: int, put: bytes
) -> None:
    _survives(PHONE[:at] + put + PHONE[at + cut :])


def _survives(body: bytes) -> None:
    try:
        description = SessionDescription.parse(body)
    except PeerError:
        return
    assert SessionDescription.parse(description.to_bytes()) == description
