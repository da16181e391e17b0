"""Pings on connections of ours, and what becomes of a carrier that answers no more. RFC 5626."""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.events import TrunkChanged
from appliance.protocols.sip.flow import Flow, Outgoing
from appliance.protocols.sip.framing import PING_BYTES, PONG_BYTES
from appliance.protocols.sip.keep_alive import INTERVAL_S, PONG_S
from appliance.protocols.sip.message import Request, parse_message, response_to
from appliance.protocols.sip.registration import register_request
from appliance.protocols.sip.trunks import LEAST_BETWEEN_S
from appliance.protocols.sip.watch import INTERVAL_UP_S

CARRIER = "127.0.80.1"


class Carrier:
    """The far end of a trunk over TCP, by hand."""

    def __init__(self, box: Box, link: Link, *, registers: bool = True) -> None:
        self.box, self.link = box, link
        self.connection = 0
        box.directory.routes["carrier"] = TrunkRoute(
            address=CARRIER, transport="tcp", registers=registers, username="linghe", secret="x"
        )
        box.agent.set_trunks(link.now)

    def flow(self) -> Flow:
        return Flow(
            transport="tcp", local_address=self.box.address, local_port=5060,
            remote_address=CARRIER, remote_port=5060, connection=f"out{self.connection}",
            we_connected=True,
        )  # fmt: skip

    def says(self, data: bytes) -> None:
        self.box.heard(self.box.agent.receive(data, self.flow(), self.link.now), self.link.now)

    def answers(self, *, keep: str = "") -> Request:
        """Take the one request over a new connection, and say 200."""
        (sent,) = self.box.leaving()
        request = parse_message(sent.data)
        assert isinstance(request, Request) and sent.connect
        self.connection += 1
        response = response_to(request, 200, to_tag="far")
        if keep:
            via = response.headers.get("Via") or ""
            assert via.endswith(";keep")
            response.headers.replace_first("Via", f"{via}={keep}")
        self.says(response.to_bytes())
        assert self.box.leaving() == []
        return request

    def rests(self, seconds: float) -> list[Outgoing]:
        """Let time pass; what leaves the box in it, up to the first."""
        end = self.link.now + seconds
        while (due := self.box.agent.wake_at()) is not None and due <= end:
            self.link.now = max(self.link.now, due)
            self.box.heard(self.box.agent.wake(self.link.now), self.link.now)
            if sent := self.box.leaving():
                return sent
        self.link.now = type(self.link.now)(end)
        return []


@pytest.fixture
def carrier(box: Box, link: Link) -> Carrier:
    return Carrier(box, link)


def is_ping(sent: list[Outgoing]) -> bool:
    return [(one.data, one.close) for one in sent] == [(PING_BYTES, False)]


@pytest.mark.rfc("5626", "4.4.1")
def test_a_carrier_that_answers_no_more_is_left_and_registered_at_anew(
    carrier: Carrier, box: Box
) -> None:
    carrier.answers()
    began = carrier.link.now
    assert is_ping(carrier.rests(INTERVAL_S))
    assert carrier.link.now - began >= 0.8 * INTERVAL_S
    carrier.says(PONG_BYTES)
    assert is_ping(carrier.rests(INTERVAL_S))
    asked = carrier.link.now
    (closed,) = carrier.rests(PONG_S)
    assert closed.close and closed.data == b"" and closed.flow == carrier.flow()
    assert carrier.link.now == asked + PONG_S
    box.agent.connection_lost(carrier.flow(), carrier.link.now)
    (again,) = carrier.rests(2.0)
    assert again.connect and again.data.startswith(b"REGISTER ")
    assert box.told(TrunkChanged) == [
        TrunkChanged(trunk="carrier", is_up=True, text="registered")
    ], "calls came in again before anybody had to be told"


def test_a_carrier_that_never_answers_pings_is_pinged_and_not_judged(carrier: Carrier) -> None:
    carrier.answers()
    for _ in range(4):
        assert is_ping(carrier.rests(INTERVAL_S))


