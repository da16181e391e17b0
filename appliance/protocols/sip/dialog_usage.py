"""The INVITE usage of dialogs (RFC 5057): what one `DialogId` stands for, and the table of them.

Theory of operation
-------------------
A usage begins with an INVITE, theirs or ours. Ours may ring several phones at once; each of these
INVITEs is an *attempt* with a Call-ID of its own, so that a phone registered twice does not take
one for a loop of the other (482).

OFFERED: their INVITE waits for our final response. ANSWERED: we sent a 2xx and wait for the ACK; a
BYE of ours must wait for it too (§15). INVITING: our attempts are out. CONFIRMED: both sides agree.
ENDED: the line hears nothing more of it. What is still on its way is answered properly: a 2xx that
crosses our CANCEL gets its ACK and a BYE, a BYE that is repeated its 200. When the last transaction
is over the slot goes.

`VERBS` says which verbs of the line each phase knows. A verb to an ended usage is ignored: line and
far end may hang up at the same time. Any other that the table lacks is an IllegalMove.
"""

from collections.abc import Set
from enum import StrEnum

import msgspec

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.dialog import Dialog, aim_at_contact, aim_back
from appliance.protocols.sip.events import AnswerProven, DialogId
from appliance.protocols.sip.extensions import Early, Provisional, Referral, Refresh
from appliance.protocols.sip.failover import Plan, hop_of
from appliance.protocols.sip.flow import Flow, same_place
from appliance.protocols.sip.registration import trunk_flow
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.transaction_table import TransactionTable, without_connection
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

MAX_DIALOGS = 1024
"""design/security.md: tables of fixed size; five times the calls that one box is sold for."""
SLOT_PREFIX = "dialog:"


class Phase(StrEnum):
    """Where a usage stands."""

    OFFERED = "offered"
    ANSWERED = "answered"
    INVITING = "inviting"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Verb(StrEnum):
    """What a line may ask."""

    RING = "ring"
    ANSWER = "answer"
    REJECT = "reject"
    HANG_UP = "hang_up"
    REOFFER = "reoffer"
    ANSWER_REOFFER = "answer_reoffer"
    INFORM = "inform"


VERBS: dict[Phase, frozenset[Verb]] = {
    Phase.OFFERED: frozenset((Verb.RING, Verb.ANSWER, Verb.REJECT, Verb.HANG_UP)),
    Phase.ANSWERED: frozenset((Verb.HANG_UP, Verb.REOFFER, Verb.ANSWER_REOFFER, Verb.INFORM)),
    Phase.INVITING: frozenset((Verb.HANG_UP,)),
    Phase.CONFIRMED: frozenset((Verb.HANG_UP, Verb.REOFFER, Verb.ANSWER_REOFFER, Verb.INFORM)),
}


class Due(StrEnum):
    """A usage's own timers."""

    REFUSE = "refuse"
    """Nobody could be invited: say so at the next wake."""
    NEXT_HOP = "next hop"
    """The trunk's hop is silent and there is another (RFC 3263 §4.3)."""
    UNCANCELLED = "uncancelled"
    """64*T1 after a CANCEL without a final response: taken for cancelled (§9.1)."""
    REOFFER = "reoffer"
    """Our re-INVITE met theirs (491): try again (§14.1)."""
    REFERRAL = "referral"
    """Their REFER waits for the line's word, or its subscription runs out."""
    PROVISIONAL = "provisional"
    """Our reliable 18x has no PRACK yet: send it again."""
    REFRESH = "refresh"
    """It is time that we refresh the talk (RFC 4028)."""
    EXPIRY = "expiry"
    """Nobody has refreshed it."""


class Ack(State, kw_only=True):
    """The ACK of a 2xx, kept to be repeated with each repetition of that 2xx (§13.2.2.4)."""

    remote_tag: bytes
    cseq: int
    data: bytes
    flow: Flow


class Attempt(State, kw_only=True):
    """One INVITE of ours outside a dialog."""

    key: bytes
    """Its client transaction (the latest one, when a password was asked for)."""
    call_id: bytes
    local_tag: bytes
    has_provisional: bool = False
    """A CANCEL may be sent only after a provisional response (§9.1)."""
    is_unwanted: bool = False
    """To be cancelled."""
    is_cancelled: bool = False
    """The CANCEL was sent."""
    is_over: bool = False
    had_bye: bool = False
    """They hung up before their 2xx reached us (RFC 5407 §3.1.2): it wants an ACK and no BYE."""
    tries: int = 0
    """How often a challenge was answered."""
    early: list[Early] = []
    """Who rings."""


class WaitingBody(State, kw_only=True):
    """What an INFO of ours says."""

    content_type: str
    body: bytes


