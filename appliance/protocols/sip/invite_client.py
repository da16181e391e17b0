"""The calling side of an INVITE usage: one or several INVITEs at once. RFC 3261 §9.1, §13.2.

All of a user's phones ring under one DialogId; the first 2xx wins, the others are cancelled, and a
2xx that comes too late, or from a fork downstream, gets its ACK and a BYE (§13.2.2.4).
"""

from collections.abc import Sequence

from appliance.protocols.sip.client_authorisation import with_password
from appliance.protocols.sip.core import ALLOW, Core, as_bytes, request_of
from appliance.protocols.sip.dialog import Dialog, uac_dialog
from appliance.protocols.sip.dialog_usage import (
    Attempt,
    Due,
    InviteUsage,
    Phase,
    UsageTable,
    slot_name,
)
from appliance.protocols.sip.events import (
    DialogId,
    InviteAnswered,
    InviteRefused,
    InviteRinging,
)
from appliance.protocols.sip.extensions import SUPPORTED
from appliance.protocols.sip.failover import PATIENCE_S, Destination, Plan, Wish, hop_of
from appliance.protocols.sip.grammar import display_text, quoted
from appliance.protocols.sip.info_requests import keys_in_info
from appliance.protocols.sip.message import Response
from appliance.protocols.sip.refresh import allows_update, first_headers, granted, with_longer
from appliance.protocols.sip.reliable import ReliableClient, early_of
from appliance.protocols.sip.timers import LIFETIME
from appliance.protocols.sip.transaction import Stage, Transaction
from appliance.protocols.sip.transaction_table import TransactionTable, cancel_of
from appliance.protocols.sip.uri import SipUri
from appliance.protocols.sip.usage_side import (
    UsageSide,
    reason_header,
    session_description,
    tag_bytes,
)
from appliance.vocabulary.ids import Instant

MAX_STRAYS = 16
"""design/security.md: tables of fixed size. A fork rings some phones; more answers are a flood."""
ELSEWHERE = (200, "Call completed elsewhere")
"""Reason of the CANCEL to phones that lost the race: they then list no missed call (RFC 3326)."""