def test_any_word_is_life(carrier: Carrier) -> None:
    carrier.answers()
    carrier.rests(INTERVAL_S)
    carrier.says(PONG_BYTES)
    carrier.rests(INTERVAL_S)
    carrier.says(b"garbage with an end\r\n\r\n")
    assert not any(one.close and not one.data for one in carrier.box.leaving())
    asked = carrier.rests(PONG_S)
    assert asked == [], "the next ping is due a whole interval later"


@pytest.mark.rfc("6223", "5")
@pytest.mark.parametrize(("keep", "most"), [("20", 20.0), ("1", 5.0), ("0", INTERVAL_S)])
def test_a_carrier_says_how_often_it_wants_to_be_pinged(
    carrier: Carrier, keep: str, most: float
) -> None:
    carrier.answers(keep=keep)
    began = carrier.link.now
    assert is_ping(carrier.rests(600.0))
    assert 0.8 * most <= carrier.link.now - began <= most
    (closed,) = carrier.rests(PONG_S)
    assert closed.close, "it promised to answer"


def test_a_lost_connection_has_the_registration_made_anew_at_once(
    carrier: Carrier, box: Box
) -> None:
    """Not at its next refresh: until then the carrier would have nowhere to send calls."""
    carrier.answers()
    assert is_ping(carrier.rests(INTERVAL_S))
    box.agent.connection_lost(carrier.flow(), carrier.link.now)
    (again,) = carrier.rests(2.0)
    assert again.data.startswith(b"REGISTER ")


def test_a_carrier_that_hangs_up_after_each_answer_is_not_registered_at_every_second(
    carrier: Carrier, box: Box
) -> None:
    for _ in range(3):
        carrier.answers()
        box.agent.connection_lost(carrier.flow(), carrier.link.now)
        answered = carrier.link.now
        while carrier.link.now < answered + LEAST_BETWEEN_S:
            due = carrier.box.agent.wake_at()
            assert due is not None and due >= answered + LEAST_BETWEEN_S
            carrier.link.now = due
            box.heard(box.agent.wake(due), due)


def test_a_watched_carrier_that_hangs_up_after_each_answer_is_asked_as_often_as_any(
    box: Box, link: Link
) -> None:
    """No call comes over the connection of an OPTIONS: its loss has nothing made anew."""
    carrier = Carrier(box, link, registers=False)
    for _ in range(3):
        assert carrier.answers().method == "OPTIONS"
        box.agent.connection_lost(carrier.flow(), link.now)
        answered = link.now
        while link.now < answered + INTERVAL_UP_S:
            due = box.agent.wake_at()
            assert due is not None and due >= answered + INTERVAL_UP_S
            link.now = due
            box.heard(box.agent.wake(due), due)


def test_after_a_restart_the_registration_is_made_anew_over_a_new_connection(
    carrier: Carrier, box: Box
) -> None:
    carrier.answers()
    box.write_down()
    box.kill(carrier.link.now)
    (again,) = carrier.rests(1.0)
    assert again.connect and again.data.startswith(b"REGISTER ")


def test_a_registration_over_udp_asks_for_no_keep_alives(box: Box) -> None:
    route = TrunkRoute(address=CARRIER, registers=True, username="linghe", secret="x")
    core = Core(key=b"k", directory=box.directory, random_text=lambda: "r", product="p")
    for transport, expected in (("udp", False), ("tcp", True)):
        flow = core.flow_to(CARRIER, 5060, transport)
        request = register_request(core, route, flow, "c", 1, 300)
        assert (request.via.param("keep") == "") is expected


@pytest.mark.rfc("6223", "4.4")
@pytest.mark.parametrize(("transport", "granted"), [("tcp", "30"), ("tls", "30"), ("udp", "")])
def test_a_phone_that_asks_whether_it_may_ping_is_told_how_often(
    box: Box, link: Link, transport: str, granted: str
) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.transport = transport
    phone.connection = "in1" if transport != "udp" else ""
    phone.via_tail = ";keep"
    answer = phone.register(link)
    assert (answer.status, answer.via.param("keep")) == (200, granted)


def test_a_phone_that_does_not_ask_is_told_nothing(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.transport, phone.connection = "tcp", "in1"
    assert phone.register(link).via.param("keep") is None
