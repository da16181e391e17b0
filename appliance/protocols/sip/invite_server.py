"""The called side of an INVITE usage. RFC 3261 §9.2, §13.3; races of RFC 5407."""

from appliance.protocols.sip.core import ALLOW, Core, as_bytes, as_text
from appliance.protocols.sip.dialog import uas_dialog
from appliance.protocols.sip.dialog_usage import InviteUsage, Phase, UsageTable, Verb, slot_name
from appliance.protocols.sip.events import (
    AnswerArrived,
    DialogEnded,
    DialogId,
    FromAccount,
    FromTrunk,
    InviteArrived,
    Origin,
)
from appliance.protocols.sip.extensions import SUPPORTED
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.grammar import display_text
from appliance.protocols.sip.identity import asserted, diversion, is_withheld
from appliance.protocols.sip.info_requests import keys_in_info
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.refresh import agree, allows_update, answer_headers, chosen
from appliance.protocols.sip.reliable import ReliableServer
from appliance.protocols.sip.transaction import Input, Stage, Transaction
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.protocols.sip.usage_side import (
    UsageSide,
    reason_header,
    session_description,
    tag_bytes,
    told_reason,
)
from appliance.vocabulary.ids import Instant


class InviteServer(UsageSide):
    """INVITEs that come in, until they are confirmed or refused."""

    def __init__(self, core: Core, transactions: TransactionTable, usages: UsageTable) -> None:
        super().__init__(core, transactions, usages)
        self.reliable = ReliableServer(core, transactions, usages)

    def arrive(
        self,
        request: Request,
        data: bytes,
        flow: Flow,
        origin: Origin,
        now: Instant,
        replaced: DialogId | None = None,
    ) -> None:
        """Open a usage for an INVITE that was let in: 100 at once, then the line is told."""
        local_tag = self.core.reply_tag(request)
        dialog_id = DialogId(f"in-{local_tag}")
        usage = InviteUsage(
            dialog_id=dialog_id,
            phase=Phase.OFFERED,
            is_phone=not isinstance(origin, FromTrunk),
            trunk=origin.trunk if isinstance(origin, FromTrunk) else "",
            flow=flow,
            local_tag=as_bytes(local_tag),
            remote_tag=tag_bytes(request.from_.tag),
            call_id=as_bytes(request.call_id),
            has_offer=bool(session_description(request)),
            allows_update=allows_update(request),
            # a connection was made with whoever is there, a password was answered to our nonce
            is_proven=flow.is_reliable or isinstance(origin, FromAccount),
        )
        self.reliable.begin(usage, request)
        transaction = self.transactions.serve(request, data, flow, slot_name(dialog_id), now)
        usage.invite_key = transaction.key
        self.usages.add(usage)
        self.transactions.respond(transaction, self.response(request, 100), now)
        self.core.tell(_arrival(request, origin, usage, replaced))

    # --- verbs ----------------------------------------------------------------------------------
    def ring(self, dialog: DialogId, now: Instant, sdp: bytes | None) -> None:
        """180, or 183 with early media."""
        usage = self.usages.asked(dialog, Verb.RING)
        if usage is None:
            return
        self._respond(usage, 180 if sdp is None else 183, None, sdp or b"", now)

    def answer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """200, repeated until the ACK comes; it waits for the PRACK of an 18x (RFC 3262 §3)."""
        usage = self.usages.asked(dialog, Verb.ANSWER)
        transaction = self._invite_of(usage)
        if usage is None or transaction is None:
            return
        if usage.provisional is not None and usage.provisional.data:
            usage.provisional.answer = sdp
            self.usages.changed(usage)
            return
        request = self.transactions.request_of(transaction)
        usage.dialog = uas_dialog(
            request, as_text(usage.local_tag), usage.flow, follows_contact=not usage.is_phone
        )
        if not usage.has_offer:
            usage.answer_due_key = transaction.key
        usage.phase = Phase.ANSWERED
        self._respond(usage, 200, None, sdp, now)

    def reject(self, dialog: DialogId, status: int, reason: str, now: Instant) -> None:
        """A final failure (300 to 699)."""
        usage = self.usages.asked(dialog, Verb.REJECT)
        if usage is None:
            return
        self._respond(usage, status, reason or None, b"", now)
        self.end(usage, now)

    def hang_up(self, usage: InviteUsage, now: Instant, status: int | None, reason: str) -> None:
        """End a call that came in: refuse it, or say BYE as soon as the ACK is there."""
        if usage.phase is Phase.OFFERED:
            self._respond(usage, status or 480, reason or None, b"", now)
        else:
            usage.bye_waits = True
            usage.bye_reason = "" if status is None else reason_header(status, reason)
        self.end(usage, now)

    def _invite_of(self, usage: InviteUsage | None) -> Transaction | None:
        return None if usage is None else self.transactions.find(usage.invite_key)

    def _respond(
        self, usage: InviteUsage, status: int, reason: str | None, sdp: bytes, now: Instant
    ) -> None:
        transaction = self._invite_of(usage)
        if transaction is None:
            return
        request = self.transactions.request_of(transaction)
        response = self.response(request, status, reason, to_tag=as_text(usage.local_tag))
        if status < 300:
            self._add_dialog_headers(request, response, usage.flow)
        provisional = usage.provisional
        if provisional is not None and status < 200:
            if provisional.data:
                provisional.next_status, provisional.next_sdp = status, sdp
            elif sdp or usage.has_offer:  # else it would have to carry our offer (RFC 3262 §5)
                self.core.add_body(response, sdp)
                self.reliable.send(usage, provisional, transaction, response, now)
            return
        if 200 <= status < 300:
            interval = chosen(request)
            for name, value in answer_headers(interval):
                response.headers.add(name, value)
            is_ours = interval is not None and interval.refresher == "uas"
            agree(usage, interval, is_ours=is_ours, now=now)
        self.core.add_body(response, sdp)
        self.transactions.respond(transaction, response, now)
        self.usages.changed(usage)

    # --- PRACK ----------------------------------------------------------------------------------
    def go_on(self, usage: InviteUsage, now: Instant) -> None:
        """The PRACK came: what waited for it goes out."""
        provisional = usage.provisional
        if provisional is None:
            return
        answer, status = provisional.answer, provisional.next_status
        provisional.answer, provisional.next_status = None, 0
        if answer is not None:
            self.answer(usage.dialog_id, answer, now)
        elif status:
            self._respond(usage, status, None, provisional.next_sdp, now)

    def repeat_provisional(self, usage: InviteUsage, now: Instant) -> None:
        """Send a reliable 18x again; refuse the call when no PRACK comes (RFC 3262 §3)."""
        if usage.phase is not Phase.OFFERED or self.reliable.repeat(usage, now):
            return
        self._respond(usage, 504, None, b"", now)
        self.end(usage, now)
        self.core.tell(DialogEnded(dialog=usage.dialog_id, reason="no PRACK", status=408))

    def _add_dialog_headers(self, request: Request, response: Response, flow: Flow) -> None:
        """§12.1.1: the route set as it came, and where we want the dialog's requests."""
        for value in request.headers.all("Record-Route"):
            response.headers.add("Record-Route", value)
        user = request.request_uri.raw_user or ""
        is_secure = request.request_uri.scheme == "sips"
        response.headers.add("Contact", self.core.contact(flow, user, is_secure=is_secure))
        response.headers.add("Allow", ALLOW)
        response.headers.add("Supported", SUPPORTED)

    # --- what comes in --------------------------------------------------------------------------
    def cancel(
        self, request: Request, data: bytes, flow: Flow, invite: Transaction, now: Instant
    ) -> None:
        """CANCEL (§9.2): 200 for itself, 487 for the INVITE if that has no final response yet."""
        usage = self.usages.of_slot(invite.owner)
        transaction = self.transactions.serve(request, data, flow, invite.owner, now)
        tag = None if usage is None else as_text(usage.local_tag) or None
        self.transactions.respond(transaction, self.response(request, 200, to_tag=tag), now)
        if usage is None or invite.stage is not Stage.PROCEEDING:
            return
        if invite.key == usage.reoffer_key:
            invited = self.transactions.request_of(invite)
            self.transactions.respond(invite, self.response(invited, 487), now)
            usage.reoffer_key = b""
            self.usages.changed(usage)
        elif usage.phase is Phase.OFFERED:
            status, reason = told_reason(request, "cancel")
            self._refuse_and_tell(usage, status, reason, now)

    def _refuse_and_tell(self, usage: InviteUsage, status: int, reason: str, now: Instant) -> None:
        self._respond(usage, 487, None, b"", now)
        self.end(usage, now)
        self.core.tell(
            DialogEnded(dialog=usage.dialog_id, reason=reason, was_cancelled=True, status=status)
        )

    def early_bye(self, usage: InviteUsage, request: Request, now: Instant) -> None:
        """The caller hung up an early dialog with BYE (§15.1.2 allows it): as good as CANCEL."""
        status, reason = told_reason(request, "bye")
        self._refuse_and_tell(usage, status, reason, now)

    def acknowledged(self, transaction: Transaction, ack: Request, now: Instant) -> None:
        """The ACK of a 2xx of ours came, first INVITE or re-INVITE."""
        usage = self.usages.of_slot(transaction.owner)
        if usage is None:
            return
        if usage.phase is Phase.ENDED:
            self._late_bye(usage, now)
            return
        if transaction.key == usage.invite_key:
            usage.phase = Phase.CONFIRMED
        if tag_bytes(ack.to.tag) == usage.local_tag:
            # its branch, or a To tag of its own invention, would say nothing of our answer
            self.usages.proved(usage)
        if transaction.key == usage.answer_due_key:
            usage.answer_due_key = b""
            self.core.tell(
                AnswerArrived(dialog=usage.dialog_id, sdp=session_description(ack) or b"")
            )
        self.usages.changed(usage)

    def no_ack(self, usage: InviteUsage, now: Instant) -> None:
        """64*T1 without an ACK: the session is to be ended with BYE (§13.3.1.4)."""
        if usage.phase is Phase.ENDED:
            self._late_bye(usage, now)
            return
        dialog = usage.dialog
        self.end(usage, now)
        if dialog is not None:
            self.bye(usage, dialog, now)
        self.core.tell(DialogEnded(dialog=usage.dialog_id, reason="no ACK", status=408))

    def _late_bye(self, usage: InviteUsage, now: Instant) -> None:
        if usage.bye_waits and usage.dialog is not None:
            usage.bye_waits = False
            self.bye(usage, usage.dialog, now, usage.bye_reason)

    def lenient_ack(self, usage: InviteUsage, ack: Request, now: Instant) -> None:
        """An ACK for a 2xx: its branch is new (§13.2.2.4), so CSeq tells which INVITE it is for."""
        number = ack.cseq.number
        for transaction in self.transactions.owned_by(slot_name(usage.dialog_id)):
            if transaction.stage is not Stage.ACCEPTED or not transaction.response:
                continue
            if self.transactions.request_of(transaction).cseq.number != number:
                continue
            if self.transactions.hear(transaction, Input.RECEIVED_ACK, now):
                self.acknowledged(transaction, ack, now)
            return


def _arrival(
    request: Request, origin: Origin, usage: InviteUsage, replaced: DialogId | None
) -> InviteArrived:
    """What the line is told of an INVITE."""
    from_ = request.from_
    number, name = asserted(request) if isinstance(origin, FromTrunk) else ("", "")
    return InviteArrived(
        dialog=usage.dialog_id,
        origin=origin,
        from_user=display_text(from_.uri.user),
        from_name=display_text(from_.display),
        asserted_user=number,
        asserted_name=name,
        is_withheld=is_withheld(request),
        # A phone may not say that somebody else sent the call on: carriers go by it.
        diversion=diversion(request) if isinstance(origin, FromTrunk) else None,
        called_user=display_text(request.request_uri.user),
        to_user=display_text(request.to.uri.user),
        sdp=session_description(request) or b"",
        sip_call_id=display_text(request.call_id),
        user_agent=display_text(request.headers.get("User-Agent") or ""),
        source_address=usage.flow.remote_address,
        transport=usage.flow.transport,
        replaces=replaced,
        is_proven=usage.is_proven,
        keys_in_info=keys_in_info(request),
    )
