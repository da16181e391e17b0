"""Keeping the connections alive that we opened: CRLFCRLF, and CRLF in return. RFC 5626 §4.4.1.

Theory of operation
-------------------
A carrier whose connection died in a router between us and it cannot call us, and nobody tells us:
TCP keeps silent for hours. So each TCP or TLS connection that we opened is pinged when nothing was
heard on it for 24 to 30 seconds (§4.4 leaves the time to us; battery is no concern here), or in
80 to 100 % of what the carrier asked for with `keep=` in the Via of its answer (RFC 6223 §5).

A far end that has ever answered a ping on this connection, or said `keep=`, has 10 seconds for
each; after that the flow has failed: the connection is closed, and everything that was to go over
it goes over a new one, the registration first. A far end that answers no pings is sent them all the
same, for they keep the routers' tables, but is not judged by them: that is the business of TCP, and
of the trunk's own timer.

Pings of phones, which open their connections themselves, are answered in streams.py.
"""

from msgspec import structs

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.framing import PING_BYTES
from appliance.protocols.sip.grammar import with_parameter
from appliance.protocols.sip.message import Response
from appliance.protocols.sip.timers import Timetable
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

INTERVAL_S = 30.0
SHORTEST_S, LONGEST_S = 5.0, 600.0
"""Whatever a carrier asks for."""
PONG_S = 10.0
GRANTED_S = 30
"""What phones are told that ask in their Via whether they may ping."""


def grant(response: Response, flow: Flow) -> None:
    """Tell a phone that asks in its Via that it may ping, and how often (RFC 6223 §4.4).

    Over UDP it would have to be STUN, which we do not speak: there it is not told so.
    """
    via = response.via
    if flow.is_reliable and via.param("keep") == "":
        granted = with_parameter(via.parameters, "keep", str(GRANTED_S))
        response.headers.replace_first("Via", str(structs.replace(via, parameters=granted)))


class Kept(State, kw_only=True):
    """One connection of ours. Not written down: connections that we opened die with the process."""

    flow: Flow
    interval: float = INTERVAL_S
    is_answering: bool = False
    """It has answered pings, or promised to."""
    is_asked: bool = False
    """A ping is out."""


class KeepAlive:
    """Pings on the connections that we opened."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kept: dict[str, Kept] = {}
        self._times: Timetable[str] = Timetable()

    def heard(self, flow: Flow, now: Instant, *, is_pong: bool = False) -> None:
        """Anything came over a connection of ours: it lives."""
        kept = self._kept.get(flow.connection)
        if kept is None:
            kept = self._kept[flow.connection] = Kept(flow=flow)
        kept.is_asked = False
        kept.is_answering = kept.is_answering or is_pong
        self._rest(kept, now)

    def answered(self, response: Response, flow: Flow, now: Instant) -> None:
        """The carrier may say how often it wants to hear from us (RFC 6223 §5)."""
        kept = self._kept.get(flow.connection)
        try:
            wanted = response.via.param("keep")
        except PeerError:
            return
        if kept is None or not wanted or len(wanted) > 9 or not wanted.isdecimal():
            return
        kept.is_answering = True
        kept.interval = min(max(float(int(wanted) or INTERVAL_S), SHORTEST_S), LONGEST_S)
        self._rest(kept, now)

    def _rest(self, kept: Kept, now: Instant) -> None:
        drawn = int(self._core.mark("keep", kept.flow.connection, str(now)), 16) % 1000
        pause = kept.interval * (0.8 + 0.2 * drawn / 1000)
        self._times.set(kept.flow.connection, Instant(now + pause))

    def forget(self, flow: Flow) -> None:
        """The connection is gone."""
        self._kept.pop(flow.connection, None)
        self._times.set(flow.connection, None)

    def wake_at(self) -> Instant | None:
        """When the next connection is to be pinged, or its patience ends."""
        return self._times.next()

    def wake(self, now: Instant) -> None:
        """Ping, or give a flow up."""
        for name in self._times.take_due(now):
            kept = self._kept.get(name)
            if kept is None:
                continue
            if kept.is_asked and kept.is_answering:
                self._core.counters.dead_connections += 1
                self.forget(kept.flow)
                self._core.send(b"", kept.flow, close=True)
                continue
            kept.is_asked = True
            self._core.send(PING_BYTES, kept.flow)
            if kept.is_answering:
                self._times.set(name, Instant(now + PONG_S))
            else:
                self._rest(kept, now)
