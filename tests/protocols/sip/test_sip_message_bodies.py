"""Multipart bodies: the session description is found, whatever travels beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.bodies import find_part
from appliance.protocols.sip.message import Headers, Request
from appliance.vocabulary.errors import PeerError

MIXED = (
    b"preamble\r\n--b1 \r\nContent-Type: application/isup;version=itu\r\n\r\n\x01\x00\xff\r\n"
    b"--b1\r\nContent-Type:\r\n application/SDP\r\nContent-Disposition: session\r\n\r\nv=0\r\n\r\n"
    b"--b1\r\n\r\nplain\r\n--b1--\r\nepilogue"
)


def carrying(content_type: str, body: bytes) -> Request:
    return Request("INVITE", "sip:a@h", Headers([("Content-Type", content_type)]), body)


@pytest.mark.rfc("5621", "3.1")
def test_session_description_of_a_sip_i_gateway_is_found() -> None:
    request = carrying('multipart/mixed; boundary="b1"', MIXED)
    assert find_part(request) == b"v=0\r\n"
    assert find_part(request, "application/isup") == b"\x01\x00\xff"
    assert find_part(request, "text/plain") == b"plain"
    assert find_part(request, "image/png") is None


def test_plain_body_is_taken_as_it_is() -> None:
    assert find_part(carrying("Application/SDP ; charset=utf-8", b"v=0\r\n")) == b"v=0\r\n"
    assert find_part(carrying("text/plain", b"v=0\r\n")) is None
    assert find_part(Request("INVITE", "sip:a@h", body=b"v=0\r\n")) is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/mixed", MIXED),
        ("multipart/mixed;boundary=" + "x" * 71, MIXED),
        ("multipart/mixed;boundary=b2", MIXED),
        ("multipart/mixed;boundary=b1", MIXED[:60]),
        ("multipart/mixed;boundary=b1", b"--b1x\r\n\r\na\r\n--b1--"),
        ("multipart/mixed;boundary=b1", b"--b1\r\n\r\na\r\n" * 5 + b"--b1--"),
        ("multipart/mixed;boundary=b1", b"--b1\r\nno header\r\n\r\na\r\n--b1--"),
    ],
)
def test_multipart_that_cannot_be_cut_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(PeerError):
        find_part(carrying(content_type, body))


@given(st.lists(st.sampled_from([b"--b1", b"\r\n", b"--", b"v=0", b"a: b", b" "]), max_size=20))
def test_any_pieces_are_parts_or_a_peer_error(pieces: list[bytes]) -> None:
    try:
        found = find_part(carrying("multipart/mixed;boundary=b1", b"".join(pieces)), "text/plain")
    except PeerError:
        return
    assert found is None or b"\r\n--b1" not in found
