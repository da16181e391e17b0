"""Phones that want to be told of lamps and messages: SUBSCRIBE and NOTIFY, hand-written."""

import xml.etree.ElementTree as ElementTree

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.event_packages import Activity, Shown
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.ids import Instant

INFO = "{urn:ietf:params:xml:ns:dialog-info}"


class Watcher(Phone):
    """A phone with a lamp key; answers each NOTIFY."""

    status = 200
    is_deaf = False

    def __init__(self, box: Box) -> None:
        super().__init__(box, "8001", "first-secret")
        self.told: list[Request] = []

    def subscribe(
        self, link: Link, resource: str, package: str = "dialog", seconds: int = 600, *more: str
    ) -> Response:
        lines = (f"Event: {package}", f"Expires: {seconds}", self.contact(), *more)
        uri = f"sip:{resource}@{self.box.address}"
        self.got.clear()
        self.ask(link, "SUBSCRIBE", *lines, uri=uri)
        [final] = [one for one in self.got if isinstance(one, Response) and one.status != 401]
        self.hear(link, self.got)
        return final

    def again(self, link: Link, first: Response, seconds: int) -> list[Request | Response]:
        """A SUBSCRIBE within the dialog."""
        self.cseq += 1
        text = self.text("SUBSCRIBE", "Event: dialog", f"Expires: {seconds}", self.contact())
        lines = []
        for line in text.split("\r\n"):
            name = line.partition(":")[0]
            kept = first.headers.get(name) if name in ("From", "To", "Call-ID") else None
            lines.append(f"{name}: {kept}" if kept is not None else line)
        got = self.send(link, "\r\n".join(lines).encode())
        self.hear(link, got)
        return got

    def hear(self, link: Link, got: list[Request | Response]) -> None:
        """Answer the NOTIFYs among these, and what follows."""
        for message in list(got):
            if isinstance(message, Request) and message.method == "NOTIFY":
                self.told.append(message)
                if not self.is_deaf:
                    self.hear(link, self.send(link, self.response(message, self.status)))

    def shown(self, link: Link, resource: str, activity: Activity, other: str = "") -> None:
        """The box's lamp changes."""
        self.box.agent.show(resource, Shown(activity=activity, other=other), link.now)
        self.hear(link, self.collect())

    def states(self) -> list[str]:
        """What each NOTIFY said of the dialog; "" for none."""
        found = []
        for notify in self.told:
            state = ElementTree.fromstring(notify.body).find(f"{INFO}dialog/{INFO}state")
            found.append(state.text or "" if state is not None else "")
        return found

    def ends(self) -> list[str]:
        return [
            (one.headers.get("Subscription-State") or "").partition(";")[0] for one in self.told
        ]


@pytest.fixture
def phone(box: Box, link: Link) -> Watcher:
    phone = Watcher(box)
    assert phone.register(link).status == 200
    return phone


def wait(phone: Watcher, link: Link, seconds: float) -> None:
    """Let time pass; the phone answers what it hears."""
    end = Instant(link.now + seconds)
    while (wake_at := phone.box.agent.wake_at()) is not None and wake_at <= end:
        link.now = max(link.now, wake_at)
        phone.box.agent.wake(link.now)
        phone.hear(link, phone.collect())
    link.now = end


@pytest.mark.rfc("6665", "4.2.1")
@pytest.mark.rfc("4235", "4.1")
def test_a_lamp_follows_the_phone_that_it_is_of(phone: Watcher, link: Link) -> None:
    phone.box.agent.show("8002", Shown(activity=Activity.IDLE), link.now)
    answer = phone.subscribe(link, "8002")
    assert answer.status == 200
    assert answer.headers.get("Expires") == "600"
    assert answer.contact is not None
    phone.shown(link, "8002", Activity.RINGING, "13900001111")
    phone.shown(link, "8002", Activity.TALKING, "13900001111")
    phone.shown(link, "8002", Activity.HELD, "13900001111")
    phone.shown(link, "8002", Activity.IDLE)
    assert phone.states() == ["", "early", "confirmed", "confirmed", ""]
    versions = [ElementTree.fromstring(one.body).get("version") for one in phone.told]
    assert versions == ["0", "1", "2", "3", "4"]
    assert b"sip:13900001111@127.0.0.1" in phone.told[1].body
    assert b"+sip.rendering" in phone.told[3].body
    assert {one.headers.get("Event") for one in phone.told} == {"dialog"}
    cseqs = [one.cseq.number for one in phone.told]
    assert cseqs == sorted(set(cseqs))


