"""A far end that asks for a transfer: REFER and its NOTIFYs. RFC 3515, 4488, 3892, 3420, 5589.

Theory of operation
-------------------
A REFER inside a dialog waits for the line's first word: an acceptance sends 202 and the first
NOTIFY at once (RFC 3515 §2.4.4), a refusal is its final response. Every later word is a NOTIFY
with a message/sipfrag; a final status ends the subscription (§2.4.7). A line that says nothing is
answered for after `PATIENCE`, one that never says the end after `LONGEST`. The subscription
outlives the talk (RFC 5057 §4.2): phones hang up as soon as the transfer is accepted. All of it
stands in the usage's slot.

One REFER at a time in a dialog; a second one meanwhile gets 491.
"""

from appliance.protocols.sip.core import as_text
from appliance.protocols.sip.dialog import Dialog, own_contact, request_in
from appliance.protocols.sip.dialog_usage import Due, InviteUsage, slot_name
from appliance.protocols.sip.events import DialogId, ReferArrived, ReferralOver
from appliance.protocols.sip.extensions import Referral
from appliance.protocols.sip.grammar import display_text, parameter, parameters
from appliance.protocols.sip.headers import NameAddr, parse_expires
from appliance.protocols.sip.message import Request
from appliance.protocols.sip.reasons import REASONS
from appliance.protocols.sip.replaces import Replaces, replaced_usage
from appliance.protocols.sip.transaction import Stage, Transaction
from appliance.protocols.sip.uri import SipUri
from appliance.protocols.sip.usage_side import UsageSide
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

PATIENCE = 8.0
"""Seconds until a REFER that the line says nothing about is refused; RFC 4320 wants an answer well
before the 32 s of the other side's timer F."""
LONGEST = 180
"""Seconds that a subscription lasts at most: longer than any phone rings."""
SIPFRAG = "message/sipfrag;version=2.0"