class InviteUsage(State, kw_only=True):
    """Everything that one DialogId stands for."""

    dialog_id: DialogId
    phase: Phase
    is_phone: bool
    """Reached only over the flow it was heard on, and never answered a challenge."""
    trunk: str = ""
    """Whose credentials may be used."""
    flow: Flow
    """Toward the far end, as first known."""
    local_tag: bytes = b""
    """UAS: the To tag of all our responses."""
    remote_tag: bytes = b""
    call_id: bytes = b""
    invite_key: bytes = b""
    """UAS: the server transaction of the INVITE; UAC: that of the winning attempt."""
    has_offer: bool = True
    """UAS: the INVITE had a session description."""
    attempts: list[Attempt] = []
    plan: Plan | None = None
    """Through a trunk: the hops that are left, while any are."""
    dialog: Dialog | None = None
    acks: list[Ack] = []
    strays: list[Dialog] = []
    """Dialogs of late or forked 2xx: acknowledged, then ended at once."""
    answer_due_key: bytes = b""
    """Server transaction whose ACK carries the answer to our late offer."""
    reoffer_key: bytes = b""
    """Server transaction of their re-INVITE or UPDATE that waits for `answer_reoffer`."""
    own_reoffer_key: bytes = b""
    own_reoffer_sdp: bytes = b""
    bye_waits: bool = False
    """We hung up before the ACK came."""
    bye_reason: str = ""
    """Reason header of that BYE."""
    refused_status: int = 0
    refused_reason: str = ""
    referral: Referral | None = None
    had_referral: bool = False
    provisional: Provisional | None = None
    """UAS: the caller requires 100rel."""
    allows_update: bool = False
    is_proven: bool = True
    """UAS: False until they have shown that an answer of ours reached them."""
    refresh: Refresh | None = None
    least_expiry: int = 0
    """Seconds that a 422 of theirs wanted at least."""
    info_waiting: list[WaitingBody] = []
    """Of INFO requests, oldest first; the first is out where there is an `info_key`."""
    info_key: bytes = b""
    due: dict[Due, Instant] = {}


class Slot(State, kw_only=True):
    """What is kept of a usage over a restart."""

    usage: InviteUsage
    transactions: list[Transaction]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Slot)


def slot_name(dialog: DialogId) -> str:
    """The slot of a usage."""
    return SLOT_PREFIX + dialog


