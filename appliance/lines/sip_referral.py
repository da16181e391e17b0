"""A phone's own transfer key, as a SIP line understands it: REFER to TransferAsked and back;
and whose call an INVITE with Replaces may take over."""

from appliance.lines.causes import status_of
from appliance.lines.leg_table import LegTable
from appliance.lines.sip_leg import LONGEST_NUMBER, SipLeg
from appliance.protocols.sip.events import ReferArrived
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.events import TransferAsked
from appliance.vocabulary.ids import LegId
from appliance.vocabulary.lines import Line, PhoneLine, TrunkLine

_STATUS = {TransferStage.TRYING: 100, TransferStage.RINGING: 180, TransferStage.DONE: 200}


def told_status(command: TellTransfer) -> tuple[int, str]:
    """Return status and reason of the NOTIFY (or of the REFER's own refusal)."""
    if command.stage is TransferStage.FAILED:
        return status_of(command.cause)
    return _STATUS[command.stage], ""


def replaced_leg(other: SipLeg | None, line: Line) -> LegId | None:
    """Return the leg that a call on `line` takes the place of; None where it may not (403).

    Phones of the house may (call control knows of their rights); a trunk only where the call to be
    replaced is its own, since a carrier that transfers replaces what it carries.
    """
    if other is None or other.has_ended:
        return None
    is_own_trunk = isinstance(line, TrunkLine) and other.line == line
    return other.leg if isinstance(line, PhoneLine) or is_own_trunk else None


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
