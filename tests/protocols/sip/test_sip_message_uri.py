"""URIs: what stands where, spelling kept, equality by the book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError


@pytest.mark.rfc("4475", "3.1.1.9")
def test_at_sign_is_found_before_semicolons() -> None:
    uri = SipUri.parse("sip:user;par=u%40example.net@example.com;lr")
    assert (uri.user, uri.host) == ("user;par=u@example.net", "example.com")
    assert uri.param("lr") == "" and uri.param("par") is None


@pytest.mark.rfc("4475", "3.1.1.3")
def test_escapes_are_resolved_once_and_kept_in_spelling() -> None:
    text = "sip:sips%3Auser%2540example.com@example.net"
    uri = SipUri.parse(text)
    assert uri.user == "sips:user%40example.com"
    assert str(uri) == text
    assert SipUri.parse("sip:%00%00@h").user == "\0\0"


def test_every_part_is_found() -> None:
    uri = SipUri.parse("SIPS:al.ice:s%20w@[2001:db8::1]:5071;Transport=TCP;x?Replaces=a%3Bb&To=c")
    assert (uri.scheme, uri.user, uri.password) == ("sips", "al.ice", "s%20w")
    assert (uri.host, uri.address, uri.port) == ("[2001:db8::1]", "2001:db8::1", 5071)
    assert (uri.param("transport"), uri.param("x"), uri.param("y")) == ("TCP", "", None)
    assert uri.header("replaces") == "a;b"
    assert str(uri.without_headers()).endswith(";Transport=TCP;x")


def test_tel_is_kept() -> None:
    uri = SipUri.parse("tel:+86-10-6552-9988;phone-context=cn")
    assert (uri.scheme, uri.user, uri.host) == ("tel", "+86-10-6552-9988", "")
    assert str(uri) == "tel:+86-10-6552-9988;phone-context=cn"
    assert not uri.is_sip


def test_unknown_scheme_is_kept_whole() -> None:
    assert str(SipUri.parse("http://www.example.com/;a?b")) == "http://www.example.com/;a?b"


def test_uri_of_ours_is_escaped_and_bracketed() -> None:
    assert str(SipUri.of("a b@c", "::1", 5070)) == "sip:a%20b%40c@[::1]:5070"
    assert SipUri.parse(str(SipUri.of("张三", "h"))).user == "张三"


@pytest.mark.rfc("3261", "19.1.4")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ],
)
def test_uris_that_mean_the_same(one: str, other: str) -> None:
    assert SipUri.parse(one).same_as(SipUri.parse(other))
    assert SipUri.parse(other).same_as(SipUri.parse(one))


@pytest.mark.rfc("3261", "19.1.4")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:bob@h", "sips:bob@h"),
    ],
)
def test_uris_that_differ(one: str, other: str) -> None:
    assert not SipUri.parse(one).same_as(SipUri.parse(other))


@pytest.mark.parametrize(
    "text",
    [
        "", "sip:", "sip", "8001", "sip:@h", "sip:a@", "sip:a@h:99999", "sip:a@h:0", "sip:a@h:",
        "sip:a@h:5060x", "sip:a b@h", "sip:a@h ;lr", "<sip:a@h>", "sip:a@[::1", "sip:a@[zz]",
        "sip:a@[1.2.3]", "sip:a@h;", "sip:a@h;;lr", "sip:a@h;=x", "tel:", "s p:x", "sip:a@b@c",
        "sip:a@h\x00", "sip:a@exa\u00e9mple", "sip:h" + ";a=b" * 65,
    ],
)  # fmt: skip
def test_malformed_uris_are_refused(text: str) -> None:
    with pytest.raises(PeerError):
        SipUri.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_a_uri_or_refused_and_survives(text: str) -> None:
    for prefix in ("", "sip:", "sip:a@h;", "tel:"):
        try:
            uri = SipUri.parse(prefix + text)
        except PeerError:
            continue
        assert SipUri.parse(str(uri)) == uri
        assert uri.same_as(uri)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_user_can_be_escaped_and_comes_back(user: str) -> None:
    uri = SipUri.of(user, "h")
    assert SipUri.parse(str(uri)).user == user
