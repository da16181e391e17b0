"""Session timers: a talk that nobody refreshes is over. RFC 4028.

Who refreshes and how often is agreed in each INVITE, re-INVITE and UPDATE and its 2xx. We ask for
half an hour and take what the other side wants from 90 s on. Here is only what the headers say;
`mid_dialog` sends the refreshes and ends what was not refreshed.
"""

from functools import lru_cache

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.dialog_usage import Due, InviteUsage
from appliance.protocols.sip.extensions import Refresh
from appliance.protocols.sip.grammar import integer, parameter, parameters
from appliance.protocols.sip.limits import MAX_REMEMBERED, MAX_UINT32
from appliance.protocols.sip.message import Request, Response
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import Value

WISH = 1800
"""Seconds: §4 recommends half an hour."""
SHORTEST = 90
"""Seconds: §4, the smallest that anybody may ask for."""
LATE_RETRY = 30.0
"""Seconds until a refresh that was refused for some other reason is tried again."""


class Interval(Value, frozen=True, kw_only=True):
    """One Session-Expires value (§4)."""

    seconds: int
    refresher: str = ""
    """`uac` or `uas` of that transaction; empty where it leaves the choice."""

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Parse `1800;refresher=uac`. Raises PeerError."""
        return _remembered(text) if len(text) <= MAX_REMEMBERED else _parsed(text)

    def __str__(self) -> str:
        return f"{self.seconds};refresher={self.refresher}" if self.refresher else f"{self.seconds}"


def _parsed(text: str) -> Interval:
    number, semicolon, listed = text.partition(";")
    pairs = parameters(listed) if semicolon else ()
    refresher = (parameter(pairs, "refresher") or "").lower()
    seconds = integer(number.strip(), MAX_UINT32)
    return Interval(seconds=seconds, refresher=refresher if refresher in ("uac", "uas") else "")


_remembered = lru_cache(maxsize=256)(_parsed)
"""The same few intervals come again in every call."""


def wished(request: Request | Response) -> Interval | None:
    """Return its Session-Expires. Raises PeerError."""
    value = request.headers.get("Session-Expires")
    return None if value is None else Interval.parse(value)


def least(message: Request | Response) -> int:
    """Return its Min-SE, 90 where it has none (§5). Raises PeerError."""
    value = message.headers.get("Min-SE")
    if value is None:
        return SHORTEST
    return max(SHORTEST, integer(value.partition(";")[0].strip(), MAX_UINT32))


def is_too_short(request: Request) -> bool:
    """Whether a request is to be refused with 422 (§9). Raises PeerError (400).

    One who does not know timers had his interval put in by a proxy, and would not understand.
    """
    interval = wished(request)
    return interval is not None and interval.seconds < SHORTEST and _knows_timers(request)


def refused_interval(request: Request) -> int:
    """Return the status to refuse a request with for its timer headers: 422, 400, or 0."""
    try:
        if is_too_short(request):
            return 422
        chosen(request)
    except PeerError:
        return 400
    return 0


def _knows_timers(request: Request) -> bool:
    tags = request.headers.tokens("Supported") + request.headers.tokens("Require")
    return any(tag.lower() == "timer" for tag in tags)


def chosen(request: Request) -> Interval | None:
    """Return what our 2xx to an INVITE or UPDATE says (§9, table 2); None: no timer.

    Who refreshes is as they wish. Where they know timers and ask for none we refresh, which also
    tells us of a far end that is gone; where they do not know them only we can.
    """
    interval, knows = wished(request), _knows_timers(request)
    if interval is None:
        return Interval(seconds=max(WISH, least(request)), refresher="uas") if knows else None
    seconds = max(SHORTEST, min(interval.seconds, max(WISH, least(request))))
    refresher = (interval.refresher or "uac") if knows else "uas"
    return Interval(seconds=seconds, refresher=refresher)


def answer_headers(interval: Interval | None) -> list[tuple[str, str]]:
    """Return the headers of our 2xx; who is to refresh must know of it (§9)."""
    if interval is None:
        return []
    headers = [("Session-Expires", str(interval))]
    return [*headers, ("Require", "timer")] if interval.refresher == "uac" else headers


def asked_headers(usage: InviteUsage) -> list[tuple[str, str]]:
    """Return the headers of a re-INVITE or UPDATE of ours (§7.4): as agreed, in our own roles."""
    refresh = usage.refresh
    if refresh is None:
        return []
    refresher = "uac" if refresh.is_ours else "uas"
    interval = Interval(seconds=max(refresh.seconds, usage.least_expiry), refresher=refresher)
    headers = [("Session-Expires", str(interval))]
    return [*headers, ("Min-SE", str(usage.least_expiry))] if usage.least_expiry else headers


def first_headers() -> list[tuple[str, str]]:
    """Return the headers of an INVITE of ours outside a dialog."""
    return [("Session-Expires", str(WISH)), ("Min-SE", str(SHORTEST))]


def with_longer(core: Core, request: Request, response: Response) -> Request | None:
    """Return our first INVITE again with the interval that a 422 wants (§7.3); None: no more.

    Once a call: who wants more each time would keep us asking for ever. Raises PeerError for a 422
    that says nothing that can be read.
    """
    wanted = least(response)
    before = wished(request)
    if before is None or before.seconds >= wanted or before.seconds != WISH:
        return None
    cseq = request.cseq.number + 1
    headers = request.headers.copy()
    branch = core.branch(request.call_id, request.from_.tag or "", str(cseq), request.method)
    headers.replace_first("Via", (headers.get("Via") or "").replace(request.branch, branch))
    headers.replace("CSeq", f"{cseq} {request.method}")
    headers.replace("Session-Expires", str(wanted))
    headers.replace("Min-SE", str(wanted))
    return Request(request.method, request.uri, headers, request.body)


def agree(usage: InviteUsage, interval: Interval | None, *, is_ours: bool, now: Instant) -> None:
    """Take up what a 2xx says, and start its timers anew (§7.2, §9, §10)."""
    usage.due.pop(Due.REFRESH, None)
    usage.due.pop(Due.EXPIRY, None)
    if interval is None:
        usage.refresh = None
        return
    seconds = max(interval.seconds, SHORTEST)
    usage.refresh = Refresh(seconds=seconds, is_ours=is_ours)
    if is_ours:
        usage.due[Due.REFRESH] = Instant(now + seconds / 2)
        usage.due[Due.EXPIRY] = Instant(now + seconds)
    else:
        # §10: whoever waits ends it a little early, so that both sides agree that it is over
        usage.due[Due.EXPIRY] = Instant(now + seconds - min(32.0, seconds / 3))


def granted(usage: InviteUsage, response: Response, now: Instant) -> None:
    """Take up a 2xx to a request of ours. A Session-Expires that cannot be read is none."""
    try:
        interval = wished(response)
    except PeerError:
        interval = None
    is_ours = interval is not None and interval.refresher != "uas"
    agree(usage, interval, is_ours=is_ours, now=now)


def allows_update(message: Request | Response) -> bool:
    """Whether the far end says that it takes UPDATE (RFC 3311 §4)."""
    return any(method.upper() == "UPDATE" for method in message.headers.tokens("Allow"))
