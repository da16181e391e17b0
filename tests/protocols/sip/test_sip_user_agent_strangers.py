"""What strangers send: RFC 4475's torture, one-packet kills, floods, mutations. RFC 3261 §8.2."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.events import FromGuest, InviteArrived
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request, parse_message
from appliance.protocols.sip.rate import MAX_ADDRESSES
from appliance.vocabulary.ids import Instant

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "rfc4475"
NOW = Instant(1000.0)
STRANGER = "127.0.44.3"


def _rows() -> list[dict[str, str]]:
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = _rows()


def from_stranger(port: int = 5060, address: str = STRANGER) -> Flow:
    return Flow(
        transport="udp",
        local_address="127.0.0.1",
        local_port=5060,
        remote_address=address,
        remote_port=port,
    )


def answers(box: Box, data: bytes, flow: Flow | None = None) -> list[bytes]:
    assert box.agent.receive(data, flow or from_stranger(), NOW) == []
    return [out.data for out in box.leaving()]


def statuses(box: Box, data: bytes, flow: Flow | None = None) -> list[str]:
    return [answer.split(b" ")[1].decode() for answer in answers(box, data, flow)]


def request(method: str = "OPTIONS", *lines: str, via: str = "", to: str = "") -> bytes:
    head = [
        f"{method} sip:ping@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {via or STRANGER + ':5060;rport'};branch=z9hG4bKx1",
        f"From: <sip:probe@{STRANGER}>;tag=p1",
        to or "To: <sip:ping@127.0.0.1>",
        "Call-ID: c1",
        f"CSeq: 1 {method}",
        *lines,
    ]
    if not any(line.startswith("Max-Forwards") for line in lines):
        head.append("Max-Forwards: 70")
    return "\r\n".join([*head, "Content-Length: 0", "", ""]).encode("utf-8", "surrogateescape")


@pytest.mark.skipif(not ROWS, reason="no ../shared/corpora/rfc4475 beside this checkout")
@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_torture_message_of_a_stranger_gets_an_acceptable_code(row: dict[str, str]) -> None:
    box = Box("127.0.0.1")
    data = (CORPUS / row["file"]).read_bytes()
    allowed = set(row["codes_ours"].split(","))
    codes = statuses(box, data)
    finals = [code for code in codes if code >= "200"]
    if row["kind"] == "resp":
        assert codes == []
    elif not finals:
        assert "-" in allowed
    else:
        assert len(set(finals)) == 1 and set(codes) & allowed, codes
    assert statuses(box, request()) == ["200"], "still answers"


KILLS = {
    "Via port 99999": request(via=f"{STRANGER}:99999"),
    "Via port 0": request(via=f"{STRANGER}:0"),
    "rport 99999999": request(via=f"{STRANGER}:5060;rport=99999999"),
    "received elsewhere": request(via=f"{STRANGER};received=255.255.255.255;rport"),
    "Via host a name": request(via="no-such-host.invalid;rport"),
    "authorization without end": request(
        "REGISTER", "Authorization: Digest " + 'a="b",' * 30 + " !"
    ),
    "GBK name": request().replace(b"From: ", b'From: "' + "王".encode("gbk") + b'" '),
}


@pytest.mark.parametrize("name", KILLS)
def test_one_packet_that_killed_other_stacks_does_not_harm_ours(name: str) -> None:
    box = Box("127.0.0.1")
    box.agent.receive(KILLS[name], from_stranger(), NOW)
    for out in box.leaving():
        assert out.flow.remote_address == STRANGER
        assert 1 <= out.flow.remote_port <= 65535
    assert statuses(box, request()) == ["200"]


def test_gbk_name_is_answered_byte_for_byte() -> None:
    box = Box("127.0.0.1")
    (answer,) = answers(box, KILLS["GBK name"])
    assert answer.startswith(b"SIP/2.0 200 ") and "王".encode("gbk") in answer


def test_what_cannot_be_read_is_answered_where_it_came_from() -> None:
    box = Box("127.0.0.1")
    broken = request(via="10.0.0.9:5070").replace(b"CSeq: 1", b"CSeq: x")
    box.agent.receive(broken, from_stranger(40001), NOW)
    (out,) = box.leaving()
    assert out.data.startswith(b"SIP/2.0 400 ") and out.flow.remote_port == 40001


def test_answer_goes_to_the_source_with_rport_and_to_the_via_port_without() -> None:
    box = Box("127.0.0.1")
    box.agent.receive(request(via="10.0.0.9:5070;rport"), from_stranger(40001), NOW)
    (out,) = box.leaving()
    assert (out.flow.remote_address, out.flow.remote_port) == (STRANGER, 40001)
    assert b";rport=40001" in out.data and b";received=127.0.44.3" in out.data
    box.agent.receive(request(via="10.0.0.9:5070"), from_stranger(40001), NOW)
    (out,) = box.leaving()
    assert (out.flow.remote_address, out.flow.remote_port) == (STRANGER, 5070)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("OPTIONS", "Require: magic, 100rel"), "420"),
        (request("OPTIONS", "Max-Forwards: 0"), "483"),
        (request("DANCE"), "501"),
        (request("BYE"), "481"),
        (request("BYE", to="To: <sip:x@127.0.0.1>;tag=unknown"), "481"),
        (request("INVITE", to="To: <sip:x@127.0.0.1>;tag=unknown"), "401"),
        (request("CANCEL"), "481"),
        (request("INVITE"), "401"),
        (request("SUBSCRIBE", "Event: dialog"), "401"),
        (request("MESSAGE"), "401"),
        (request("REFER", "Refer-To: <sip:1@2.3.4.5>"), "401"),
        (request("REGISTER"), "401"),
    ],
)
def test_stranger_is_refused(data: bytes, status: str) -> None:
    assert statuses(Box("127.0.0.1"), data) == [status]


def test_ack_and_responses_of_strangers_are_never_answered() -> None:
    box = Box("127.0.0.1")
    assert answers(box, request("ACK")) == []
    ok = request().replace(b"OPTIONS sip:ping@127.0.0.1 SIP/2.0", b"SIP/2.0 200 OK")
    assert answers(box, ok) == []
    assert box.agent.counters.stray_responses == 1


def test_trunk_gets_489_and_405_without_a_challenge() -> None:
    box = Box("127.0.0.1")
    box.directory.trusted[STRANGER] = "carrier"
    assert statuses(box, request("SUBSCRIBE", "Event: dialog")) == ["489"]
    (refused,) = answers(box, request("MESSAGE"))
    assert refused.startswith(b"SIP/2.0 405 ") and b"Allow: INVITE" in refused


def test_reinvite_of_an_unknown_dialog_from_a_trunk_is_481() -> None:
    box = Box("127.0.0.1")
    box.directory.trusted[STRANGER] = "carrier"
    assert statuses(box, request("INVITE", to="To: <sip:x@127.0.0.1>;tag=unknown")) == ["481"]


def invite(call_id: str = "c1", *, body: bytes = b"v=0\r\n", branch: str = "z9hG4bKi1") -> bytes:
    head = request("INVITE", f"Contact: <sip:probe@{STRANGER}>", "Content-Type: application/sdp")
    head = head.replace(b"Call-ID: c1", f"Call-ID: {call_id}".encode())
    head = head.replace(b"z9hG4bKx1", branch.encode())
    return head.replace(b"Content-Length: 0", f"Content-Length: {len(body)}".encode()) + body


def test_guest_may_ring_where_guests_are_allowed() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    (event,) = box.agent.receive(invite(), from_stranger(), NOW)
    assert isinstance(event, InviteArrived)
    assert event.origin == FromGuest(address=STRANGER)


def test_merged_request_is_a_loop() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    box.agent.receive(invite(), from_stranger(), NOW)
    box.leaving()
    assert statuses(box, invite(branch="z9hG4bKi2")) == ["482"]


def test_body_that_is_no_session_description_is_415() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    odd = invite().replace(b"application/sdp", b"application/odd")
    (answer,) = answers(box, odd)
    assert answer.startswith(b"SIP/2.0 415 ") and b"Accept: application/sdp" in answer


def test_tables_are_of_fixed_size() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    for number in range(1100):
        flow = from_stranger(address=f"127.1.{number % 200}.9")
        box.agent.receive(invite(f"call-{number}", branch=f"z9hG4bK{number}"), flow, NOW)
    assert box.agent.counters.refused_full == 1100 - 1024
    assert b"SIP/2.0 503 " in box.leaving()[-1].data


def test_address_that_floods_is_not_answered_while_another_is() -> None:
    box = Box("127.0.0.1")
    for number in range(1000):
        box.agent.receive(request(), from_stranger(40_000 + number % 10), NOW)
    assert len(box.leaving()) == 200
    assert statuses(box, request(), from_stranger(address="127.0.44.4")) == ["200"]


def test_challenges_are_remembered_nowhere() -> None:
    box = Box("127.0.0.1")
    for number in range(5000):
        flow = from_stranger(address=f"127.2.{number % 100}.{number // 100}")
        box.agent.receive(request("REGISTER"), flow, NOW)
    assert box.slots == {} and box.agent.wake_at() is None


def test_rfc_2543_invite_without_branch_is_matched_with_its_ack() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    old = invite().replace(b";branch=z9hG4bKi1", b"").replace(b";tag=p1", b"")
    (event,) = box.agent.receive(old, from_stranger(), NOW)
    assert isinstance(event, InviteArrived)
    box.agent.reject(event.dialog, 486, "", NOW)
    (_, busy) = [out.data for out in box.leaving()]
    parsed = parse_message(busy)
    ack = old.replace(b"INVITE", b"ACK").replace(
        b"To: <sip:ping@127.0.0.1>", f"To: {parsed.headers.get('To')}".encode()
    )
    assert answers(box, ack) == []
    box.agent.wake(Instant(NOW + 4.9))
    assert box.agent.outgoing() == [], "the 486 is not repeated after its ACK"


BASES = [invite(), request(), request("BYE", to="To: <sip:x@1.2.3.4>;tag=t"), request("REGISTER")]


@settings(max_examples=300)
@given(
    base=st.sampled_from(BASES),
    changes=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=8),
    cut=st.integers(0, 500),
)
def test_mutated_messages_never_raise(
    base: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    data = bytearray(base)
    for at, new in changes:
        data[at : at + len(new)] = new
    whole = bytes(data[: len(data) - cut // 10])
    for event in box.agent.receive(whole, from_stranger(), NOW):
        assert isinstance(event, InviteArrived)
        box.agent.ring(event.dialog, NOW)
        box.agent.answer(event.dialog, b"v=0\r\n", NOW)
        box.agent.hang_up(event.dialog, NOW)
    for out in box.leaving():
        parsed = parse_message(out.data)
        assert not isinstance(parsed, Request) and out.flow.remote_address == STRANGER
    assert statuses(box, request("OPTIONS", via=f"{STRANGER};rport")) in (["200"], [])


def test_session_description_is_found_beside_an_isup() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    body = (
        b"--b\r\nContent-Type: application/ISUP\r\n\r\n\x01\x02\r\n"
        b"--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--\r\n"
    )
    data = invite(body=body).replace(
        b"application/sdp\r\nMax", b"multipart/mixed;boundary=b\r\nMax"
    )
    (event,) = box.agent.receive(data, from_stranger(), NOW)
    assert isinstance(event, InviteArrived) and event.sdp == b"v=0\r\n"


def test_flood_of_spoofed_sources_keeps_no_phone_and_no_trunk_out() -> None:
    box = Box("127.0.0.1")
    link = Link(box)
    box.directory.secrets = {"8001": "first-secret"}
    box.directory.trusted = {"127.0.80.1": "carrier"}
    phone = Phone(box, "8001", "first-secret")
    assert phone.register(link).status == 200
    for number in range(MAX_ADDRESSES):
        statuses(box, request(), from_stranger(address=f"10.{number >> 8}.{number & 255}.1"))
    assert statuses(box, request(), from_stranger(address="10.200.0.1")) == []
    assert [message.status for message in phone.send(link, phone.text("OPTIONS").encode())] == [200]
    assert statuses(box, request(), from_stranger(address="127.0.80.1")) == ["200"]
