"""Webhooks from a journal that grows to a receiver on loopback: order, retries, kills, refusals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waiting import wait_until
from webhook_receiver import SECRET, WebhookReceiver, silent_listener

from appliance.daemons.jobs import webhook_post, webhooks
from appliance.daemons.jobs.webhook_post import Receiver, is_own, signature
from appliance.daemons.jobs.webhooks import Webhooks, retry_after
from appliance.daemons.paths import Paths
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.webhooks import HookState, WebhookStates
from appliance.vocabulary.fact import AgentState
from appliance.vocabulary.ids import AgentId, Instant, Utc, WebhookId
from appliance.vocabulary.journal import AgentStateChanged, Entry, PhoneSeen
from appliance.vocabulary.settings import Site, Webhook

ROOT = Path(__file__).parents[3]


class Stand:
    """A data folder whose journal and site a test writes."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder)
        self.paths.make()
        self.ledger = Ledger(self.paths.calls, record_of)
        self.written = 0
        self._running: list[Webhooks] = []

    def has(self, **urls: str) -> None:
        """The site has these webhooks."""
        hooks = tuple(Webhook(id=WebhookId(name), url=url) for name, url in urls.items())
        Secrets(self.paths.secrets, os.urandom).set_webhook_secrets(
            {hook.id: SECRET for hook in hooks}
        )
        store = SettingsStore(self.paths.settings)
        store.save(Site(webhook=hooks), by="test", at=Utc(time.time()))
        store.close()

    def happens(self, count: int = 1) -> None:
        """So many changes of an agent's state, each with a line that nobody is told of."""
        for _ in range(count):
            self.written += 1
            state = AgentState.READY if self.written % 2 else AgentState.NOT_READY
            self.ledger.append(
                [
                    _entry(self.written, AgentStateChanged(agent=AgentId("1001"), state=state)),
                    _entry(self.written, PhoneSeen(extension="8001", is_registered=True)),
                ]
            )

    def runs(self) -> Webhooks:
        running = Webhooks(self.paths, frozenset())
        running.start()
        self._running.append(running)
        return running

    def state(self, name: str = "crm") -> HookState | None:
        states = WebhookStates(self.paths.webhooks, is_writer=False)
        try:
            return states.state(WebhookId(name))
        finally:
            states.close()

    def begun(self, name: str = "crm") -> None:
        """Wait until it stands at the journal's end: what happens now is told."""
        wait_until(lambda: self.state(name) is not None)

    def stop(self) -> None:
        for one in self._running:
            one.stop()
        self.ledger.close()


def _entry(number: int, fact: AgentStateChanged | PhoneSeen) -> Entry:
    key = f"box:{type(fact).__name__}:{number}"
    return Entry(at=Utc(1e9 + number), mono=Instant(float(number)), fact=fact, key=key)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    stand = Stand(tmp_path / "var")
    yield stand
    stand.stop()


@pytest.fixture
def receivers() -> Iterator[Callable[..., WebhookReceiver]]:
    made: list[WebhookReceiver] = []

    def make(*answers: int, port: int = 0) -> WebhookReceiver:
        made.append(WebhookReceiver(*answers, port=port))
        return made[-1]

    yield make
    for one in made:
        one.stop()


Make = Callable[..., WebhookReceiver]


