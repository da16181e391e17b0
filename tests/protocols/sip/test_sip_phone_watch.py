"""Phones that are lost without a word are told to be gone, and to be back. RFC 3261 §11."""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.directory import PhoneTarget
from appliance.protocols.sip.events import InviteRefused, Registered, Unregistered
from appliance.protocols.sip.message import Request, response_to
from appliance.vocabulary.ids import Instant

pytestmark = pytest.mark.rfc("3261", "11")
LONGEST_S = 60
SECRET = "first-secret"


class Desk:
    """Phones in virtual time: each OPTIONS is answered at once while its phone lives."""

    def __init__(self, is_on: bool = True) -> None:
        self.box = Box("127.0.0.1")
        self.box.directory.secrets = {str(number): SECRET for number in range(8000, 8300)}
        self.link = Link(self.box)
        self.box.agent.watch_phones(is_on)
        self.phones: list[Phone] = []
        self.told: list[tuple[float, object]] = []
        self.asked: list[tuple[float, str]] = []

    def phone(self, user: str = "8001", port: int = 5062, status: int = 200) -> Phone:
        phone = Phone(self.box, user, SECRET, port=port)
        phone.address = f"127.0.9.{port % 200 + 1}"
        phone.status = status  # type: ignore[attr-defined]
        self.register(phone)
        self.phones.append(phone)
        return phone

    def register(self, phone: Phone) -> None:
        phone.register(self.link)
        self._note(phone.events)
        phone.events = []

    def run(self, seconds: float, again_every: float = 0) -> None:
        """Let time pass; phones that live register anew as often as that."""
        end = self.link.now + seconds
        step = 0.1
        next_register = self.link.now + again_every
        while self.link.now < end:
            self.link.now = Instant(self.link.now + step)
            due = self.box.agent.wake_at()
            if due is not None and due <= self.link.now:
                self._note(self.box.agent.wake(self.link.now))
            self._answer()
            if again_every and self.link.now >= next_register:
                next_register += again_every
                for phone in self.phones:
                    if phone.status:  # type: ignore[attr-defined]
                        self.register(phone)

    def _answer(self) -> None:
        for out in self.box.leaving():
            for phone in self.phones:
                if (out.flow.remote_address, out.flow.remote_port) == (phone.address, phone.port):
                    self._hear(phone, out.data)

    def _hear(self, phone: Phone, data: bytes) -> None:
        from appliance.protocols.sip.message import parse_message

        message = parse_message(data)
        if not isinstance(message, Request) or message.method != "OPTIONS":
            return
        self.asked.append((self.link.now, phone.user))
        status = phone.status  # type: ignore[attr-defined]
        if status:
            answer = response_to(message, status, to_tag="x")
            self._note(self.box.agent.receive(answer.to_bytes(), phone.flow, self.link.now))

    def _note(self, events: list) -> None:
        self.told += [(self.link.now, one) for one in events]

    def gone(self) -> list[tuple[float, str]]:
        return [
            (at, one.user)
            for at, one in self.told
            if isinstance(one, Unregistered) and one.is_silent
        ]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("status", [200, 404, 486, 501])
def test_any_final_answer_is_life(desk: Desk, status: int) -> None:
    desk.phone(status=status)
    desk.run(110)
    assert desk.gone() == []
    assert 5 <= len(desk.asked) <= 7


def test_who_falls_silent_is_gone_within_a_minute_and_back_with_his_first_answer(
    desk: Desk,
) -> None:
    phone = desk.phone()
    desk.run(45)
    died = desk.link.now
    phone.status = 0  # type: ignore[attr-defined]
    desk.run(LONGEST_S)
    ((at, user),) = desk.gone()
    assert user == "8001" and at - died < 45
    assert desk.box.agent.contacts("8001") == ()
    phone.status = 200  # type: ignore[attr-defined]
    desk.run(11)
    assert isinstance(desk.told[-1][1], Registered)
    assert [one.where for one in desk.box.agent.contacts("8001")] == ["127.0.9.63:5062"]


