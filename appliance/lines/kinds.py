"""The shape of a SIP line type: what differs between a trunk, a desk phone and a guest."""

from typing import Protocol

from appliance.protocols.sip.directory import Target
from appliance.protocols.sip.events import InviteArrived
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.commands import DialPhone, DialTrunk
from appliance.vocabulary.lines import Line, Party
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


class Invitation(Value, frozen=True, kw_only=True):
    """How a leg is dialled."""

    target: Target
    line: Line
    from_user: str
    from_name: str
    to_user: str
    codecs: tuple[Codec, ...]
    domain: str = ""
    """Host of the identities' URIs; empty: our own address."""
    identity: str = "from"
    """How the far end wants to be told of the caller, as in settings.Trunk."""
    vouched: Party | None = None
    """Who calls, as we vouch for it where `identity` is not "from"."""
    is_withheld: bool = False
    """`vouched` is for the carrier, not for whom is called."""


class SipLineKind(Protocol):
    """One line type."""

    @property
    def name(self) -> str:
        """As in Line's tag: trunk, phone, guest."""
        ...

    def line_of(self, arrived: InviteArrived) -> Line | None:
        """Return the line that an INVITE came on, None when it is not of this type."""
        ...

    def caller_of(self, arrived: InviteArrived) -> Party:
        """Return who calls, as people should see it."""
        ...

    def called_of(self, arrived: InviteArrived, site: Site) -> str:
        """Return the number that was dialled."""
        ...

    def codecs(self, line: Line, site: Site) -> tuple[Codec, ...]:
        """Return the codecs to be used on this line, best first."""
        ...

    def invitation(self, command: DialPhone | DialTrunk, site: Site) -> Invitation | None:
        """Return how to dial this, None when it is not for this type."""
        ...
