"""A phone's own transfer key, as a SIP line understands it: REFER to TransferAsked and back."""

from appliance.lines.causes import status_of
from appliance.lines.leg_table import LegTable
from appliance.lines.sip_leg import LONGEST_NUMBER, SipLeg
from appliance.protocols.sip.events import ReferArrived
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.events import TransferAsked
from appliance.vocabulary.lines import PhoneLine

_STATUS = {TransferStage.TRYING: 100, TransferStage.RINGING: 180, TransferStage.DONE: 200}


def told_status(command: TellTransfer) -> tuple[int, str]:
    """Return status and reason of the NOTIFY (or of the REFER's own refusal)."""
    if command.stage is TransferStage.FAILED:
        return status_of(command.cause)
    return _STATUS[command.stage], ""


def transfer_asked(leg: SipLeg, event: ReferArrived, legs: LegTable) -> TransferAsked | None:
    """Return what the phone wants; None where it may not have it (403).

    Only our own phones hand calls on, and only calls of their own: knowing the tags of another
    phone's dialog gives no right to it.
    """
    if not isinstance(leg.line, PhoneLine):
        return None
    other = None
    if event.replaces is not None:
        other = legs.of_dialog(event.replaces)
        if other is None or other is leg or other.line != leg.line:
            return None
    return TransferAsked(
        leg=leg.leg,
        to=event.to_user[:LONGEST_NUMBER],
        replaces=None if other is None else other.leg,
    )
