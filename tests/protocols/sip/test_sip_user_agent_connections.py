"""TCP connections that cannot be made, and phones that come back over another. RFC 3261 §18.4."""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.directory import PhoneTarget, Target, TrunkRoute, TrunkTarget
from appliance.protocols.sip.events import (
    DialogEnded,
    DialogId,
    InviteRefused,
    ReofferRefused,
    TrunkChanged,
)
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request, parse_message

OFFER, ANSWER = b"v=0\r\nthe offer\r\n", b"v=0\r\nthe answer\r\n"


def ring(box: Box, link: Link, target: Target) -> DialogId:
    return box.agent.invite(
        target, sdp=OFFER, from_user="139", from_name="", to_user="8001", now=link.now
    )


def registered(
    box: Box, link: Link, connection: str, port: int, tail: str = "", transport: str = "tcp"
) -> Phone:
    phone = Phone(box, "8001", "first-secret", port=port)
    phone.transport, phone.connection = transport, connection
    assert phone.register(link, tail=tail).status == 200
    return phone


def refuse(box: Box, link: Link) -> list[Flow]:
    """Everything that wants a connection is refused one; the flows."""
    wanted = [out.flow for out in box.leaving() if out.connect]
    for flow in wanted:
        box.heard(box.agent.unreachable(flow, link.now), link.now)
    return wanted


def test_call_through_a_trunk_that_refuses_the_connection_is_refused_at_once(
    box: Box, link: Link
) -> None:
    box.directory.routes["carrier"] = TrunkRoute(address="127.0.80.1", transport="tcp")
    dialog = ring(box, link, TrunkTarget(trunk="carrier"))
    assert len(refuse(box, link)) == 1
    assert box.told(InviteRefused) == [
        InviteRefused(dialog=dialog, status=503, reason="No Connection")
    ]
    assert box.leaving() == [] and box.slots == {} and box.agent.wake_at() is None


def test_trunk_that_refuses_the_connection_is_down_at_once(box: Box, link: Link) -> None:
    box.directory.routes["carrier"] = TrunkRoute(address="127.0.80.1", transport="tcp")
    box.agent.set_trunks(link.now)
    refuse(box, link)
    assert box.told(TrunkChanged) == [
        TrunkChanged(trunk="carrier", is_up=False, text="no connection")
    ]


def test_trunk_with_a_connection_of_its_own_is_left_alone(box: Box, link: Link) -> None:
    box.directory.routes["one"] = TrunkRoute(address="127.0.80.1", transport="tcp")
    box.directory.routes["other"] = TrunkRoute(address="127.0.80.1", port=5070, transport="tcp")
    box.directory.routes["third"] = TrunkRoute(address="127.0.80.1")
    for trunk in ("one", "other", "third"):
        ring(box, link, TrunkTarget(trunk=trunk))
    first = box.leaving()[0]
    box.heard(box.agent.unreachable(first.flow, link.now), link.now)
    assert len(box.told(InviteRefused)) == 1


def talking(box: Box, link: Link, phone: Phone) -> DialogId:
    dialog = ring(box, link, PhoneTarget(user="8001"))
    (invite,) = phone.collect()
    assert isinstance(invite, Request)
    phone.send(link, phone.response(invite, 200, tag="t", body=ANSWER))
    return dialog


def test_call_outlives_a_reoffer_that_finds_no_connection(box: Box, link: Link) -> None:
    phone = registered(box, link, "in1", 40001)
    dialog = talking(box, link, phone)
    box.agent.connection_lost(phone.flow, link.now)
    box.agent.reoffer(dialog, OFFER, link.now)
    assert len(refuse(box, link)) == 1
    assert box.told(DialogEnded) == []
    assert box.told(ReofferRefused) == [ReofferRefused(dialog=dialog, status=503)]
    box.agent.hang_up(dialog, link.now)
    assert len(refuse(box, link)) == 1
    link.run(40)
    assert not [name for name in box.slots if name.startswith("dialog:")]


def comes_back(phone: Phone, link: Link, tail: str = "") -> None:
    """The connection is gone; the phone makes another from another port and registers."""
    phone.box.agent.connection_lost(phone.flow, link.now)
    phone.port, phone.connection = phone.port + 1, phone.connection + "-again"
    assert phone.register(link, tail=tail).status == 200


def sent_to(box: Box) -> list[tuple[str, str, int, str]]:
    """Method, and where it goes."""
    return [
        (
            out.data.split(b" ")[0].decode(),
            out.flow.remote_address,
            out.flow.remote_port,
            out.flow.connection,
        )
        for out in box.leaving()
    ]


