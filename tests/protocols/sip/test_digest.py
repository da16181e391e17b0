"""Digest: the standards' own examples, both sides against each other, and what must fail."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.digest import (
    Algorithm,
    AuthFields,
    Freshness,
    NonceMint,
    answer_challenge,
    challenge_headers,
    ha1,
    verify,
)
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

URI = "sip:8001@127.0.0.1"
MD5 = ha1("8001", "linghe", "secret", Algorithm.MD5)
SHA256 = ha1("8001", "linghe", "secret", Algorithm.SHA256)


def credential(challenges: list[str], **changes: str) -> str:
    made = answer_challenge(
        challenges,
        changes.get("user", "8001"),
        changes.get("secret", "secret"),
        changes.get("method", "REGISTER"),
        changes.get("uri", URI),
        "c0ffee",
        1,
        "linghe",
    )
    assert made is not None
    return made


@pytest.mark.rfc("7616", "3.9.1")
@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_example_of_rfc_7616(algorithm: str, response: str) -> None:
    made = answer_challenge(
        [
            f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
            'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ],
        "Mufasa", "Circle of Life", "GET", "/dir/index.html",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1,
    )  # fmt: skip
    assert made is not None
    fields = AuthFields.parse(made)
    assert fields.get("response") == response
    assert fields.get("opaque").startswith("FQhe/")
    assert "qop=auth, nc=00000001" in made


@pytest.mark.rfc("2617", "3.2.2.1")
def test_peer_without_qop_is_answered_the_old_way() -> None:
    made = answer_challenge(
        ['Digest realm="atlanta.com", nonce="84a4cc6f3082121f32b42a2187831a9e"'],
        "alice", "pw", "INVITE", "sip:bob@biloxi.com", "x", 1,
    )  # fmt: skip
    assert made is not None
    fields = AuthFields.parse(made)
    assert "qop" not in fields.fields and "algorithm" not in fields.fields
    assert verify(
        made, "INVITE", "sip:bob@biloxi.com", b"",
        ha1("alice", "atlanta.com", "pw", Algorithm.MD5), "",
    )  # fmt: skip


@pytest.mark.rfc("8760", "2.4")
def test_our_challenge_offers_sha256_first_and_our_client_takes_it() -> None:
    challenges = challenge_headers("linghe", "n1")
    assert [AuthFields.parse(text).algorithm for text in challenges] == [
        Algorithm.SHA256, Algorithm.MD5,
    ]  # fmt: skip
    made = credential(challenges[::-1])
    assert AuthFields.parse(made).algorithm is Algorithm.SHA256
    assert verify(made, "REGISTER", URI, b"", MD5, SHA256)
    assert verify(credential(challenges[1:]), "REGISTER", URI, b"", MD5, SHA256)
    assert AuthFields.parse(challenge_headers("l", "n", stale=True)[0]).get("stale") == "true"


@pytest.mark.parametrize(
    "changes",
    [{"secret": "wrong"}, {"user": "8002"}, {"method": "INVITE"}, {"uri": "sip:9@127.0.0.1"}],
)
def test_anything_else_than_the_right_secret_for_this_request_fails(
    changes: dict[str, str],
) -> None:
    made = credential(challenge_headers("linghe", "n1"), **changes)
    assert not verify(made, "REGISTER", URI, b"", MD5, SHA256)


def test_unknown_user_has_no_ha1_and_never_passes() -> None:
    made = credential(challenge_headers("linghe", "n1"))
    assert not verify(made, "REGISTER", URI, b"", "", "")
    assert not verify("Basic dTpw", "REGISTER", URI, b"", MD5, SHA256)
    assert not verify('Digest a="', "REGISTER", URI, b"", MD5, SHA256)


def test_parameters_and_default_port_in_the_credentials_uri_do_not_matter() -> None:
    uri = "sip:8001@127.0.0.1:5060;transport=UDP"
    made = credential(challenge_headers("linghe", "n1"), uri=uri)
    assert verify(made, "REGISTER", URI, b"", MD5, SHA256)


def test_a_credential_may_name_the_server_alone_but_no_other_server_or_user() -> None:
    asked = "sip:*60@127.0.0.1"
    for uri, is_right in (
        ("sip:127.0.0.1;transport=UDP", True),
        ("sip:127.0.0.2;transport=UDP", False),
        ("sips:127.0.0.1", False),
        ("sip:8002@127.0.0.1", False),
        ("", False),
    ):
        made = credential(challenge_headers("linghe", "n1"), uri=uri)
        assert verify(made, "REGISTER", asked, b"", MD5, SHA256) is is_right


@pytest.mark.parametrize("drop", ["cnonce", "nc"])
def test_qop_without_its_companions_fails(drop: str) -> None:
    made = credential(challenge_headers("linghe", "n1"))
    kept = ", ".join(p for p in made[7:].split(", ") if not p.startswith(f"{drop}="))
    assert not verify(f"Digest {kept}", "REGISTER", URI, b"", MD5, SHA256)


def test_challenge_of_another_realm_gets_no_digest() -> None:
    assert (
        answer_challenge(challenge_headers("evil", "n"), "u", "s", "BYE", URI, "c", 1, "linghe")
        is None
    )


@pytest.mark.parametrize(
    "challenge",
    [
        "Basic realm=x", "Digest realm=x", 'Digest realm=x, nonce=n, algorithm="SHA-512"',
        'Digest realm=x, nonce=n, qop="auth-int"', "Digest ,,,", 'Digest a="b', "",
    ],
)  # fmt: skip
def test_challenges_that_cannot_be_answered_are_passed_over(challenge: str) -> None:
    assert answer_challenge([challenge], "u", "s", "BYE", URI, "c", 1) is None


def test_nonce_is_bound_to_address_and_time() -> None:
    mint = NonceMint(b"k" * 32, life_s=60)
    nonce = mint.nonce("127.0.0.2", Instant(1000.0))
    assert mint.check(nonce, "127.0.0.2", Instant(1059.0)) is Freshness.FRESH
    assert mint.check(nonce, "127.0.0.2", Instant(1061.0)) is Freshness.STALE
    assert mint.check(nonce, "127.0.0.2", Instant(10.0)) is Freshness.STALE
    assert mint.check(nonce, "127.0.0.3", Instant(1001.0)) is Freshness.FORGED
    assert mint.check(nonce[:-1], "127.0.0.2", Instant(1001.0)) is Freshness.FORGED
    assert mint.check("", "127.0.0.2", Instant(1001.0)) is Freshness.FORGED
    assert mint.check("\udcff" * 44, "127.0.0.2", Instant(1001.0)) is Freshness.FORGED
    again = NonceMint(b"k" * 32, life_s=60)
    assert again.check(nonce, "127.0.0.2", Instant(1001.0)) is Freshness.FRESH
    assert NonceMint(b"j" * 32).check(nonce, "127.0.0.2", Instant(1001.0)) is Freshness.FORGED


@pytest.mark.rfc("7616", "3.4")
def test_replayed_nonce_count_is_refused_and_the_table_stays_small() -> None:
    mint = NonceMint(b"k" * 32, counts_kept=3)
    assert mint.take_count("a", 1) and mint.take_count("a", 2)
    assert not mint.take_count("a", 2) and not mint.take_count("a", 1)
    assert mint.take_count("a", 3)
    assert mint.take_count("b", None) and not mint.take_count("b", None)
    for name in "cdef":
        assert mint.take_count(name, 1)
    assert mint.take_count("a", 1), "the oldest was forgotten"


@pytest.mark.parametrize(
    "text",
    [
        'Digest a="b",' + ",".join(f'c{at}="b"' for at in range(18)) + " !",
        "Digest " + 'a="b",' * 1300 + " !",
        "Digest " + "a=" * 4000,
        'Digest a="' + "\\" * 8000,
        "Digest a=" + " " * 8000 + "!",
        "Digest " + "," * 8000,
    ],
)
def test_credentials_made_to_hurt_a_backtracking_parser_take_no_time(text: str) -> None:
    began = time.process_time()
    try:
        AuthFields.parse(text)
    except PeerError:
        pass
    assert time.process_time() - began < 0.05


@given(st.text(max_size=200))
def test_any_text_is_a_credential_or_a_peer_error(text: str) -> None:
    for value in (text, f"Digest {text}", f'Digest a="b", {text}'):
        try:
            AuthFields.parse(value)
        except PeerError:
            continue


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20))
def test_any_name_and_realm_authenticates(text: str) -> None:
    challenges = challenge_headers(text, "n1")
    made = answer_challenge(challenges, text, text, "BYE", URI, "c", 1, text)
    assert made is not None
    assert verify(made, "BYE", URI, b"", "", ha1(text, text, text, Algorithm.SHA256))
