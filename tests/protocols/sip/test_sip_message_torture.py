"""RFC 4475's torture messages: what the message layer alone must say of each."""

import csv
from pathlib import Path

import pytest

from appliance.protocols.sip.message import (
    BadMessage,
    Request,
    mark_source,
    parse_message,
    response_to,
)
from appliance.protocols.sip.validation import validate_request, validate_response

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "rfc4475"
JUDGED_LATER = {"bext01", "invut", "regaut01", "sdp01"}
"""Well formed: the user agent refuses them for what they ask (420, 415, 401, 406)."""


def _rows() -> list[dict[str, str]]:
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = _rows()


def verdict(data: bytes) -> BadMessage | None:
    """Return how the message layer refuses `data`, or None when it lets it pass."""
    try:
        message = parse_message(data)
        if isinstance(message, Request):
            validate_request(message)
        else:
            validate_response(message)
    except BadMessage as refused:
        return refused
    assert parse_message(message.to_bytes()) == message
    return None


@pytest.mark.rfc("4475", "3")
@pytest.mark.skipif(not ROWS, reason="the RFC 4475 corpus is not on this machine (../shared)")
@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_torture_message_gets_an_acceptable_verdict(row: dict[str, str]) -> None:
    data = (CORPUS / row["file"]).read_bytes()
    refused = verdict(data)
    acceptable = set(row["codes_ours"].split(","))
    if row["verdict"] == "valid":
        assert refused is None
    if refused is None:
        passed_on = acceptable - {"400", "416", "505", "-"}
        assert passed_on or row["file"][:-4] in JUDGED_LATER or row["kind"] == "resp"
        return
    if refused.partial is None:
        assert "-" in acceptable
        return
    assert str(refused.status) in acceptable
    mark_source(refused.partial, "127.0.44.3", 5060)
    answer = response_to(refused.partial, refused.status, refused.reason, to_tag="t")
    assert parse_message(answer.to_bytes()) == answer


@pytest.mark.skipif(not ROWS, reason="the RFC 4475 corpus is not on this machine (../shared)")
def test_short_tortuous_invite_has_the_values_that_the_rfc_tells() -> None:
    request = parse_message((CORPUS / "wsinv.dat").read_bytes())
    assert isinstance(request, Request)
    assert [(via.transport, via.host, via.branch) for via in request.vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert (request.cseq.number, request.max_forwards) == (9, 68)
    assert request.from_.display == 'J Rosenberg \\"'
    assert (request.to.tag, request.from_.tag) == ("1918181833n", "98asjd8")
    assert request.contact is not None
    assert request.contact.display == 'Quoted string ""'
    assert request.contact.param("newparam") == "newvalue"
    assert (request.contact.param("secondparam"), request.contact.param("q")) == ("", "0.33")
    assert request.routes[0].uri.param("unknownwith") == "value"
    assert request.headers.get("Subject") == ""


@pytest.mark.skipif(not ROWS, reason="the RFC 4475 corpus is not on this machine (../shared)")
def test_contact_parameters_and_uri_parameters_are_told_apart() -> None:
    header = parse_message((CORPUS / "cparam01.dat").read_bytes()).contacts[0]
    assert (header.param("unknownparam"), header.uri.param("unknownparam")) == ("", None)
    inside = parse_message((CORPUS / "cparam02.dat").read_bytes()).contacts[0]
    assert (inside.param("unknownparam"), inside.uri.param("unknownparam")) == (None, "")
    escaped = parse_message((CORPUS / "regescrt.dat").read_bytes()).contacts[0]
    assert escaped.uri.header("route") == "<sip:sip.example.com>"