@pytest.mark.parametrize("tail", ["", ';+sip.instance="<urn:uuid:1>"'])
def test_bye_reaches_a_phone_that_has_connected_anew(box: Box, link: Link, tail: str) -> None:
    phone = registered(box, link, "in1", 40001, tail)
    dialog = talking(box, link, phone)
    comes_back(phone, link, tail)
    comes_back(phone, link, tail)
    box.kill(link.now)
    box.agent.hang_up(dialog, link.now)
    assert sent_to(box) == [("BYE", "127.0.9.9", 40003, "in1-again-again")]


def test_after_a_kill_what_a_tls_phone_is_to_hear_waits_for_its_new_connection(
    box: Box, link: Link
) -> None:
    phone = registered(box, link, "tls1", 40001, transport="tls")
    dialog = talking(box, link, phone)
    box.leaving()
    box.kill(link.now)
    box.agent.connections_died("tls")
    box.agent.hang_up(dialog, link.now)
    assert [(out.flow.connection, out.flow.name) for out in box.leaving()] == [("", "")]
    phone.port, phone.connection = 40002, "tls2"
    assert phone.register(link).status == 200
    byes = [one for one in phone.got if isinstance(one, Request) and one.method == "BYE"]
    assert [str(one.via).split()[0] for one in byes] == ["SIP/2.0/TLS"]
    # an INVITE for it that came in between waits in the same way
    box.kill(link.now)
    box.agent.connections_died("tls")
    ring(box, link, PhoneTarget(user="8001"))
    box.leaving()
    phone.port, phone.connection = 40003, "tls3"
    phone.got.clear()
    assert phone.register(link).status == 200
    methods = [one.method for one in phone.got if isinstance(one, Request)]
    assert methods == ["BYE", "INVITE"]  # nobody has answered the BYE yet


def test_bye_finds_a_phone_whose_lost_connection_was_not_told(box: Box, link: Link) -> None:
    phone = registered(box, link, "in1", 40001)
    dialog = talking(box, link, phone)
    phone.port, phone.connection = 40002, "in2"
    assert phone.register(link).status == 200
    box.agent.hang_up(dialog, link.now)
    assert sent_to(box) == [("BYE", "127.0.9.9", 40002, "in2")]


def test_cancel_reaches_a_phone_that_connects_anew_while_it_rings(box: Box, link: Link) -> None:
    phone = registered(box, link, "in1", 40001)
    dialog = ring(box, link, PhoneTarget(user="8001"))
    (invite,) = phone.collect()
    assert isinstance(invite, Request)
    phone.send(link, phone.response(invite, 180, tag="t"))
    comes_back(phone, link)
    box.agent.hang_up(dialog, link.now)
    assert sent_to(box) == [("CANCEL", "127.0.9.9", 40002, "in1-again")]


def test_phone_that_refreshes_takes_no_call_of_another_that_is_lost(box: Box, link: Link) -> None:
    other = registered(box, link, "in2", 40011)
    phone = registered(box, link, "in1", 40001)
    dialog = ring(box, link, PhoneTarget(user="8001"))
    invites = {out.flow.remote_port: parse_message(out.data) for out in box.leaving()}
    invite = invites[40001]
    assert isinstance(invite, Request)
    phone.send(link, phone.response(invite, 200, tag="t", body=ANSWER))
    box.agent.connection_lost(phone.flow, link.now)
    assert other.register(link).status == 200
    box.agent.hang_up(dialog, link.now)
    assert [sent[1:3] for sent in sent_to(box) if sent[0] == "BYE"] == [("127.0.9.9", 40001)]


def test_bye_goes_to_where_a_near_phone_listens_while_it_has_no_connection(
    box: Box, link: Link
) -> None:
    phone = registered(box, link, "in1", 40001)
    dialog = ring(box, link, PhoneTarget(user="8001"))
    (invite,) = phone.collect()
    assert isinstance(invite, Request)
    answer = phone.response(invite, 200, tag="t", body=ANSWER)
    phone.send(link, answer.replace(b"@192.168.1.50:40001", b"@127.0.9.9:5070"))
    box.agent.connection_lost(phone.flow, link.now)
    box.agent.hang_up(dialog, link.now)
    assert sent_to(box) == [("BYE", "127.0.9.9", 5070, "")]


def test_connections_of_phones_and_calls_are_in_use_and_strangers_are_not(
    box: Box, link: Link
) -> None:
    registered(box, link, "in1", 5071)
    stranger = Phone(box, "8001", "wrong", port=5072)
    stranger.transport, stranger.connection = "tcp", "in2"
    stranger.ask(link, "OPTIONS")
    assert box.agent.connections_in_use() - {""} == {"in1"}
    ring(box, link, PhoneTarget(user="8001"))
    box.agent.connection_lost(
        next(out.flow for out in box.leaving() if out.flow.connection == "in1"), link.now
    )
    assert "in1" not in box.agent.connections_in_use()
