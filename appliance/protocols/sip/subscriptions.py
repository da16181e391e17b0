"""Phones that want to be told: SUBSCRIBE of theirs, NOTIFY of ours (RFC 6665).

Theory of operation. A subscription is a dialog of its own with one resource (an extension, an
agent, a park place) and one package. It is told the whole state at once, after each refresh, and
whenever that changes. Never are two NOTIFYs under way: what changes meanwhile is told by the one
that follows the answer, so a lamp that flickers costs no more than the phone can take. It ends by
time, by Expires: 0, or when a NOTIFY is refused or never answered. All of it stands in a slot.
"""

import msgspec

from appliance.protocols.sip.core import Core, as_bytes, as_text
from appliance.protocols.sip.dialog import (
    Dialog,
    aim_at_contact,
    own_contact,
    refresh_target,
    request_in,
    uas_dialog,
)
from appliance.protocols.sip.event_packages import (
    ALLOW_EVENTS,
    MESSAGES,
    PACKAGES,
    Package,
    Shown,
    body_of,
)
from appliance.protocols.sip.flow import Flow, host_text
from appliance.protocols.sip.grammar import display_text
from appliance.protocols.sip.headers import parse_expires
from appliance.protocols.sip.message import Request, Response, response_to
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.transaction_table import TransactionTable, without_connection
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

SLOT_PREFIX = "subscription:"
MIN_EXPIRES, MAX_EXPIRES = 60, 3600
"""Seconds; also what is given to those who name no time."""
MOST = 2048
MOST_OF_A_USER = 128
"""A phone with key panels has some sixty lamps."""
_TRY_AGAIN = (500, 503)
"""Answers to a NOTIFY that do not end the subscription: the next change is told again."""


class Subscription(State, kw_only=True):
    """One subscriber's wish."""

    name: str
    """Our tag: what the dialog and the slot are found by."""
    user: str
    resource: str
    package: str
    event: bytes
    """The Event header as it came, with its id."""
    dialog: Dialog
    expires_at: Instant
    version: int = 0
    pending: bytes = b""
    """Key of the NOTIFY that is under way."""
    is_stale: bool = False
    """Something changed while it was."""
    has_ended: bool = False


class Slot(State, kw_only=True):
    """What is kept over a restart."""

    subscription: Subscription
    transactions: list[Transaction]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Slot)


