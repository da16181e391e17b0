"""Receivers that answer rubbish, without end or a byte at a time, and a disk that is full."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from urllib3.response import HTTPResponse
from waiting import wait_until
from webhook_receiver import SECRET, WebhookReceiver

from appliance.daemons.jobs import webhook_post, webhooks
from appliance.daemons.jobs.webhook_post import MOST_READ, Receiver
from appliance.daemons.jobs.webhooks import Webhooks
from appliance.daemons.paths import Paths
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.webhooks import WebhookStates
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.fact import AgentState
from appliance.vocabulary.ids import AgentId, Instant, Utc, WebhookId
from appliance.vocabulary.journal import AgentStateChanged, Entry
from appliance.vocabulary.settings import Site, Webhook

CRM = WebhookId("crm")
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

ANSWERS: dict[str, tuple[bytes, bytes]] = {
    "nothing, and gone": (b"", b""),
    "no HTTP": (b"220 mail.example ESMTP\r\n", b""),
    "bytes": (bytes(range(256)) * 8, b""),
    "escape sequences": (b"\x1b[2J\x07\x9b evil\r\n\r\n", b""),
    "a status that is no number": (b"HTTP/1.1 two hundred OK\r\n\r\n", b""),
    "a status beyond all": (b"HTTP/1.1 99999 OK\r\n\r\n", b""),
    "a line without end": (b"HTTP/1.1 200 ", b"x" * 4096),
    "heads without end": (OK, b"X-More: yes\r\n" * 400),
    "a head without end": (OK + b"X-Long: ", b"x" * 4096),
    "continue without end": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "a length below nothing": (OK + b"Content-Length: -5\r\n\r\nabc", b""),
    "a length that is no number": (OK + b"Content-Length: many\r\n\r\nabc", b""),
    "a piece of a terabyte": (OK + CHUNKED + b"fffffffffff\r\n", b"x" * 4096),
    "a piece that is no number": (OK + CHUNKED + b"zzz\r\n", b""),
    "a body without end": (OK + b"\r\n", b"x" * 65536),
}  # fmt: skip


class Rude:
    """Listens on loopback and says to each who comes the same: first this, then that for ever."""

    def __init__(self, first: bytes, ever: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._first, self._ever = first, ever
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        try:
            with link:
                link.recv(65536)
                link.sendall(self._first)
                while self._ever:
                    link.sendall(self._ever)
        except OSError:
            return

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_a_receiver_answers_is_an_attempt_with_a_short_word(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_post, "TIMEOUT_S", 1.0)
    rude = Rude(*ANSWERS[what])
    receiver = Receiver(CRM, rude.url, frozenset())
    began = time.monotonic()
    attempts = [receiver.post("test", 0, b"{}", SECRET) for _ in range(2)]
    receiver.close()
    rude.stop()
    assert time.monotonic() - began < 15.0
    for one in attempts:
        assert bool(one.error) is not (200 <= one.status < 300)
        assert len(one.error) <= 300 and one.error.isprintable(), one.error


def test_of_an_answer_without_end_only_its_beginning_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A receiver that sends back its whole disk costs us 64 KiB and the connection."""
    asked: list[int] = []
    read = HTTPResponse.read

    def counted(self, amount=None, *more, **words):  # type: ignore[no-untyped-def]
        asked.append(amount)
        return read(self, amount, *more, **words)

    monkeypatch.setattr(HTTPResponse, "read", counted)
    rude = Rude(*ANSWERS["a body without end"])
    receiver = Receiver(CRM, rude.url, frozenset())
    attempt = receiver.post("test", 0, b"{}", SECRET)
    assert attempt.status == 200 and receiver._connection is None, "not used again"
    assert asked and all(amount is not None and amount <= MOST_READ for amount in asked)
    receiver.close()
    rude.stop()


# --- a full disk ----------------------------------------------------------------------------------
class Stand:
    """A box's files with one webhook, and changes of an agent to tell of."""

    def __init__(self, folder: Path, url: str) -> None:
        self.paths = Paths(folder)
        self.paths.make()
        self.ledger = Ledger(self.paths.calls, record_of)
        self.count = 0
        Secrets(self.paths.secrets, os.urandom).set_webhook_secrets({CRM: SECRET})
        store = SettingsStore(self.paths.settings)
        store.save(Site(webhook=(Webhook(id=CRM, url=url),)), by="test", at=Utc(time.time()))
        store.close()
        self.running = Webhooks(self.paths, frozenset())

    def happens(self) -> None:
        self.count += 1
        state = AgentState.READY if self.count % 2 else AgentState.NOT_READY
        fact = AgentStateChanged(agent=AgentId("1001"), state=state)
        at = Utc(1e9 + self.count)
        self.ledger.append([Entry(at=at, mono=Instant(at), fact=fact, key=f"box:{self.count}")])

    def row(self) -> int:
        states = WebhookStates(self.paths.webhooks, is_writer=False)
        try:
            state = states.state(CRM)
            return -1 if state is None else state.row
        finally:
            states.close()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    made = WebhookReceiver()
    yield made
    made.stop()


def test_a_disk_that_is_full_after_a_delivery_does_not_deliver_it_over_and_over(
    tmp_path: Path, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far it is cannot be written down; the receiver is told each event once all the same."""
    monkeypatch.setattr(webhooks, "AFTER_TROUBLE_S", 0.01)
    is_full = threading.Event()
    refused: list[int] = []
    put = WebhookStates.put

    def may_refuse(states: WebhookStates, state: object) -> None:
        if is_full.is_set():
            refused.append(1)
            raise EquipmentError("database or disk is full")
        put(states, state)  # type: ignore[arg-type]

    monkeypatch.setattr(WebhookStates, "put", may_refuse)
    stand = Stand(tmp_path / "var", receiver.url)
    stand.running.start()
    wait_until(lambda: stand.row() >= 0)
    is_full.set()
    stand.happens()
    receiver.wait_for(1)
    wait_until(lambda: len(refused) > 20)
    assert len(receiver.got) == 1, "told once, however often it could not be written down"
    is_full.clear()
    stand.happens()
    told = receiver.wait_for(2)
    assert [one["id"] for one in told] == [1, 2]
    wait_until(lambda: stand.row() == 2)
    stand.running.stop()
    stand.ledger.close()
