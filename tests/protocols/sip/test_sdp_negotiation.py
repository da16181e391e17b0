"""Offer and answer, told as phones and gateways meet us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.negotiation import (
    answer_bytes,
    far_end,
    far_end_of_answer,
    offer_bytes,
)
from appliance.protocols.sip.sdp import SessionDescription
from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.errors import PeerError

BOTH = (Codec.PCMA, Codec.PCMU)


def offer(*media: str, connection: str = "IN IP4 192.0.2.5") -> SessionDescription:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.5", "s=-", f"c={connection}", "t=0 0", *media]
    return SessionDescription.parse("\r\n".join(lines).encode())


def far_of(description: SessionDescription, allowed: tuple[Codec, ...] = BOTH) -> FarEnd:
    far = far_end(description, allowed, "127.0.0.9")
    assert far is not None
    return far


def answer_to(description: SessionDescription, far: FarEnd) -> SessionDescription:
    return SessionDescription.parse(answer_bytes(description, far, "127.0.0.1", 10000, 7, 1))


@pytest.mark.rfc("3264", "6.1")
def test_first_codec_of_the_offerer_that_we_allow_wins() -> None:
    description = offer("m=audio 4000 RTP/AVP 18 0 8 101", "a=rtpmap:101 telephone-event/8000")
    far = far_of(description)
    assert (far.address, far.port) == ("192.0.2.5", 4000)
    assert (far.codec, far.payload_type, far.dtmf_payload_type) == (Codec.PCMU, 0, 101)
    assert far.signalling_address == "127.0.0.9"
    assert far_of(description, (Codec.PCMA,)).payload_type == 8


@pytest.mark.rfc("3551", "6")
def test_dynamic_number_for_a_law_is_taken_and_an_rtpmap_overrules_the_table() -> None:
    dynamic = offer("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 pcma/8000/1")
    assert (far_of(dynamic).codec, far_of(dynamic).payload_type) == (Codec.PCMA, 96)
    (stream,) = answer_to(dynamic, far_of(dynamic)).media
    assert stream.formats == ("96",) and stream.mappings[96].encoding == "PCMA"
    wide = offer("m=audio 4000 RTP/AVP 8", "a=rtpmap:8 PCMA/16000")
    assert far_end(wide, BOTH, "") is None


@pytest.mark.parametrize(
    "media",
    [
        ["m=audio 0 RTP/AVP 8"],
        ["m=audio 4000 RTP/AVP 18"],
        ["m=audio 4000 RTP/SAVP 8"],
        ["m=video 4000 RTP/AVP 8"],
        ["m=audio 4000 RTP/AVP 8", "c=IN IP4 gateway.example"],
        ["m=audio 4000 RTP/AVP 8", "c=IN IP4 224.0.0.1"],
        ["m=audio 4000 RTP/AVP 8", "c=IN IP4 255.255.255.255"],
        ["m=audio 4000 RTP/AVP x 300 -8"],
        [],
    ],
)
def test_offer_without_a_stream_in_common_is_none(media: list[str]) -> None:
    assert far_end(offer(*media), BOTH, "127.0.0.9") is None


@pytest.mark.parametrize(
    ("attributes", "ptime_ms"),
    [
        ([], 20), (["a=ptime:10"], 10), (["a=ptime:30"], 30), (["a=ptime:60"], 30),
        (["a=ptime:5"], 10), (["a=ptime:30", "a=maxptime:20"], 20), (["a=maxptime:10"], 10),
        (["a=ptime:20.0"], 20), (["a=ptime:x"], 20), (["a=ptime:25"], 20),
    ],
)  # fmt: skip
def test_packet_time_is_what_they_wish_within_what_we_can(
    attributes: list[str], ptime_ms: int
) -> None:
    assert far_of(offer("m=audio 4000 RTP/AVP 8", *attributes)).ptime_ms == ptime_ms


@pytest.mark.rfc("3264", "8.4")
@pytest.mark.parametrize(
    ("direction", "sends", "receives", "ours"),
    [
        ("sendrecv", True, True, "sendrecv"),
        ("sendonly", True, False, "recvonly"),
        ("recvonly", False, True, "sendonly"),
        ("inactive", False, False, "inactive"),
    ],
)
def test_hold_is_understood_and_mirrored(
    direction: str, sends: bool, receives: bool, ours: str
) -> None:
    description = offer("m=audio 4000 RTP/AVP 8", f"a={direction}")
    far = far_of(description)
    assert (far.sends, far.receives) == (sends, receives)
    assert answer_to(description, far).media[0].direction == ours


@pytest.mark.rfc("3264", "8.4")
def test_hold_by_the_null_address_is_understood() -> None:
    far = far_of(offer("m=audio 4000 RTP/AVP 8", connection="IN IP4 0.0.0.0"))
    assert not far.receives and not far.sends


@pytest.mark.rfc("3264", "6")
def test_every_stream_of_the_offer_is_answered_in_its_place() -> None:
    description = offer(
        "m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/SAVP 8", "m=audio 4002 RTP/AVP 0 8",
        "a=sendonly", "m=image 6000 udptl t38", "m=audio 4004 RTP/AVP 8",
    )  # fmt: skip
    far = far_of(description)
    assert far.port == 4002
    answer = answer_to(description, far)
    assert [(media.kind, media.port) for media in answer.media] == [
        ("video", 0), ("audio", 0), ("audio", 10000), ("image", 0), ("audio", 0),
    ]  # fmt: skip
    assert answer.media[3].formats == ("t38",) and answer.media[1].protocol == "RTP/SAVP"
    assert answer.media[2].formats == ("0",)


@pytest.mark.rfc("4733", "7.1.1")
def test_our_offer_has_a_law_first_and_telephone_event() -> None:
    body = offer_bytes(BOTH, "127.0.0.1", 10000, 42, 3)
    assert body == (
        b"v=0\r\no=linghe 42 3 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 10000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def test_our_offer_is_answered_by_another_box_of_ours_and_understood() -> None:
    ours = SessionDescription.parse(offer_bytes(BOTH, "127.0.0.1", 10000, 1, 1, 30))
    theirs = answer_to(ours, far_of(ours, (Codec.PCMU,)))
    far = far_end_of_answer(theirs, BOTH, "127.0.0.2")
    assert far is not None
    assert (far.codec, far.payload_type, far.ptime_ms) == (Codec.PCMU, 0, 30)
    assert far.dtmf_payload_type == 101
    assert far_end_of_answer(theirs, (Codec.PCMA,), "127.0.0.2") is None


def test_ipv6_is_said_as_such() -> None:
    assert b"c=IN IP6 ::1\r\n" in offer_bytes(BOTH, "::1", 10000, 1, 1)


@given(st.binary(max_size=200))
def test_any_offer_has_an_answer_with_as_many_streams_or_none(tail: bytes) -> None:
    head = b"v=0\r\nc=IN IP4 127.0.0.3\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 "
    try:
        description = SessionDescription.parse(head + tail)
    except PeerError:
        return
    far = far_end(description, BOTH, "127.0.0.3")
    if far is None:
        return
    answer = answer_to(description, far)
    assert [media.kind for media in answer.media] == [media.kind for media in description.media]
    assert sum(media.port != 0 for media in answer.media) == 1
