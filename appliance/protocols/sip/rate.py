"""How many requests that open something a source may send in a second (design/security.md, floods).

What is over is not answered at all: an answer would cost more than the request. Counted are
requests outside a dialog, those of dialogs that we do not know, subscriptions that are renewed, and
what cannot be read; never what belongs to a call.

An address may be a NAT before a whole office, and one phone behind it may go mad (baresip's mwi
module can ask 3,000 times a second). So strangers at one port have half of what their address has;
a registered phone, which may have a hundred lamps, has as much as an address to itself, and so has
a trunk. Over UDP a flood may name any number of sources; so a full table still has room for the
addresses that we know.
"""

from collections.abc import Callable
from typing import TypeVar

from appliance.protocols.sip.flow import Flow, source_of
from appliance.vocabulary.ids import Instant

REQUESTS_A_SECOND = 200
"""An address may be a gateway with many lines, or a NAT before a whole office."""
PORT_SHARE = REQUESTS_A_SECOND // 2
"""Of a stranger's address and port."""
MAX_ADDRESSES = 4096
MAX_PORTS = 16_384
"""Ports that are counted by themselves; where there is no room for more, the address' share
still holds."""

Place = tuple[str, int]
"""Address and port."""
K = TypeVar("K")


class RateLimit:
    """Counts by address and second; tables of fixed size that are emptied each second."""

    def __init__(self, *, is_phone: Callable[[Flow], bool], is_near: Callable[[str], bool]) -> None:
        """`is_phone`: one is registered over this flow; `is_near`: at this address. Both are asked
        for each packet of a flood."""
        self._is_phone = is_phone
        self._is_near = is_near
        self._second = -1
        self._addresses: dict[str, int] = {}
        self._ports: dict[Place, int] = {}
        self._known: dict[Place | str, int] = {}
        """Of phones by their place and trunks by their address; there are only so many."""

    def admits(self, flow: Flow, now: Instant, is_trunk: Callable[[], bool]) -> bool:
        """Count one request; False when it is one too many. `is_trunk`: asked where a stranger
        would be refused."""
        self._begin(int(now))
        place = (flow.remote_address, flow.remote_port)
        if self._is_phone(flow):
            return _counted(self._known, place) <= REQUESTS_A_SECOND
        address = source_of(flow.remote_address)
        if self._admits_stranger(address, place):
            return True
        return is_trunk() and _counted(self._known, address) <= REQUESTS_A_SECOND

    def _admits_stranger(self, address: str, place: Place) -> bool:
        is_new = address not in self._addresses
        if is_new and len(self._addresses) >= MAX_ADDRESSES and not self._is_near(place[0]):
            return False
        if self._ports.get(place, 0) >= PORT_SHARE:
            return False
        if _counted(self._addresses, address) > REQUESTS_A_SECOND:
            return False
        if place in self._ports or len(self._ports) < MAX_PORTS:
            _counted(self._ports, place)
        return True

    def _begin(self, second: int) -> None:
        if second != self._second:
            self._second = second
            for table in (self._addresses, self._ports, self._known):
                table.clear()


def _counted(counts: dict[K, int], key: K) -> int:
    count = counts[key] = counts.get(key, 0) + 1
    return count
