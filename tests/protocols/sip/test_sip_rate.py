"""One mad phone does not use up what the others behind the same address are allowed.

RFC 3261 says nothing of floods; design/security.md does ("floods"). Time stands still in these
stories: all of a flood comes within one second, and the next second is asked for by name.
"""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Response
from appliance.protocols.sip.rate import MAX_PORTS, PORT_SHARE, REQUESTS_A_SECOND, RateLimit
from appliance.vocabulary.ids import Instant

NOW = Instant(1000.0)
OFFICE = "198.51.100.7"
FLOOD = 3000


def at(port: int, address: str = OFFICE) -> Flow:
    return Flow(
        transport="udp",
        local_address="127.0.0.1",
        local_port=5060,
        remote_address=address,
        remote_port=port,
    )


def message(method: str, number: int, *lines: str, to_tag: str = "") -> bytes:
    return "\r\n".join(
        [
            f"{method} sip:8001@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {OFFICE}:5060;rport;branch=z9hG4bKmad{number}",
            f"From: <sip:8001@{OFFICE}>;tag=m{number}",
            f"To: <sip:8001@127.0.0.1>{to_tag}",
            f"Call-ID: mad-{number}",
            f"CSeq: 1 {method}",
            "Max-Forwards: 70",
            *lines,
            "Content-Length: 0",
            "",
            "",
        ]
    ).encode()


def answered(box: Box, data: list[bytes], flow: Flow) -> int:
    """Count the answers to what comes at once."""
    for one in data:
        box.agent.receive(one, flow, NOW)
    return len(box.leaving())


def flood(method: str = "SUBSCRIBE", to_tag: str = "") -> list[bytes]:
    return [
        message(method, number, "Event: message-summary", to_tag=to_tag) for number in range(FLOOD)
    ]


def phone_of(box: Box, link: Link, user: str, port: int) -> Phone:
    box.directory.secrets = {user: f"secret-of-{user}", **box.directory.secrets}
    phone = Phone(box, user, f"secret-of-{user}", port=port)
    phone.address = OFFICE
    assert phone.register(link).status == 200
    return phone


def says(phone: Phone, link: Link, method: str = "OPTIONS") -> list[int]:
    got = phone.send(link, phone.text(method).encode())
    return [one.status for one in got if isinstance(one, Response)]


def test_a_mad_stranger_leaves_half_of_his_address_to_his_neighbours() -> None:
    box = Box("127.0.0.1")
    assert answered(box, flood(), at(40_001)) == PORT_SHARE
    assert answered(box, [message("REGISTER", 1)], at(40_002)) == 1


def test_two_mad_strangers_use_up_the_address_for_strangers_only() -> None:
    box, now = Box("127.0.0.1"), NOW
    link = Link(box)
    link.now = now
    anna = phone_of(box, link, "8001", 5062)
    link.now = Instant(now + 1)
    for port in (40_001, 40_002, 40_003):
        for one in flood():
            box.agent.receive(one, at(port), link.now)
    box.leaving()
    assert says(anna, link) == [200], "a registered phone beside them"
    box.agent.receive(message("REGISTER", 1), at(40_004), link.now)
    assert box.leaving() == [], "of strangers there it is one too many"
    box.agent.receive(message("REGISTER", 2), at(40_004), Instant(link.now + 1))
    assert len(box.leaving()) == 1, "the next second is another one"


def test_mad_registered_phones_take_nothing_from_those_who_come_new() -> None:
    """After a restart of the NAT all phones but the mad ones have new ports: they must get in."""
    box = Box("127.0.0.1")
    link = Link(box)
    mad = [phone_of(box, link, f"800{number}", 5060 + 2 * number) for number in range(1, 6)]
    link.now = Instant(link.now + 1)
    for phone in mad:
        for one in flood("OPTIONS"):
            box.agent.receive(one, phone.flow, link.now)
        assert len(box.leaving()) == REQUESTS_A_SECOND
    ben = phone_of(box, link, "8009", 5090)
    assert says(ben, link) == [200]


@pytest.mark.parametrize("method", ["SUBSCRIBE", "INVITE", "BYE", "CANCEL", "NOTIFY", "OPTIONS"])
@pytest.mark.parametrize("to_tag", ["", ";tag=made-up"])
def test_no_method_and_no_made_up_tag_gets_around_it(method: str, to_tag: str) -> None:
    box = Box("127.0.0.1")
    assert answered(box, flood(method, to_tag), at(40_001)) == PORT_SHARE
    assert box.agent.counters.limited == FLOOD - PORT_SHARE


def test_what_cannot_be_read_does_not_get_around_it() -> None:
    """A 400 to each would make the box a mirror for who fakes the source."""
    box = Box("127.0.0.1")
    broken = [one.replace(b"CSeq: 1", b"CSeq: x") for one in flood()]
    assert answered(box, broken, at(40_001)) == PORT_SHARE


def test_a_trunk_beside_a_flood_has_its_own() -> None:
    box = Box("127.0.0.1")
    for port in (40_001, 40_002, 40_003):
        answered(box, flood("OPTIONS"), at(port))
    box.directory.trusted = {OFFICE: "carrier"}
    assert answered(box, flood("OPTIONS"), at(5060)) == REQUESTS_A_SECOND


def test_a_call_is_not_counted_however_mad_its_neighbours_are() -> None:
    box = Box("127.0.0.1")
    box.directory.guests = True
    invite = message("INVITE", 1, "Contact: <sip:guest@198.51.100.7:5060>")
    (event,) = box.agent.receive(invite, at(5060), NOW)
    box.agent.answer(event.dialog, b"v=0\r\n", NOW)
    (ok,) = [one for one in box.leaving() if one.data.startswith(b"SIP/2.0 200")]
    tag = ok.data.partition(b"To: ")[2].partition(b"\r\n")[0].rpartition(b";tag=")[2].decode()
    for port in (40_001, 40_002, 5060):
        answered(box, flood("OPTIONS"), at(port))
    bye = message("BYE", 1, to_tag=f";tag={tag}").replace(b"CSeq: 1", b"CSeq: 2")
    bye = bye.replace(b"z9hG4bKmad1", b"z9hG4bKbye")
    assert answered(box, [bye], at(5060)) == 1


def test_tables_are_of_fixed_size_and_full_ones_keep_nobody_out() -> None:
    """65,000 ports at each of many addresses: what is not counted by itself is by its address."""
    limit = RateLimit(is_phone=lambda flow: False, is_near=lambda address: False)
    for number in range(2 * MAX_PORTS):
        address = f"10.0.{number // 200 // 250}.{number // 200 % 250}"
        assert limit.admits(at(1 + number % 200, address), NOW, lambda: False)
    assert len(limit._ports) == MAX_PORTS
    late = "10.9.9.9"
    admitted = sum(limit.admits(at(9, late), NOW, lambda: False) for _ in range(FLOOD))
    assert admitted == REQUESTS_A_SECOND