def test_other_lamps_and_what_does_not_change_are_not_told(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "8002")
    phone.shown(link, "8003", Activity.TALKING)
    phone.shown(link, "8002", Activity.IDLE)
    phone.shown(link, "8002", Activity.IDLE)
    assert len(phone.told) == 2


@pytest.mark.rfc("3842", "5.2")
def test_the_message_lamp_is_a_phones_own(phone: Watcher, link: Link) -> None:
    assert phone.subscribe(link, "8002", "message-summary").status == 403
    assert phone.subscribe(link, "8001", "message-summary").status == 200
    assert b"Messages-Waiting: no" in phone.told[-1].body
    phone.box.agent.show("8001", Shown(new=2, old=1), link.now)
    phone.hear(link, phone.collect())
    assert phone.told[-1].body.splitlines()[0] == b"Messages-Waiting: yes"
    assert b"Voice-Message: 2/1 (0/0)" in phone.told[-1].body


def test_lamp_and_messages_of_one_phone_are_told_apart(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "8001")
    phone.box.agent.show("8001", Shown(activity=Activity.IDLE), link.now)
    phone.hear(link, phone.collect())
    before = len(phone.told)
    phone.box.agent.show("8001", Shown(activity=Activity.IDLE, new=1), link.now)
    phone.hear(link, phone.collect())
    assert len(phone.told) == before, "a key panel is not told of messages"
    phone.subscribe(link, "8001", "message-summary")
    phone.box.agent.show("8001", Shown(activity=Activity.TALKING, new=1), link.now)
    phone.hear(link, phone.collect())
    summaries = [one for one in phone.told if one.headers.get("Event") == "message-summary"]
    assert len(summaries) == 1, "nor the message lamp of talks"


def test_a_message_lamp_does_not_blink_when_the_box_was_killed(phone: Watcher, link: Link) -> None:
    """Lamps are told before messages are."""
    phone.box.agent.show("8001", Shown(new=2, old=1), link.now)
    phone.subscribe(link, "8001", "message-summary")
    phone.box.write_down()
    phone.box.kill(link.now)
    phone.told.clear()
    phone.shown(link, "8001", Activity.IDLE)
    assert not phone.told
    phone.box.agent.show("8001", Shown(activity=Activity.IDLE, new=2, old=1), link.now)
    phone.hear(link, phone.collect())
    assert [b"Messages-Waiting: yes" in one.body for one in phone.told] == [True]


@pytest.mark.rfc("3856", "6.7")
def test_presence_is_open_for_who_can_be_called(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "1001", "presence")
    assert b"<basic>closed</basic>" in phone.told[-1].body
    phone.shown(link, "1001", Activity.IDLE)
    assert b"<basic>open</basic>" in phone.told[-1].body
    phone.shown(link, "1001", Activity.PAUSED)
    assert b"<basic>closed</basic>" in phone.told[-1].body


def test_what_nobody_offers_is_refused_with_what_is(phone: Watcher, link: Link) -> None:
    answer = phone.subscribe(link, "8002", "conference")
    assert answer.status == 489
    assert answer.headers.get("Allow-Events") == "dialog, presence, message-summary"
    assert phone.subscribe(link, "8002", "dialog", 600, "Accept: text/plain").status == 406
    short = phone.subscribe(link, "8002", "dialog", 5)
    assert (short.status, short.headers.get("Min-Expires")) == (423, "60")
    assert phone.told == []


def test_a_stranger_is_told_nothing(box: Box, link: Link) -> None:
    stranger = Watcher(box)
    stranger.secret = "wrong"
    assert stranger.ask(link, "SUBSCRIBE", "Event: dialog", stranger.contact()).status in (401, 403)
    assert stranger.told == []


@pytest.mark.rfc("6665", "4.2.1.4")
def test_it_ends_by_time_and_says_so(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "8002", seconds=60)
    wait(phone, link, 61)
    assert phone.ends() == ["active", "terminated"]
    wait(phone, link, 70)
    phone.box.write_down()
    assert not [name for name in phone.box.slots if name.startswith("subscription:")]