class Referrals(UsageSide):
    """REFERs of theirs, from arrival to the last NOTIFY."""

    def arrived(
        self,
        usage: InviteUsage,
        dialog: Dialog,
        request: Request,
        transaction: Transaction,
        now: Instant,
    ) -> None:
        """Check a REFER inside a dialog, and ask the line."""
        try:
            refused = self._refused(usage, dialog, request)
            target = None if refused else _target(request)
            if target is not None and target.header("replaces"):
                refused = 0 if self._replaced(target) else 404
            if request.headers.get("Referred-By") is not None:
                NameAddr.parse(request.headers.get("Referred-By") or "")
        except PeerError:
            refused, target = 400, None
        if refused or target is None:
            self.finish(transaction, request, refused or 400, now)
            return
        wanted = (request.headers.get("Refer-Sub") or "true").partition(";")[0]
        usage.referral = Referral(
            key=transaction.key,
            cseq=request.cseq.number,
            has_id=usage.had_referral,
            has_subscription=wanted.strip().lower() != "false",
        )
        usage.had_referral = True
        usage.due[Due.REFERRAL] = Instant(now + PATIENCE)
        self.core.tell(
            ReferArrived(
                dialog=usage.dialog_id,
                to_user=display_text(target.user),
                replaces=self._replaced(target) if target.header("replaces") else None,
            )
        )

    def _refused(self, usage: InviteUsage, dialog: Dialog, request: Request) -> int:
        """Why a REFER cannot be taken; 0 when it can. Raises PeerError (400)."""
        if not usage.is_phone:
            return 403  # a carrier does not move our calls about
        target = _target(request)
        if (target.param("method") or "INVITE").upper() != "INVITE":
            return 405
        if target.scheme == "tel":
            return 0
        if not target.is_sip:
            return 416
        if target.address.lower() not in self._own_hosts(dialog):
            return 403
        if not target.user and not target.header("replaces"):
            return 404
        return 491 if usage.referral is not None else 0

    def _own_hosts(self, dialog: Dialog) -> set[str]:
        """What this phone may call us: our addresses, and the domain it calls itself of."""
        hosts = {self.core.near(dialog.flow), dialog.flow.local_address}
        for kept in (dialog.local, dialog.remote):
            hosts.add(NameAddr.parse(as_text(kept)).uri.address.lower())
        return hosts

    def _replaced(self, target: SipUri) -> DialogId | None:
        wanted = Replaces.parse(target.header("replaces") or "")
        usage = replaced_usage(self.usages, wanted)
        return None if usage is None else usage.dialog_id

    # --- what the line says ---------------------------------------------------------------------
    def tell(self, dialog: DialogId, status: int, reason: str, now: Instant) -> None:
        """How far the transfer has come: 1xx accepts it, a failure as the first word refuses it."""
        usage = self.usages.get(dialog)
        if usage is None or usage.referral is None:
            self.core.counters.late_verbs += 1
            return
        referral = usage.referral
        if not referral.is_accepted:
            if not self._answer(usage, referral, status, reason, now):
                return
            if status > 100:
                self._notify(usage, referral, 100, "", now)
        self._notify(usage, referral, status, reason, now)
        if status >= 200:
            self._close(usage)

    def _answer(
        self, usage: InviteUsage, referral: Referral, status: int, reason: str, now: Instant
    ) -> bool:
        """Answer the REFER itself; True when it was accepted."""
        is_accepted = status < 300
        transaction = self.transactions.find(referral.key)
        if transaction is not None and transaction.stage is Stage.TRYING:
            request = self.transactions.request_of(transaction)
            headers = [] if referral.has_subscription else [("Refer-Sub", "false")]
            if usage.dialog is not None and is_accepted:
                headers.append(("Contact", own_contact(self.core, usage.dialog)))
            code = 202 if is_accepted else status
            self.finish(transaction, request, code, now, tuple(headers), reason=reason)
        if is_accepted:
            referral.is_accepted = True
            usage.due[Due.REFERRAL] = Instant(now + LONGEST)
            self.usages.changed(usage)
        else:
            self._close(usage)
        return is_accepted

    def _notify(
        self,
        usage: InviteUsage,
        referral: Referral,
        status: int,
        reason: str,
        now: Instant,
        *,
        is_last: bool = False,
    ) -> None:
        referral.told = status
        dialog = usage.dialog
        if dialog is None or not referral.has_subscription:
            return
        request = request_in(self.core, dialog, "NOTIFY")
        event = f"refer;id={referral.cseq}" if referral.has_id else "refer"
        request.headers.add("Event", event)
        left = max(0, round(usage.due.get(Due.REFERRAL, now) - now))
        state = "terminated;reason=noresource" if status >= 200 else f"active;expires={left}"
        state = "terminated;reason=timeout" if is_last else state
        request.headers.add("Subscription-State", state)
        request.headers.add("Content-Type", SIPFRAG)
        request.body = f"SIP/2.0 {status} {reason or REASONS.get(status, '')}\r\n".encode()
        self.transactions.ask(request, dialog.flow, slot_name(usage.dialog_id), now)
        self.usages.changed(usage)

    # --- their subscription -----------------------------------------------------------------------
    def is_subscribed(self, usage: InviteUsage, request: Request) -> bool:
        """Whether a SUBSCRIBE inside the dialog is of the REFER that is not over (§2.4.6)."""
        event = request.headers.get("Event") or ""
        name, _, listed = event.partition(";")
        referral = usage.referral
        if referral is None or not referral.is_accepted or name.strip().lower() != "refer":
            return False
        try:
            wanted = parameter(parameters(listed), "id") if listed else None
        except PeerError:
            return False
        return wanted is None or wanted == str(referral.cseq)

    def resubscribed(
        self, usage: InviteUsage, request: Request, transaction: Transaction, now: Instant
    ) -> None:
        """A SUBSCRIBE lengthens the subscription, or with Expires 0 ends it (RFC 6665 §4.2.1)."""
        referral = usage.referral
        if referral is None:
            return
        wanted = request.headers.get("Expires")
        seconds = LONGEST if wanted is None else min(parse_expires(wanted), LONGEST)
        self.finish(transaction, request, 200, now, (("Expires", str(seconds)),))
        if seconds:
            usage.due[Due.REFERRAL] = Instant(now + seconds)
        self._notify(usage, referral, referral.told, "", now, is_last=not seconds)
        if not seconds:
            self._close(usage)
            self.core.tell(ReferralOver(dialog=usage.dialog_id))

    def _close(self, usage: InviteUsage) -> None:
        usage.referral = None
        usage.due.pop(Due.REFERRAL, None)
        self.usages.changed(usage)
        self.core.may_be_over.add(slot_name(usage.dialog_id))

    # --- ends that nobody wished for ------------------------------------------------------------
    def refused_notify(self, usage: InviteUsage, status: int) -> None:
        """They do not want to hear more of it (RFC 6665 §4.2.2)."""
        if usage.referral is not None and status >= 300:
            self._close(usage)
            self.core.tell(ReferralOver(dialog=usage.dialog_id))

    def overdue(self, usage: InviteUsage, now: Instant) -> None:
        """The line has said nothing for too long."""
        self.abandon(usage, now)
        self.core.tell(ReferralOver(dialog=usage.dialog_id))

    def abandon(self, usage: InviteUsage, now: Instant) -> None:
        """The line hangs up on who asked, without a last word."""
        if usage.referral is not None:
            self.tell(usage.dialog_id, 480, "", now)


def _target(request: Request) -> SipUri:
    """The URI of the one Refer-To (§2.4.2). Raises PeerError."""
    values = request.headers.all("Refer-To")
    if len(values) != 1:
        raise PeerError("a REFER needs one Refer-To")
    return NameAddr.parse(values[0]).uri
