"""The SIP user agent: bytes and verbs in, bytes and events out. RFC 3261 §8, 9, 12 to 15, 18.

It knows nothing of calls (rule 2) and does no input or output (rule 1). Here are its doors; the
parts behind them are the transactions (transaction_table), the dialogs (dialog_usage,
invite_server, invite_client, mid_dialog), the registrar, and the trunks. What a request must pass
before any of them sees it is in reception.py.

After each door the daemon writes `take_touched()` down, then sends `outgoing()`, then arms one
timer for `wake_at()`: so a killed process that restores its slots answers every repetition with
the bytes it answered before.
"""

from collections.abc import Callable, Set

from appliance.protocols.sip.core import Core, Counters
from appliance.protocols.sip.destinations import Destinations
from appliance.protocols.sip.dialog_usage import SLOT_PREFIX as DIALOG_PREFIX
from appliance.protocols.sip.dialog_usage import Due, InviteUsage, Phase, UsageTable, Verb
from appliance.protocols.sip.directory import Binding, Directory, Target, TrunkTarget
from appliance.protocols.sip.event_packages import Shown
from appliance.protocols.sip.events import DialogId, SipEvent
from appliance.protocols.sip.failover import Wish
from appliance.protocols.sip.flow import Flow, Outgoing, is_any_address
from appliance.protocols.sip.invite_client import InviteClient
from appliance.protocols.sip.invite_server import InviteServer
from appliance.protocols.sip.keep_alive import KeepAlive
from appliance.protocols.sip.mid_dialog import MidDialog
from appliance.protocols.sip.phone_watch import PREFIX as WATCH_PREFIX
from appliance.protocols.sip.phone_watch import PhoneWatch
from appliance.protocols.sip.reception import Reception
from appliance.protocols.sip.registrar import SLOT_PREFIX as BINDING_PREFIX
from appliance.protocols.sip.registrar import Registrar
from appliance.protocols.sip.streams import Streams
from appliance.protocols.sip.subscriptions import SLOT_PREFIX as SUBSCRIPTION_PREFIX
from appliance.protocols.sip.subscriptions import Subscriptions
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.protocols.sip.trunks import SLOT_PREFIX as TRUNK_PREFIX
from appliance.protocols.sip.trunks import Trunks
from appliance.vocabulary.ids import Instant


