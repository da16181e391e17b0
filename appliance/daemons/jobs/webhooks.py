"""Tells other people's programs of events: one thread a webhook, so that none waits for another.

Theory of operation. A webhook's thread reads the journal (calls.db, read-only) row after row from
where it stands, and sends the events that are wanted, one at a time, in order. What is taken with
2xx is done. What is not is sent again after 1, 2, 4 … at most 900 s; what is a day old and still
not taken is given up: kept apart, and the next one's turn comes. How far a webhook stands is
written after each event (store/webhooks.py), so kill -9 costs at most one event sent twice.

Calls know nothing of all this: nobody waits for this thread, and it writes no file of theirs. One
more thread minds the site: a webhook that appears begins with what happens from then on.
"""

import logging
import time
from dataclasses import dataclass
from threading import Event, Thread
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from appliance.daemons.jobs.webhook_post import Receiver
from appliance.daemons.paths import Paths
from appliance.reports.public_events import Announcer, public_json, public_name, utc_text
from appliance.store.journal_tail import JournalTail
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.webhook_tests import WebhookWish
from appliance.store.webhooks import Attempt, GivenUp, HookState, HookTest, WebhookStates
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.public_events import AnyPublicEvent, FlowToldEvent, WebhookTest
from appliance.vocabulary.settings import Webhook

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
SITE_EVERY_S = 1.0
MARK_EVERY_S = 300.0
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 900.0
GIVE_UP_S = 86_400.0
AFTER_TROUBLE_S = 5.0
"""After an error of our own (disk, file) it is tried again."""
ROWS = 200


def retry_after(attempts: int) -> float:
    """Return the seconds to wait after so many attempts in vain: 1, 2, 4 … 900.

    >>> [retry_after(number) for number in (1, 2, 3, 11)]
    [1.0, 2.0, 4.0, 900.0]
    """
    return float(min(FIRST_RETRY_S * 2 ** min(attempts - 1, 20), LONGEST_RETRY_S))


