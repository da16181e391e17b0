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
from appliance.protocols.sip.message import Request

OFFER, ANSWER = b"v=0\r\nthe offer\r\n", b"v=0\r\nthe answer\r\n"


@pytest.fixture
def box() -> Box:
    box = Box("127.0.0.1")
    box.directory.secrets = {"8001": "first-secret"}
    return box


@pytest.fixture
def link(box: Box) -> Link:
    return Link(box)


def ring(box: Box, link: Link, target: Target) -> DialogId:
    return box.agent.invite(
        target, sdp=OFFER, from_user="139", from_name="", to_user="8001", now=link.now
    )


def registered(box: Box, link: Link, connection: str, port: int, tail: str = "") -> Phone:
    phone = Phone(box, "8001", "first-secret", port=port)
    phone.transport, phone.connection = "tcp", connection
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
