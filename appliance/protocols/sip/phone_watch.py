"""Whether registered phones are still there: OPTIONS to each contact. RFC 3261 §11.

Theory of operation
-------------------
A phone that loses power says no good-bye, and its registration lives on for minutes. So each
contact is asked soon after it registered for the first time, and then every 20 seconds (18 to
22, so that 200 phones do not answer in one instant) over the flow that it registered by. Any
final answer is life, 486 and 501 as well as 200; so is a REGISTER. No answer within 6 seconds
(four requests have gone out by then over UDP), or no connection, is a loss, and it is asked
again at once; after three losses the contact is lost: calls pass it by, and its user is told to
be gone when none of his contacts is left. It is asked on, every 10 seconds, and is back with its
first answer.

A phone that has never answered is not judged: some know no OPTIONS. From the death of a phone that
has until that is told, 22 + 3 * 6 = 40 seconds pass at most. A phone whose connection (TCP, TLS) is
gone is asked within 2 seconds: where it does not come back it is lost within 20.

What a contact has shown is kept with its binding, so a restart forgets no loss; questions that are
out are not kept, but asked anew.
"""

from appliance.protocols.sip.core import ACCEPT, Core, as_text, request_of
from appliance.protocols.sip.events import Registered, Unregistered
from appliance.protocols.sip.message import Request
from appliance.protocols.sip.registrar import Contact, Registrar, slot_name, where
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

PREFIX = "watch:"
"""Of the owner of a question; no slot."""
FIRST_S = 2.0
INTERVAL_S = 18.0
JITTER_S = 4.0
PATIENCE_S = 6.0
LOSSES = 3
LOST_INTERVAL_S = 10.0
UNTRIED_INTERVAL_S = 60.0
"""Of phones that have never answered."""
CONNECTION_GRACE_S = 2.0
"""A phone whose connection is gone has so long to come back by itself."""

Name = tuple[str, bytes]
"""User and Contact URI."""


class Asking(State, kw_only=True):
    """Where one contact's questions stand."""

    key: bytes = b""
    """The client transaction that is out."""
    losses: int = 0
    """In a row."""