def test_who_is_lost_is_back_when_he_registers(desk: Desk) -> None:
    phone = desk.phone()
    desk.run(25)
    phone.status = 0  # type: ignore[attr-defined]
    desk.run(LONGEST_S)
    assert desk.gone()
    desk.register(phone)
    assert isinstance(desk.told[-1][1], Registered)
    assert len(desk.box.agent.contacts("8001")) == 1


def test_who_never_answered_is_not_judged(desk: Desk) -> None:
    desk.phone(status=0)
    desk.run(110)
    assert desk.gone() == [] and desk.box.agent.contacts("8001")


def test_one_lost_packet_or_two_change_nothing(desk: Desk) -> None:
    phone = desk.phone()
    desk.run(25)
    phone.status = 0  # type: ignore[attr-defined]
    before = len(desk.asked)
    while len(desk.asked) < before + 5:  # one question whole, and one request of the next
        desk.run(0.1)
    phone.status = 200  # type: ignore[attr-defined]
    desk.run(45)
    assert desk.gone() == []


def test_while_another_phone_of_his_lives_nobody_is_gone_and_calls_pass_the_lost_one_by(
    desk: Desk,
) -> None:
    lost, _ = desk.phone(port=5062), desk.phone(port=5066)
    desk.run(25)
    lost.status = 0  # type: ignore[attr-defined]
    desk.run(LONGEST_S)
    assert desk.gone() == []
    assert [one.where for one in desk.box.agent.contacts("8001")] == ["127.0.9.67:5066"]


def test_who_is_lost_is_not_rung(desk: Desk) -> None:
    phone = desk.phone()
    desk.run(25)
    phone.status = 0  # type: ignore[attr-defined]
    desk.run(LONGEST_S)
    desk.box.agent.invite(
        PhoneTarget(user="8001"),
        sdp=b"",
        from_user="8002",
        from_name="",
        to_user="8001",
        now=desk.link.now,
    )
    (refused,) = desk.box.agent.wake(desk.link.now)
    assert isinstance(refused, InviteRefused) and refused.status == 480


def test_a_restart_forgets_no_loss(desk: Desk) -> None:
    phone = desk.phone()
    desk.run(25)
    phone.status = 0  # type: ignore[attr-defined]
    desk.run(LONGEST_S)
    name = "binding:8001"
    content = desk.box.agent.slot(name)
    assert content is not None
    other = Desk()
    other.link.now = desk.link.now
    other.box.agent.restore(name, content, other.link.now)
    assert other.box.agent.contacts("8001") == ()
    again = Phone(other.box, "8001", SECRET)
    again.address = phone.address
    again.status = 200  # type: ignore[attr-defined]
    other.phones.append(again)
    other.run(30)
    assert isinstance(other.told[-1][1], Registered)


def test_no_question_stands_in_a_slot(desk: Desk) -> None:
    desk.phone()
    desk.run(40)  # by then the answers to its REGISTERs are forgotten
    written: set[str] = set()
    take = desk.box.agent.take_touched

    def noted() -> set[str]:
        found = take()
        written.update(found)
        return found

    desk.box.agent.take_touched = noted  # type: ignore[method-assign]
    before = len(desk.asked)
    desk.run(30)
    assert len(desk.asked) > before and written == set()
    assert set(desk.box.slots) == {"binding:8001"}


def test_who_is_not_to_be_watched_is_not_asked() -> None:
    desk = Desk(is_on=False)
    desk.phone()
    desk.run(60)
    assert desk.asked == []


def test_connections_that_come_and_go_unwatched_are_not_remembered() -> None:
    desk = Desk(is_on=False)
    registrar = desk.box.agent._registrar
    for number in range(50):
        phone = Phone(desk.box, "8001", SECRET, port=20000 + number)
        phone.transport, phone.connection = "tcp", f"c{number}"
        desk.register(phone)
        desk.box.agent.connection_lost(phone.flow, desk.link.now)
        assert not registrar.disconnected


def test_two_hundred_phones_are_asked_one_after_the_other(desk: Desk) -> None:
    for number in range(200):
        desk.phone(user=str(8000 + number), port=10000 + number)
    desk.run(100)
    tenths = [round(at * 10) for at, _ in desk.asked if at > desk.link.now - 22]
    assert 190 <= len(tenths) <= 320
    assert max(tenths.count(one) for one in set(tenths)) < 20
    assert desk.gone() == []
