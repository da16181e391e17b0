"""What every message must pass before a part of the user agent sees it. RFC 3261 §8.2, §17, §18.

In order: form (400, 505, 416), repetition, ACK and CANCEL, dialog (481), then for requests outside
a dialog: method (501), hops (483), who it is (401, 403), loops (482), extensions (420),
content (415), room (503). Refusals are stateless: they cost us nothing to remember, and a
repetition is refused again. Nothing that arrives here raises.
"""

from appliance.protocols.sip.authorisation import Authorisation
from appliance.protocols.sip.core import ACCEPT, ALLOW, Core, as_bytes
from appliance.protocols.sip.dialog_usage import SLOT_PREFIX as DIALOG_PREFIX
from appliance.protocols.sip.dialog_usage import UsageTable
from appliance.protocols.sip.early_dialog import EarlyDialogs
from appliance.protocols.sip.events import DialogId, FromAccount, FromGuest, FromTrunk, Origin
from appliance.protocols.sip.extensions import SUPPORTED, lacking
from appliance.protocols.sip.failover import hop_of
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.invite_client import InviteClient
from appliance.protocols.sip.invite_server import InviteServer
from appliance.protocols.sip.limits import MAX_DATAGRAM
from appliance.protocols.sip.message import (
    BadMessage,
    Request,
    Response,
    mark_source,
    parse_message,
)
from appliance.protocols.sip.mid_dialog import MidDialog
from appliance.protocols.sip.phone_watch import PREFIX as WATCH_PREFIX
from appliance.protocols.sip.phone_watch import PhoneWatch
from appliance.protocols.sip.rate import RateLimit
from appliance.protocols.sip.refresh import SHORTEST, refused_interval
from appliance.protocols.sip.registrar import Registrar
from appliance.protocols.sip.replaces import replaced_by
from appliance.protocols.sip.subscriptions import SLOT_PREFIX as SUBSCRIPTION_PREFIX
from appliance.protocols.sip.subscriptions import Subscriptions
from appliance.protocols.sip.transaction import Input, Kind, Transaction
from appliance.protocols.sip.transaction_table import TransactionTable, client_key, server_key
from appliance.protocols.sip.trunks import SLOT_PREFIX as TRUNK_PREFIX
from appliance.protocols.sip.trunks import Trunks
from appliance.protocols.sip.usage_side import session_description, tag_bytes
from appliance.protocols.sip.validation import validate_request, validate_response
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

KNOWN_METHODS = frozenset(
    (
        "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK",
        "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER",
    )
)  # fmt: skip
"""The IANA registry's; others get 501, those of it that we do not do 405 or 489."""
_IN_DIALOG_ONLY = frozenset(("BYE", "INFO", "UPDATE", "PRACK"))
_EVENT_METHODS = frozenset(("SUBSCRIBE", "PUBLISH", "NOTIFY"))
_ALLOWED = (("Allow", ALLOW),)
_CAPABLE = (*_ALLOWED, ("Supported", SUPPORTED))
_SHORTLY = (("Retry-After", "5"),)


