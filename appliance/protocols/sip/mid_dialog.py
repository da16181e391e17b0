"""Requests inside a dialog, theirs and ours. RFC 3261 §12.2, §14, §15; RFC 2976, 3311, 5407."""

from appliance.protocols.sip.client_authorisation import with_password
from appliance.protocols.sip.core import ACCEPT, ALLOW, Core, as_bytes
from appliance.protocols.sip.dialog import Dialog, own_contact, refresh_target, request_in
from appliance.protocols.sip.dialog_usage import (
    Due,
    InviteUsage,
    Phase,
    UsageTable,
    Verb,
    slot_name,
)
from appliance.protocols.sip.events import (
    AnswerArrived,
    DialogEnded,
    DialogId,
    InfoArrived,
    ReofferArrived,
    ReofferRefused,
)
from appliance.protocols.sip.extensions import SUPPORTED, lacking
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.headers import media_type
from appliance.protocols.sip.info_requests import InfoRequests
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.referral import Referrals
from appliance.protocols.sip.refresh import (
    SHORTEST,
    agree,
    answer_headers,
    asked_headers,
    chosen,
    granted,
    refused_interval,
)
from appliance.protocols.sip.refreshing import Refreshing
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

_SHORTLY = (("Retry-After", "3"),)


class MidDialog(UsageSide):
    """What happens between the first ACK and the last BYE."""

    def __init__(self, core: Core, transactions: TransactionTable, usages: UsageTable) -> None:
        super().__init__(core, transactions, usages)
        self.referrals = Referrals(core, transactions, usages)
        self.refreshing = Refreshing(core, transactions, usages)
        self.info = InfoRequests(core, transactions, usages)

    # --- theirs ---------------------------------------------------------------------------------
    def request(
        self, usage: InviteUsage, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        """A request that matched the dialog and is new."""
        dialog = usage.dialog
        is_bye = request.method == "BYE"
        if dialog is None or (usage.phase is Phase.ENDED and not is_bye):
            self.core.reply(request, flow, 481)
            return
        number = request.cseq.number
        if number < dialog.remote_cseq and not is_bye:
            # §12.2.2; but a hang-up is a hang-up, however the device counts
            self.core.reply(request, flow, 500, "CSeq Out Of Order")
            return
        if not is_bye and (missing := lacking(request)):
            self.core.reply(request, flow, 420, headers=(("Unsupported", ", ".join(missing)),))
            return
        if request.method in ("INVITE", "UPDATE") and (refused := self._glare(usage, request)):
            self.core.reply(request, flow, refused, headers=_SHORTLY if refused == 500 else ())
            return
        self.usages.proved(usage)
        dialog.remote_cseq = max(number, dialog.remote_cseq)
        if not dialog.follows_contact or flow.is_reliable:
            dialog.flow = flow  # a phone's NAT may have given it a new port
        transaction = self.transactions.serve(request, data, flow, slot_name(usage.dialog_id), now)
        self._answer_method(usage, dialog, request, transaction, now)
        self.usages.changed(usage)

    def _glare(self, usage: InviteUsage, request: Request) -> int:
        """Why an offer cannot be taken now (§14.2, RFC 5407 §3.3, RFC 3311 §5.2); 0 when it can."""
        if request.method == "UPDATE" and not request.body:
            return 0
        if usage.own_reoffer_key or usage.answer_due_key:
            return 491
        return 500 if usage.reoffer_key else 0

    def _answer_method(
        self,
        usage: InviteUsage,
        dialog: Dialog,
        request: Request,
        transaction: Transaction,
        now: Instant,
    ) -> None:
        method = request.method
        if method == "BYE":
            self._bye_arrived(usage, request, transaction, now)
        elif method in ("INVITE", "UPDATE"):
            self._reoffer_arrived(usage, dialog, request, transaction, now)
        elif method == "INFO":
            self.finish(transaction, request, 200, now)
            kind = media_type(request.headers.get("Content-Type") or "")
            self.core.tell(
                InfoArrived(dialog=usage.dialog_id, content_type=kind, body=request.body)
            )
        elif method == "REFER":
            self.referrals.arrived(usage, dialog, request, transaction, now)
        elif method == "SUBSCRIBE" and self.referrals.is_subscribed(usage, request):
            self.referrals.resubscribed(usage, request, transaction, now)
        elif method == "OPTIONS":
            self.finish(transaction, request, 200, now, (("Allow", ALLOW), ("Accept", ACCEPT)))
        else:
            status = 489 if method in ("NOTIFY", "SUBSCRIBE") else 405
            self.finish(transaction, request, status, now, (("Allow", ALLOW),))

    def _bye_arrived(
        self, usage: InviteUsage, request: Request, transaction: Transaction, now: Instant
    ) -> None:
        self.finish(transaction, request, 200, now)
        self._stop_repeating(usage, now)
        if usage.phase is Phase.ENDED:
            usage.bye_waits = False
            return
        status, reason = told_reason(request, "bye")
        self.end(usage, now)
        self.core.tell(DialogEnded(dialog=usage.dialog_id, reason=reason, status=status))

    def _stop_repeating(self, usage: InviteUsage, now: Instant) -> None:
        """Who says BYE has had our 2xx: its ACK, if lost, is not waited for (RFC 5407 §3.1.3)."""
        for transaction in self.transactions.owned_by(slot_name(usage.dialog_id)):
            if transaction.stage is Stage.ACCEPTED and transaction.response:
                self.transactions.hear(transaction, Input.RECEIVED_ACK, now)

    def _reoffer_arrived(
        self,
        usage: InviteUsage,
        dialog: Dialog,
        request: Request,
        transaction: Transaction,
        now: Instant,
    ) -> None:
        sdp = session_description(request)
        if refused := refused_interval(request):
            headers = (("Min-SE", str(SHORTEST)),) if refused == 422 else ()
            self.finish(transaction, request, refused, now, headers)
        elif sdp is None:
            self.finish(transaction, request, 415, now, (("Accept", ACCEPT),))
        elif request.method == "UPDATE" and not sdp:
            # a session refresh (RFC 4028 §9): only the target may have changed
            refresh_target(dialog, request, None)
            self._accept(usage, transaction, b"", now)
        else:
            usage.reoffer_key = transaction.key
            self.core.tell(ReofferArrived(dialog=usage.dialog_id, sdp=sdp))

    def answer_reoffer(self, dialog: DialogId, sdp: bytes | None, now: Instant) -> None:
        """The line's answer to ReofferArrived; None refuses it, and all stays as it was."""
        usage = self.usages.asked(dialog, Verb.ANSWER_REOFFER)
        if usage is None or usage.dialog is None or not usage.reoffer_key:
            return
        transaction = self.transactions.find(usage.reoffer_key)
        usage.reoffer_key = b""
        self.usages.changed(usage)
        if transaction is None:
            return
        request = self.transactions.request_of(transaction)
        if sdp is None:
            self.finish(transaction, request, 488, now)
            return
        refresh_target(usage.dialog, request, None)
        if not session_description(request):
            usage.answer_due_key = transaction.key
        self._accept(usage, transaction, sdp, now)

    def _accept(
        self, usage: InviteUsage, transaction: Transaction, sdp: bytes, now: Instant
    ) -> None:
        dialog = usage.dialog
        request = self.transactions.request_of(transaction)
        response = self.response(request, 200)
        if dialog is not None:
            response.headers.add("Contact", own_contact(self.core, dialog))
        response.headers.add("Allow", ALLOW)
        response.headers.add("Supported", SUPPORTED)
        interval = chosen(request)
        for name, value in answer_headers(interval):
            response.headers.add(name, value)
        is_ours = interval is not None and interval.refresher == "uas"
        agree(usage, interval, is_ours=is_ours, now=now)
        self.core.add_body(response, sdp)
        self.transactions.respond(transaction, response, now)

    # --- ours -----------------------------------------------------------------------------------
    def reoffer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """Re-INVITE. One at a time: where one is under way the newer follows it."""
        usage = self.usages.asked(dialog, Verb.REOFFER)
        if usage is None or usage.dialog is None:
            return
        usage.own_reoffer_sdp = sdp
        self.send_reoffer(usage, now)

    def send_reoffer(self, usage: InviteUsage, now: Instant) -> None:
        """Send the re-INVITE that waits, unless the dialog is over or another is under way."""
        if usage.dialog is None or usage.phase not in (Phase.CONFIRMED, Phase.ANSWERED):
            return
        if usage.own_reoffer_key or usage.reoffer_key or usage.phase is Phase.ANSWERED:
            usage.due[Due.REOFFER] = Instant(now + 1.0)
            self.usages.changed(usage)
            return
        request = request_in(self.core, usage.dialog, "INVITE")
        for name, value in asked_headers(usage):
            request.headers.add(name, value)
        self.core.add_body(request, usage.own_reoffer_sdp)
        owner = slot_name(usage.dialog_id)
        usage.own_reoffer_key = self.transactions.ask(request, usage.dialog.flow, owner, now).key
        self.usages.changed(usage)

    def hang_up(self, usage: InviteUsage, now: Instant, status: int | None, reason: str) -> None:
        """BYE."""
        dialog = usage.dialog
        self.referrals.abandon(usage, now)
        self.end(usage, now)
        if dialog is not None:
            self.bye(usage, dialog, now, "" if status is None else reason_header(status, reason))

    def response_arrived(
        self, usage: InviteUsage, transaction: Transaction, response: Response, now: Instant
    ) -> None:
        """A response to a request of ours inside the dialog: re-INVITE or BYE."""
        dialog = usage.dialog
        if response.status < 200:
            return
        if dialog is None or as_bytes(response.call_id) != dialog.call_id:
            return
        if response.status in (401, 407) and self._retry(usage, transaction, response, now):
            return
        if transaction.method == "NOTIFY":
            self.referrals.refused_notify(usage, response.status)
        elif transaction.method == "UPDATE":
            self.refreshing.answered(usage, dialog, response, transaction, now)
        elif transaction.method == "INFO":
            self.info.answered(usage, transaction, response.status, now)
        elif transaction.method == "INVITE" and response.status < 300:
            self._reoffer_answered(usage, dialog, response, transaction, now)
        elif transaction.key == usage.own_reoffer_key:
            usage.own_reoffer_key = b""
            if response.status == 422 and self.refreshing.takes_longer(usage, response):
                self.send_reoffer(usage, now)
            else:
                self._reoffer_refused(usage, response.status, now)
        self.usages.changed(usage)

    def _reoffer_answered(
        self,
        usage: InviteUsage,
        dialog: Dialog,
        response: Response,
        transaction: Transaction,
        now: Instant,
    ) -> None:
        number = response.cseq.number
        if self.ack_again(usage, tag_bytes(response.to.tag), number):
            return
        refresh_target(dialog, response, None)
        self.usages.proved(usage)
        self.ack(usage, dialog, number)
        if transaction.key == usage.own_reoffer_key:
            usage.own_reoffer_key = b""
            if usage.phase is not Phase.ENDED:
                granted(usage, response, now)
                self.core.tell(
                    AnswerArrived(dialog=usage.dialog_id, sdp=session_description(response) or b"")
                )

    def _reoffer_refused(self, usage: InviteUsage, status: int, now: Instant) -> None:
        if usage.phase is Phase.ENDED:
            return
        if status == 491:
            usage.due[Due.REOFFER] = Instant(now + self.glare_pause(usage, now))
        elif status in (408, 481):
            self.lost(usage, status, now)
        else:
            self.refreshing.later(usage, now)
            self.core.tell(ReofferRefused(dialog=usage.dialog_id, status=status))

    def _retry(
        self, usage: InviteUsage, transaction: Transaction, response: Response, now: Instant
    ) -> bool:
        route = self.core.directory.trunk(usage.trunk) if usage.trunk else None
        request = self.transactions.request_of(transaction)
        tries = 1 if "Authorization" in request.headers else 0
        tries += 1 if "Proxy-Authorization" in request.headers else 0
        again = with_password(self.core, request, response, transaction.flow, route, tries)
        if again is None or usage.dialog is None:
            return False
        usage.dialog.local_cseq = max(usage.dialog.local_cseq, again.cseq.number)
        asked = self.transactions.ask(again, transaction.flow, transaction.owner, now)
        if transaction.key == usage.own_reoffer_key:
            usage.own_reoffer_key = asked.key
        if transaction.key == usage.info_key:
            usage.info_key = asked.key
        if usage.refresh is not None and transaction.key == usage.refresh.key:
            usage.refresh.key = asked.key
        self.usages.changed(usage)
        return True

    def no_response(
        self, usage: InviteUsage, transaction: Transaction, status: int, now: Instant
    ) -> None:
        """A request of ours inside the dialog was never answered: 408 ends it (§12.2.1.2), 503 (no
        connection could be made) only refuses the request."""
        if transaction.key == usage.own_reoffer_key:
            usage.own_reoffer_key = b""
            self._reoffer_refused(usage, status, now)
            self.usages.changed(usage)
        elif transaction.method == "NOTIFY":
            self.referrals.refused_notify(usage, status)
        elif transaction.method == "UPDATE":
            self.refreshing.no_response(usage, transaction, status, now)
        elif transaction.method == "INFO":
            self.info.answered(usage, transaction, status, now)
