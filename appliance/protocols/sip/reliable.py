"""Provisional responses that are acknowledged: 100rel and PRACK, both sides. RFC 3262.

Theory of operation
-------------------
As the called side we send an 18x reliably only where the caller requires it: many phones say that
they could and few are better for it. One at a time is unacknowledged; it is repeated after T1, 2*T1
and so on, and after 64*T1 the INVITE is refused (§3). What follows meanwhile, a second 18x or the
2xx, waits for the PRACK.

As the caller we say that we can, and acknowledge each reliable 18x in its early dialog, in order;
one that came before, or too early, is dropped (§4).
"""

from appliance.protocols.sip.dialog import request_in, uac_dialog
from appliance.protocols.sip.dialog_usage import Attempt, Due, InviteUsage, slot_name
from appliance.protocols.sip.extensions import Early, Provisional
from appliance.protocols.sip.grammar import integer
from appliance.protocols.sip.limits import MAX_UINT32
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.timers import LIFETIME, T1
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.usage_side import UsageSide, session_description, tag_bytes
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

MAX_EARLY = 8
"""Early dialogs of one INVITE that are told apart: a fork to more phones than that rings on."""


def requires_reliable(message: Request | Response) -> bool:
    """Whether a message requires 100rel."""
    required = message.headers.tokens("Require")
    return bool(required) and any(tag.lower() == "100rel" for tag in required)


class ReliableServer(UsageSide):
    """Our reliable 18x, until each has its PRACK."""

    def begin(self, usage: InviteUsage, request: Request) -> None:
        """Note that an INVITE requires 100rel; the first RSeq is 1 to 2**31 - 1 (§3)."""
        if requires_reliable(request):
            first = int(self.core.mark("rseq", request.call_id), 16) % (2**31 - 2**16)
            usage.provisional = Provisional(rseq=first)

    def send(
        self,
        usage: InviteUsage,
        provisional: Provisional,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> None:
        """Send an 18x and repeat it until its PRACK comes."""
        provisional.rseq += 1
        response.headers.add("Require", "100rel")
        response.headers.add("RSeq", str(provisional.rseq))
        self.transactions.respond(transaction, response, now)
        provisional.data = transaction.response
        provisional.gap = T1
        provisional.until = Instant(now + LIFETIME)
        usage.due[Due.PROVISIONAL] = Instant(now + T1)
        self.usages.changed(usage)

    def repeat(self, usage: InviteUsage, now: Instant) -> bool:
        """Send it again; False when its PRACK will never come."""
        provisional, transaction = usage.provisional, self.transactions.find(usage.invite_key)
        if provisional is None or not provisional.data or transaction is None:
            return True
        if now >= provisional.until:
            return False
        self.core.send(provisional.data, transaction.flow)
        self.core.counters.retransmissions += 1
        provisional.gap *= 2
        usage.due[Due.PROVISIONAL] = min(Instant(now + provisional.gap), provisional.until)
        self.usages.changed(usage)
        return True

    def acknowledged(self, usage: InviteUsage, prack: Request) -> bool:
        """Whether a PRACK is of the 18x that waits for one (§3). Raises PeerError."""
        provisional, transaction = usage.provisional, self.transactions.find(usage.invite_key)
        words = (prack.headers.get("RAck") or "").split()
        if len(words) != 3:
            raise PeerError("malformed RAck")
        rseq, cseq = integer(words[0], MAX_UINT32), integer(words[1], MAX_UINT32)
        if provisional is None or not provisional.data or transaction is None:
            return False
        invite = self.transactions.request_of(transaction)
        if (rseq, cseq, words[2]) != (provisional.rseq, invite.cseq.number, "INVITE"):
            return False
        provisional.data = b""
        usage.due.pop(Due.PROVISIONAL, None)
        self.usages.changed(usage)
        return True


class ReliableClient(UsageSide):
    """The early dialogs of our INVITEs, and the PRACKs in them."""

    def heard(
        self,
        usage: InviteUsage,
        attempt: Attempt,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> bool:
        """Take an 18x; False when it is to be dropped. Raises PeerError for a malformed RSeq."""
        tag = tag_bytes(response.to.tag)
        early = early_of(attempt, tag)
        if early is None:
            if not tag or len(attempt.early) >= MAX_EARLY:
                return True
            early = Early(tag=tag)
            attempt.early.append(early)
        if requires_reliable(response):
            number = integer(response.headers.get("RSeq") or "", MAX_UINT32)
            if early.rseq and number != early.rseq + 1:
                return False
            early.rseq = number
            self._prack(usage, early, transaction, response, now)
        early.sdp = session_description(response) or early.sdp
        return True

    def _prack(
        self,
        usage: InviteUsage,
        early: Early,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> None:
        invite = self.transactions.request_of(transaction)
        dialog = uac_dialog(invite, response, transaction.flow, follows_contact=not usage.is_phone)
        dialog.local_cseq = max(dialog.local_cseq, early.cseq)
        prack = request_in(self.core, dialog, "PRACK")
        prack.headers.add("RAck", f"{early.rseq} {invite.cseq.number} INVITE")
        early.cseq = dialog.local_cseq
        self.transactions.ask(prack, dialog.flow, slot_name(usage.dialog_id), now)


def early_of(attempt: Attempt, tag: bytes) -> Early | None:
    """The early dialog of an attempt with this tag of theirs."""
    return next((early for early in attempt.early if early.tag == tag), None)
