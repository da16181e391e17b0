"""INFO requests of ours inside a dialog, and what a far end's headers say of keys in theirs.

RFC 6086 in its legacy usage (§3, RFC 2976): keys as application/dtmf-relay were agreed upon by no
standard, so that a far end's own words are looked for. INFO has no order of delivery of its own
(RFC 6086 §4.4): one request at a time is out, the next waits for its final response.
"""

from appliance.protocols.sip.dialog import request_in
from appliance.protocols.sip.dialog_usage import (
    InviteUsage,
    Phase,
    Verb,
    WaitingBody,
    slot_name,
)
from appliance.protocols.sip.events import DialogId, InfoRefused, KeysInInfo
from appliance.protocols.sip.headers import media_type
from appliance.protocols.sip.message import Request, Response
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.usage_side import UsageSide
from appliance.vocabulary.ids import Instant

KEY_BODIES = frozenset(("application/dtmf-relay", "application/dtmf"))
MOST_WAITING = 64
"""Bodies: more than that behind one that is not answered is no person's doing."""


def keys_in_info(message: Request | Response) -> KeysInInfo:
    """Return what an INVITE, or the 2xx to one, says of keys in INFO.

    A type of keys in Accept, or an Info Package named after them in Recv-Info (RFC 6086 §5.2), says
    that they are wanted. An Allow without INFO says that the method is not known (RFC 3261 §20.5).
    """
    headers = message.headers
    allowed = {method.upper() for method in headers.tokens("Allow")}
    if allowed and "INFO" not in allowed:
        return KeysInInfo.REFUSED
    taken = {media_type(one) for one in headers.tokens("Accept")}
    packages = {one.partition(";")[0].strip().lower() for one in headers.tokens("Recv-Info")}
    if taken & KEY_BODIES or packages & {"dtmf", "infodtmf"}:
        return KeysInInfo.WANTED
    return KeysInInfo.POSSIBLE


class InfoRequests(UsageSide):
    """Bodies on their way to the far ends, oldest first."""

    def send(self, dialog: DialogId, content_type: str, body: bytes, now: Instant) -> None:
        """Send an INFO behind those that wait; one too many is dropped."""
        usage = self.usages.asked(dialog, Verb.INFORM)
        if usage is None or len(usage.info_waiting) >= MOST_WAITING:
            return
        usage.info_waiting.append(WaitingBody(content_type=content_type, body=body))
        self._send_next(usage, now)
        self.usages.changed(usage)

    def _send_next(self, usage: InviteUsage, now: Instant) -> None:
        dialog = usage.dialog
        if dialog is None or usage.info_key or not usage.info_waiting:
            return
        waiting = usage.info_waiting[0]
        request = request_in(self.core, dialog, "INFO")
        request.headers.add("Content-Type", waiting.content_type)
        request.body = waiting.body
        owner = slot_name(usage.dialog_id)
        usage.info_key = self.transactions.ask(request, dialog.flow, owner, now).key

    def answered(
        self, usage: InviteUsage, transaction: Transaction, status: int, now: Instant
    ) -> None:
        """The final status of our INFO; 408 stands for none at all. After a refusal nothing waits
        any more: the line is told what did not reach the far end."""
        if transaction.key != usage.info_key:
            return
        usage.info_key = b""
        if usage.phase is Phase.ENDED:
            usage.info_waiting = []
        elif status < 300:
            usage.info_waiting = usage.info_waiting[1:]
            self._send_next(usage, now)
        else:
            bodies = tuple(one.body for one in usage.info_waiting)
            usage.info_waiting = []
            self.core.tell(InfoRefused(dialog=usage.dialog_id, status=status, bodies=bodies))
        self.usages.changed(usage)
