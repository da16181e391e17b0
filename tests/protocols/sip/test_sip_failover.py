"""From one server of a trunk to the next, in virtual time (RFC 3263 §4.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link import Box, Link, scattered

from appliance.protocols.sip.directory import TrunkRoute, TrunkTarget
from appliance.protocols.sip.events import (
    InviteAnswered,
    InviteArrived,
    InviteRefused,
    SipEvent,
    TrunkChanged,
)
from appliance.protocols.sip.failover import LONGEST_OUT_S, Outages
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.location import Hop, Server
from appliance.protocols.sip.message import Request
from appliance.vocabulary.ids import Instant

ANSWER = b"v=0\r\nthe answer\r\n"
FIRST, SECOND, THIRD = "127.0.0.3", "127.0.0.4", "127.0.0.5"


def server(number: int, *addresses: str) -> Server:
    return Server(
        name=f"s{number}.carrier", addresses=addresses, port=5060, transport="udp", rank=number
    )


class Stage:
    """A box with a trunk of three servers; those named are there, each with its own manners."""

    def __init__(self, *there: str, registers: bool = False) -> None:
        self.box = Box("127.0.0.2")
        self.hosts = {address: Box(address) for address in there}
        for host in self.hosts.values():
            host.directory.trusted["127.0.0.2"] = "shop"
        self.route = TrunkRoute(
            address=FIRST,
            domain="carrier.example",
            registers=registers,
            servers=(server(1, FIRST), server(2, SECOND), server(3, THIRD)),
        )
        self.box.directory.routes["carrier"] = self.route
        for address in (FIRST, SECOND, THIRD):
            self.box.directory.trusted[address] = "carrier"
        self.link = Link(self.box, *self.hosts.values())

    def manners(self, address: str, status: int) -> None:
        """From now on this server answers every INVITE so (200: with a description)."""
        host = self.hosts[address]

        def on_event(event: SipEvent, now: Instant) -> None:
            if isinstance(event, InviteArrived):
                if status == 200:
                    host.agent.answer(event.dialog, ANSWER, now)
                else:
                    host.agent.reject(event.dialog, status, "", now)

        host.on_event = on_event

    def dial(self):
        return self.box.agent.invite(
            TrunkTarget(trunk="carrier"), sdp=b"v=0\r\n", from_user="8001", from_name="",
            to_user="139", now=self.link.now,
        )  # fmt: skip

    def invited(self) -> list[str]:
        """Where INVITEs went, each hop once, in order."""
        seen = []
        for out in self.sent:
            if out not in seen:
                seen.append(out)
        return seen

    @property
    def sent(self) -> list[str]:
        return [
            address
            for address, host in self.hosts.items()
            for event in host.told(InviteArrived)
            if isinstance(event, InviteArrived)
        ]

    def answered(self) -> list[str]:
        return [
            event.source_address
            for event in self.box.told(InviteAnswered)
            if isinstance(event, InviteAnswered)
        ]


@pytest.mark.rfc("3263", "4.3")
def test_a_503_sends_the_call_to_the_next_server_and_later_calls_go_there_first() -> None:
    stage = Stage(FIRST, SECOND)
    stage.manners(FIRST, 503)
    stage.manners(SECOND, 200)
    stage.dial()
    stage.link.run(2)
    assert stage.answered() == [SECOND]
    assert stage.sent.count(FIRST) == 1
    stage.dial()
    stage.link.run(2)
    assert stage.answered() == [SECOND, SECOND]
    assert stage.sent.count(FIRST) == 1  # it is out for a minute
    stage.link.run(70)
    stage.dial()
    stage.link.run(2)
    assert stage.sent.count(FIRST) == 2


@pytest.mark.rfc("3263", "4.3")
def test_a_silent_server_costs_four_seconds_once() -> None:
    stage = Stage(SECOND)
    stage.manners(SECOND, 200)
    stage.dial()
    stage.link.run(3.9)
    assert stage.answered() == []
    stage.link.run(0.5)
    assert stage.answered() == [SECOND]
    stage.dial()
    stage.link.run(0.5)
    assert stage.answered() == [SECOND, SECOND]


def test_a_server_that_says_no_is_believed() -> None:
    for status in (404, 486, 500, 603):
        stage = Stage(FIRST, SECOND)
        stage.manners(FIRST, status)
        stage.manners(SECOND, 200)
        stage.dial()
        stage.link.run(40)
        assert stage.answered() == []
        assert [one.status for one in stage.box.told(InviteRefused)] == [status]


def test_when_all_are_silent_the_call_is_refused_and_nothing_is_left() -> None:
    stage = Stage()
    stage.dial()
    stage.link.run(45)
    (refused,) = stage.box.told(InviteRefused)
    assert refused.status == 408
    stage.link.run(60)
    assert stage.box.slots == {}


def test_busy_at_the_second_is_told_though_the_first_may_yet_wake() -> None:
    stage = Stage(SECOND)
    stage.manners(SECOND, 486)
    stage.dial()
    stage.link.run(5)
    assert [one.status for one in stage.box.told(InviteRefused)] == [486]


def test_a_server_that_wakes_too_late_is_cancelled() -> None:
    stage = Stage(FIRST, SECOND)
    stage.manners(SECOND, 200)
    late = stage.hosts[FIRST]
    # deaf until the box has gone on to the second
    stage.link.boxes.pop((FIRST, 5060))
    stage.dial()
    stage.link.run(5)
    assert stage.answered() == [SECOND]
    stage.link.boxes[(FIRST, 5060)] = late
    stage.link.run(40)
    assert late.told(InviteArrived) == []  # hushed: the INVITE is not repeated any more


def test_a_box_killed_between_two_servers_goes_on_where_it_was() -> None:
    stage = Stage(SECOND)
    stage.manners(SECOND, 200)
    stage.dial()
    stage.link.run(1)
    stage.box.kill(stage.link.now)
    stage.link.run(6)
    assert stage.answered() == [SECOND]


def test_a_call_that_is_given_up_goes_nowhere_else() -> None:
    stage = Stage(SECOND)
    stage.manners(SECOND, 200)
    dialog = stage.dial()
    stage.link.run(1)
    stage.box.agent.hang_up(dialog, stage.link.now)
    stage.link.run(100)
    assert stage.sent == []
    assert stage.box.slots == {}


# --- registrations and the watch ---
def requests(stage: Stage, method: str) -> list[str]:
    return [
        out.headers.get("Call-ID") or ""
        for out in stage.link.messages(stage.box)
        if isinstance(out, Request) and out.method == method
    ]


def test_the_watch_goes_on_to_the_next_server_and_the_trunk_is_never_down() -> None:
    stage = Stage(SECOND)
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(11)
    assert stage.box.told(TrunkChanged) == [
        TrunkChanged(trunk="carrier", is_up=True, text="answers")
    ]
    stage.manners(SECOND, 200)
    stage.dial()
    stage.link.run(0.5)
    assert stage.answered() == [SECOND]  # the watch knows that the first is silent


def test_a_trunk_is_down_only_when_all_its_servers_are_silent() -> None:
    stage = Stage()
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(29)
    assert stage.box.told(TrunkChanged) == []
    stage.link.run(2)
    assert stage.box.told(TrunkChanged) == [
        TrunkChanged(trunk="carrier", is_up=False, text="no reply")
    ]


def test_more_servers_in_dns_are_no_reason_to_ask_anew() -> None:
    stage = Stage(FIRST)
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(1)
    before = len(requests(stage, "OPTIONS"))
    stage.box.directory.routes["carrier"] = TrunkRoute(
        address=FIRST, domain="carrier.example", servers=(server(1, FIRST), server(5, THIRD))
    )
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(1)
    assert len(requests(stage, "OPTIONS")) == before
    stage.box.directory.routes["carrier"] = TrunkRoute(
        address=SECOND, domain="carrier.example", servers=(server(1, SECOND),)
    )
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(1)
    assert len(requests(stage, "OPTIONS")) > before


# --- what failed lately ---
def test_outages_end_and_have_a_longest() -> None:
    hop = Hop(address=FIRST, port=5060, transport="udp")
    other = Hop(address=SECOND, port=5060, transport="udp")
    outages = Outages()
    outages.failed(hop, Instant(100.0), 1e9)
    assert outages.sorted([hop, other], Instant(101.0)) == [other, hop]
    assert not outages.is_out(hop, Instant(100.0 + LONGEST_OUT_S))


def test_ten_thousand_failures_are_not_ten_thousand_notes() -> None:
    outages = Outages()
    for number in range(10_000):
        hop = Hop(address=FIRST, port=1 + number, transport="udp")
        outages.failed(hop, Instant(100.0))
        assert outages.is_out(hop, Instant(100.0))
    assert len(outages._until) <= 256


# --- a carrier's own connection ---
INVITE = (
    "INVITE sip:02188886666@127.0.0.2 SIP/2.0\r\n"
    "Via: SIP/2.0/TLS 127.0.0.3:40001;branch=z9hG4bKcarrier1\r\n"
    "From: <sip:139@carrier.example>;tag=c1\r\nTo: <sip:02188886666@127.0.0.2>\r\n"
    "Call-ID: from-the-carrier\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
    "Contact: <sip:gw@{contact};transport=tls>\r\n"
    "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"
)


@pytest.mark.parametrize(
    "contact,place", [("127.0.0.3:5071", ("127.0.0.3", 5071)), ("gw.far", (FIRST, 5061))]
)
def test_a_carrier_whose_own_tls_connection_is_gone_is_hung_up_where_it_listens(
    contact: str, place: tuple[str, int]
) -> None:
    box, now = Box("127.0.0.2"), Instant(1000.0)
    box.directory.trusted[FIRST] = "carrier"
    box.directory.routes["carrier"] = TrunkRoute(
        address=FIRST, port=5061, transport="tls", domain="carrier.example"
    )
    heard = Flow(
        transport="tls", local_address=box.address, local_port=5061, remote_address=FIRST,
        remote_port=40001, connection="tls1",
    )  # fmt: skip
    box.heard(box.agent.receive(INVITE.format(contact=contact).encode(), heard, now), now)
    (arrived,) = box.told(InviteArrived)
    assert isinstance(arrived, InviteArrived)
    box.agent.answer(arrived.dialog, ANSWER, now)
    ok = [out for out in box.leaving() if out.data.startswith(b"SIP/2.0 200")][-1]
    tag = ok.data.decode().split("To: ")[1].split("tag=")[1].split("\r\n")[0].split(";")[0]
    ack = INVITE.format(contact=contact).partition("Contact:")[0].replace("INVITE", "ACK")
    ack = ack.replace("z9hG4bKcarrier1", "z9hG4bKcarrier2")
    ack = ack.replace("To: <sip:02188886666@127.0.0.2>", f"To: <sip:x@127.0.0.2>;tag={tag}")
    box.agent.receive(f"{ack}Content-Length: 0\r\n\r\n".encode(), heard, now)
    box.agent.connection_lost(heard, now)
    box.leaving()
    box.agent.hang_up(arrived.dialog, now)
    (bye,) = box.leaving()
    assert bye.data.startswith(b"BYE ")
    assert (bye.flow.remote_address, bye.flow.remote_port) == place
    assert (bye.flow.transport, bye.flow.name) == ("tls", "carrier.example")


# --- when there is another trunk ---
def test_a_dead_trunk_is_given_up_within_seconds_when_there_is_another() -> None:
    stage = Stage()
    stage.box.directory.routes["carrier"] = TrunkRoute(address=FIRST)
    stage.box.agent.invite(
        TrunkTarget(trunk="carrier"), sdp=b"v=0\r\n", from_user="8001", from_name="",
        to_user="139", now=stage.link.now, is_impatient=True,
    )  # fmt: skip
    stage.link.run(5)
    assert [one.status for one in stage.box.told(InviteRefused)] == [408]
    stage.link.run(60)
    assert stage.box.slots == {}


def test_a_trunk_that_rings_slowly_is_waited_for_all_the_same() -> None:
    stage = Stage(FIRST)
    stage.box.directory.routes["carrier"] = TrunkRoute(address=FIRST)
    stage.box.agent.invite(
        TrunkTarget(trunk="carrier"), sdp=b"v=0\r\n", from_user="8001", from_name="",
        to_user="139", now=stage.link.now, is_impatient=True,
    )  # fmt: skip
    stage.link.run(50)  # it said 100 at once, and no more
    assert stage.box.told(InviteRefused) == []


def test_a_trunk_whose_name_nobody_knows_is_no_answer_of_the_called_party() -> None:
    stage = Stage()
    stage.box.directory.routes.clear()
    stage.dial()
    stage.link.run(1)
    assert [one.status for one in stage.box.told(InviteRefused)] == [504]


def test_a_trunk_that_nobody_can_find_is_told_as_down_and_up_once_it_is_found() -> None:
    class Nowhere(dict[str, TrunkRoute]):
        """A directory that knows of the trunk, but not where it is."""

        def get(self, name, default=None):
            return None

    stage = Stage(FIRST)
    known = dict(stage.box.directory.routes)
    stage.box.directory.routes = Nowhere(known)
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(14)
    assert stage.box.told(TrunkChanged) == []
    stage.link.run(2)
    down = TrunkChanged(trunk="carrier", is_up=False, text="unknown host")
    assert stage.box.told(TrunkChanged) == [down]
    stage.box.directory.routes = known
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(1)
    up = TrunkChanged(trunk="carrier", is_up=True, text="answers")
    assert stage.box.told(TrunkChanged) == [down, up]


def test_calls_go_where_the_registration_is_until_it_has_come_home() -> None:
    stage = Stage(SECOND, registers=True)
    stage.hosts[SECOND].directory.secrets["linghe"] = "s"
    route = TrunkRoute(
        address=FIRST, domain="carrier.example", registers=True, username="linghe", secret="s",
        expires=120, servers=stage.route.servers,
    )  # fmt: skip
    stage.box.directory.routes["carrier"] = route
    stage.manners(SECOND, 200)
    stage.box.agent.set_trunks(stage.link.now)
    stage.link.run(12)
    assert stage.box.told(TrunkChanged) == [
        TrunkChanged(trunk="carrier", is_up=True, text="registered")
    ]
    stage.link.run(85)  # the refresh is due, and asks the first again: it is no longer out
    stage.dial()
    stage.link.run(1)
    assert stage.answered() == [SECOND]


@settings(max_examples=60)
@given(
    st.tuples(*[st.sampled_from([0, 200, 404, 486, 503, 603])] * 3),
    st.integers(0, 15),
    st.integers(0, 10_000),
)
def test_every_call_has_one_outcome_and_it_is_that_of_the_first_server_with_a_word(
    manners: tuple[int, ...], percent: int, seed: int
) -> None:
    """0: not there. With loss the word may come late, so that another server's is heard first;
    without it the outcome is known beforehand. Nothing is ever left over."""
    addresses = (FIRST, SECOND, THIRD)
    there = {address: manner for address, manner in zip(addresses, manners, strict=True) if manner}
    stage = Stage(*there)
    stage.link.loss = scattered(percent, seed)
    for address, manner in there.items():
        stage.manners(address, manner)
    dialog = stage.dial()
    stage.link.run(60)
    refused = [event.status for event in stage.box.told(InviteRefused)]
    assert len(stage.answered()) + len(refused) == 1
    if percent == 0:
        word = next((one for one in manners if one not in (0, 503)), None)
        if word == 200:
            assert len(stage.answered()) == 1
        elif word is not None:
            assert refused == [word]
        else:
            assert refused == [503 if 503 in manners else 408]
    stage.box.agent.hang_up(dialog, stage.link.now)
    stage.link.run(150)
    assert stage.box.slots == {}
