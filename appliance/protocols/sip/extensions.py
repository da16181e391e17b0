"""SIP's extensions that this user agent speaks: their names, and what a usage remembers of each.

RFC 3515 and 4488 (REFER), 3891 (Replaces), 3311 (UPDATE), 4028 (timers), 3262 (100rel). Each has
a file of its own for what it does; here is only what the usage's slot keeps of them.
"""

from appliance.protocols.sip.message import Request
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

EXTENSIONS = ("replaces", "norefersub", "timer", "100rel")
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
    told: int = 100
    """Status of the last NOTIFY."""


class Refresh(State, kw_only=True):
    """The timer that both sides agreed on for a dialog (RFC 4028)."""

    seconds: int
    """Within so long one of both must refresh the dialog."""
    is_ours: bool
    """Whether we refresh it."""
    key: bytes = b""
    """Our UPDATE that is out."""


class Provisional(State, kw_only=True):
    """Provisional responses of ours that the caller wants to acknowledge (RFC 3262 §3)."""

    rseq: int
    """Of the last one."""
    data: bytes = b""
    """The last one, until its PRACK comes."""
    gap: float = 0.0
    """Seconds between its last two repetitions."""
    until: Instant = Instant(0.0)
    """When to give up."""
    next_status: int = 0
    """What waits to be sent behind it; only one at a time may be unacknowledged."""
    next_sdp: bytes = b""
    answer: bytes | None = None
    """The 2xx's description, which waits too."""


class Early(State, kw_only=True):
    """One early dialog of an INVITE of ours: a phone downstream that rings (RFC 3261 §12.1.2)."""

    tag: bytes
    """Theirs."""
    sdp: bytes = b""
    """What it last said of its audio."""
    rseq: int = 0
    """Its last acknowledged provisional response; 0: none wished to be."""
    cseq: int = 0
    """Of our last request in it; 0: none yet."""