class PhoneWatch:
    """Asks every registered contact whether it lives; silent until `is_on`."""

    def __init__(self, core: Core, transactions: TransactionTable, registrar: Registrar) -> None:
        self.is_on = False
        self._core = core
        self._transactions = transactions
        self._registrar = registrar
        self._asked: dict[Name, Asking] = {}
        self._out: dict[bytes, Name] = {}
        """Whom each question that is out was put to."""
        self._times: Timetable[Name] = Timetable()

    # --- asking ---------------------------------------------------------------------------------
    def look(self, now: Instant) -> None:
        """Take up what changed in the registrar since the last look."""
        if not self.is_on:
            self._registrar.disconnected.clear()
            return
        changed, self._registrar.changed = self._registrar.changed, set()
        for user in changed:
            there = {(user, contact.uri) for contact in self._registrar.contacts(user)}
            for name in [name for name in self._asked if name[0] == user and name not in there]:
                self._forget(name)
            for name in there - self._asked.keys():
                self._asked[name] = Asking()
                self._times.set(name, Instant(now + self._pause(FIRST_S)))
        gone, self._registrar.disconnected = self._registrar.disconnected, set()
        for name in gone & self._asked.keys():
            if not self._asked[name].key:
                self._times.set(name, Instant(now + CONNECTION_GRACE_S))

    def _ask(self, name: Name, contact: Contact, now: Instant) -> None:
        request = self._question(name[0], contact)
        asking = self._asked[name]
        owner = PREFIX + name[0]
        asking.key = self._transactions.ask(request, contact.flow, owner, now).key
        self._out[asking.key] = name
        self._times.set(name, Instant(now + PATIENCE_S))

    def _question(self, user: str, contact: Contact) -> Request:
        flow, core = contact.flow, self._core
        uri = SipUri.parse(as_text(contact.uri)).without_headers()
        near = SipUri.of("linghe", core.near(flow))
        call_id = core.random_text()
        tag = core.mark("from", call_id)
        fields = [
            ("From", f"<{near}>;tag={tag}"),
            ("To", f"<{SipUri.of(user, core.near(flow))}>"),
            ("Call-ID", call_id),
            ("CSeq", "1 OPTIONS"),
            ("Contact", core.contact(flow, "linghe")),
            ("Accept", ACCEPT),
            ("User-Agent", core.product),
        ]
        branch = core.branch(call_id, tag, "1", "OPTIONS")
        return request_of(core, "OPTIONS", str(uri), flow, branch, fields)

    # --- answers --------------------------------------------------------------------------------
    def response_arrived(self, transaction: Transaction, status: int, now: Instant) -> None:
        """A response to a question."""
        name = self._out.get(transaction.key)
        if name is None or status < 200:
            return
        contact = self._contact(name)
        self._take_back(name)
        if contact is None:
            self._forget(name)
            return
        self._asked[name].losses = 0
        self._times.set(name, Instant(now + self._pause(INTERVAL_S)))
        was_lost = contact.is_lost
        if was_lost or not contact.has_answered:
            contact.is_lost, contact.has_answered = False, True
            self._core.touched.add(slot_name(name[0]))
        if was_lost:
            self._tell_back(name[0], contact, now)

    def no_response(self, transaction: Transaction, now: Instant) -> None:
        """No connection could be made."""
        name = self._out.get(transaction.key)
        if name is not None:
            # not in the same turn: a refused connection would be asked for thrice in a millisecond
            self._lost_one(name, now, CONNECTION_GRACE_S)

    def _lost_one(self, name: Name, now: Instant, pause: float) -> None:
        asking, contact = self._asked[name], self._contact(name)
        self._take_back(name)
        if contact is None:
            self._forget(name)
            return
        asking.losses += 1
        if asking.losses < LOSSES and not contact.is_lost:
            self._times.set(name, Instant(now + pause))
            return
        asking.losses = 0
        if not contact.has_answered:
            self._times.set(name, Instant(now + self._pause(UNTRIED_INTERVAL_S)))
            return
        self._times.set(name, Instant(now + LOST_INTERVAL_S))
        if not contact.is_lost:
            contact.is_lost = True
            self._core.touched.add(slot_name(name[0]))
            if not self._registrar.reachable(name[0]):
                self._core.tell(Unregistered(user=name[0], is_silent=True))

    def _tell_back(self, user: str, contact: Contact, now: Instant) -> None:
        self._core.tell(
            Registered(
                user=user,
                where=where(contact.flow),
                transport=contact.flow.transport,
                user_agent=contact.user_agent,
                expires=max(0, round(contact.expires_at - now)),
            )
        )

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When the next contact is to be asked, or its patience ends."""
        if not self.is_on:
            return None
        return Instant(0.0) if self._registrar.changed else self._times.next()

    def wake(self, now: Instant) -> None:
        """Ask, or count a loss."""
        self.look(now)
        for name in self._times.take_due(now):
            contact = self._contact(name)
            if name not in self._asked:
                continue
            if not self.is_on or contact is None:
                self._forget(name)
            elif self._asked[name].key:
                self._lost_one(name, now, 0.0)
            else:
                self._ask(name, contact, now)

    def _take_back(self, name: Name) -> None:
        """Ask no more; an answer that comes yet is a stray one."""
        asking = self._asked[name]
        transaction = self._transactions.find(asking.key) if asking.key else None
        if transaction is not None:
            self._transactions.drop(transaction)
        self._out.pop(asking.key, None)
        asking.key = b""

    def _contact(self, name: Name) -> Contact | None:
        return next((one for one in self._registrar.contacts(name[0]) if one.uri == name[1]), None)

    def _forget(self, name: Name) -> None:
        if name in self._asked:
            self._take_back(name)
            del self._asked[name]
        self._times.set(name, None)

    def _pause(self, seconds: float) -> float:
        drawn = int(self._core.mark("watch", self._core.random_text()), 16) % 1000
        return seconds + JITTER_S * drawn / 1000
