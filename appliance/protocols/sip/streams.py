"""TCP connections: one framer each, and what to do when a stream cannot be framed. RFC 3261 §18.3.

The daemon owns the connections and names them; a name is all that is known of one here.
"""

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.framing import PONG_BYTES, StreamFramer
from appliance.protocols.sip.framing import KeepAlive as Sign
from appliance.protocols.sip.keep_alive import KeepAlive
from appliance.protocols.sip.reception import Reception
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

MAX_CONNECTIONS = 1024


class Streams:
    """The receive side of all connections."""

    def __init__(self, core: Core, reception: Reception, keep_alive: KeepAlive) -> None:
        self._core = core
        self._keep_alive = keep_alive
        self._reception = reception
        self._framers: dict[str, StreamFramer] = {}

    def feed(self, data: bytes, flow: Flow, now: Instant) -> None:
        """Take one chunk; whole messages go to reception, pings are answered, pongs noted."""
        framer = self._framers.get(flow.connection)
        if framer is None:
            if len(self._framers) >= MAX_CONNECTIONS:
                self._core.send(b"", flow, close=True)
                return
            framer = StreamFramer(we_connected=flow.we_connected)
            self._framers[flow.connection] = framer
        try:
            found = framer.feed(data)
        except PeerError:
            self._break(flow)
            return
        if flow.we_connected:
            self._keep_alive.heard(flow, now, is_pong=Sign.PONG in found)
        for piece in found:
            if piece is Sign.PING:
                self._core.send(PONG_BYTES, flow)
            elif isinstance(piece, bytes):
                self._reception.message(piece, flow, now)
        if framer.is_broken:
            self._break(flow)

    def _break(self, flow: Flow) -> None:
        """Nobody knows where the next message would begin: close it (§18.3 for streams)."""
        self._core.counters.bad_packets += 1
        self._core.send(b"", flow, close=True)

    def forget(self, flow: Flow) -> None:
        """The connection is gone."""
        self._framers.pop(flow.connection, None)
        self._keep_alive.forget(flow)