@pytest.mark.rfc("6665", "4.1.2.2")
def test_a_refresh_lengthens_it_and_tells_the_whole_state_again(phone: Watcher, link: Link) -> None:
    first = phone.subscribe(link, "8002", seconds=60)
    wait(phone, link, 50)
    [answer, *_] = phone.again(link, first, 60)
    assert isinstance(answer, Response)
    assert answer.status == 200
    wait(phone, link, 50)
    phone.shown(link, "8002", Activity.TALKING)
    assert phone.states()[-1] == "confirmed"
    assert len(phone.told) == 3


@pytest.mark.rfc("6665", "4.1.2.3")
def test_expires_0_ends_it(phone: Watcher, link: Link) -> None:
    first = phone.subscribe(link, "8002")
    phone.again(link, first, 0)
    assert phone.ends() == ["active", "terminated"]
    [answer] = phone.again(link, first, 60)
    assert isinstance(answer, Response)
    assert answer.status == 481


@pytest.mark.rfc("6665", "4.2.2")
def test_a_phone_that_knows_nothing_of_it_any_more_is_left_alone(
    phone: Watcher, link: Link
) -> None:
    phone.subscribe(link, "8002")
    phone.status = 481
    phone.shown(link, "8002", Activity.TALKING)
    phone.shown(link, "8002", Activity.IDLE)
    assert len(phone.told) == 2


def test_a_phone_that_never_answers_is_told_for_half_a_minute(phone: Watcher, link: Link) -> None:
    phone.is_deaf = True
    phone.subscribe(link, "8002")
    phone.shown(link, "8002", Activity.TALKING)
    wait(phone, link, 80)
    assert {one.cseq.number for one in phone.told} == {1}, "one NOTIFY, repeated"
    phone.box.write_down()
    assert not [name for name in phone.box.slots if name.startswith("subscription:")]


def test_a_lamp_that_flickers_is_told_as_it_is_in_the_end(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "8002")
    for activity in (Activity.RINGING, Activity.TALKING, Activity.HELD, Activity.TALKING):
        phone.box.agent.show("8002", Shown(activity=activity, other="1"), link.now)
    phone.hear(link, phone.collect())
    assert phone.states() == ["", "early", "confirmed"]


def test_it_outlives_the_box_killed_with_9(phone: Watcher, link: Link) -> None:
    phone.subscribe(link, "8002", seconds=600)
    phone.box.write_down()
    phone.box.kill(link.now)
    phone.shown(link, "8002", Activity.TALKING)
    assert phone.states()[-1] == "confirmed"
    assert [one.cseq.number for one in phone.told] == [1, 2]
    wait(phone, link, 601)
    assert phone.ends()[-1] == "terminated"


def test_one_phone_cannot_fill_the_box(phone: Watcher, link: Link) -> None:
    last = 200
    for number in range(140):
        link.now = Instant(link.now + 1)
        last = phone.subscribe(link, f"9{number:03}").status
    assert last == 503


def test_a_phone_that_asks_for_ever_new_names_fills_no_memory(
    phone: Watcher, link: Link, box: Box
) -> None:
    for number in range(40):
        first = phone.subscribe(link, f"nobody-{number}")
        phone.again(link, first, 0)
    wait(phone, link, 70)
    assert not box.agent._subscriptions._of_resource


def test_a_phone_that_renews_without_end_is_not_answered_without_end(
    phone: Watcher, link: Link, box: Box
) -> None:
    """As baresip's mwi module can: each costs an answer and a NOTIFY (sip/rate.py)."""
    first = phone.subscribe(link, "8002")
    answers = [phone.again(link, first, 600) for _ in range(1000)]
    finals = [one for got in answers for one in got if isinstance(one, Response)]
    assert 100 <= len(finals) <= 200
    assert box.agent.counters.limited >= 800
    wait(phone, link, 1.5)
    assert phone.again(link, first, 600), "the next second is another one"


@pytest.mark.parametrize("number", ["1@elsewhere.example;a=", 'a"><b>&', "\ufffe12", "안녕", "é"])
def test_a_callers_number_is_one_user_of_ours_in_good_xml(
    phone: Watcher, link: Link, number: str
) -> None:
    phone.subscribe(link, "8002")
    phone.shown(link, "8002", Activity.RINGING, other=number)
    told = ElementTree.fromstring(phone.told[-1].body)
    identity = told.findtext(f"{INFO}dialog/{INFO}remote/{INFO}identity")
    uri = SipUri.parse(identity or "")
    assert (uri.user, uri.address) == (number, phone.box.address)
