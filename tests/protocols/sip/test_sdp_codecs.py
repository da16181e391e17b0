"""G.722, Opus and comfort noise in offer and answer."""

import pytest

from appliance.protocols.sip.negotiation import answer_bytes, far_end, offer_bytes
from appliance.protocols.sip.sdp import SessionDescription
from appliance.vocabulary.audio import Codec

TELEPHONE = (Codec.PCMA, Codec.PCMU)
WIDE = (Codec.G722, Codec.OPUS)


def description(formats, *attributes):
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.9", "s=-", "c=IN IP4 127.0.0.9", "t=0 0"]
    lines += [f"m=audio 4000 RTP/AVP {formats}", *(f"a={one}" for one in attributes)]
    return SessionDescription.parse("\r\n".join([*lines, ""]).encode())


BABBLE = description(
    "107 9 0 8 13 100 101",
    "rtpmap:107 opus/48000/2",
    "rtpmap:100 telephone-event/48000",
    "rtpmap:101 telephone-event/8000",
)
"""A phone that speaks everything, its best first."""


@pytest.mark.rfc("3264", "6.1")
def test_phone_that_speaks_everything_is_answered_in_g711_by_itself():
    far = far_end(BABBLE, TELEPHONE, "127.0.0.9", WIDE)
    assert far is not None and (far.codec, far.payload_type) == (Codec.PCMU, 0)
    assert (far.dtmf_payload_type, far.dtmf_clock_rate) == (101, 8000)


def test_site_that_lists_a_wide_codec_first_has_its_way():
    far = far_end(BABBLE, (Codec.G722, *TELEPHONE), "127.0.0.9", WIDE)
    assert far is not None and (far.codec, far.payload_type) == (Codec.G722, 9)
    assert far_end(BABBLE, (Codec.OPUS,), "127.0.0.9").codec is Codec.OPUS


@pytest.mark.rfc("3551", "4.5.2")
@pytest.mark.parametrize("lines", [(), ("rtpmap:9 G722/8000",)])
def test_phone_that_speaks_nothing_but_g722_is_understood(lines):
    offer = description("9", *lines)
    assert far_end(offer, TELEPHONE, "127.0.0.9") is None
    far = far_end(offer, TELEPHONE, "127.0.0.9", WIDE)
    assert far is not None and far.codec is Codec.G722
    answer = SessionDescription.parse(answer_bytes(offer, far, "127.0.0.1", 6000, 1, 1))
    assert answer.media[0].formats == ("9",)
    assert answer.media[0].attribute("rtpmap") == "9 G722/8000"


@pytest.mark.rfc("7587", "7")
def test_opus_is_answered_with_its_clock_its_form_and_events_of_its_clock():
    offer = description(
        "96 101 97",
        "rtpmap:96 opus/48000/2",
        "rtpmap:101 telephone-event/8000",
        "rtpmap:97 telephone-event/48000",
    )
    far = far_end(offer, TELEPHONE, "127.0.0.9", WIDE)
    assert far is not None and (far.codec, far.payload_type) == (Codec.OPUS, 96)
    assert (far.dtmf_payload_type, far.dtmf_clock_rate) == (97, 48000)
    answer = SessionDescription.parse(answer_bytes(offer, far, "127.0.0.1", 6000, 1, 1))
    assert answer.media[0].formats == ("96", "97")
    said = dict(
        value.split(" ", 1) for name, value in answer.media[0].attributes if name == "rtpmap"
    )
    assert said == {"96": "opus/48000/2", "97": "telephone-event/48000"}
    forms = [value for name, value in answer.media[0].attributes if name == "fmtp"]
    assert "96 maxplaybackrate=8000" in forms[0] and forms[1] == "97 0-15"


@pytest.mark.parametrize("form", ["opus/8000", "opus/48000", "G722/16000", "PCMA/8000/2"])
def test_odd_clocks_and_channels_are_other_codecs(form):
    assert far_end(description("98", f"rtpmap:98 {form}"), TELEPHONE, "127.0.0.9", WIDE) is None


def test_our_offer_names_codecs_in_the_order_of_the_site():
    offer = SessionDescription.parse(
        offer_bytes((Codec.G722, Codec.OPUS, Codec.PCMA), "127.0.0.1", 6000, 1, 1)
    )
    assert offer.media[0].formats == ("9", "107", "8", "101")
    assert far_end(offer, (Codec.OPUS, *WIDE), "127.0.0.1").payload_type == 107


@pytest.mark.rfc("3389", "4")
def test_comfort_noise_is_agreed_to_beside_g711_and_asked_for_where_that_is_wished():
    far = far_end(BABBLE, TELEPHONE, "127.0.0.9")
    assert far is not None and far.comfort_noise_payload_type == 13
    answer = SessionDescription.parse(answer_bytes(BABBLE, far, "127.0.0.1", 6000, 1, 1))
    assert "13" in answer.media[0].formats
    wide = far_end(BABBLE, (Codec.OPUS,), "127.0.0.9")
    assert wide is not None and wide.comfort_noise_payload_type is None
    ours = SessionDescription.parse(offer_bytes(TELEPHONE, "127.0.0.1", 6000, 1, 1))
    assert "13" not in ours.media[0].formats
    for codecs, is_there in ((TELEPHONE, True), ((Codec.OPUS, Codec.G722), False)):
        asking = offer_bytes(codecs, "127.0.0.1", 6000, 1, 1, has_comfort_noise=True)
        asking = SessionDescription.parse(asking)
        assert ("13" in asking.media[0].formats) is is_there
        assert (asking.media[0].mappings.get(13) is not None) is is_there
