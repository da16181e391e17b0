"""A desk phone that registers at the box."""

from appliance.lines.kinds import Invitation
from appliance.lines.usable_codecs import usable
from appliance.protocols.sip.directory import PhoneTarget
from appliance.protocols.sip.events import FromAccount, InviteArrived
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.commands import DialPhone, DialTrunk
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.lines import Line, Party, PhoneLine
from appliance.vocabulary.settings import Site


class SipPhone:
    """Line type "phone"."""

    name = "phone"

    def line_of(self, arrived: InviteArrived) -> Line | None:
        """Return the extension whose password was shown."""
        if isinstance(arrived.origin, FromAccount):
            return PhoneLine(extension=ExtensionNumber(arrived.origin.user))
        return None

    def caller_of(self, arrived: InviteArrived) -> Party:
        """The account; call control puts the site's name for it."""
        return Party(number=arrived.from_user, name=arrived.from_name)

    def called_of(self, arrived: InviteArrived, site: Site) -> str:
        """What was dialled."""
        return arrived.called_user

    def codecs(self, line: Line, site: Site) -> tuple[Codec, ...]:
        """As the site lists them; else G.711 of both kinds."""
        if isinstance(line, PhoneLine):
            for phone in site.extension:
                if phone.number == line.extension:
                    return usable(phone.codecs)
        return usable(())

    def invitation(self, command: DialPhone | DialTrunk, site: Site) -> Invitation | None:
        """Ring the phone with the caller's number and name on its display."""
        if not isinstance(command, DialPhone):
            return None
        line = PhoneLine(extension=command.extension)
        return Invitation(
            target=PhoneTarget(user=command.extension),
            line=line,
            from_user=command.caller.number or "anonymous",
            from_name=command.caller.name or command.caller.number,
            to_user=command.extension,
            codecs=self.codecs(line, site),
        )
