"""How many requests outside a dialog an address may send in a second (design/security.md, floods).

What is over is not answered at all: an answer would cost more than the request. Over UDP a flood
may name any number of sources; so a full table still has room for the addresses that we know.
"""

from collections.abc import Callable

from appliance.vocabulary.ids import Instant

REQUESTS_A_SECOND = 200
"""An address may be a gateway with many lines, or a NAT before a whole office."""
MAX_ADDRESSES = 4096


class RateLimit:
    """Counts by address and second; a table of fixed size that is emptied each second."""

    def __init__(self) -> None:
        self._second = -1
        self._counts: dict[str, int] = {}

    def admits(self, address: str, now: Instant, is_known: Callable[[], bool]) -> bool:
        """Count one request; False when it is one too many. `is_known` is asked of an address that
        is new in a full table: there are only so many phones and trunks."""
        second = int(now)
        if second != self._second:
            self._second = second
            self._counts.clear()
        count = self._counts.get(address)
        if count is None:
            if len(self._counts) >= MAX_ADDRESSES and not is_known():
                return False
            count = 0
        self._counts[address] = count + 1
        return count < REQUESTS_A_SECOND
