"""A SIP trunk: a carrier or gateway, known by its address or by our registration there."""

from appliance.lines.kinds import Invitation
from appliance.lines.usable_codecs import usable
from appliance.protocols.sip.directory import TrunkTarget
from appliance.protocols.sip.events import FromTrunk, InviteArrived
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.commands import DialPhone, DialTrunk
from appliance.vocabulary.ids import TrunkId
from appliance.vocabulary.lines import Line, Party, TrunkLine
from appliance.vocabulary.settings import Site, Trunk

WITHHELD = frozenset({"anonymous", "unavailable", "unknown", "restricted"})
"""User parts that mean "no number" (RFC 3323 §4.1 and what gateways send)."""


class SipTrunk:
    """Line type "trunk"."""

    name = "trunk"

    def line_of(self, arrived: InviteArrived) -> Line | None:
        """Return the trunk that the address is trusted for."""
        if isinstance(arrived.origin, FromTrunk):
            return TrunkLine(trunk=TrunkId(arrived.origin.trunk))
        return None

    def caller_of(self, arrived: InviteArrived) -> Party:
        """P-Asserted-Identity wins over From (RFC 3325): carriers vouch for it.

        A caller who wants privacy stays unknown, even where the carrier tells us who it is.
        """
        number = arrived.asserted_user or arrived.from_user
        if arrived.is_withheld or number.lower() in WITHHELD:
            return Party()
        return Party(number=number, name=arrived.asserted_name or arrived.from_name)

    def called_of(self, arrived: InviteArrived, site: Site) -> str:
        """The Request-URI; To where the carrier put our registration's user in the Request-URI."""
        trunk = (
            _trunk(site, arrived.origin.trunk) if isinstance(arrived.origin, FromTrunk) else None
        )
        if not arrived.called_user or (trunk is not None and trunk.username == arrived.called_user):
            return arrived.to_user or arrived.called_user
        return arrived.called_user

    def codecs(self, line: Line, site: Site) -> tuple[Codec, ...]:
        """As the site says for this trunk."""
        trunk = _trunk(site, line.trunk) if isinstance(line, TrunkLine) else None
        return usable(trunk.codecs if trunk is not None else ())

    def invitation(self, command: DialPhone | DialTrunk, site: Site) -> Invitation | None:
        """Dial through the trunk; a registered trunk wants its own user as the caller."""
        if not isinstance(command, DialTrunk):
            return None
        line = TrunkLine(trunk=command.trunk)
        trunk = _trunk(site, command.trunk)
        own = trunk.username if trunk is not None and trunk.register else ""
        number = command.presented or (trunk.caller_number if trunk is not None else "")
        identity = trunk.identity if trunk is not None else "from"
        is_withheld = identity != "from" and not command.caller.number
        from_user = number or own or command.caller.number or "anonymous"
        return Invitation(
            target=TrunkTarget(trunk=command.trunk),
            line=line,
            from_user="anonymous" if is_withheld else from_user,
            from_name="Anonymous" if is_withheld else command.caller.name,
            to_user=command.number,
            codecs=self.codecs(line, site),
            domain=trunk.host if trunk is not None else "",
            identity=identity,
            vouched=Party(number=number or command.caller.number or own, name=command.caller.name),
            is_withheld=is_withheld,
        )


def _trunk(site: Site, trunk: str) -> Trunk | None:
    return next((one for one in site.trunk if one.id == trunk), None)
