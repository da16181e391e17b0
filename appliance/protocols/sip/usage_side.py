"""What both sides of an INVITE usage do: ACK, BYE, an end. RFC 3261 §13.2.2.4, §15."""

from appliance.protocols.sip.bodies import find_part
from appliance.protocols.sip.core import Core, as_bytes
from appliance.protocols.sip.dialog import Dialog, request_in
from appliance.protocols.sip.dialog_usage import (
    Ack,
    Due,
    InviteUsage,
    Phase,
    UsageTable,
    slot_name,
)
from appliance.protocols.sip.events import DialogEnded
from appliance.protocols.sip.grammar import display_text, parameters, quoted, split_outside
from appliance.protocols.sip.message import Message, Request, Response, response_to
from appliance.protocols.sip.transaction import Stage, Transaction
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant


class UsageSide:
    """Common ground of the server, client and mid-dialog halves."""

    def __init__(self, core: Core, transactions: TransactionTable, usages: UsageTable) -> None:
        self.core = core
        self.transactions = transactions
        self.usages = usages

    def bye(self, usage: InviteUsage, dialog: Dialog, now: Instant, reason: str = "") -> None:
        """Hang up a dialog."""
        request = request_in(self.core, dialog, "BYE")
        if reason:
            request.headers.add("Reason", reason)
        self.transactions.ask(request, dialog.flow, slot_name(usage.dialog_id), now)
        self.usages.changed(usage)

    def ack(self, usage: InviteUsage, dialog: Dialog, cseq: int) -> None:
        """Acknowledge a 2xx and remember the ACK for its repetitions."""
        request = request_in(self.core, dialog, "ACK", cseq=cseq)
        kept = Ack(
            remote_tag=dialog.remote_tag, cseq=cseq, data=request.to_bytes(), flow=dialog.flow
        )
        # of an older re-INVITE no repetition of the 2xx comes any more once a newer one is answered
        usage.acks = [*[ack for ack in usage.acks if ack.cseq + 1 >= cseq], kept]
        self.core.send(kept.data, kept.flow)
        self.usages.changed(usage)

    def ack_again(self, usage: InviteUsage, remote_tag: bytes, cseq: int) -> bool:
        """Repeat the ACK of a repeated 2xx; False when this 2xx is new."""
        for kept in usage.acks:
            if kept.remote_tag == remote_tag and kept.cseq == cseq:
                self.core.send(kept.data, kept.flow)
                self.core.counters.retransmissions += 1
                return True
        return False

    def end(self, usage: InviteUsage, now: Instant) -> None:
        """The line hears no more of this usage; requests that wait for it are refused (§15.1.2)."""
        usage.phase = Phase.ENDED
        for timer in (Due.REOFFER, Due.REFUSE, Due.PROVISIONAL, Due.REFRESH, Due.EXPIRY):
            usage.due.pop(timer, None)
        waiting = self.transactions.find(usage.reoffer_key) if usage.reoffer_key else None
        if waiting is not None and waiting.stage in (Stage.PROCEEDING, Stage.TRYING):
            request = self.transactions.request_of(waiting)
            self.transactions.respond(waiting, self.response(request, 487), now)
        usage.reoffer_key = b""
        self.usages.changed(usage)
        self.core.may_be_over.add(slot_name(usage.dialog_id))

    def glare_pause(self, usage: InviteUsage, now: Instant) -> float:
        """§14.1: who made the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in steps of 10 ms."""
        spread = int(self.core.mark("glare", usage.dialog_id, str(now)), 16) % 190 / 100
        return 2.1 + spread if usage.attempts else 0.05 + spread

    def lost(self, usage: InviteUsage, status: int, now: Instant) -> None:
        """The far end does not know this dialog any more, or is gone."""
        dialog = usage.dialog
        self.end(usage, now)
        if dialog is not None:
            self.bye(usage, dialog, now)
        self.core.tell(DialogEnded(dialog=usage.dialog_id, reason="lost", status=status))

    def finish(
        self,
        transaction: Transaction,
        request: Request,
        status: int,
        now: Instant,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        reason: str = "",
    ) -> None:
        """Send the only response of a request inside a dialog."""
        response = self.response(request, status, reason or None)
        for name, value in headers:
            response.headers.add(name, value)
        self.transactions.respond(transaction, response, now)

    def response(
        self, request: Request, status: int, reason: str | None = None, *, to_tag: str | None = None
    ) -> Response:
        """Begin a response of ours."""
        response = response_to(request, status, reason, to_tag=to_tag)
        response.headers.add("Server", self.core.product)
        return response


def reason_header(status: int, text: str) -> str:
    """A Reason value with a SIP cause (RFC 3326 §2)."""
    return f"SIP;cause={status};text={quoted(text)}" if text else f"SIP;cause={status}"


def told_reason(message: Message, otherwise: str) -> tuple[int, str]:
    """Cause code and text of the Reason header, clean; SIP's before any other protocol's."""
    found = (0, otherwise)
    for value in message.headers.all("Reason"):
        try:
            for item in split_outside(value, ","):
                protocol, _, listed = item.partition(";")
                fields = {name.lower(): text or "" for name, text in parameters(listed)}
                text = display_text(fields.get("text", "").strip('"')) or otherwise
                cause = fields.get("cause", "")
                is_sip = protocol.strip().upper() == "SIP" and cause.isascii() and cause.isdigit()
                if is_sip and len(cause) == 3:
                    return int(cause), text
                found = (0, text)
        except PeerError:
            continue
    return found


def session_description(message: Message) -> bytes | None:
    """The SDP of a message, out of a multipart body too; empty without a body, None when there is
    a body that holds none (415). A body of no declared type is taken for SDP."""
    if not message.body:
        return b""
    if (message.headers.get("Content-Encoding") or "identity").strip().lower() != "identity":
        return None
    if "Content-Type" not in message.headers:
        return message.body
    try:
        return find_part(message)
    except PeerError:
        return None


def tag_bytes(tag: str | None) -> bytes:
    """A tag as it is kept; empty where there is none."""
    return as_bytes(tag or "")
