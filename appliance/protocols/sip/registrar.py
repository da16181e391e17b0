"""Where phones can be reached. RFC 3261 §10.3; flows instead of Contact addresses behind NAT.

A binding remembers the Contact, which becomes the Request-URI of calls to the phone, and the flow
that the REGISTER came over, where those calls are sent (RFC 5626 §5.3 in spirit). One user has at
most three; a fourth takes the place of the one that would run out first, because a phone that was
restarted on a new port never takes its old binding back.
"""

from collections.abc import Callable

import msgspec

from appliance.protocols.sip.core import Core, as_bytes, as_text
from appliance.protocols.sip.directory import Binding
from appliance.protocols.sip.events import Registered, Unregistered
from appliance.protocols.sip.flow import Flow, host_text
from appliance.protocols.sip.grammar import display_text
from appliance.protocols.sip.headers import NameAddr, parse_expires
from appliance.protocols.sip.keep_alive import grant
from appliance.protocols.sip.message import Request, response_to
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.transaction_table import TransactionTable, without_connection
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

SLOT_PREFIX = "binding:"
MIN_EXPIRES = 20
MAX_EXPIRES = 3600
DEFAULT_EXPIRES = 300
MAX_CONTACTS = 3


class Contact(State, kw_only=True):
    """One binding."""

    uri: bytes
    flow: Flow
    call_id: bytes
    cseq: int
    expires_at: Instant
    user_agent: str
    instance: bytes = b""
    """+sip.instance with reg-id (RFC 5626): the same device, whatever its address is now."""
    has_answered: bool = False
    """An OPTIONS of ours at least once (phone_watch)."""
    is_lost: bool = False
    """It answers no more."""


class Account(State, kw_only=True):
    """All bindings of one user."""

    user: str
    contacts: list[Contact] = []


class Slot(State, kw_only=True):
    """What is kept over a restart: the bindings, and the answer to the latest REGISTERs."""

    account: Account
    transactions: list[Transaction]


class Refusal(PeerError):
    """A REGISTER that changes nothing."""

    def __init__(self, status: int, reason: str | None = None, header: str = "") -> None:
        super().__init__(f"{status} {reason or ''}")
        self.status = status
        self.reason = reason
        self.header = header


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Slot)


def slot_name(user: str) -> str:
    """The slot of a user's bindings."""
    return SLOT_PREFIX + user


