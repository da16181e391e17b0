"""Every SIP leg that a line remembers, by its own name and by its dialog; one slot each."""

import msgspec

from appliance.lines.sip_leg import SipLeg
from appliance.protocols.sip.events import DialogId
from appliance.vocabulary.ids import LegId

SLOT_PREFIX = "line:"
_decoder = msgspec.msgpack.Decoder(SipLeg)
_encoder = msgspec.msgpack.Encoder()


class LegTable:
    """The legs, and which of their slots changed."""

    def __init__(self) -> None:
        self._legs: dict[LegId, SipLeg] = {}
        self._by_dialog: dict[DialogId, SipLeg] = {}
        self._touched: set[str] = set()

    def get(self, leg: LegId) -> SipLeg | None:
        """Return the leg of this name, one that has ended but waits for a transfer too."""
        return self._legs.get(leg)

    def of_dialog(self, dialog: DialogId) -> SipLeg | None:
        """Return the leg of this dialog."""
        return self._by_dialog.get(dialog)

    def living(self) -> dict[LegId, DialogId]:
        """Return every leg that has not ended, and its dialog."""
        return {name: leg.dialog for name, leg in self._legs.items() if not leg.has_ended}

    def keep(self, leg: SipLeg) -> None:
        """Enter a leg, or note that it changed."""
        self._legs[leg.leg] = leg
        self._by_dialog[leg.dialog] = leg
        self._touched.add(SLOT_PREFIX + leg.leg)

    def drop(self, leg: SipLeg) -> None:
        """Forget a leg."""
        self._legs.pop(leg.leg, None)
        self._by_dialog.pop(leg.dialog, None)
        self._touched.add(SLOT_PREFIX + leg.leg)

    def end(self, leg: SipLeg) -> None:
        """Its far end has hung up; it may still wait to hear of a transfer it asked for."""
        leg.has_ended = True
        if leg.is_referring:
            self.keep(leg)
        else:
            self.drop(leg)

    def end_referral(self, leg: SipLeg) -> None:
        """It hears nothing more of the transfer it asked for."""
        leg.is_referring = False
        if leg.has_ended:
            self.drop(leg)
        else:
            self.keep(leg)

    # --- slots ---
    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def slot(self, name: str) -> bytes | None:
        """Return a slot's content."""
        leg = self._legs.get(LegId(name.removeprefix(SLOT_PREFIX)))
        return None if leg is None else _encoder.encode(leg)

    def restore(self, content: bytes) -> None:
        """Put a slot back."""
        leg = _decoder.decode(content)
        self._legs[leg.leg] = leg
        self._by_dialog[leg.dialog] = leg
