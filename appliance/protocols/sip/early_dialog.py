"""Requests inside a dialog whose INVITE is not answered yet. RFC 3261 §12.1, 3262, 3311, 5407."""

from appliance.protocols.sip.core import ALLOW, Core
from appliance.protocols.sip.dialog_usage import Due, InviteUsage, Phase, UsageTable, slot_name
from appliance.protocols.sip.events import DialogEnded, InfoArrived
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.headers import media_type
from appliance.protocols.sip.invite_server import InviteServer
from appliance.protocols.sip.message import Request
from appliance.protocols.sip.reliable import early_of
from appliance.protocols.sip.timers import LIFETIME
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.protocols.sip.usage_side import UsageSide, tag_bytes, told_reason
from appliance.vocabulary.errors import IllegalMove, PeerError
from appliance.vocabulary.ids import Instant

_SHORTLY = (("Retry-After", "5"),)


class EarlyDialogs(UsageSide):
    """BYE, PRACK, UPDATE and INFO before the 2xx, on either side."""

    def __init__(
        self,
        core: Core,
        transactions: TransactionTable,
        usages: UsageTable,
        server: InviteServer,
    ) -> None:
        super().__init__(core, transactions, usages)
        self._server = server

    def request(
        self, usage: InviteUsage, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        """A request whose To tag is ours, of a usage that has no dialog with its From tag."""
        if usage.local_tag:
            self._of_their_invite(usage, request, data, flow, now)
        elif request.method == "BYE":
            self._bye_overtakes(usage, request, data, flow, now)
        elif request.method == "UPDATE" and usage.phase is Phase.INVITING:
            # §5.2 of RFC 3311: our offer is out, so no other one can be taken before its answer
            self._update(usage, request, data, flow, 491, now)
        elif request.method == "INFO" and _rings(usage, request):
            # §12.1: its 1xx with a To tag made a dialog. Nobody listens for keys of a phone that
            # rings, but the request is proper (RFC 6086 §4.2.2).
            owner = slot_name(usage.dialog_id)
            transaction = self.transactions.serve(request, data, flow, owner, now)
            self.finish(transaction, request, 200, now)
        else:
            self.core.reply(request, flow, 491 if request.method == "INVITE" else 481)

    def _bye_overtakes(
        self, usage: InviteUsage, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        """The called side hung up and its BYE overtook its 2xx, or the dialog is a stray one."""
        owner = slot_name(usage.dialog_id)
        transaction = self.transactions.serve(request, data, flow, owner, now)
        self.finish(transaction, request, 200, now)
        local_tag = tag_bytes(request.to.tag)
        attempt = next((a for a in usage.attempts if a.local_tag == local_tag), None)
        if attempt is None:
            raise IllegalMove("a BYE for no attempt of this usage")
        if attempt.is_over:
            return
        attempt.had_bye = True
        attempt.is_unwanted = True
        usage.due[Due.UNCANCELLED] = Instant(now + LIFETIME)
        if usage.phase is Phase.INVITING and all(
            other.is_over or other.is_unwanted for other in usage.attempts
        ):
            status, reason = told_reason(request, "bye")
            self.end(usage, now)
            self.core.tell(DialogEnded(dialog=usage.dialog_id, reason=reason, status=status))
        self.usages.changed(usage)

    def _of_their_invite(
        self, usage: InviteUsage, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        is_theirs = tag_bytes(request.from_.tag) == usage.remote_tag
        if usage.phase is not Phase.OFFERED or not is_theirs:
            self.core.reply(request, flow, 481)
            return
        self.usages.proved(usage)
        if request.method == "BYE":
            owner = slot_name(usage.dialog_id)
            transaction = self.transactions.serve(request, data, flow, owner, now)
            self.finish(transaction, request, 200, now)
            self._server.early_bye(usage, request, now)
        elif request.method == "PRACK":
            self._prack(usage, request, data, flow, now)
        elif request.method == "INFO":
            # keys for a voice menu that is heard before the answer (RFC 3960, early media)
            owner = slot_name(usage.dialog_id)
            transaction = self.transactions.serve(request, data, flow, owner, now)
            self.finish(transaction, request, 200, now)
            kind = media_type(request.headers.get("Content-Type") or "")
            told = InfoArrived(dialog=usage.dialog_id, content_type=kind, body=request.body)
            self.core.tell(told)
        elif request.method == "UPDATE":
            # §5.2 of RFC 3311: their first offer has no answer yet
            self._update(usage, request, data, flow, 500, now)
        else:
            # §14.2: a second INVITE before the first was answered
            self.core.reply(request, flow, 500, headers=_SHORTLY)

    def _prack(
        self, usage: InviteUsage, request: Request, data: bytes, flow: Flow, now: Instant
    ) -> None:
        try:
            is_expected = self._server.reliable.acknowledged(usage, request)
        except PeerError:
            self.core.reply(request, flow, 400, "Malformed RAck")
            return
        transaction = self.transactions.serve(request, data, flow, slot_name(usage.dialog_id), now)
        if not is_expected:
            self.finish(transaction, request, 481, now)
            return
        # an offer in it (§5 of RFC 3262) is one that we do not take: our answer is not final yet
        self.finish(transaction, request, 488 if request.body else 200, now)
        self._server.go_on(usage, now)

    def _update(
        self,
        usage: InviteUsage,
        request: Request,
        data: bytes,
        flow: Flow,
        refused: int,
        now: Instant,
    ) -> None:
        """One without an offer changes nothing and is taken; one with an offer comes too early."""
        transaction = self.transactions.serve(request, data, flow, slot_name(usage.dialog_id), now)
        if request.body:
            headers = _SHORTLY if refused == 500 else ()
            self.finish(transaction, request, refused, now, headers)
            return
        contact = self.core.contact(usage.flow, request.request_uri.raw_user or "")
        self.finish(transaction, request, 200, now, (("Contact", contact), ("Allow", ALLOW)))


def _rings(usage: InviteUsage, request: Request) -> bool:
    """Say whether a request of the called side is in an early dialog that it has begun."""
    ours, theirs = tag_bytes(request.to.tag), tag_bytes(request.from_.tag)
    return usage.phase is Phase.INVITING and any(
        attempt.local_tag == ours and not attempt.is_over and early_of(attempt, theirs) is not None
        for attempt in usage.attempts
    )