class Registrar:
    """The location service, and the answers to REGISTER."""

    def __init__(
        self,
        core: Core,
        transactions: TransactionTable,
        on_moved: Callable[[Flow, Flow], None],
    ) -> None:
        self._core = core
        self._transactions = transactions
        self._on_moved = on_moved
        """Told the old and the new flow of a phone that registers over another TCP connection."""
        self._accounts: dict[str, Account] = {}
        self._addresses: frozenset[str] | None = None
        self._places: frozenset[tuple[str, int]] | None = None
        """Where phones are; None: to be gathered anew, for the bindings have changed."""
        self._times: Timetable[str] = Timetable()
        self.changed: set[str] = set()
        """Users whose bindings changed since the phone watch looked."""
        self.disconnected: set[tuple[str, bytes]] = set()
        """Contacts, by user and URI, whose connection was lost since then."""

    # --- what is known --------------------------------------------------------------------------
    def contacts(self, user: str) -> list[Contact]:
        """The bindings of a user, the freshest first."""
        account = self._accounts.get(user)
        if account is None:
            return []
        return sorted(account.contacts, key=lambda contact: -contact.expires_at)

    def reachable(self, user: str) -> list[Contact]:
        """Those that are not lost, the freshest first."""
        return [contact for contact in self.contacts(user) if not contact.is_lost]

    def bindings(self, user: str) -> tuple[Binding, ...]:
        """The bindings of a user that can be reached, for people."""
        return tuple(
            Binding(
                user=user,
                uri=display_text(as_text(contact.uri)),
                where=where(contact.flow),
                transport=contact.flow.transport,
                user_agent=contact.user_agent,
                expires_at=contact.expires_at,
            )
            for contact in self.reachable(user)
        )

    def is_at(self, user: str, flow: Flow) -> bool:
        """Whether this user is registered from exactly this address and port."""
        account = self._accounts.get(user)
        return account is not None and any(
            (contact.flow.remote_address, contact.flow.remote_port)
            == (flow.remote_address, flow.remote_port)
            for contact in account.contacts
        )

    def is_address(self, address: str) -> bool:
        """Whether any phone is registered from this address. Cheap: asked for each packet of a
        flood."""
        if self._addresses is None:
            self._addresses = frozenset(
                contact.flow.remote_address
                for account in self._accounts.values()
                for contact in account.contacts
            )
        return address in self._addresses

    def is_phone(self, flow: Flow) -> bool:
        """Whether any phone is registered from exactly this address and port. Cheap as well."""
        if self._places is None:
            self._places = frozenset(
                (contact.flow.remote_address, contact.flow.remote_port)
                for account in self._accounts.values()
                for contact in account.contacts
            )
        return (flow.remote_address, flow.remote_port) in self._places

    def connections(self) -> set[str]:
        """Return the connections over which phones are registered."""
        return {
            contact.flow.connection
            for account in self._accounts.values()
            for contact in account.contacts
        }

    # --- REGISTER -------------------------------------------------------------------------------
    def register(self, request: Request, data: bytes, flow: Flow, user: str, now: Instant) -> None:
        """Answer the REGISTER of a user who has shown the password."""
        account = self._accounts.get(user) or Account(user=user)
        had_some = bool(account.contacts)
        transaction = self._transactions.serve(request, data, flow, slot_name(user), now)
        try:
            changed = self._changed(account, request, flow, now)
        except Refusal as refusal:
            response = response_to(
                request, refusal.status, refusal.reason, to_tag=self._core.reply_tag(request)
            )
            if refusal.header:
                response.headers.add("Min-Expires", refusal.header)
            self._transactions.respond(transaction, response, now)
            return
        response = response_to(request, 200, to_tag=self._core.reply_tag(request))
        if changed is not None:
            self._tell_moved(account.contacts, changed, flow)
            self._put(account, changed)
        for contact in account.contacts:
            left = max(1, round(contact.expires_at - now))
            response.headers.add("Contact", f"<{as_text(contact.uri)}>;expires={left}")
        response.headers.add("Server", self._core.product)
        grant(response, flow)
        self._transactions.respond(transaction, response, now)
        if changed is not None:
            self._tell(account, request, flow, had_some, now)

    def _tell(
        self, account: Account, request: Request, flow: Flow, had_some: bool, now: Instant
    ) -> None:
        mine = [contact for contact in account.contacts if contact.flow == flow]
        if mine and account.contacts:
            newest = mine[-1]
            self._core.tell(
                Registered(
                    user=account.user,
                    where=where(flow),
                    transport=flow.transport,
                    user_agent=newest.user_agent,
                    expires=round(newest.expires_at - now),
                )
            )
        elif had_some and not account.contacts:
            self._core.tell(Unregistered(user=account.user))

    def _tell_moved(self, before: list[Contact], after: list[Contact], flow: Flow) -> None:
        for contact in after:
            if contact in before or not flow.is_reliable:
                continue
            old = _same_phone(before, contact)
            if old is not None and old.flow.is_reliable and old.flow != flow:
                self._on_moved(old.flow, flow)

    def _changed(
        self, account: Account, request: Request, flow: Flow, now: Instant
    ) -> list[Contact] | None:
        """The bindings after this REGISTER, all or nothing; None for a mere query (§10.3)."""
        header = request.headers.get("Expires")
        expires = None if header is None else parse_expires(header)
        call_id, cseq = as_bytes(request.call_id), request.cseq.number
        if request.has_wildcard_contact:
            if expires != 0:
                raise Refusal(400, "Wildcard Needs Expires 0")
            for contact in account.contacts:
                _check_order(contact, call_id, cseq)
            return []
        wanted = request.contacts
        if not wanted:
            return None
        contacts = list(account.contacts)
        for address in wanted:
            lifetime = _lifetime(address, expires)
            old = next((c for c in contacts if _is_same(c, address)), None)
            if old is not None:
                _check_order(old, call_id, cseq)
                contacts.remove(old)
            if lifetime:
                new = _contact(address, request, flow, Instant(now + lifetime))
                new.has_answered = old is not None and old.has_answered
                contacts.append(new)
        contacts.sort(key=lambda contact: contact.expires_at)
        return contacts[-MAX_CONTACTS:]

    def _put(self, account: Account, contacts: list[Contact]) -> None:
        account.contacts = contacts
        self._addresses = self._places = None
        user = account.user
        self.changed.add(user)
        self._core.touched.add(slot_name(user))
        if contacts:
            self._accounts[user] = account
            self._times.set(user, min(contact.expires_at for contact in contacts))
        else:
            self._accounts.pop(user, None)
            self._times.set(user, None)

    # --- time, connections, slots ---------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When the next binding runs out."""
        return self._times.next()

    def wake(self, now: Instant) -> None:
        """Forget what ran out."""
        for user in self._times.take_due(now):
            account = self._accounts.get(user)
            if account is None:
                continue
            self._put(account, [c for c in account.contacts if c.expires_at > now])
            if not account.contacts:
                self._core.tell(Unregistered(user=user))

    def connection_lost(self, connection: str) -> None:
        """A TCP connection is gone; the phone will register anew, until then we may reconnect."""
        for account in self._accounts.values():
            for contact in account.contacts:
                if contact.flow.connection == connection:
                    contact.flow = without_connection(contact.flow)
                    self.disconnected.add((account.user, contact.uri))
                    self._core.touched.add(slot_name(account.user))

    def connections_died(self, transport: str) -> None:
        """All connections of this transport are gone."""
        for connection in {
            contact.flow.connection
            for account in self._accounts.values()
            for contact in account.contacts
            if contact.flow.transport == transport and contact.flow.connection
        }:
            self.connection_lost(connection)

    def slot(self, name: str) -> bytes | None:
        """A user's slot; None when there is nothing to keep."""
        user = name.removeprefix(SLOT_PREFIX)
        account = self._accounts.get(user)
        transactions = self._transactions.owned_by(name)
        if account is None and not transactions:
            return None
        return _encoder.encode(
            Slot(account=account or Account(user=user), transactions=transactions)
        )

    def restore(self, content: bytes) -> None:
        """Put a user's bindings back."""
        kept = _decoder.decode(content)
        self._put(kept.account, kept.account.contacts)
        for transaction in kept.transactions:
            self._transactions.restore(transaction)


