"""Trunks: registering at them, watching them, showing them our password. RFC 3261 §10.2, §22."""

import itertools

import pytest
from link import Box, Link, udp

from appliance.protocols.sip.digest import Algorithm, ha1, verify
from appliance.protocols.sip.directory import TrunkRoute, TrunkTarget
from appliance.protocols.sip.events import InviteAnswered, InviteRefused, TrunkChanged
from appliance.protocols.sip.message import Request, parse_message
from appliance.vocabulary.ids import Instant

CARRIER = "127.0.0.9"
CHALLENGE = 'Digest realm="carrier.cn", nonce="abc", qop="auth", algorithm=MD5'


class Carrier:
    """The far side of a trunk, by hand."""

    def __init__(self, **route: object) -> None:
        self.box = Box("127.0.0.1")
        fields = {"address": CARRIER, "username": "linghe", "secret": "s3", "domain": "carrier.cn"}
        self.box.directory.routes["t"] = TrunkRoute(**(fields | route))
        self.link = Link(self.box)
        self.tags = itertools.count(1)

    def sent(self) -> list[Request]:
        requests = [parse_message(out.data) for out in self.box.leaving()]
        return [request for request in requests if isinstance(request, Request)]

    def answer(self, request: Request, status: int, *lines: str, body: bytes = b"") -> None:
        head = [f"SIP/2.0 {status} Word"]
        for name, value in request.headers:
            if name in ("Via", "From", "Call-ID", "CSeq"):
                head.append(f"{name}: {value}")
            elif name == "To":
                head.append(f"To: {value};tag=far" if "tag=" not in value else f"To: {value}")
        data = "\r\n".join([*head, *lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
        now = self.link.now
        self.box.heard(self.box.agent.receive(data, udp(self.box, CARRIER), now), now)

    def challenge(self, request: Request, text: str = CHALLENGE) -> None:
        self.answer(request, 401, f"WWW-Authenticate: {text}")

    def start(self) -> Request:
        self.box.agent.set_trunks(self.link.now)
        (request,) = self.sent()
        return request

    def later(self, seconds: float) -> list[Request]:
        """Wake at every instant that is due in so many seconds."""
        until = self.link.now + seconds
        requests = []
        while (due := self.box.agent.wake_at()) is not None and due <= until:
            self.link.now = due
            self.box.heard(self.box.agent.wake(due), due)
            requests += self.sent()
        self.link.now = Instant(until)
        return requests


def proved(request: Request) -> bool:
    known = ha1("linghe", "carrier.cn", "s3", Algorithm.MD5)
    given = request.headers.get("Authorization") or ""
    return verify(given, request.method, request.uri, request.body, known, "")


def test_registration_shows_the_password_and_is_up() -> None:
    carrier = Carrier(registers=True)
    first = carrier.start()
    assert (first.method, first.uri) == ("REGISTER", "sip:carrier.cn")
    assert first.headers.get("To") == "<sip:linghe@carrier.cn>"
    assert first.headers.get("Contact") == "<sip:linghe@127.0.0.1:5060>"
    carrier.challenge(first)
    (second,) = carrier.sent()
    assert proved(second) and second.cseq.number == first.cseq.number + 1
    assert second.call_id == first.call_id and second.branch != first.branch
    carrier.answer(second, 200, "Contact: <sip:linghe@127.0.0.1:5060>;expires=100")
    assert carrier.box.events == [TrunkChanged(trunk="t", is_up=True, text="registered")]
    (refresh,) = carrier.later(60.2)
    assert refresh.cseq.number == second.cseq.number + 1


def test_one_retry_and_one_more_for_a_stale_nonce() -> None:
    carrier = Carrier(registers=True)
    carrier.challenge(carrier.start())
    (second,) = carrier.sent()
    carrier.challenge(second, CHALLENGE.replace("abc", "def") + ", stale=true")
    (third,) = carrier.sent()
    assert 'nonce="def"' in (third.headers.get("Authorization") or "")
    carrier.challenge(third, CHALLENGE + ", stale=true")
    assert carrier.sent() == []
    assert carrier.box.events == [TrunkChanged(trunk="t", is_up=False, text="401 Word")]


def test_wrong_password_is_not_tried_again_at_once() -> None:
    carrier = Carrier(registers=True)
    carrier.challenge(carrier.start())
    (second,) = carrier.sent()
    carrier.challenge(second)
    assert carrier.sent() == []
    assert len(carrier.later(14)) == 0
    assert len(carrier.later(1.2)) == 1


def test_challenge_of_a_foreign_realm_is_not_answered() -> None:
    carrier = Carrier(registers=True, realm="carrier.cn")
    carrier.challenge(carrier.start(), CHALLENGE.replace("carrier.cn", "evil"))
    assert carrier.sent() == []
    assert carrier.box.events == [TrunkChanged(trunk="t", is_up=False, text="401 Word")]


def test_interval_too_brief_is_lengthened() -> None:
    carrier = Carrier(registers=True, expires=60)
    carrier.answer(carrier.start(), 423, "Min-Expires: 600")
    (second,) = carrier.sent()
    assert second.headers.get("Expires") == "600"


def test_silent_registrar_is_down_and_asked_again() -> None:
    carrier = Carrier(registers=True)
    carrier.start()
    repeated = carrier.later(10.5)
    assert len(repeated) == 4  # timer E: 0.5 1.5 3.5 7.5, then patience ends
    assert carrier.box.events == [TrunkChanged(trunk="t", is_up=False, text="no reply")]
    again = carrier.later(15)
    assert again[0].cseq.number == 2


def test_trunk_that_leaves_the_directory_is_unregistered() -> None:
    carrier = Carrier(registers=True)
    carrier.answer(carrier.start(), 200)
    carrier.box.directory.routes.clear()
    carrier.box.agent.set_trunks(carrier.link.now)
    (farewell,) = carrier.sent()
    assert farewell.headers.get("Expires") == "0"
    carrier.answer(farewell, 200)
    carrier.later(40)
    assert carrier.box.slots == {}


def test_new_password_registers_anew() -> None:
    carrier = Carrier(registers=True)
    carrier.answer(carrier.start(), 200)
    old = carrier.box.directory.routes["t"]
    carrier.box.directory.routes["t"] = TrunkRoute(
        address=old.address, registers=True, username="linghe", secret="new", domain=old.domain
    )
    carrier.box.agent.set_trunks(carrier.link.now)
    assert [request.headers.get("Expires") for request in carrier.sent()] == ["0", "300"]


@pytest.mark.parametrize(("status", "is_up"), [(200, True), (404, True), (405, True), (503, False)])
def test_watched_trunk_is_up_whatever_it_answers(status: int, is_up: bool) -> None:
    carrier = Carrier()
    request = carrier.start()
    assert (request.method, request.uri) == ("OPTIONS", "sip:carrier.cn")
    carrier.answer(request, status)
    (event,) = carrier.box.events
    assert isinstance(event, TrunkChanged) and event.is_up is is_up


def test_watched_trunk_is_asked_again_and_changes_are_told_once() -> None:
    carrier = Carrier()
    carrier.answer(carrier.start(), 200)
    (second,) = carrier.later(30.2)
    carrier.answer(second, 200)
    assert len(carrier.box.events) == 1
    carrier.later(70)
    assert carrier.box.events[1:] == [TrunkChanged(trunk="t", is_up=False, text="no reply")]


def test_trunk_state_survives_a_restart() -> None:
    carrier = Carrier(registers=True)
    carrier.answer(carrier.start(), 200, "Expires: 100")
    carrier.box.write_down()
    carrier.box.kill(carrier.link.now)
    carrier.box.agent.set_trunks(carrier.link.now)
    assert carrier.sent() == []
    (refresh,) = carrier.later(60.2)
    assert refresh.cseq.number == 2
    carrier.answer(refresh, 200)
    assert len(carrier.box.events) == 1


def test_call_through_a_trunk_answers_its_challenge_once() -> None:
    carrier = Carrier()
    now = carrier.link.now
    dialog = carrier.box.agent.invite(
        TrunkTarget(trunk="t"),
        sdp=b"v=0\r\n",
        from_user="021",
        from_name="",
        to_user="139",
        now=now,
    )
    (invite,) = carrier.sent()
    assert invite.uri == "sip:139@carrier.cn"
    carrier.answer(invite, 407, f"Proxy-Authenticate: {CHALLENGE}")
    ack, again = carrier.sent()
    assert ack.method == "ACK" and again.method == "INVITE"
    assert again.headers.get("Proxy-Authorization") and again.body == b"v=0\r\n"
    contact = f"Contact: <sip:139@{CARRIER}:5070>"
    carrier.answer(again, 200, contact, "Content-Type: application/sdp", body=b"v=0\r\n")
    (ack,) = carrier.sent()
    assert (ack.uri, ack.cseq.number) == (f"sip:139@{CARRIER}:5070", 2)
    assert [type(event) for event in carrier.box.events] == [InviteAnswered]
    carrier.box.agent.hang_up(dialog, now)
    (bye,) = carrier.sent()
    assert bye.cseq.number == 3
    carrier.answer(bye, 407, f"Proxy-Authenticate: {CHALLENGE}")
    (bye,) = carrier.sent()
    assert bye.cseq.number == 4 and bye.headers.get("Proxy-Authorization")
    carrier.answer(bye, 407, f"Proxy-Authenticate: {CHALLENGE}")
    assert carrier.sent() == []


def test_call_through_a_trunk_that_refuses_the_password_is_refused() -> None:
    carrier = Carrier()
    carrier.box.agent.invite(
        TrunkTarget(trunk="t"), sdp=b"v=0\r\n", from_user="021", from_name="", to_user="139",
        now=carrier.link.now,
    )  # fmt: skip
    (invite,) = carrier.sent()
    carrier.challenge(invite)
    _, again = carrier.sent()
    carrier.challenge(again)
    (ack,) = carrier.sent()
    assert ack.method == "ACK"
    (refused,) = carrier.box.events
    assert isinstance(refused, InviteRefused) and refused.status == 401


def test_impossible_address_is_never_sent_to() -> None:
    carrier = Carrier(address="no-such-host.invalid")
    carrier.box.agent.set_trunks(carrier.link.now)
    assert carrier.sent() == []
    assert carrier.box.agent.counters.refused_destinations == 1