class Subscriptions:
    """The notifier."""

    def __init__(self, core: Core, transactions: TransactionTable) -> None:
        self._core = core
        self._transactions = transactions
        self._by_name: dict[str, Subscription] = {}
        self._of_resource: dict[str, set[str]] = {}
        self._shown: dict[str, Shown] = {}
        self._times: Timetable[str] = Timetable()

    # --- what is shown --------------------------------------------------------------------------
    def show(self, resource: str, shown: Shown, now: Instant) -> None:
        """Tell everybody who wants to know of this resource."""
        before = self._shown.get(resource)
        if before == shown:
            return
        self._shown[resource] = shown
        for name in sorted(self._of_resource.get(resource, ())):
            subscription = self._by_name[name]
            if not subscription.has_ended and _is_news(subscription.package, before, shown):
                self._notify(subscription, now)

    def shown(self, resource: str) -> Shown:
        """Return what is known of a resource."""
        return self._shown.get(resource, Shown())

    # --- SUBSCRIBE ------------------------------------------------------------------------------
    def of_dialog(self, request: Request) -> Subscription | None:
        """Return the subscription that a request within a dialog is about."""
        found = self._by_name.get(request.to.tag or "")
        if found is None or found.has_ended:
            return None
        is_same = found.dialog.call_id == as_bytes(request.call_id)
        is_theirs = found.dialog.remote_tag == as_bytes(request.from_.tag or "")
        return found if is_same and is_theirs else None

    def arrive(self, request: Request, data: bytes, flow: Flow, user: str, now: Instant) -> None:
        """A subscriber who has shown the password wants to be told."""
        package = _package_of(request)
        resource = display_text(request.request_uri.user or request.to.uri.user)
        if package is None:
            self._core.reply(request, flow, 489, headers=(("Allow-Events", ALLOW_EVENTS),))
        elif not _accepts(request, package):
            self._core.reply(request, flow, 406)
        elif package.is_own_only and resource != user:
            self._core.reply(request, flow, 403)
        elif self._is_full(user):
            self._core.counters.refused_full += 1
            self._core.reply(request, flow, 503, headers=(("Retry-After", "60"),))
        elif (seconds := _seconds_of(request)) is None:
            self._core.reply(request, flow, 423, headers=(("Min-Expires", str(MIN_EXPIRES)),))
        else:
            name = self._core.reply_tag(request)
            subscription = Subscription(
                name=name,
                user=user,
                resource=resource,
                package=package.name,
                event=as_bytes(request.headers.get("Event") or package.name),
                dialog=uas_dialog(request, name, flow, follows_contact=False),
                expires_at=Instant(now + seconds),
            )
            self._keep(subscription)
            self._accept(subscription, request, data, flow, seconds, now)

    def again(
        self, subscription: Subscription, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        """A refresh, or (Expires: 0) the end."""
        seconds = _seconds_of(request)
        if request.cseq.number <= subscription.dialog.remote_cseq:
            self._core.reply(request, flow, 500)
        elif seconds is None:
            self._core.reply(request, flow, 423, headers=(("Min-Expires", str(MIN_EXPIRES)),))
        else:
            subscription.dialog.remote_cseq = request.cseq.number
            refresh_target(subscription.dialog, request, flow)
            subscription.expires_at = Instant(now + seconds)
            self._accept(subscription, request, data, flow, seconds, now)

    def _accept(
        self,
        subscription: Subscription,
        request: Request,
        data: bytes,
        flow: Flow,
        seconds: int,
        now: Instant,
    ) -> None:
        slot = SLOT_PREFIX + subscription.name
        transaction = self._transactions.serve(request, data, flow, slot, now)
        is_first = request.to.tag is None
        response = response_to(request, 200, to_tag=subscription.name if is_first else None)
        response.headers.add("Expires", str(seconds))
        response.headers.add("Contact", own_contact(self._core, subscription.dialog))
        response.headers.add("Server", self._core.product)
        self._transactions.respond(transaction, response, now)
        self._times.set(subscription.name, subscription.expires_at)
        self._core.touched.add(slot)
        if seconds == 0:
            self._end(subscription, "timeout", now)
        else:
            self._notify(subscription, now)

    # --- NOTIFY ---------------------------------------------------------------------------------
    def _notify(self, subscription: Subscription, now: Instant, state: str = "") -> None:
        if subscription.pending:
            subscription.is_stale = True
            return
        dialog, package = subscription.dialog, PACKAGES[subscription.package]
        left = max(1, round(subscription.expires_at - now))
        request = request_in(self._core, dialog, "NOTIFY")
        request.headers.add("Event", as_text(subscription.event))
        request.headers.add("Subscription-State", state or f"active;expires={left}")
        request.headers.add("Content-Type", package.content_type)
        host = host_text(self._core.near(dialog.flow))
        entity = str(SipUri.of(subscription.resource, host))
        shown = self.shown(subscription.resource)
        request.body = body_of(package, entity, shown, subscription.version)
        subscription.version += 1
        subscription.is_stale = False
        slot = SLOT_PREFIX + subscription.name
        subscription.pending = self._transactions.ask(request, dialog.flow, slot, now).key
        self._core.touched.add(slot)

    def response_arrived(self, transaction: Transaction, response: Response, now: Instant) -> None:
        """Their answer to a NOTIFY."""
        if response.status >= 200:
            is_over = response.status >= 300 and response.status not in _TRY_AGAIN
            self._answered(transaction, now, is_over=is_over)

    def no_response(self, transaction: Transaction, now: Instant) -> None:
        """A NOTIFY was never answered: nobody is there to be told (RFC 6665 §4.2.2)."""
        self._answered(transaction, now, is_over=True)

    def _answered(self, transaction: Transaction, now: Instant, *, is_over: bool) -> None:
        subscription = self._by_name.get(transaction.owner.removeprefix(SLOT_PREFIX))
        if subscription is None or subscription.pending != transaction.key:
            return
        subscription.pending = b""
        self._core.touched.add(transaction.owner)
        if is_over:
            subscription.has_ended = True
        if subscription.has_ended:
            self._core.may_be_over.add(transaction.owner)
        elif subscription.is_stale:
            self._notify(subscription, now)

    def _end(self, subscription: Subscription, reason: str, now: Instant) -> None:
        """The last word, if one can still be said."""
        self._times.set(subscription.name, None)
        if not subscription.pending:
            self._notify(subscription, now, f"terminated;reason={reason}")
        subscription.has_ended = True
        self._core.touched.add(SLOT_PREFIX + subscription.name)

    # --- time, connections ----------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When the next subscription runs out."""
        return self._times.next()

    def wake(self, now: Instant) -> None:
        """End what ran out."""
        for name in self._times.take_due(now):
            subscription = self._by_name.get(name)
            if subscription is not None and not subscription.has_ended:
                self._end(subscription, "timeout", now)

    def connection_lost(self, connection: str) -> None:
        """Until the phone is back they are told where its Contact says it listens."""
        for subscription in self._by_name.values():
            dialog = subscription.dialog
            if connection and dialog.flow.connection == connection:
                dialog.flow = without_connection(dialog.flow)
                aim_at_contact(dialog)
                self._core.touched.add(SLOT_PREFIX + subscription.name)

    def connections_died(self, transport: str) -> None:
        """All connections of this transport are gone."""
        gone = {one.dialog.flow.connection for one in self._by_name.values()
                if one.dialog.flow.transport == transport}  # fmt: skip
        for connection in gone:
            self.connection_lost(connection)

    def phone_moved(self, old: Flow, new: Flow) -> None:
        """A phone registered over another connection: its lamps are there now."""
        for subscription in self._by_name.values():
            if subscription.dialog.flow == old:
                subscription.dialog.flow = new
                self._core.touched.add(SLOT_PREFIX + subscription.name)

    # --- slots ----------------------------------------------------------------------------------
    def _keep(self, subscription: Subscription) -> None:
        self._by_name[subscription.name] = subscription
        self._of_resource.setdefault(subscription.resource, set()).add(subscription.name)

    def settle(self, slot: str) -> None:
        """Forget a subscription that has ended, when no transaction of it is left."""
        name = slot.removeprefix(SLOT_PREFIX)
        subscription = self._by_name.get(name)
        if subscription is None or not subscription.has_ended:
            return
        if subscription.pending or self._transactions.owned_by(slot):
            return
        del self._by_name[name]
        same = self._of_resource[subscription.resource]
        same.discard(name)
        if not same:  # what phones ask for are their words: none stays for ever
            del self._of_resource[subscription.resource]
        self._times.set(name, None)
        self._core.touched.add(slot)

    def slot(self, slot: str) -> bytes | None:
        """Return a slot's content."""
        subscription = self._by_name.get(slot.removeprefix(SLOT_PREFIX))
        if subscription is None:
            return None
        kept = Slot(subscription=subscription, transactions=self._transactions.owned_by(slot))
        return _encoder.encode(kept)

    def restore(self, content: bytes) -> None:
        """Put a subscription back; its resource's state is shown anew by whoever knows it."""
        kept = _decoder.decode(content)
        self._keep(kept.subscription)
        if not kept.subscription.has_ended:
            self._times.set(kept.subscription.name, kept.subscription.expires_at)
        for transaction in kept.transactions:
            self._transactions.restore(transaction)

    def _is_full(self, user: str) -> bool:
        if len(self._by_name) >= MOST:
            return True
        return sum(one.user == user for one in self._by_name.values()) >= MOST_OF_A_USER


def _is_news(package: str, before: Shown | None, shown: Shown) -> bool:
    """Whether a subscriber of this package sees a difference; `before` is None after a restart.

    A lamp that is told again after a restart must not put out the message lamp meanwhile.
    """
    if package == MESSAGES.name:
        known = before or Shown()
        return (known.new, known.old) != (shown.new, shown.old)
    return before is None or (before.activity, before.other) != (shown.activity, shown.other)


def _package_of(request: Request) -> Package | None:
    event = request.headers.get("Event") or ""
    return PACKAGES.get(event.partition(";")[0].strip().lower())


def _accepts(request: Request, package: Package) -> bool:
    """RFC 6665 §3.1.3: without Accept the package's own type is meant."""
    wanted = [
        one.partition(";")[0].strip().lower()
        for value in request.headers.all("Accept")
        for one in value.split(",")
    ]
    return not wanted or any(
        one in (package.content_type, "application/*", "*/*") for one in wanted
    )


def _seconds_of(request: Request) -> int | None:
    """How long the subscription is to last; None: too short to be worth it. Raises PeerError."""
    header = request.headers.get("Expires")
    wished = MAX_EXPIRES if header is None else parse_expires(header)
    if wished is None:
        raise PeerError("malformed Expires")
    if 0 < wished < MIN_EXPIRES:
        return None
    return min(wished, MAX_EXPIRES)