class Delivery:
    """One webhook's thread."""

    def __init__(self, hook: Webhook, paths: Paths, own_ports: frozenset[int]) -> None:
        self.hook = hook
        self._paths = paths
        self._own_ports = own_ports
        self._wanted = frozenset(hook.events)
        self._stopped = Event()
        self.known: HookState | None = None
        """How far it is, before that is written down: where the disk refuses to, the receiver is
        not told the same event over and over."""
        self._thread = Thread(target=self._run, name=f"webhook-{hook.id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the POST that is on its way; nobody waits for it."""
        self._stopped.set()

    def is_alive(self) -> bool:
        """Say whether its thread goes on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._deliver()
            except ApplianceError as error:
                logger.warning("webhook %s: %s", self.hook.id, error)
                self._stopped.wait(AFTER_TROUBLE_S)
            except Exception:  # the last guard of the thread
                logger.exception("webhook %s failed", self.hook.id)
                self._stopped.wait(AFTER_TROUBLE_S)

    def _deliver(self) -> None:
        states = WebhookStates(self._paths.webhooks, is_writer=True)
        tail = JournalTail(self._paths.calls)
        receiver = Receiver(self.hook.id, self.hook.url, self._own_ports)
        try:
            state = self.known or states.state(self.hook.id)
            last = tail.last()
            if state is None:
                state = HookState(webhook=self.hook.id, row=last)
            elif 0 < last < state.row:
                # The journal is an older one, from a backup: what it gets from now on is told.
                state = replace(state, row=last)
            turn = _Turn(self, states, tail, receiver)
            turn.put(state)
            turn.go_on(state)
        finally:
            receiver.close()
            tail.close()
            states.close()

    # --- what a turn asks ---
    def wants(self, event: AnyPublicEvent) -> bool:
        """Say whether this webhook is to be told. What a flow tells one is not the others'."""
        if isinstance(event, FlowToldEvent):
            return event.webhook == self.hook.id
        return not self._wanted or public_name(event) in self._wanted

    def wait(self, seconds: float) -> bool:
        """Wait; return whether there is more to do."""
        return not self._stopped.wait(seconds)

    def secret(self) -> str:
        """Return what to sign with; read each time, since it may be changed by itself."""
        return secret_of(self._paths, self.hook.id)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one thread works with, opened in it."""

    delivery: Delivery
    states: WebhookStates
    tail: JournalTail
    receiver: Receiver

    def go_on(self, state: HookState) -> None:
        """Read on and send until the thread is stopped."""
        announcer = Announcer(self.tail.before)
        is_behind = True
        while self.delivery.wait(0.0 if is_behind else LOOK_EVERY_S):
            rows = self.tail.after(state.row, ROWS) if is_behind or self.tail.has_news() else []
            is_behind = len(rows) == ROWS
            for row, entry in rows:
                event = None if entry is None else announcer.event(row, entry)
                if event is not None and self.delivery.wants(event):
                    sent = self._sent(state, event)
                    if sent is None:
                        return
                    state = sent
                state = replace(state, row=row)
            if rows:
                self.put(state)

    def put(self, state: HookState) -> None:
        """Write down how far it is."""
        self.delivery.known = state
        self.states.put(state)

    def _sent(self, state: HookState, event: AnyPublicEvent) -> HookState | None:
        """Send until it is taken or given up; None: the thread is to end."""
        body = public_json(event)
        while True:
            left = state.next_try - time.time()
            # A clock that was set back must not make anybody wait for longer than once.
            if not self.delivery.wait(min(max(left, 0.0), LONGEST_RETRY_S)):
                return None
            if self._is_too_old(state, event):
                return self._given_up(state, event, body)
            attempt = self.receiver.post(public_name(event), event.id, body, self.delivery.secret())
            state = self._after(state, event, attempt)
            self.put(state)
            if not attempt.error:
                return state

    def _after(self, state: HookState, event: AnyPublicEvent, attempt: Attempt) -> HookState:
        if not attempt.error:
            return replace(
                state,
                row=event.id,
                failing_since=None,
                attempts=0,
                next_try=Utc(0.0),
                last=attempt,
                delivered=state.delivered + 1,
            )
        attempts = state.attempts + 1
        if attempts == 1:
            logger.warning("webhook %s: %s", state.webhook, attempt.error)
        return replace(
            state,
            failing_since=state.failing_since or attempt.at,
            attempts=attempts,
            next_try=Utc(time.time() + retry_after(attempts)),
            last=attempt,
        )

    def _is_too_old(self, state: HookState, event: AnyPublicEvent) -> bool:
        """Whatever its age, the first event after a success is tried at least once."""
        if state.failing_since is None:
            return False
        return event.id <= self.states.row_at(Utc(time.time() - GIVE_UP_S))

    def _given_up(self, state: HookState, event: AnyPublicEvent, body: bytes) -> HookState:
        error = state.last.error if state.last is not None else ""
        name = public_name(event)
        logger.error("webhook %s: %s %s was given up", state.webhook, name, event.id)
        self.states.give_up(
            state.webhook,
            GivenUp(row=event.id, name=name, at=Utc(time.time()), error=error, body=body.decode()),
        )
        state = replace(state, row=event.id, given_up=state.given_up + 1)
        self.put(state)
        return state


class Webhooks:
    """All webhooks of the site; minded by one thread."""

    def __init__(self, paths: Paths, own_ports: frozenset[int]) -> None:
        """`own_ports`: of the box itself, where nothing is sent to."""
        self._paths, self._own_ports = paths, own_ports
        self._running: dict[WebhookId, Delivery] = {}
        self._stopped = Event()
        self._marked = -MARK_EVERY_S

    def start(self) -> None:
        """Begin; returns at once."""
        Thread(target=self._run, name="webhooks", daemon=True).start()

    def stop(self) -> None:
        """End; what is on its way is known as not done and is sent again."""
        self._stopped.set()
        for delivery in self._running.values():
            delivery.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._mind()
            except ApplianceError as error:
                logger.warning("webhooks: %s", error)
            except Exception:  # the last guard of the thread
                logger.exception("webhooks failed")
            self._stopped.wait(AFTER_TROUBLE_S)

    def _mind(self) -> None:
        settings = SettingsStore(self._paths.settings)
        states = WebhookStates(self._paths.webhooks, is_writer=True)
        tail = JournalTail(self._paths.calls)
        last = states.last_test()
        tested = 0 if last is None else last.number
        try:
            while not self._stopped.is_set():
                self._follow(settings.current().webhook, states)
                for wish in settings.webhook_wishes.after(tested):
                    tested = wish.number
                    self._test(wish, settings.current().webhook)
                if time.monotonic() - self._marked >= MARK_EVERY_S:
                    self._marked = time.monotonic()
                    states.mark(Utc(time.time()), tail.last())
                self._stopped.wait(SITE_EVERY_S)
        finally:
            tail.close()
            states.close()
            settings.close()

    def _follow(self, hooks: tuple[Webhook, ...], states: WebhookStates) -> None:
        """Make the threads those of the site."""
        wanted = {hook.id: hook for hook in hooks if hook.enabled}
        for name, delivery in list(self._running.items()):
            if wanted.get(name) != delivery.hook:
                delivery.stop()
                # Only one thread at a time writes how far a webhook is.
                if not delivery.is_alive():
                    del self._running[name]
        for name in states.known():
            if name not in wanted and name not in self._running:
                states.forget(name)
        for name, hook in wanted.items():
            if name not in self._running:
                # without path and query: they may hold a key
                logger.info("webhook %s: telling %s", name, urlsplit(hook.url).netloc)
                self._running[name] = Delivery(hook, self._paths, self._own_ports)
                self._running[name].start()

    def _test(self, wish: WebhookWish, hooks: tuple[Webhook, ...]) -> None:
        for hook in hooks:
            if hook.id == wish.webhook:
                Thread(target=self._tested, args=(wish, hook), daemon=True).start()

    def _tested(self, wish: WebhookWish, hook: Webhook) -> None:
        """Send the test event beside the queue of the others, and write down what came of it."""
        try:
            receiver = Receiver(hook.id, hook.url, self._own_ports)
            body = msgspec.json.encode(WebhookTest(at=utc_text(Utc(time.time())), webhook=hook.id))
            attempt = receiver.post("test", 0, body, secret_of(self._paths, hook.id))
            receiver.close()
            states = WebhookStates(self._paths.webhooks, is_writer=True)
            states.tested(HookTest(number=wish.number, webhook=hook.id, attempt=attempt))
            states.close()
        except ApplianceError as error:
            logger.warning("webhook %s: the test: %s", hook.id, error)


def secret_of(paths: Paths, webhook: WebhookId) -> str:
    """Return a webhook's secret, "" where none is kept."""
    return Secrets(paths.secrets, bytes).webhook_secrets().get(webhook, "")