class Reception:
    """Sorts what comes in."""

    def __init__(
        self,
        core: Core,
        transactions: TransactionTable,
        usages: UsageTable,
        sides: tuple[InviteServer, InviteClient, MidDialog],
        phones: tuple[Registrar, PhoneWatch],
        trunks: Trunks,
        subscriptions: Subscriptions,
    ) -> None:
        self._core = core
        self._transactions = transactions
        self._usages = usages
        self._server, self._client, self._mid = sides
        self._early = EarlyDialogs(core, transactions, usages, self._server)
        self._registrar, self._watch = phones
        self._trunks = trunks
        self._subscriptions = subscriptions
        self._authorisation = Authorisation(core)
        self._rate = RateLimit(
            is_phone=self._registrar.is_phone, is_near=self._registrar.is_address
        )

    # --- bytes ----------------------------------------------------------------------------------
    def datagram(self, data: bytes, flow: Flow, now: Instant) -> None:
        """One UDP datagram. Line ends alone keep a NAT open (RFC 5626 §3.5.1) and want nothing."""
        if not data.strip(b"\r\n\t \0"):
            return
        if len(data) > MAX_DATAGRAM:
            self._core.counters.bad_packets += 1
            return
        self.message(data, flow, now)

    def message(self, data: bytes, flow: Flow, now: Instant) -> bool:
        """One whole message; False when it could not be read."""
        try:
            message = parse_message(data)
            if isinstance(message, Response):
                self._core.counters.responses += 1
                validate_response(message)
                self._response(message, flow, now)
            else:
                self._core.counters.requests += 1
                mark_source(message, flow.remote_address, flow.remote_port)
                validate_request(message)
                self._request(message, data, flow, now)
        except BadMessage as error:
            self._core.counters.bad_packets += 1
            self._refuse_bad(error, flow, now)
            return False
        except PeerError:
            # a header that is looked at late was malformed: counted, and not worth an answer
            self._core.counters.bad_packets += 1
            return False
        return True

    def _refuse_bad(self, error: BadMessage, flow: Flow, now: Instant) -> None:
        """Answer what could not be read, if as much of it could as an answer needs.

        To where it came from: the Via of a broken message names nothing that can be relied on.
        """
        request = error.partial
        if request is None or not self._is_admitted(None, flow, now):
            return
        try:
            mark_source(request, flow.remote_address, flow.remote_port)
        except PeerError:
            return
        self._core.reply(request, flow, error.status, error.reason, to_source=True)

    # --- responses ------------------------------------------------------------------------------
    def _response(self, response: Response, flow: Flow, now: Instant) -> None:
        key = client_key(response.branch, response.cseq.method)
        transaction = self._transactions.find(key)
        if transaction is None:
            self._core.counters.stray_responses += 1
            return
        if flow.is_reliable:
            transaction.flow = flow  # now we know the connection
        if not self._transactions.hear_response(transaction, response, now):
            return
        if transaction.owner.startswith(TRUNK_PREFIX):
            self._trunks.response_arrived(transaction, response, now)
            return
        if transaction.owner.startswith(SUBSCRIPTION_PREFIX):
            self._subscriptions.response_arrived(transaction, response, now)
            return
        if transaction.owner.startswith(WATCH_PREFIX):
            self._watch.response_arrived(transaction, response.status, now)
            return
        usage = self._usages.of_slot(transaction.owner)
        if usage is None:
            return
        attempt = self._client.attempt_of(usage, transaction)
        if attempt is not None:
            self._client.response_arrived(usage, attempt, transaction, response, now)
        else:
            self._mid.response_arrived(usage, transaction, response, now)

    def gave_up(self, transaction: Transaction, status: int, now: Instant, why: str = "") -> None:
        """A transaction ran out of time (timers B, F, H, L: 408) or found no connection (503)."""
        if transaction.owner.startswith(TRUNK_PREFIX):
            self._trunks.no_response(transaction, status, now, why)
            return
        if transaction.owner.startswith(SUBSCRIPTION_PREFIX):
            self._subscriptions.no_response(transaction, now)
            return
        if transaction.owner.startswith(WATCH_PREFIX):
            self._watch.no_response(transaction, now)
            return
        usage = self._usages.of_slot(transaction.owner)
        if usage is None or not transaction.owner.startswith(DIALOG_PREFIX):
            return
        if transaction.kind is Kind.INVITE_SERVER:
            if transaction.response.startswith(b"SIP/2.0 2"):
                self._server.no_ack(usage, now)
            return
        attempt = self._client.attempt_of(usage, transaction)
        if attempt is not None:
            if usage.trunk and not attempt.is_unwanted:
                self._core.outages.failed(hop_of(transaction.flow), now)
            self._client.no_response(usage, attempt, status, now)
        else:
            self._mid.no_response(usage, transaction, status, now)

    # --- requests -------------------------------------------------------------------------------
    def _request(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        method = request.method
        if method == "ACK":
            self._ack(request, now)
            return
        transaction = self._transactions.find(server_key(request, method))
        if transaction is not None:
            self._transactions.hear(transaction, Input.RECEIVED_AGAIN, now)
        elif method == "CANCEL":
            invite = self._transactions.find(server_key(request, "INVITE"))
            if invite is None:
                self._is_unknown(request, flow, now)
            else:
                self._server.cancel(request, data, flow, invite, now)
        elif request.to.tag is not None:
            self._in_dialog(request, data, flow, now)
        else:
            self._out_of_dialog(request, data, flow, now)

    def _ack(self, request: Request, now: Instant) -> None:
        """An ACK is of a failure (same branch), of a 2xx (its dialog's), or of nothing we keep."""
        transaction = self._transactions.find(server_key(request, "INVITE"))
        if transaction is not None:
            if self._transactions.hear(transaction, Input.RECEIVED_ACK, now):
                self._server.acknowledged(transaction, request, now)
            return
        call_id = as_bytes(request.call_id)
        usage = self._usages.by_local(call_id, tag_bytes(request.to.tag))
        if usage is None:
            # pyVoIP's ACK has a To tag of its own invention: Call-ID, From tag and CSeq must do
            usage = self._usages.by_remote(call_id, tag_bytes(request.from_.tag))
        if usage is not None:
            self._server.lenient_ack(usage, request, now)

    def _in_dialog(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        call_id, local_tag = as_bytes(request.call_id), tag_bytes(request.to.tag)
        remote_tag = tag_bytes(request.from_.tag)
        usage = self._usages.by_local(call_id, local_tag)
        if usage is None and request.method == "SUBSCRIBE":
            self._subscribe_again(request, data, flow, now)
            return
        if usage is None:
            self._is_unknown(request, flow, now)
            return
        dialog = usage.dialog
        if dialog is not None and (dialog.call_id, dialog.local_tag, dialog.remote_tag) == (
            call_id, local_tag, remote_tag,
        ):  # fmt: skip
            self._mid.request(usage, request, data, flow, now)
        else:
            self._early.request(usage, request, data, flow, now)

    def _is_unknown(self, request: Request, flow: Flow, now: Instant) -> None:
        """Answer what belongs to no dialog or transaction of ours, though it says so."""
        if not self._is_admitted(request, flow, now):
            return
        # a stranger is asked who he is before he hears which dialogs exist (§8.2.1, §12.2.2)
        if request.method != "INVITE" or self._origin(request, flow, now) is not None:
            self._core.reply(request, flow, 481)

    def _subscribe_again(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        subscription = self._subscriptions.of_dialog(request)
        if subscription is None:
            self._is_unknown(request, flow, now)
        elif self._is_admitted(request, flow, now):
            self._subscriptions.again(subscription, request, data, flow, now)

    def _is_admitted(self, request: Request | None, flow: Flow, now: Instant) -> bool:
        """Count a request; False: it is one too many. None: it cannot be read."""
        if self._rate.admits(
            flow, now, lambda: request is not None and self._trunk_of(request, flow) is not None
        ):
            return True
        self._core.counters.limited += 1
        return False

    def _out_of_dialog(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        method = request.method
        if not self._is_admitted(request, flow, now):
            return
        if method not in KNOWN_METHODS:
            self._core.reply(request, flow, 501, headers=_ALLOWED)
        elif request.max_forwards == 0:
            self._core.reply(request, flow, 483)
        elif method in _IN_DIALOG_ONLY:
            self._core.reply(request, flow, 481)
        elif method == "OPTIONS":
            if not self._lacks_extension(request, flow):
                headers = (*_CAPABLE, ("Accept", ACCEPT), ("Accept-Encoding", "identity"))
                self._core.reply(request, flow, 200, headers=headers)
        elif method == "INVITE":
            self._invite(request, data, flow, now)
        else:
            self._other(request, data, flow, now)

    def _other(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        """REGISTER, and methods that we know and do not do."""
        method = request.method
        if method == "REGISTER":
            user = self._authorisation.user_of(request, flow, now)
            if user is None or self._lacks_extension(request, flow):
                return
            if request.to.uri.user != user:
                self._core.reply(request, flow, 403)
            elif self._is_full(request, flow):
                return
            else:
                self._registrar.register(request, data, flow, user, now)
            return
        if self._trunk_of(request, flow) is None:
            user = self._authorisation.user_of(request, flow, now)
            if user is None:
                return
            if method == "SUBSCRIBE":
                if not self._lacks_extension(request, flow) and not self._is_full(request, flow):
                    self._subscriptions.arrive(request, data, flow, user, now)
                return
        if method == "REFER":
            self._core.reply(request, flow, 403)  # RFC 3515 §2.4.2: only who talks may hand on
            return
        self._core.reply(request, flow, 489 if method in _EVENT_METHODS else 405, headers=_ALLOWED)

    # --- INVITE ---------------------------------------------------------------------------------
    def _invite(self, request: Request, data: bytes, flow: Flow, now: Instant) -> None:
        origin = self._origin(request, flow, now)
        if origin is None:
            return
        if self._usages.get(DialogId(f"in-{self._core.reply_tag(request)}")) is not None:
            self._core.reply(request, flow, 482)  # §8.2.2.2: it came over two ways
        elif not self._lacks_extension(request, flow) and not self._has_odd_content(request, flow):
            if refused := refused_interval(request):
                headers = (("Min-SE", str(SHORTEST)),) if refused == 422 else ()
                self._core.reply(request, flow, refused, headers=headers)
                return
            replaced, refused = replaced_by(request, self._usages)
            if refused:
                self._core.reply(request, flow, refused)
            elif not self._is_full(request, flow):
                self._server.arrive(request, data, flow, origin, now, replaced)

    def _origin(self, request: Request, flow: Flow, now: Instant) -> Origin | None:
        """Who calls; None when the request was answered. Trunks are never challenged."""
        from_user = request.from_.uri.user
        is_phone = self._registrar.is_at(from_user, flow)
        if not is_phone:
            trunk = self._trunk_of(request, flow)
            if trunk is not None:
                return FromTrunk(trunk=trunk)
            if self._core.directory.guests_allowed(flow.remote_address):
                return FromGuest(address=flow.remote_address)
        user = self._authorisation.user_of(request, flow, now)
        if user is None:
            return None
        if user != from_user:
            self._core.reply(request, flow, 403)
            return None
        return FromAccount(user=user)

    def _trunk_of(self, request: Request, flow: Flow) -> str | None:
        return self._core.directory.trunk_of(
            flow.remote_address, flow.remote_port, request.from_.uri.user
        )

    def _lacks_extension(self, request: Request, flow: Flow) -> bool:
        """§8.2.2.3: an extension is required that we do not have."""
        missing = lacking(request)
        if not missing:
            return False
        headers = (("Unsupported", ", ".join(missing)),)
        self._core.reply(request, flow, 420, headers=headers)
        return True

    def _has_odd_content(self, request: Request, flow: Flow) -> bool:
        """§8.2.3: a body that we cannot read."""
        if session_description(request) is not None:
            return False
        headers = (("Accept", ACCEPT), ("Accept-Encoding", "identity"))
        self._core.reply(request, flow, 415, headers=headers)
        return True

    def _is_full(self, request: Request, flow: Flow) -> bool:
        is_invite = request.method == "INVITE"
        if not self._transactions.is_full and not (is_invite and self._usages.is_full):
            return False
        self._core.counters.refused_full += 1
        self._core.reply(request, flow, 503, headers=_SHORTLY)
        return True
