"""From one server of a trunk to the next: RFC 3263 §4.3.

Theory of operation. A trunk's INVITE goes to one hop at a time. A 503, no reply, or no connection
sends it on to the next hop, as a new request with a Call-ID of its own; any other answer is the
carrier's word and stands. What is left to be tried is the call's *plan*, kept with it, so that a
box that is killed in the middle goes on where it was.

A hop that failed is *out* for a while: it is tried after all others, not never, for only the
request itself can tell for sure. Outages are only memory: a new process finds them again.
"""

from collections.abc import Sequence

from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.location import Hop
from appliance.protocols.sip.message import Response
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State, Value

PATIENCE_S = 4.0
"""Without any sign of life for so long, while there is another hop: that one is tried. Every
server says 100 within 200 ms (RFC 3261 §17.2.1); four INVITEs have gone out by then over UDP.
Timer B's 32 s are longer than callers wait."""
OUT_S = 60.0
LONGEST_OUT_S = 600.0
"""Whatever a Retry-After says."""
MOST_OUTAGES = 256


class Destination(Value, frozen=True, kw_only=True):
    """One place to send an INVITE to."""

    uri: str
    """Request-URI."""
    flow: Flow
    domain: str
    """Host of From and To."""


class Wish(Value, frozen=True, kw_only=True):
    """What the line wants the INVITE to say."""

    sdp: bytes
    from_user: str
    from_name: str
    to_user: str
    headers: tuple[tuple[str, str], ...] = ()
    is_impatient: bool = False
    """Given up without any sign of life, though no hop is left: there is another trunk."""


class Plan(State, kw_only=True):
    """What an INVITE through a trunk still has before it."""

    wish: Wish
    left: list[Destination] = []
    """Hops that were not tried yet, best first."""


def retry_after(response: Response, otherwise: float) -> float:
    """Seconds that a 503 asks to be left alone (RFC 3261 §20.33)."""
    digits = (response.headers.get("Retry-After") or "").strip().partition(" ")[0]
    digits = digits.partition(";")[0].partition("(")[0]
    return float(digits[:10]) if digits.isascii() and digits.isdigit() else otherwise


def hop_of(flow: Flow) -> Hop:
    """The hop that a flow goes to."""
    return Hop(address=flow.remote_address, port=flow.remote_port, transport=flow.transport)


class Outages:
    """Which hops failed lately."""

    def __init__(self) -> None:
        self._until: dict[Hop, Instant] = {}

    def failed(self, hop: Hop, now: Instant, seconds: float = OUT_S) -> None:
        """It is out from now on, for so long."""
        if len(self._until) >= MOST_OUTAGES:
            self._until = {one: until for one, until in self._until.items() if until > now}
            if len(self._until) >= MOST_OUTAGES:
                self._until.clear()
        self._until[hop] = Instant(now + min(max(seconds, 0.0), LONGEST_OUT_S))

    def heard(self, hop: Hop, response: Response, now: Instant) -> None:
        """Any word shows that it lives; 503 that it wants to be left alone (RFC 3261 §21.5.4)."""
        if response.status == 503:
            self.failed(hop, now, retry_after(response, OUT_S))
        elif self._until:
            self._until.pop(hop, None)

    def is_out(self, hop: Hop, now: Instant) -> bool:
        """Whether it failed lately."""
        return bool(self._until) and self._until.get(hop, now) > now

    def sorted(self, hops: Sequence[Hop], now: Instant) -> list[Hop]:
        """The same hops in the same order, but those that are out last."""
        return sorted(hops, key=lambda hop: self.is_out(hop, now))
