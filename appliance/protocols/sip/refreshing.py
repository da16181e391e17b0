"""Refreshing a talk in time, and ending one that nobody refreshed. RFC 4028 §7.4, §10.

By UPDATE where the far end takes it, since that touches no audio and meets no glare; else the line
repeats what it said of its audio in a re-INVITE.
"""

from appliance.protocols.sip.dialog import Dialog, refresh_target, request_in
from appliance.protocols.sip.dialog_usage import Due, InviteUsage, Phase, slot_name
from appliance.protocols.sip.events import RefreshWanted
from appliance.protocols.sip.message import Response
from appliance.protocols.sip.refresh import LATE_RETRY, asked_headers, granted, least
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.usage_side import UsageSide
from appliance.vocabulary.ids import Instant


class Refreshing(UsageSide):
    """Our refreshes, and the end of what was not refreshed."""

    def refresh(self, usage: InviteUsage, now: Instant) -> None:
        """It is our turn to refresh: by UPDATE, or the line repeats what it said of its audio."""
        dialog, timer = usage.dialog, usage.refresh
        if dialog is None or timer is None or usage.phase is not Phase.CONFIRMED:
            return
        if usage.own_reoffer_key or usage.reoffer_key:
            return  # whatever comes of it refreshes too, or `_refresh_later` does
        if not usage.allows_update:
            self.core.tell(RefreshWanted(dialog=usage.dialog_id))
            return
        request = request_in(self.core, dialog, "UPDATE")
        for name, value in asked_headers(usage):
            request.headers.add(name, value)
        owner = slot_name(usage.dialog_id)
        timer.key = self.transactions.ask(request, dialog.flow, owner, now).key
        self.usages.changed(usage)

    def answered(
        self,
        usage: InviteUsage,
        dialog: Dialog,
        response: Response,
        transaction: Transaction,
        now: Instant,
    ) -> None:
        """Take what the far side says to our UPDATE."""
        if usage.refresh is None or transaction.key != usage.refresh.key:
            return
        usage.refresh.key = b""
        status = response.status
        if status < 300:
            refresh_target(dialog, response, None)
            granted(usage, response, now)
        elif status in (408, 481):
            self.lost(usage, status, now)
        elif status == 422 and self.takes_longer(usage, response):
            self.refresh(usage, now)
        elif status == 491:
            usage.due[Due.REFRESH] = Instant(now + self.glare_pause(usage, now))
        elif status in (405, 501):
            usage.allows_update = False
            self.refresh(usage, now)
        else:
            self.later(usage, now)

    def takes_longer(self, usage: InviteUsage, response: Response) -> bool:
        """Note what a 422 wants at least (§7.4); False when that was known already.

        Once a dialog: who wants more each time would keep us asking for ever.
        """
        wanted = least(response)
        agreed = 0 if usage.refresh is None else usage.refresh.seconds
        if usage.least_expiry or wanted <= agreed:
            return False
        usage.least_expiry = wanted
        return True

    def later(self, usage: InviteUsage, now: Instant) -> None:
        """A refresh was refused, for no reason that ends a talk: again, until it expires."""
        if usage.refresh is not None and usage.refresh.is_ours:
            usage.due.setdefault(Due.REFRESH, Instant(now + LATE_RETRY))

    def expired(self, usage: InviteUsage, now: Instant) -> None:
        """Nobody has refreshed the talk in time (§10)."""
        if usage.phase is not Phase.ENDED:
            self.lost(usage, 408, now)

    def no_response(
        self, usage: InviteUsage, transaction: Transaction, status: int, now: Instant
    ) -> None:
        """Our UPDATE was never answered: 408 ends the talk, 503 (no connection) does not."""
        if usage.refresh is None or transaction.key != usage.refresh.key:
            return
        usage.refresh.key = b""
        if status == 408 and usage.phase is not Phase.ENDED:
            self.lost(usage, status, now)
        else:
            self.later(usage, now)
        self.usages.changed(usage)