class UsageTable:
    """All usages, by DialogId and by the dialog identifiers that requests come in with."""

    def __init__(self, core: Core, transactions: TransactionTable) -> None:
        self._core = core
        self._transactions = transactions
        self._usages: dict[DialogId, InviteUsage] = {}
        self._by_local: dict[tuple[bytes, bytes], DialogId] = {}
        """(Call-ID, our tag)"""
        self._by_remote: dict[tuple[bytes, bytes], DialogId] = {}
        """(Call-ID, their tag) of INVITEs that came in: merged requests, ACKs of poor clients."""
        self._times: Timetable[DialogId] = Timetable()
        self._live: set[DialogId] = set()
        """Those that have not ended. Ended ones are bounded by the transactions they wait for."""

    def __len__(self) -> int:
        return len(self._usages)

    @property
    def is_full(self) -> bool:
        """Whether no more usages are opened."""
        return len(self._live) >= MAX_DIALOGS

    @property
    def living(self) -> Set[DialogId]:
        """Every usage that has not ended; to be read at once."""
        return self._live

    def get(self, dialog: DialogId) -> InviteUsage | None:
        """The usage of this id."""
        return self._usages.get(dialog)

    def of_slot(self, owner: str) -> InviteUsage | None:
        """The usage that owns a transaction."""
        return self._usages.get(DialogId(owner.removeprefix(SLOT_PREFIX)))

    def by_local(self, call_id: bytes, local_tag: bytes) -> InviteUsage | None:
        """The usage that a request with this Call-ID and To tag belongs to."""
        dialog = self._by_local.get((call_id, local_tag))
        return None if dialog is None else self._usages.get(dialog)

    def by_remote(self, call_id: bytes, remote_tag: bytes) -> InviteUsage | None:
        """The latest usage that an INVITE with this Call-ID and From tag opened."""
        dialog = self._by_remote.get((call_id, remote_tag))
        return None if dialog is None else self._usages.get(dialog)

    def asked(self, dialog: DialogId, verb: Verb) -> InviteUsage | None:
        """The usage for a verb; None when it has ended. Raises IllegalMove (see VERBS)."""
        usage = self._usages.get(dialog)
        if usage is None or usage.phase is Phase.ENDED:
            self._core.counters.late_verbs += 1
            return None
        if verb not in VERBS[usage.phase]:
            raise IllegalMove(f"{verb} in a dialog that is {usage.phase}")
        return usage

    def add(self, usage: InviteUsage) -> None:
        """Enter a usage, or enter it again after its identifiers changed."""
        self._usages[usage.dialog_id] = usage
        if usage.local_tag:
            self._by_local[usage.call_id, usage.local_tag] = usage.dialog_id
            self._by_remote[usage.call_id, usage.remote_tag] = usage.dialog_id
        for attempt in usage.attempts:
            self._by_local[attempt.call_id, attempt.local_tag] = usage.dialog_id
        self.changed(usage)

    def changed(self, usage: InviteUsage) -> None:
        """Note that a usage must be written down anew; let it go when all is over."""
        due = usage.due
        self._times.set(usage.dialog_id, min(due.values()) if due else None)
        if usage.phase is Phase.ENDED:
            self._live.discard(usage.dialog_id)
        else:
            self._live.add(usage.dialog_id)
        self._core.touched.add(slot_name(usage.dialog_id))

    def proved(self, usage: InviteUsage) -> None:
        """They named what only an answer of ours can have told them: they are where it went."""
        if not usage.is_proven:
            usage.is_proven = True
            self.changed(usage)
            self._core.tell(AnswerProven(dialog=usage.dialog_id))

    def settle(self, owner: str) -> None:
        """Forget an ended usage when its last transaction is over."""
        usage = self.of_slot(owner)
        if usage is None or usage.phase is not Phase.ENDED or usage.due:
            return
        if not self._transactions.owned_by(owner):
            self._remove(usage)

    def _remove(self, usage: InviteUsage) -> None:
        del self._usages[usage.dialog_id]
        self._live.discard(usage.dialog_id)
        self._times.set(usage.dialog_id, None)
        names = [(attempt.call_id, attempt.local_tag) for attempt in usage.attempts]
        for name in (*names, (usage.call_id, usage.local_tag)):
            if self._by_local.get(name) == usage.dialog_id:
                del self._by_local[name]
        name = (usage.call_id, usage.remote_tag)
        if self._by_remote.get(name) == usage.dialog_id:
            del self._by_remote[name]
        self._core.touched.add(slot_name(usage.dialog_id))

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When a usage's own timer is due."""
        return self._times.next()

    def take_due(self, now: Instant) -> list[tuple[InviteUsage, Due]]:
        """The timers that are due, taken out of their usages."""
        fired = []
        for dialog in self._times.take_due(now):
            usage = self._usages.get(dialog)
            if usage is None:
                continue
            for timer in [timer for timer, when in usage.due.items() if when <= now]:
                del usage.due[timer]
                fired.append((usage, timer))
            self.changed(usage)
        return fired

    def connections(self) -> set[str]:
        """Return the connections over which calls go on."""
        return {
            flow.connection
            for usage in self._usages.values()
            for flow in (usage.flow, *((usage.dialog.flow,) if usage.dialog else ()))
        }

    def connection_lost(self, connection: str) -> None:
        """A TCP connection is gone: its dialogs go on over whatever connection there will be."""
        for usage in self._usages.values():
            dialog = usage.dialog
            if usage.flow.connection == connection:
                usage.flow = without_connection(usage.flow)
                self.changed(usage)
            if dialog is not None and dialog.flow.connection == connection:
                dialog.flow = without_connection(dialog.flow)
                if usage.is_phone:
                    aim_at_contact(dialog)
                else:
                    self._aim_back(usage.trunk, dialog)
                self.changed(usage)
            for ack in usage.acks:
                if ack.flow.connection == connection:
                    ack.flow = without_connection(ack.flow)

    def _aim_back(self, trunk: str, dialog: Dialog) -> None:
        """A carrier that had called us over a connection of its own is to be reached otherwise."""
        route = self._core.directory.trunk(trunk)
        if route is None or hop_of(dialog.flow) in route.hops:
            return  # the connection was ours, and can be made again
        if aim_back(dialog, route.domain or route.address):
            return
        hops = [hop for hop in route.hops if hop.transport == dialog.flow.transport]
        if hops:
            dialog.flow = trunk_flow(self._core, route, hops[0])

    def connections_died(self, transport: str) -> None:
        """All connections of this transport are gone."""
        flows = [usage.flow for usage in self._usages.values()]
        flows += [usage.dialog.flow for usage in self._usages.values() if usage.dialog is not None]
        for name in {one.connection for one in flows if one.transport == transport}:
            if name:
                self.connection_lost(name)

    def phone_moved(self, old: Flow, new: Flow) -> None:
        """A phone registered over another TCP connection: its dialogs go on over that one."""
        for usage in self._usages.values():
            # `usage.flow` tells: the dialog's may be aimed at the Contact since the loss
            if not usage.is_phone or not same_place(usage.flow, old):
                continue
            usage.flow = new
            if usage.dialog is not None:
                usage.dialog.flow = new
            for ack in usage.acks:
                ack.flow = new
            self.changed(usage)

    # --- slots ----------------------------------------------------------------------------------
    def slot(self, owner: str) -> bytes | None:
        """The content of a usage's slot."""
        usage = self.of_slot(owner)
        if usage is None:
            return None
        return _encoder.encode(Slot(usage=usage, transactions=self._transactions.owned_by(owner)))

    def restore(self, content: bytes) -> None:
        """Put a usage and its transactions back."""
        kept = _decoder.decode(content)
        self.add(kept.usage)
        for transaction in kept.transactions:
            self._transactions.restore(transaction)
