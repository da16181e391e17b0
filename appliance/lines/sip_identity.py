"""What an INVITE of ours says besides From: who vouches for the caller, who sent the call on, and
that the phone shall pick up by itself.

RFC 3325 §9 (P-Asserted-Identity, Privacy), RFC 5806 §4 (Diversion); answer-after and
alert-autoanswer are what desk phones of most makers go by.
"""

from appliance.lines.kinds import Invitation
from appliance.protocols.sip.headers import NameAddr
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.commands import DialPhone, DialTrunk

Fields = tuple[tuple[str, str], ...]


def dialled_headers(command: DialPhone | DialTrunk, invitation: Invitation, host: str) -> Fields:
    """Return the headers; `host` stands in the URIs where the invitation names no domain."""
    host = invitation.domain or host
    fields = _identity(invitation, host)
    if command.diverted_from:
        by = NameAddr(uri=SipUri.of(command.diverted_from, host))
        fields += (("Diversion", f"{by};reason=unknown"),)
    if isinstance(command, DialPhone) and command.is_auto_answered:
        fields += (
            ("Call-Info", f"<sip:{host}>;answer-after=0"),
            ("Alert-Info", f"<http://{host}>;info=alert-autoanswer;delay=0"),
        )
    return fields


def _identity(invitation: Invitation, host: str) -> Fields:
    party = invitation.vouched
    if party is None or not party.number:
        return ()
    caller = NameAddr(uri=SipUri.of(party.number, host), display=party.name)
    if invitation.identity == "pai":
        hidden: Fields = (("Privacy", "id"),) if invitation.is_withheld else ()
        return (("P-Asserted-Identity", str(caller)), *hidden)
    if invitation.identity == "rpid":
        privacy = "full" if invitation.is_withheld else "off"
        return (("Remote-Party-ID", f"{caller};party=calling;screen=yes;privacy={privacy}"),)
    return ()