def where(flow: Flow) -> str:
    """A flow's far end for people."""
    return f"{host_text(flow.remote_address)}:{flow.remote_port}"


def _lifetime(address: NameAddr, expires: int | None) -> int:
    """Seconds that a binding is to last; 0 removes it. Raises Refusal 423 when too short."""
    own = address.param("expires")
    wished = expires if own is None else parse_expires(own)
    if not address.uri.is_sip:
        raise Refusal(400, "Contact Is Not A SIP URI")
    if wished is None:
        return DEFAULT_EXPIRES
    if 0 < wished < MIN_EXPIRES:
        raise Refusal(423, header=str(MIN_EXPIRES))
    return min(wished, MAX_EXPIRES)


def _check_order(contact: Contact, call_id: bytes, cseq: int) -> None:
    """§10.3 step 7: an older REGISTER that arrives late changes nothing. The same number again is
    a repetition that a restart made us forget: doing it twice does no harm."""
    if contact.call_id == call_id and cseq < contact.cseq:
        raise Refusal(500, "Out Of Order")


def _is_same(contact: Contact, address: NameAddr) -> bool:
    return _is_binding(contact, _instance(address), address.uri)


def _is_binding(contact: Contact, instance: bytes, uri: SipUri) -> bool:
    if instance and instance == contact.instance:
        return True
    return SipUri.parse(as_text(contact.uri)).same_as(uri)


def _same_phone(before: list[Contact], new: Contact) -> Contact | None:
    """The binding that a phone had before its REGISTER made this one.

    It is the one that the new takes the place of. A phone that names the port of each connection
    in its Contact leaves the old one behind: then it is known by its Contact user and by the
    Call-ID that all its REGISTERs share (§10.2), or by being the only one without connection.
    """
    uri = SipUri.parse(as_text(new.uri))
    for contact in before:
        if _is_binding(contact, new.instance, uri):
            return contact
    left = [
        contact
        for contact in before
        if contact.flow.is_reliable
        and SipUri.parse(as_text(contact.uri)).user == uri.user
        and not (contact.instance and new.instance)
        and (contact.call_id == new.call_id or not contact.flow.connection)
    ]
    mine = [contact for contact in left if contact.call_id == new.call_id]
    # what it left behind before stays until it runs out: the newest is where its calls are
    if mine:
        return max(mine, key=lambda contact: contact.cseq)
    return left[0] if len(left) == 1 else None


def _instance(address: NameAddr) -> bytes:
    instance = address.param("+sip.instance")
    return as_bytes(f"{instance} {address.param('reg-id') or ''}") if instance else b""


def _contact(address: NameAddr, request: Request, flow: Flow, expires_at: Instant) -> Contact:
    return Contact(
        uri=as_bytes(str(address.uri)),
        flow=flow,
        call_id=as_bytes(request.call_id),
        cseq=request.cseq.number,
        expires_at=expires_at,
        user_agent=display_text(request.headers.get("User-Agent") or ""),
        instance=_instance(address),
    )
