"""SIP's extensions that this user agent speaks: their names, and what a usage remembers of each.

RFC 3515 and 4488 (REFER), 3891 (Replaces), 3311 (UPDATE), 4028 (timers), 3262 (100rel). Each has
a file of its own for what it does; here is only what the usage's slot keeps of them.
"""

from appliance.protocols.sip.message import Request
from appliance.vocabulary.shape import State

EXTENSIONS = ("replaces", "norefersub")
"""Option tags that may be required of us (RFC 3261 §8.2.2.3)."""
SUPPORTED = ", ".join(EXTENSIONS)


def lacking(request: Request) -> list[str]:
    """Return what the request requires and we do not have: 420 (RFC 3261 §8.2.2.3)."""
    required = request.headers.tokens("Require")
    return [tag for tag in required if tag.lower() not in EXTENSIONS] if required else []


class Referral(State, kw_only=True):
    """A REFER of theirs that is not over (RFC 3515)."""

    key: bytes
    """Its server transaction; of use until it is answered."""
    cseq: int
    has_id: bool = False
    """Every REFER of a dialog but the first: its NOTIFYs must say which one they are of."""
    is_accepted: bool = False
    has_subscription: bool = True
    """False: they want no NOTIFY (RFC 4488)."""
