"""Dialogs: route sets, targets, and where requests go. RFC 3261 §12."""

import pytest
from link import Box, udp

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.dialog import refresh_target, request_in, uac_dialog, uas_dialog
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request, Response, parse_message, response_to

BOX = Box("127.0.0.1")
FLOW = udp(BOX, "127.0.0.2", 5060)


def core() -> Core:
    return Core(key=b"k", directory=BOX.directory, random_text=lambda: "r", product="Test")


def invite(*lines: str, contact: str = "<sip:far@127.0.0.2>") -> Request:
    head = [
        "INVITE sip:near@127.0.0.1 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKd",
        "From: Far <sip:far@example.com>;tag=f",
        "To: <sip:near@example.com>",
        "Call-ID: d1",
        "CSeq: 7 INVITE",
        f"Contact: {contact}",
        *lines,
        "Content-Length: 0",
    ]
    parsed = parse_message("\r\n".join([*head, "", ""]).encode())
    assert isinstance(parsed, Request)
    return parsed


def ok(request: Request, *routes: str, contact: str = "<sip:far@127.0.0.2>") -> Response:
    response = response_to(request, 200, to_tag="t")
    for route in routes:
        response.headers.add("Record-Route", route)
    response.headers.add("Contact", contact)
    return response


LOOSE = ("<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>")


@pytest.mark.rfc("3261", "12.1.1")
def test_called_side_keeps_the_order_of_record_routes() -> None:
    dialog = uas_dialog(
        invite(*(f"Record-Route: {route}" for route in LOOSE)), "n", FLOW, follows_contact=True
    )
    bye = request_in(core(), dialog, "BYE")
    assert bye.uri == "sip:far@127.0.0.2"
    assert bye.headers.all("Route") == list(LOOSE)
    assert bye.headers.get("From") == "<sip:near@example.com>;tag=n"
    assert bye.headers.get("To") == "Far <sip:far@example.com>;tag=f"
    assert bye.cseq.number == 1


@pytest.mark.rfc("3261", "12.1.2")
def test_calling_side_reverses_two_record_routes() -> None:
    request = invite()
    dialog = uac_dialog(request, ok(request, *LOOSE), FLOW, follows_contact=True)
    ack = request_in(core(), dialog, "ACK", cseq=7)
    assert ack.headers.all("Route") == [LOOSE[1], LOOSE[0]]
    assert ack.uri == "sip:far@127.0.0.2" and ack.cseq.number == 7
    bye = request_in(core(), dialog, "BYE")
    assert bye.cseq.number == 8 and bye.branch != ack.branch


@pytest.mark.rfc("3261", "12.2.1.1")
def test_strict_router_gets_its_own_uri_and_the_target_last() -> None:
    request = invite()
    dialog = uac_dialog(request, ok(request, "<sip:p2;lr>", "<sip:p1>"), FLOW, follows_contact=True)
    bye = request_in(core(), dialog, "BYE")
    assert bye.uri == "sip:p1"
    assert bye.headers.all("Route") == ["<sip:p2;lr>", "<sip:far@127.0.0.2>"]


@pytest.mark.parametrize(
    ("contact", "follows", "address", "port"),
    [
        ("<sip:far@127.0.0.2:5070>", True, "127.0.0.2", 5070),
        ("<sip:far@127.0.0.7>", True, "127.0.0.7", 5060),
        ("<sip:far@127.0.0.7>", False, "127.0.0.2", 5060),
        ("<sip:far@a-name.example>", True, "127.0.0.2", 5060),
        ("<sip:far@[2001:db8::1]>", True, "127.0.0.2", 5060),
        ("<tel:+8610>", True, "127.0.0.2", 5060),
    ],
)
def test_requests_go_to_the_contact_of_trunks_and_the_flow_of_phones(
    contact: str, follows: bool, address: str, port: int
) -> None:
    dialog = uas_dialog(invite(contact=contact), "n", FLOW, follows_contact=follows)
    assert (dialog.flow.remote_address, dialog.flow.remote_port) == (address, port)


@pytest.mark.parametrize(
    ("named", "address"),
    [("10.0.0.5", "9.9.9.9"), ("8.8.4.4", "8.8.4.4"), ("127.0.0.1", "9.9.9.9")],
)
def test_private_contact_of_a_public_trunk_is_behind_nat(named: str, address: str) -> None:
    public = Flow(
        transport="udp",
        local_address="192.0.2.1",
        local_port=5060,
        remote_address="9.9.9.9",
        remote_port=5060,
    )
    dialog = uas_dialog(invite(contact=f"<sip:far@{named}>"), "n", public, follows_contact=True)
    assert dialog.flow.remote_address == address


@pytest.mark.rfc("3261", "12.2.2")
def test_target_refresh_moves_the_remote_target() -> None:
    dialog = uas_dialog(invite(), "n", FLOW, follows_contact=True)
    refresh_target(dialog, invite(contact="<sip:far@127.0.0.5:5082>"), None)
    assert request_in(core(), dialog, "BYE").uri == "sip:far@127.0.0.5:5082"
    assert (dialog.flow.remote_address, dialog.flow.remote_port) == ("127.0.0.5", 5082)


def test_quoted_control_characters_come_back_as_they_came() -> None:
    odd = invite()
    odd.headers.replace("To", '"BEL:\\\a" <sip:near@example.com>')
    dialog = uas_dialog(odd, "n", FLOW, follows_contact=True)
    assert b'"BEL:\\\a"' in request_in(core(), dialog, "BYE").to_bytes()
