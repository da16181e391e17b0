"""A guest: anybody on loopback or the LAN, as long as the box has no site. Hears a greeting."""

from appliance.lines.kinds import Invitation
from appliance.protocols.sip.events import FromGuest, InviteArrived
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.commands import DialPhone, DialTrunk
from appliance.vocabulary.lines import GuestLine, Line, Party
from appliance.vocabulary.settings import Site


class SipGuest:
    """Line type "guest"."""

    name = "guest"

    def line_of(self, arrived: InviteArrived) -> Line | None:
        """Return the guest's address as his line."""
        if isinstance(arrived.origin, FromGuest):
            return GuestLine(address=arrived.origin.address)
        return None

    def caller_of(self, arrived: InviteArrived) -> Party:
        """What the guest says of himself."""
        return Party(number=arrived.from_user, name=arrived.from_name)

    def called_of(self, arrived: InviteArrived, site: Site) -> str:
        """Whatever was dialled: every number reaches the greeting."""
        return arrived.called_user

    def codecs(self, line: Line, site: Site) -> tuple[Codec, ...]:
        """G.711 of both kinds."""
        return (Codec.PCMA, Codec.PCMU)

    def invitation(self, command: DialPhone | DialTrunk, site: Site) -> Invitation | None:
        """Guests are never dialled."""
        return None
