"""Which dialog a Replaces means. RFC 3891 §3, §6.1; in a header of its own or within Refer-To."""

from appliance.protocols.sip.core import as_bytes
from appliance.protocols.sip.dialog_usage import InviteUsage, Phase, UsageTable
from appliance.protocols.sip.events import DialogId
from appliance.protocols.sip.grammar import parameter, parameters
from appliance.protocols.sip.message import Request
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.shape import Value


class Replaces(Value, frozen=True, kw_only=True):
    """One Replaces value."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False
    """Only a dialog that is not answered yet may be replaced (§3)."""

    @classmethod
    def parse(cls, text: str) -> "Replaces":
        """Parse `call-id;to-tag=a;from-tag=b[;early-only]`. Raises PeerError."""
        call_id, semicolon, listed = text.partition(";")
        pairs = parameters(listed) if semicolon else ()
        to_tag, from_tag = parameter(pairs, "to-tag"), parameter(pairs, "from-tag")
        if not call_id.strip() or to_tag is None or from_tag is None:
            raise PeerError(f"malformed Replaces: {text[:60]!a}")
        return cls(
            call_id=call_id.strip(),
            to_tag=to_tag,
            from_tag=from_tag,
            early_only=parameter(pairs, "early-only") is not None,
        )


def replaced_usage(usages: UsageTable, replaces: Replaces) -> InviteUsage | None:
    """Return the usage whose dialog is meant, ended ones included.

    The to-tag is ours (§3: compared with our local tag); there are phones that write the two tags
    the other way round in Refer-To, where they are the far end of both dialogs.
    """
    call_id = as_bytes(replaces.call_id)
    tags = as_bytes(replaces.to_tag), as_bytes(replaces.from_tag)
    for local_tag, remote_tag in (tags, tags[::-1]):
        usage = usages.by_local(call_id, local_tag)
        if usage is not None and remote_tag in _remote_tags(usage, local_tag):
            return usage
    return None


def replaced_by(request: Request, usages: UsageTable) -> tuple[DialogId | None, int]:
    """Return the dialog that an INVITE takes the place of, and a status to refuse it with (or 0).

    §3: nothing matches, 481; it is over, 603; it is answered and early-only was wished, 486. An
    early dialog that the other side began cannot be taken over from us: 481 too.
    """
    value = request.headers.get("Replaces")
    if value is None:
        return None, 0
    try:
        wanted = Replaces.parse(value)
    except PeerError:
        return None, 400
    usage = replaced_usage(usages, wanted)
    if usage is None or usage.phase is Phase.OFFERED:
        return None, 481
    if usage.phase is Phase.ENDED:
        return None, 603
    if wanted.early_only and usage.phase is not Phase.INVITING:
        return None, 486
    return usage.dialog_id, 0


def _remote_tags(usage: InviteUsage, local_tag: bytes) -> list[bytes]:
    """The far end's tags of a usage's dialogs, early ones of our INVITE included."""
    tags = [usage.remote_tag] if usage.local_tag else []
    if usage.dialog is not None:
        return [*tags, usage.dialog.remote_tag]
    for attempt in usage.attempts:
        if attempt.local_tag == local_tag:
            tags += [early.tag for early in attempt.early]
    return tags