def test_events_come_signed_in_order_and_once(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    stand.happens(3)
    stand.has(crm=receiver.url)
    stand.runs()
    stand.begun()
    stand.happens(5)
    told = receiver.wait_for(5)
    assert [one["id"] for one in told] == [7, 9, 11, 13, 15], "what was before is not told"
    wait_until(lambda: (state := stand.state()) and state.row == 16)
    state = stand.state()
    assert state is not None and state.delivered == 5 and state.failing_since is None
    assert len(receiver.got) == 5
    assert receiver.got[0][0]["Content-Type"] == "application/json"


def test_what_is_refused_is_sent_again_and_nothing_overtakes_it(
    stand: Stand, receivers: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "FIRST_RETRY_S", 0.05)
    receiver = receivers(500, 503, 500)
    stand.has(crm=receiver.url)
    stand.runs()
    stand.begun()
    stand.happens(3)
    told = receiver.wait_for(6)
    assert [one["id"] for one in told] == [1, 1, 1, 1, 3, 5]


def test_waits_between_tries_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [retry_after(number) for number in range(1, 13)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_dead_receiver_does_not_slow_the_others(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    with silent_listener() as silent:
        dead = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        stand.has(dead=dead, crm=receiver.url)
        stand.runs()
        stand.begun()
        stand.begun("dead")
        begun = time.monotonic()
        stand.happens(20)
        receiver.wait_for(20)
        assert time.monotonic() - begun < webhook_post.TIMEOUT_S
        wait_until(lambda: (state := stand.state("dead")) and state.attempts == 1)
        state = stand.state("dead")
        assert state is not None and state.last is not None and state.row == 0
        assert state.last.error == "no answer within 5 s"


@pytest.mark.parametrize("begin", [b"X-Long: ", b"Connection: close\r\n\r\n"])
def test_receiver_that_drips_is_cut_off_after_the_same_time(
    monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(webhook_post, "TIMEOUT_S", 0.6)
    ended = threading.Event()
    with silent_listener() as listener:

        def drip() -> None:
            link, _ = listener.accept()
            with link:
                link.recv(65536)
                link.sendall(b"HTTP/1.1 200 OK\r\n" + begin)
                try:
                    while not ended.wait(0.05):
                        link.sendall(b"a")
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        begun = time.monotonic()
        attempt = Receiver(WebhookId("crm"), url, frozenset()).post("test", 0, b"{}", SECRET)
        ended.set()
        assert attempt.error and time.monotonic() - begun < 3.0


def test_redirect_is_not_followed(receivers: Make) -> None:
    elsewhere, receiver = receivers(), receivers(302)
    receiver.location = elsewhere.url
    attempt = Receiver(WebhookId("crm"), receiver.url, frozenset()).post("test", 0, b"{}", SECRET)
    assert attempt.status == 302 and attempt.error.startswith("answered 302")
    assert elsewhere.got == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9", "0.0.0.0"])
def test_boxs_own_pages_are_not_sent_to_under_any_name(receivers: Make, host: str) -> None:
    receiver = receivers()
    own = frozenset({receiver.port})
    url = f"http://{host}:{receiver.port}/api/v1/calls"
    attempt = Receiver(WebhookId("crm"), url, own).post("test", 0, b"{}", SECRET)
    assert attempt.error == "this is a port of the box itself"
    assert receiver.got == []


def test_address_of_another_machine_is_not_our_own() -> None:
    assert is_own("127.0.0.1") and is_own("::1")
    assert not is_own("192.0.2.1") and not is_own("2001:db8::1")


def test_unknown_name_and_closed_port_are_told_in_words() -> None:
    unknown = Receiver(WebhookId("crm"), "http://nobody.invalid/", frozenset())
    assert unknown.post("test", 0, b"{}", SECRET).error == "its name is not known"
    with silent_listener() as listener:
        port = listener.getsockname()[1]
    closed = Receiver(WebhookId("crm"), f"http://127.0.0.1:{port}/", frozenset())
    assert closed.post("test", 0, b"{}", SECRET).error.startswith("cannot be reached: ")


def test_event_that_is_a_day_old_is_given_up_and_the_next_is_told(
    stand: Stand, receivers: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "FIRST_RETRY_S", 0.05)
    receiver = receivers(500, 500)
    stand.has(crm=receiver.url)
    stand.happens(1)
    states = WebhookStates(stand.paths.webhooks, is_writer=True)
    states.put(HookState(webhook=WebhookId("crm"), row=0))
    states.mark(Utc(time.time() - webhooks.GIVE_UP_S - 60), 2)
    stand.happens(1)
    stand.runs()
    told = receiver.wait_for(3)
    assert [one["id"] for one in told] == [1, 3, 3], "tried once all the same, then its time is up"
    (given_up,) = states.given_up(WebhookId("crm"), 10)
    assert (given_up.row, given_up.name) == (1, "agent_state")
    assert given_up.error.startswith("answered 500") and '"id":1' in given_up.body
    wait_until(lambda: (state := stand.state()) and state.delivered == 1)
    states.close()


def test_only_wanted_events_are_sent(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    hook = Webhook(id=WebhookId("crm"), url=receiver.url, events=("ended",))
    stand.has(crm=receiver.url)
    store = SettingsStore(stand.paths.settings)
    store.save(Site(webhook=(hook,)), by="test", at=Utc(time.time()))
    store.close()
    stand.runs()
    stand.begun()
    stand.happens(3)
    wait_until(lambda: (state := stand.state()) and state.row == 6)
    assert receiver.got == []


def test_webhook_that_is_turned_off_is_told_nothing_more(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    stand.has(crm=receiver.url)
    stand.runs()
    stand.begun()
    stand.happens(1)
    receiver.wait_for(1)
    stand.has()
    wait_until(lambda: stand.state() is None)
    stand.happens(1)
    stand.has(crm=receiver.url)
    stand.begun()
    stand.happens(1)
    assert [one["id"] for one in receiver.wait_for(2)] == [1, 5]


def test_journal_from_an_older_backup_is_told_from_its_end(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    stand.has(crm=receiver.url)
    stand.happens(2)
    states = WebhookStates(stand.paths.webhooks, is_writer=True)
    states.put(HookState(webhook=WebhookId("crm"), row=5000))
    states.close()
    stand.runs()
    wait_until(lambda: (state := stand.state()) and state.row == 4)
    stand.happens(1)
    assert [one["id"] for one in receiver.wait_for(1)] == [5]


def test_button_sends_a_test_beside_the_queue(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    stand.has(crm=receiver.url)
    stand.runs()
    stand.begun()
    store = SettingsStore(stand.paths.settings)
    number = store.webhook_wishes.add(WebhookId("crm"), Utc(time.time()))
    store.close()
    (told,) = receiver.wait_for(1)
    assert told["event"] == "test" and told["webhook"] == "crm"
    states = WebhookStates(stand.paths.webhooks, is_writer=False)
    wait_until(lambda: states.last_test(WebhookId("crm")))
    test = states.last_test(WebhookId("crm"))
    assert test is not None and test.number == number and not test.attempt.error
    states.close()


def test_signature_is_that_of_rfc_2104_over_timestamp_and_body() -> None:
    assert signature("secret", "1", b"{}").startswith("v1=1122767b193110cf")


@pytest.mark.fault
def test_killed_jobs_goes_on_where_it_was(stand: Stand, receivers: Make) -> None:
    receiver = receivers()
    stand.has(crm=receiver.url)
    environment = {**os.environ, "LINGHE_DATA": str(stand.paths.root)}

    def jobs() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "appliance.daemons.jobs"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
        )

    running = jobs()
    try:
        stand.begun()
        for count in range(1, 6):
            stand.happens(4)
            receiver.wait_for(count * 2)
            running.send_signal(signal.SIGKILL)
            running.wait(5)
            running = jobs()
        receiver.wait_for(20)
        wait_until(lambda: (state := stand.state()) and state.row == 40)
    finally:
        running.kill()
        running.wait(5)
    ids = [one["id"] for one in receiver.wait_for(20)]
    assert list(dict.fromkeys(ids)) == list(range(1, 40, 2)), "every one, in order"
    assert len(ids) <= 20 + 5, "at most one twice for each kill"


def test_how_an_answer_says_that_it_is_packed_does_not_matter(receivers: Make) -> None:
    receiver = receivers(200)
    receiver.packed_with = "gzip"
    attempt = Receiver(WebhookId("crm"), receiver.url, frozenset()).post("test", 0, b"{}", SECRET)
    assert (attempt.status, attempt.error) == (200, "")


def test_the_log_names_neither_the_secret_nor_the_key_in_an_address(
    stand: Stand, receivers: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    receiver = receivers(500, 500)
    stand.has(crm=receiver.url.replace("from=linghe", "key=of-the-receiver"))
    stand.runs()
    stand.begun()
    stand.happens()
    receiver.wait_for(2)
    said = "\n".join(one.getMessage() for one in caplog.records if "urllib3" not in one.name)
    assert f"127.0.0.1:{receiver.port}" in said
    assert "of-the-receiver" not in said and SECRET not in said
