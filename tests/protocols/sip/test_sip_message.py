"""Messages: bytes to value and back, what is refused, what is answered, what never gets out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.grammar import display_text, quoted, unquoted
from appliance.protocols.sip.headers import NameAddr, Via
from appliance.protocols.sip.message import (
    BadMessage,
    Headers,
    Request,
    Response,
    mark_source,
    parse_message,
    response_to,
)
from appliance.protocols.sip.validation import validate_request, validate_response
from appliance.vocabulary.errors import IllegalMove, PeerError

INVITE = (
    b"INVITE sip:8001@127.0.0.1 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.2:5070;rport;branch=z9hG4bKabc, "
    b"SIP/2.0/TCP h2.example;branch=z9hG4bKx\r\n"
    b"Max-Forwards: 70\r\n"
    b'f: "Ann \\"A\\" Lee" <sip:ann@127.0.0.2;transport=udp>;tag=t1\r\n'
    b"t: <sip:8001@127.0.0.1>\r\n"
    b"i: c1@127.0.0.2\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"m: <sip:ann@127.0.0.2:5070>\r\n"
    b"Subject: one,\r\n two\r\n"
    b"x-odd: a, b\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\r"
)


def invite(**changes: bytes) -> bytes:
    """Return a small INVITE with some header lines changed; empty bytes leave one out."""
    lines = {
        "via": b"Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKabc",
        "from_": b"From: <sip:ann@127.0.0.2>;tag=t1",
        "to": b"To: <sip:8001@127.0.0.1>",
        "call_id": b"Call-ID: c1@127.0.0.2",
        "cseq": b"CSeq: 7 INVITE",
        "max_forwards": b"Max-Forwards: 70",
        "extra": b"",
    } | changes
    head = b"\r\n".join([b"INVITE sip:8001@127.0.0.1 SIP/2.0", *filter(None, lines.values())])
    return head + b"\r\nContent-Length: 0\r\n\r\n"


def parsed_invite(**changes: bytes) -> Request:
    request = parse_message(invite(**changes))
    assert isinstance(request, Request)
    return request


def refusal(data: bytes) -> BadMessage:
    """Return how parse and validation together refuse a request."""
    with pytest.raises(BadMessage) as refused:
        message = parse_message(data)
        assert isinstance(message, Request)
        validate_request(message)
    return refused.value


@pytest.mark.rfc("3261", "7")
def test_invite_with_compact_forms_folding_and_lists_is_read() -> None:
    request = parse_message(INVITE)
    assert isinstance(request, Request)
    assert (request.method, request.uri, request.body) == (
        "INVITE", "sip:8001@127.0.0.1", b"v=0\r",
    )  # fmt: skip
    assert [via.transport for via in request.vias] == ["UDP", "TCP"]
    assert (request.via.host, request.via.port, request.branch) == ("127.0.0.2", 5070, "z9hG4bKabc")
    assert request.from_.display == 'Ann "A" Lee'
    assert request.from_.uri.param("transport") == "udp"
    assert (request.from_.tag, request.to.tag) == ("t1", None)
    assert (request.cseq.number, request.cseq.method) == (7, "INVITE")
    assert (request.call_id, request.max_forwards) == ("c1@127.0.0.2", 70)
    assert request.contact is not None and request.contact.uri.port == 5070
    assert request.headers.get("Subject") == "one, two"
    assert request.headers.all("X-ODD") == ["a, b"]
    assert request.request_uri.user == "8001"
    validate_request(request)


def test_what_was_parsed_is_written_and_read_as_the_same() -> None:
    request = parse_message(INVITE)
    assert parse_message(request.to_bytes()) == request
    assert request.to_bytes().endswith(b"Content-Length: 4\r\n\r\nv=0\r")


@pytest.mark.rfc("3261", "7.3.1")
def test_only_address_headers_are_split_at_commas() -> None:
    request = parsed_invite(
        extra=b'Contact: "a,b" <sip:x,y@h>, <sip:y@h>\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT'
    )
    assert [contact.display for contact in request.contacts] == ["a,b", ""]
    assert request.headers.all("Date") == ["Sat, 13 Nov 2010 23:29:00 GMT"]


@pytest.mark.rfc("3261", "18.3")
def test_body_of_a_datagram_is_cut_to_content_length_and_a_short_one_is_refused() -> None:
    whole = invite()[:-4].replace(b"Content-Length: 0", b"Content-Length: 3") + b"\r\n\r\n"
    assert parse_message(whole + b"abcdef").body == b"abc"
    refused = refusal(whole + b"ab")
    assert refused.status == 400
    assert refused.partial is not None
    assert response_to(refused.partial, 400).headers.get("Call-ID") == "c1@127.0.0.2"


def test_display_name_in_gbk_keeps_its_bytes_and_people_can_read_it() -> None:
    name = "客服中心".encode("gbk")
    request = parsed_invite(from_=b'From: "' + name + b'" <sip:1@127.0.0.2>;tag=a')
    validate_request(request)
    assert name in response_to(request, 200, to_tag="b").to_bytes()
    assert str(request.from_).encode("utf-8", "surrogateescape").startswith(b'"' + name + b'" <')
    assert display_text(request.from_.display) == "客服中心"
    assert display_text("Ann\x00\x1b[0m 张三") == "Ann[0m 张三"


def test_gbk_character_whose_second_byte_is_a_backslash_does_not_eat_the_closing_quote() -> None:
    name = "陈誠".encode("gbk")
    assert name.endswith(b"\\")
    request = parsed_invite(from_=b'From: "' + name + b'" <sip:1@127.0.0.2>;tag=a')
    assert display_text(request.from_.display) == "陈誠"
    assert NameAddr.parse(str(request.from_)) == request.from_


def test_unquoted_name_in_any_alphabet_is_read_and_goes_out_quoted() -> None:
    name = "陈誠, 张三".encode("gbk")
    request = parsed_invite(from_=b"From: " + name + b" <sip:1@127.0.0.2>;tag=a")
    assert display_text(request.from_.display) == "陈誠, 张三"
    assert NameAddr.parse(str(request.from_)) == request.from_


def test_latin1_name_before_the_closing_quote_is_read_too() -> None:
    request = parsed_invite(from_=b'From: "Jos\xe9" <sip:1@127.0.0.2>;tag=a')
    assert request.from_.uri.user == "1"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"call_id": b""}, 400),
        ({"cseq": b""}, 400),
        ({"to": b""}, 400),
        ({"from_": b""}, 400),
        ({"cseq": b"CSeq: 7 BYE"}, 400),
        ({"cseq": b"CSeq: 4294967296 INVITE"}, 400),
        ({"cseq": b"CSeq: \xd9\xa7 INVITE"}, 400),
        ({"cseq": b"CSeq: 7 INVITE\r\nCSeq: 8 INVITE"}, 400),
        ({"max_forwards": b"Max-Forwards: 256"}, 400),
        ({"max_forwards": b"Max-Forwards: many"}, 400),
        ({"from_": b"From: <sip:ann@127.0.0.2"}, 400),
        ({"from_": b"From: <sip:ann@127.0.0.2>;tag="}, 400),
        ({"to": b'To: "open <sip:8001@127.0.0.1>'}, 400),
        ({"extra": b"Contact: <sip:a@h:65536>"}, 400),
        ({"extra": b"Contact: <sip:a@h:0>"}, 400),
        ({"extra": b"Contact: *"}, 400),
        ({"extra": b"Contact: <sip:a@h>;expires=99999999999"}, 400),
        ({"extra": b"Expires: -1"}, 400),
        ({"extra": b"No colon here"}, 400),
        ({"extra": b"Bad name: x"}, 400),
        ({"extra": b"Subject: a\x00b"}, 400),
        ({"extra": b"Subject: a\nVia: b"}, 400),
        ({"extra": b"Content-Length: 0"}, 400),
        ({"extra": b"\r\n".join([b"Contact: <sip:a@h>"] * 21)}, 400),
        ({"extra": b"\r\n".join([b"Record-Route: <sip:h;lr>"] * 33)}, 400),
        ({"extra": b"\r\n".join([b"Via: SIP/2.0/UDP h"] * 70)}, 400),
        ({"extra": b"\r\n".join([b"X: y"] * 257)}, 513),
        ({"extra": b"X: " + b"y" * 9000}, 513),
        ({"extra": b"X: " + b"y\r\n " * 5000}, 513),
    ],
)
@pytest.mark.rfc("3261", "8.1.1")
def test_request_that_breaks_the_rules_is_refused(changes: dict[str, bytes], status: int) -> None:
    assert refusal(invite(**changes)).status == status


@pytest.mark.rfc("3261", "21.4.14")
def test_unknown_scheme_is_416_and_headers_in_the_request_uri_are_400() -> None:
    right = b"sip:8001@127.0.0.1 SIP"
    assert refusal(invite().replace(right, b"urn:service:sos SIP")).status == 416
    assert refusal(invite().replace(right, b"sip:a@h?Route=%3Csip:b%3E SIP")).status == 400
    validate_request(parsed_invite())


@pytest.mark.rfc("3261", "17.1.1.3")
def test_bad_ack_and_bad_response_are_never_answered() -> None:
    ack = invite(call_id=b"", cseq=b"CSeq: 7 ACK").replace(b"INVITE sip", b"ACK sip")
    assert refusal(ack).partial is None
    with pytest.raises(BadMessage) as refused:
        parse_message(b"SIP/2.0 999 Odd\r\n\r\n")
    assert refused.value.partial is None


def test_via_that_cannot_be_answered_is_refused_without_an_answer() -> None:
    refused = refusal(invite(via=b"Via: SIP/2.0/UDP 127.0.0.1:99999;branch=z9hG4bKa"))
    assert refused.partial is None


@pytest.mark.rfc("3581", "4")
def test_rport_that_the_sender_made_up_is_overwritten_by_the_truth() -> None:
    request = parsed_invite(
        via=b"Via: SIP/2.0/UDP 10.0.0.9;rport=99999999;received=1.2.3.4;branch=z9hG4bKa"
    )
    assert not request.via.rport
    mark_source(request, "127.0.0.2", 5090)
    assert (request.via.received, request.via.rport) == ("127.0.0.2", 5090)
    assert str(request.via).count("received") == 1


@pytest.mark.rfc("3261", "18.2.1")
def test_received_is_added_only_where_the_via_tells_another_address() -> None:
    same = parsed_invite()
    mark_source(same, "127.0.0.2", 5090)
    assert "received" not in str(same.via)
    other = parsed_invite()
    mark_source(other, "127.0.0.7", 5090)
    assert (other.via.received, other.via.rport) == ("127.0.0.7", None)


@pytest.mark.rfc("3261", "8.2.6.2")
def test_response_copies_what_it_must_and_tags_to_once() -> None:
    request = parse_message(INVITE)
    assert isinstance(request, Request)
    response = response_to(request, 180, to_tag="mine")
    assert response.to_bytes().startswith(b"SIP/2.0 180 Ringing\r\nVia: ")
    assert (response.to.tag, response.from_.tag, response.branch) == ("mine", "t1", "z9hG4bKabc")
    assert len(response.vias) == 2
    tagged = parsed_invite(to=b"To: <sip:8001@127.0.0.1>;tag=old")
    assert response_to(tagged, 200, to_tag="mine").to.tag == "old"
    assert response_to(tagged, 100).to.tag == "old"


@pytest.mark.rfc("3261", "8.1.3.3")
def test_response_with_two_vias_is_not_ours() -> None:
    request = parse_message(INVITE)
    assert isinstance(request, Request)
    with pytest.raises(BadMessage):
        validate_response(response_to(request, 200, to_tag="a"))
    validate_response(response_to(parsed_invite(), 200, to_tag="a"))


@pytest.mark.parametrize("value", ["a\r\nVia: evil", "a\nb", "a\rb", "a\x00b", "a\x7f", "\x1b[2J"])
def test_header_injection_is_our_bug_and_never_leaves(value: str) -> None:
    request = parsed_invite()
    request.headers.add("Subject", value)
    with pytest.raises(IllegalMove):
        request.to_bytes()


def test_injection_through_reason_uri_and_name_is_refused_too() -> None:
    with pytest.raises(IllegalMove):
        Response(400, "Bad\r\nX: y").to_bytes()
    with pytest.raises(IllegalMove):
        Request("BYE", "sip:a@h SIP/2.0\r\nX: y").to_bytes()
    with pytest.raises(IllegalMove):
        Request("BYE", "sip:a@h SIP/2.0").to_bytes()
    with pytest.raises(IllegalMove):
        Headers().add("Sub\r\nject", "x")
    with pytest.raises(IllegalMove):
        Response(400, "half a pair \ud800").to_bytes()


def test_header_list_changes_keep_order() -> None:
    headers = Headers([("via", "a"), ("v", "b"), ("subject", "s"), ("VIA", "c")])
    assert headers.all("via") == ["a", "b", "c"]
    headers.replace_first("v", "y")
    headers.replace("Via", "only")
    assert headers.fields == [("Via", "only"), ("Subject", "s")]
    headers.replace("Expires", "60")
    assert [name for name, _ in headers] == ["Via", "Subject", "Expires"]
    headers.remove("subject")
    assert "Subject" not in headers and "via" in headers and len(headers) == 2
    copy = headers.copy()
    copy.add("Supported", "timer, 100rel")
    copy.add("k", "replaces")
    assert copy.tokens("Supported") == ["timer", "100rel", "replaces"]
    assert headers.get("Supported") is None


@pytest.mark.rfc("3581", "4")
@pytest.mark.parametrize("port", ["0", "65536", "99999999", "-1", "٣"])
def test_rport_out_of_range_is_no_port(port: str) -> None:
    via = Via.parse(f"SIP/2.0/UDP 127.0.0.1;rport={port}")
    assert via.rport is None and via.wants_rport


@pytest.mark.rfc("5118", "4.1")
def test_ipv6_via_with_port_is_read() -> None:
    via = Via.parse("SIP/2.0/UDP [2001:db8::9:1]:5061;received=[::1];branch=z9hG4bKas3-111")
    assert (via.host, via.address, via.port) == ("[2001:db8::9:1]", "2001:db8::9:1", 5061)


@pytest.mark.parametrize(
    "value",
    [
        '"' * 8000,
        '"\\' * 4000,
        "<" * 8000,
        "a;" * 4000,
        ";" * 8000,
        "a" + " " * 8000 + "b",
        "x" * 8000,
        '"a"' * 2600,
        "sip:" + "@" * 8000,
        "sip:a" + ";b=c" * 2000,
        "\udce9" * 8000,
    ],
)
def test_every_parser_is_linear_on_values_made_to_hurt(value: str) -> None:
    began = time.process_time()
    for parse in (NameAddr.parse, Via.parse):
        with pytest.raises(PeerError):
            parse(value)
    unquoted(quoted(value))
    assert time.process_time() - began < 0.2


@given(st.binary(max_size=400))
def test_garbage_is_a_message_or_a_bad_message(data: bytes) -> None:
    _survives(data)


@given(st.integers(0, len(INVITE)), st.integers(0, 12), st.binary(max_size=12))
def test_damaged_invite_is_a_message_or_a_bad_message(at: int, cut: int, put: bytes) -> None:
    _survives(INVITE[:at] + put + INVITE[at + cut :])


def _survives(data: bytes) -> None:
    try:
        message = parse_message(data)
        if isinstance(message, Request):
            validate_request(message)
        else:
            validate_response(message)
    except BadMessage as refused:
        if refused.partial is not None:
            mark_source(refused.partial, "127.0.0.9", 5060)
            response_to(refused.partial, refused.status, refused.reason, to_tag="t").to_bytes()
        return
    assert parse_message(message.to_bytes()) == message


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60))
def test_any_display_name_survives_quoting(name: str) -> None:
    value = NameAddr.parse(f"{quoted(name)} <sip:a@h>;tag=x")
    assert value.display == name
    assert NameAddr.parse(str(value)) == value


@given(st.binary(max_size=40).filter(lambda raw: not set(raw) & {10, 13, 0}))
def test_any_display_bytes_survive_when_they_can_be_read(raw: bytes) -> None:
    text = '"' + raw.decode("utf-8", "surrogateescape") + '" <sip:a@h>'
    try:
        value = NameAddr.parse(text)
    except PeerError:
        return
    assert NameAddr.parse(str(value)) == value
    display_text(value.display).encode("utf-8")