class UserAgent:
    """One SIP element: both sides of calls, registrar, trunk registrations and watches."""

    def __init__(
        self, *, key: bytes, directory: Directory, random_text: Callable[[], str], product: str
    ) -> None:
        """Make one. `key` must be the same after a restart: tags and branches are made with it."""
        core = Core(key=key, directory=directory, random_text=random_text, product=product)
        self._core = core
        self._transactions = TransactionTable(core)
        self._usages = UsageTable(core, self._transactions)
        self._server = InviteServer(core, self._transactions, self._usages)
        self._client = InviteClient(core, self._transactions, self._usages)
        self._mid = MidDialog(core, self._transactions, self._usages)
        self._registrar = Registrar(core, self._transactions, self._phone_moved)
        self._watch = PhoneWatch(core, self._transactions, self._registrar)
        self._keep_alive = KeepAlive(core)
        self._trunks = Trunks(core, self._transactions, self._keep_alive)
        self._subscriptions = Subscriptions(core, self._transactions)
        self._reception = Reception(
            core,
            self._transactions,
            self._usages,
            (self._server, self._client, self._mid),
            (self._registrar, self._watch),
            self._trunks,
            self._subscriptions,
        )
        self._streams = Streams(core, self._reception, self._keep_alive)
        self._destinations = Destinations(core, self._registrar, self._trunks)

        self._wakes = (
            self._transactions.wake_at,
            self._usages.wake_at,
            self._registrar.wake_at,
            self._trunks.wake_at,
            self._subscriptions.wake_at,
            self._watch.wake_at,
            self._keep_alive.wake_at,
        )
        self._when_due: dict[Due, Callable[[InviteUsage, Instant], None]] = {
            Due.REFUSE: self._client.refused,
            Due.NEXT_HOP: self._client.lost_patience,
            Due.UNCANCELLED: self._client.uncancelled,
            Due.PROVISIONAL: self._server.repeat_provisional,
            Due.REOFFER: self._mid.send_reoffer,
            Due.REFRESH: self._mid.refreshing.refresh,
            Due.EXPIRY: self._mid.refreshing.expired,
            Due.REFERRAL: self._mid.referrals.overdue,
        }

    @property
    def counters(self) -> Counters:
        """What was counted since this process began."""
        return self._core.counters

    # --- bytes doors ----------------------------------------------------------------------------
    def receive(self, data: bytes, flow: Flow, now: Instant) -> list[SipEvent]:
        """Take one UDP datagram or one chunk of a TCP connection. Raises nothing for any bytes."""
        if flow.is_reliable:
            self._streams.feed(data, flow, now)
        else:
            self._reception.datagram(data, flow, now)
        self._watch.look(now)
        self._settle()
        return self._core.drain_events()

    def connection_lost(self, flow: Flow, now: Instant) -> None:
        """A TCP connection is gone. Never tears a call down: requests that wait go out again."""
        self._streams.forget(flow)
        if flow.connection:
            self._transactions.connection_lost(flow)
            self._usages.connection_lost(flow.connection)
            self._registrar.connection_lost(flow.connection)
            self._subscriptions.connection_lost(flow.connection)
            self._trunks.connection_lost(flow, now)
            self._watch.look(now)

    def connections_in_use(self) -> set[str]:
        """Return the TCP and TLS connections over which a phone is registered or a call goes on."""
        return self._registrar.connections() | self._usages.connections()

    def connections_died(self, transport: str) -> None:
        """After `restore`: no connection of this transport outlived the process before."""
        self._transactions.connections_died(transport)
        self._usages.connections_died(transport)
        self._registrar.connections_died(transport)
        self._subscriptions.connections_died(transport)

    def unreachable(self, flow: Flow, now: Instant, why: str = "") -> list[SipEvent]:
        """No TCP connection could be made: a request that waits for one counts as answered 503
        (§8.1.3.1, §18.4). Dialogs stay: the far end may come back over a connection of its own."""
        for transaction in self._transactions.unreachable(flow, now):
            self._reception.gave_up(transaction, 503, now, why)
        self.connection_lost(flow, now)
        self._settle()
        return self._core.drain_events()

    def outgoing(self) -> list[Outgoing]:
        """Drain what is to be sent, in order."""
        return self._core.drain_outgoing()

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        earliest: Instant | None = None
        for wake_at in self._wakes:
            when = wake_at()
            if when is not None and (earliest is None or when < earliest):
                earliest = when
        return earliest

    def wake(self, now: Instant) -> list[SipEvent]:
        """Do everything that is due."""
        for transaction in self._transactions.wake(now):
            self._reception.gave_up(transaction, 408, now)
        for usage, due in self._usages.take_due(now):
            self._when_due[due](usage, now)
        self._registrar.wake(now)
        self._watch.wake(now)
        self._trunks.wake(now)
        self._subscriptions.wake(now)
        self._keep_alive.wake(now)
        self._settle()
        return self._core.drain_events()

    # --- slots ----------------------------------------------------------------------------------
    def take_touched(self) -> set[str]:
        """Names of slots changed since the last call."""
        touched, self._core.touched = self._core.touched, set()
        # a question to a phone is kept nowhere: it is asked anew
        return {name for name in touched if not name.startswith(WATCH_PREFIX)}

    def slot(self, name: str) -> bytes | None:
        """Content of a slot, or None when it no longer exists."""
        if name.startswith(DIALOG_PREFIX):
            return self._usages.slot(name)
        if name.startswith(BINDING_PREFIX):
            return self._registrar.slot(name)
        if name.startswith(SUBSCRIPTION_PREFIX):
            return self._subscriptions.slot(name)
        return self._trunks.slot(name) if name.startswith(TRUNK_PREFIX) else None

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back after a restart; timers that ran out meanwhile fire at the next wake."""
        if name.startswith(DIALOG_PREFIX):
            self._usages.restore(content)
        elif name.startswith(BINDING_PREFIX):
            self._registrar.restore(content)
        elif name.startswith(TRUNK_PREFIX):
            self._trunks.restore(content)
        elif name.startswith(SUBSCRIPTION_PREFIX):
            self._subscriptions.restore(content)

    # --- verbs ----------------------------------------------------------------------------------
    # A verb for a dialog that has ended meanwhile is ignored; one that its phase does not know is
    # an IllegalMove (dialog_usage.VERBS).
    def ring(self, dialog: DialogId, now: Instant, sdp: bytes | None = None) -> None:
        """180, or 183 with early media's SDP."""
        self._server.ring(dialog, now, sdp)

    def answer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """200, repeated until the ACK; without one for 32 s: DialogEnded and BYE."""
        self._server.answer(dialog, sdp, now)

    def reject(self, dialog: DialogId, status: int, reason: str, now: Instant) -> None:
        """A final failure, 300 to 699; an empty `reason` gives the standard phrase."""
        self._server.reject(dialog, status, reason, now)
        self._settle()

    def invite(  # noqa: PLR0913 - what an INVITE says
        self,
        target: Target,
        *,
        sdp: bytes,
        from_user: str,
        from_name: str,
        to_user: str,
        now: Instant,
        headers: tuple[tuple[str, str], ...] = (),
        is_impatient: bool = False,
    ) -> DialogId:
        """Call all of a user's phones at once, or through a trunk.

        Then: InviteRinging any number of times, and InviteAnswered or InviteRefused once. Without
        any place to call, InviteRefused (480) comes at the next `wake`, which is due at once.

        `is_impatient`: a trunk that shows no sign of life within seconds is given up (408).
        """
        wish = Wish(
            sdp=sdp,
            from_user=from_user,
            from_name=from_name,
            to_user=to_user,
            headers=headers,
            is_impatient=is_impatient,
        )
        trunk = target.trunk if isinstance(target, TrunkTarget) else ""
        destinations = self._destinations.of(target, to_user, now)
        if trunk:
            return self._client.invite_in_turn(wish, destinations, trunk, now)
        return self._client.invite(wish, destinations, now)

    def hang_up(
        self, dialog: DialogId, now: Instant, status: int | None = None, reason: str = ""
    ) -> None:
        """End it in whatever state it is: refuse, cancel, or BYE. No event follows.

        `status` refuses a call that rings in (480 by default), else stands in a Reason header.
        """
        usage = self._usages.asked(dialog, Verb.HANG_UP)
        if usage is None:
            return
        if usage.phase in (Phase.OFFERED, Phase.ANSWERED):
            self._server.hang_up(usage, now, status, reason)
        elif usage.phase is Phase.INVITING:
            self._client.hang_up(usage, now, status, reason)
        else:
            self._mid.hang_up(usage, now, status, reason)
        self._settle()

    def answer_reoffer(self, dialog: DialogId, sdp: bytes | None, now: Instant) -> None:
        """Accept (or with None refuse, 488) what ReofferArrived told."""
        self._mid.answer_reoffer(dialog, sdp, now)

    def reoffer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """Re-INVITE; AnswerArrived or ReofferRefused follows. Glare (491) is tried again."""
        self._mid.reoffer(dialog, sdp, now)

    def inform(self, dialog: DialogId, content_type: str, body: bytes, now: Instant) -> None:
        """INFO, in the order of these calls; InfoRefused may follow."""
        self._mid.info.send(dialog, content_type, body, now)

    def tell_referral(self, dialog: DialogId, status: int, reason: str, now: Instant) -> None:
        """How far the transfer of ReferArrived has come: 1xx accepts it, 200 is its good end.

        300 to 699 as the first word refuses it, later it is the bad end. May follow DialogEnded.
        """
        self._mid.referrals.tell(dialog, status, reason, now)
        self._settle()

    def show(self, resource: str, shown: Shown, now: Instant) -> None:
        """Tell the phones that subscribed to this extension, agent or park place how it is."""
        self._subscriptions.show(resource, shown, now)
        self._settle()

    def shown(self, resource: str) -> Shown:
        """What was last shown of a resource."""
        return self._subscriptions.shown(resource)

    # --- what is known --------------------------------------------------------------------------
    def living_dialogs(self) -> Set[DialogId]:
        """Every dialog that has not ended, as it stands."""
        return self._usages.living

    def contacts(self, user: str) -> tuple[Binding, ...]:
        """Where this user is registered and can be reached, the freshest first."""
        return self._registrar.bindings(user)

    def watch_phones(self, is_wanted: bool) -> None:
        """Ask registered phones every 20 s whether they are there, or ask them no more."""
        self._watch.is_on = is_wanted

    def set_trunks(self, now: Instant) -> None:
        """Read the directory's trunks anew: start and stop registrations and watches.

        To be called once after `restore`, and whenever the directory has changed.
        """
        self._trunks.set(now)
        self._settle()

    def near_address(self, dialog: DialogId, audio: str = "") -> str:
        """Our IP address toward this dialog's far end, for the SDP; empty for an unknown dialog.

        `audio`: where theirs is; a phone may speak of IPv4 audio over IPv6, and the other way
        round, and is answered in its own family (RFC 6157 §3.1).
        """
        usage = self._usages.get(dialog)
        if usage is None:
            return ""
        near = self._core.near(usage.flow if usage.dialog is None else usage.dialog.flow)
        if not audio or is_any_address(audio) or (":" in audio) is (":" in near):
            return near
        return self._core.directory.local_address_toward(audio)

    def near_address_toward(self, target: Target, now: Instant) -> str:
        """Our IP address toward a target, for the SDP of the INVITE that follows; empty when there
        is none."""
        return self._destinations.near(target, now)

    def _phone_moved(self, old: Flow, new: Flow) -> None:
        self._transactions.moved(old, new)
        self._usages.phone_moved(old, new)
        self._subscriptions.phone_moved(old, new)

    def _settle(self) -> None:
        """Forget what is over."""
        while self._core.may_be_over:
            owner = self._core.may_be_over.pop()
            if owner.startswith(DIALOG_PREFIX):
                self._usages.settle(owner)
            elif owner.startswith(TRUNK_PREFIX):
                self._trunks.settle(owner)
            elif owner.startswith(SUBSCRIPTION_PREFIX):
                self._subscriptions.settle(owner)