class InviteClient(UsageSide):
    """Our INVITEs, until they are confirmed or refused."""

    def __init__(self, core: Core, transactions: TransactionTable, usages: UsageTable) -> None:
        super().__init__(core, transactions, usages)
        self.reliable = ReliableClient(core, transactions, usages)

    def invite(self, wish: Wish, destinations: Sequence[Destination], now: Instant) -> DialogId:
        """Call all destinations at once. Without any, InviteRefused 480 comes at the next wake."""
        return self._begin(wish, destinations, "", now)

    def invite_in_turn(
        self, wish: Wish, destinations: Sequence[Destination], trunk: str, now: Instant
    ) -> DialogId:
        """Call a trunk's hops one after the other, until one has a word of its own (RFC 3263)."""
        return self._begin(wish, destinations, trunk, now)

    def _begin(
        self, wish: Wish, destinations: Sequence[Destination], trunk: str, now: Instant
    ) -> DialogId:
        dialog_id = DialogId(f"out-{self.core.mark('usage', self.core.random_text())}")
        first = destinations[0].flow if destinations else self.core.flow_to("127.0.0.1", 9, "udp")
        usage = InviteUsage(
            dialog_id=dialog_id, phase=Phase.INVITING, is_phone=not trunk, trunk=trunk, flow=first
        )
        if not destinations:
            missing = (504, "Unknown Host") if trunk else (480, "Not Registered")
            self.refuse_soon(usage, *missing, now)
            return dialog_id
        if self.usages.is_full or self.transactions.is_full:
            self.core.counters.refused_full += 1
            self.refuse_soon(usage, 503, "Box Is Full", now)
            return dialog_id
        if trunk and (len(destinations) > 1 or wish.is_impatient):
            usage.plan = Plan(wish=wish, left=list(destinations[1:]))
            destinations = destinations[:1]
            usage.due[Due.NEXT_HOP] = Instant(now + PATIENCE_S)
        for destination in destinations:
            usage.attempts.append(self._attempt(usage, wish, destination, now))
        self.usages.add(usage)
        return dialog_id

    def refuse_soon(self, usage: InviteUsage, status: int, reason: str, now: Instant) -> None:
        """Nothing is sent; the line hears so at the next wake."""
        usage.refused_status, usage.refused_reason = status, reason
        usage.due[Due.REFUSE] = now
        self.usages.add(usage)

    def _attempt(
        self, usage: InviteUsage, wish: Wish, destination: Destination, now: Instant
    ) -> Attempt:
        core, flow = self.core, destination.flow
        call_id = core.random_text()
        local_tag = core.mark("from", call_id)
        from_uri = SipUri.of(wish.from_user or "anonymous", destination.domain)
        name = f"{quoted(wish.from_name)} " if wish.from_name else ""
        fields = [
            ("From", f"{name}<{from_uri}>;tag={local_tag}"),
            ("To", f"<{SipUri.of(wish.to_user, destination.domain)}>"),
            ("Call-ID", call_id),
            ("CSeq", "1 INVITE"),
            (
                "Contact",
                core.contact(
                    flow,
                    from_uri.raw_user or "",
                    is_secure=destination.uri.startswith("sips:"),
                ),
            ),
            ("Allow", ALLOW),
            ("Supported", SUPPORTED),
            ("User-Agent", core.product),
            *first_headers(),
        ]
        branch = core.branch(call_id, local_tag, "1", "INVITE")
        request = request_of(core, "INVITE", destination.uri, flow, branch, fields)
        for header, value in wish.headers:
            request.headers.add(header, value)
        core.add_body(request, wish.sdp)
        transaction = self.transactions.ask(request, flow, slot_name(usage.dialog_id), now)
        return Attempt(
            key=transaction.key,
            call_id=as_bytes(call_id),
            local_tag=as_bytes(local_tag),
        )

    # --- giving up ------------------------------------------------------------------------------
    def hang_up(self, usage: InviteUsage, now: Instant, status: int | None, reason: str) -> None:
        """Cancel everything that rings."""
        why = reason_header(status, reason) if status is not None else ""
        usage.phase = Phase.ENDED
        usage.due.pop(Due.REFUSE, None)
        self._cancel_others(usage, None, why, now)
        self.end(usage, now)

    def _cancel_others(
        self, usage: InviteUsage, winner: Attempt | None, why: str, now: Instant
    ) -> None:
        for attempt in usage.attempts:
            if attempt is winner or attempt.is_over or attempt.is_unwanted:
                continue
            attempt.is_unwanted = True
            if why:
                usage.bye_reason = why
            self._cancel(usage, attempt, now)
        self.usages.changed(usage)

    def _cancel(self, usage: InviteUsage, attempt: Attempt, now: Instant) -> None:
        """Send the CANCEL if it may be sent already (§9.1); else it goes out after a 1xx."""
        transaction = self.transactions.find(attempt.key)
        if attempt.is_cancelled or not attempt.has_provisional or transaction is None:
            return
        if transaction.stage is not Stage.PROCEEDING:
            return
        attempt.is_cancelled = True
        cancel = cancel_of(self.transactions.request_of(transaction))
        if usage.bye_reason:
            cancel.headers.add("Reason", usage.bye_reason)
        self.transactions.ask(cancel, transaction.flow, slot_name(usage.dialog_id), now)
        usage.due[Due.UNCANCELLED] = Instant(now + LIFETIME)

    def uncancelled(self, usage: InviteUsage, now: Instant) -> None:
        """64*T1 after a CANCEL: what has no final response by now will never have one (§9.1)."""
        for attempt in usage.attempts:
            if attempt.is_unwanted and not attempt.is_over:
                attempt.is_over = True
                transaction = self.transactions.find(attempt.key)
                if transaction is not None:
                    self.transactions.drop(transaction)
        self.usages.changed(usage)
        self.core.may_be_over.add(slot_name(usage.dialog_id))

    # --- what comes back ------------------------------------------------------------------------
    def attempt_of(self, usage: InviteUsage, transaction: Transaction) -> Attempt | None:
        """The attempt that a transaction is of."""
        for attempt in usage.attempts:
            if attempt.key == transaction.key:
                return attempt
        return None

    def response_arrived(
        self,
        usage: InviteUsage,
        attempt: Attempt,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> None:
        """A response to one of our INVITEs."""
        status = response.status
        if usage.trunk:
            usage.due.pop(Due.NEXT_HOP, None)
            self.core.outages.heard(hop_of(transaction.flow), response, now)
        if status < 200:
            self._provisional(usage, attempt, transaction, response, now)
        elif status < 300:
            self._success(usage, attempt, transaction, response, now)
        elif not self._retry(usage, attempt, transaction, response, now):
            reason = display_text(response.reason)
            self._failure(usage, attempt, status, reason, now, goes_on=status == 503)
        self.usages.changed(usage)

    def _provisional(
        self,
        usage: InviteUsage,
        attempt: Attempt,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> None:
        attempt.has_provisional = True
        if not self.reliable.heard(usage, attempt, transaction, response, now):
            return
        if attempt.is_unwanted:
            self._cancel(usage, attempt, now)
        elif response.status > 100 and usage.phase is Phase.INVITING:
            self.core.tell(
                InviteRinging(
                    dialog=usage.dialog_id,
                    status=response.status,
                    sdp=session_description(response) or b"",
                )
            )

    def _success(
        self,
        usage: InviteUsage,
        attempt: Attempt,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> None:
        cseq = response.cseq.number
        if self.ack_again(usage, tag_bytes(response.to.tag), cseq):
            return
        is_stray = usage.phase is not Phase.INVITING or attempt.is_unwanted
        if is_stray and len(usage.strays) >= MAX_STRAYS:
            self.core.counters.stray_responses += 1
            return
        invite = self.transactions.request_of(transaction)
        dialog = uac_dialog(invite, response, transaction.flow, follows_contact=not usage.is_phone)
        early = early_of(attempt, dialog.remote_tag)
        if early is not None:
            dialog.local_cseq = max(dialog.local_cseq, early.cseq)
        attempt.is_over = True
        self.ack(usage, dialog, cseq)
        if is_stray:
            self._end_stray(usage, attempt, dialog, now)
            return
        usage.phase = Phase.CONFIRMED
        usage.plan = None
        usage.dialog = dialog
        usage.flow = dialog.flow
        usage.invite_key = transaction.key
        usage.allows_update = allows_update(response)
        granted(usage, response, now)
        self._cancel_others(usage, attempt, reason_header(*ELSEWHERE), now)
        self.core.tell(
            InviteAnswered(
                dialog=usage.dialog_id,
                sdp=session_description(response) or (b"" if early is None else early.sdp),
                source_address=transaction.flow.remote_address,
                transport=transaction.flow.transport,
                keys_in_info=keys_in_info(response),
            )
        )

    def _end_stray(
        self, usage: InviteUsage, attempt: Attempt, dialog: Dialog, now: Instant
    ) -> None:
        """An answer that nobody waits for any more: it crossed our CANCEL, or lost the race."""
        usage.strays.append(dialog)
        if not attempt.had_bye:
            self.bye(usage, dialog, now)

    def _failure(
        self, usage: InviteUsage, attempt: Attempt, status: int, reason: str, now: Instant,
        *, goes_on: bool = False,
    ) -> None:  # fmt: skip
        """One attempt is over; `goes_on`: in a way that another hop of the trunk may mend."""
        attempt.is_over = True
        self.core.may_be_over.add(slot_name(usage.dialog_id))
        if usage.phase is not Phase.INVITING:
            return
        if not usage.refused_status or _rank(status) < _rank(usage.refused_status):
            usage.refused_status, usage.refused_reason = status, reason
        if goes_on and not attempt.is_unwanted and self._go_on(usage, now):
            return
        if status >= 600:
            # the person declined: that holds for all phones (§16.7 step 5)
            self._cancel_others(usage, attempt, "", now)
        if status >= 600 or all(other.is_over or other.is_unwanted for other in usage.attempts):
            self.refused(usage, now)

    def refused(self, usage: InviteUsage, now: Instant) -> None:
        """Tell the line that nobody answered."""
        self.end(usage, now)
        self.core.tell(
            InviteRefused(
                dialog=usage.dialog_id,
                status=usage.refused_status,
                reason=usage.refused_reason,
            )
        )

    def no_response(self, usage: InviteUsage, attempt: Attempt, status: int, now: Instant) -> None:
        """Timer B: as if 408 had come; no connection: as if 503 had (§8.1.3.1)."""
        reason = "No Reply" if status == 408 else "No Connection"
        self._failure(usage, attempt, status, reason, now, goes_on=True)
        self.usages.changed(usage)

    # --- a trunk's hops -------------------------------------------------------------------------
    def _go_on(self, usage: InviteUsage, now: Instant) -> bool:
        """Try the trunk's next hop; False when none is left."""
        plan = usage.plan
        if plan is None or not plan.left:
            return False
        destination = plan.left.pop(0)
        usage.flow = destination.flow
        usage.attempts.append(self._attempt(usage, plan.wish, destination, now))
        if plan.left or plan.wish.is_impatient:
            usage.due[Due.NEXT_HOP] = Instant(now + PATIENCE_S)
        self.usages.add(usage)
        return True

    def lost_patience(self, usage: InviteUsage, now: Instant) -> None:
        """The hop is silent: try the next one. Should it wake up yet, it is cancelled."""
        attempt = usage.attempts[-1]
        transaction = self.transactions.find(attempt.key)
        if usage.phase is not Phase.INVITING or transaction is None or attempt.has_provisional:
            return
        self.core.outages.failed(hop_of(transaction.flow), now)
        attempt.is_unwanted = True
        self.transactions.hush(transaction)
        if not self._go_on(usage, now):
            usage.refused_status, usage.refused_reason = 408, "No Reply"
            self.refused(usage, now)

    def _retry(
        self,
        usage: InviteUsage,
        attempt: Attempt,
        transaction: Transaction,
        response: Response,
        now: Instant,
    ) -> bool:
        """Show the trunk our password, or ask for a longer timer; unless it was given up."""
        if usage.phase is not Phase.INVITING or attempt.is_unwanted:
            return False
        if response.status != 422 and not usage.trunk:
            return False
        route = self.core.directory.trunk(usage.trunk)
        request = self.transactions.request_of(transaction)
        if response.status == 422:
            again = with_longer(self.core, request, response)
        else:
            again = with_password(
                self.core, request, response, transaction.flow, route, attempt.tries
            )
        if again is None:
            return False
        attempt.tries += response.status != 422
        attempt.has_provisional = False
        asked = self.transactions.ask(again, transaction.flow, slot_name(usage.dialog_id), now)
        attempt.key = asked.key
        return True


def _rank(status: int) -> int:
    """Which failure tells a caller most: a person's no before a machine's (RFC 3261 §16.7)."""
    if status >= 600:
        return 0
    if status in (486, 603):
        return 1
    if status in (408, 480, 487):
        return 900
    return status if status < 500 else status + 100
