"""SIP's sockets: UDP, TCP and TLS listeners and their connections. Bytes and flows, nothing else.

IPv4 and IPv6 are told apart here only: a socket bound to `::` hears IPv4 as mapped addresses
(RFC 4291 §2.5.5.2), which everybody else sees as plain IPv4. TCP connections that were accepted
outlive this process in the service manager's store; TLS ones cannot, for their keys die with us:
phones notice at once and register anew.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.daemons import notify
from appliance.daemons.control.listeners import Listeners
from appliance.daemons.control.tls import Security, TlsFailure, TlsSide
from appliance.protocols.sip.flow import Flow, Outgoing, same_place, source_of
from appliance.protocols.sip.limits import MAX_DATAGRAM

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 64
"""Datagrams taken in one turn: their slots then share one write."""
UDP_BUFFER = 1 << 20
"""Bytes; the kernel gives as much of it as net.core.rmem_max allows."""
MOST_CONNECTIONS = 512
MOST_PER_ADDRESS = 64
MOST_NEW_A_SECOND = 100
"""From one source: TLS costs us 0.25 ms each; and an office of phones may come at once."""
MOST_WAITING = 1 << 20
"""Bytes that a peer has not read; then it is cut off."""
FIRST_MESSAGE_SECONDS = 10.0
"""A connection on which we had nothing to answer for so long has sent no whole message."""

MAPPED = "::ffff:"

Packet = tuple[bytes, Flow]


@dataclass(slots=True)
class _Connection:
    """One TCP connection, with TLS on it or not."""

    socket: socket.socket
    flow: Flow
    waiting: bytearray = field(default_factory=bytearray)
    """For the wire, as soon as it takes it."""
    tls: TlsSide | None = None
    is_silent: bool = False
    """Accepted, and not a word of ours was due yet."""
    is_accepted: bool = False
    is_connecting: bool = False
    """Ours, and not one byte has left over it yet; with TLS: nobody has shown who he is."""


class SipSockets:
    """Receives in bursts, sends what the machine wants sent."""

    def __init__(
        self,
        *,
        listeners: Listeners,
        security: Security,
        loop: asyncio.AbstractEventLoop,
        on_packets: Callable[[list[Packet]], None],
        on_lost: Callable[[Flow], None],
        on_unreachable: Callable[[Flow, str], None],
        connections_in_use: Callable[[], set[str]],
    ) -> None:
        """`on_unreachable` is told why, in a few words where there is more to say than that.
        `connections_in_use`: over these a phone is registered or a call goes on."""
        self._udp = listeners.udp
        self._listeners = listeners
        self._security = security
        self._loop = loop
        self._on_packets = on_packets
        self._on_lost = on_lost
        self._on_unreachable = on_unreachable
        self._connections_in_use = connections_in_use
        self._connections: dict[str, _Connection] = {}
        self._number = 0
        self._new: tuple[int, dict[str, int]] = (0, {})
        """Second, and connections that came in it, by source."""
        self._local = self._udp.getsockname()
        self._is_ipv6 = self._udp.family == socket.AF_INET6

    def start(self) -> None:
        """Begin to listen."""
        self._udp.setblocking(False)
        # Between two turns of a busy box 20 ms pass (pacing.py): a flood must not fill it in that.
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_BUFFER)
        self._loop.add_reader(self._udp.fileno(), self._datagrams)
        for transport, listener in (("tcp", self._listeners.tcp), ("tls", self._listeners.tls)):
            if listener is not None:
                listener.setblocking(False)
                self._loop.add_reader(listener.fileno(), self._accept, listener, transport)

    def adopt(self, name: str, connection: socket.socket) -> None:
        """Take up a TCP connection that outlived the process before."""
        try:
            self._add(connection, name.removeprefix("sip-"), "tcp")
        except OSError:
            connection.close()
            notify.unstore(name)

    @property
    def port(self) -> int:
        """The SIP port."""
        return int(self._local[1])

    def send(self, outgoing: Outgoing) -> None:
        """Send one message; failures are the peer's silence, never an exception."""
        flow = outgoing.flow
        if flow.transport == "udp":
            address = flow.remote_address
            if self._is_ipv6 and ":" not in address:
                address = MAPPED + address
            try:
                self._udp.sendto(outgoing.data, (address, flow.remote_port))
            except OSError as error:
                logger.debug("udp to %s: %s", flow.remote_address, error)
            return
        found = self._connection_to(flow)
        if found is None:
            if not outgoing.close:
                self._connect(flow, outgoing.data)
            return
        found.is_silent = False
        self._write(found, outgoing.data)
        if outgoing.close and found.flow.connection in self._connections:
            self._lose(found)

    def _connection_to(self, flow: Flow) -> _Connection | None:
        named = self._connections.get(flow.connection)
        if named is not None and _serves(named.flow, flow):
            return named
        return next((one for one in self._connections.values() if _serves(one.flow, flow)), None)

    def _new_name(self, kind: str) -> str:
        """A name that no slot of a process before us can hold for another peer's connection."""
        self._number += 1
        return f"{kind}{os.getpid()}x{self._number}"

    # --- connections that we make -------------------------------------------------------------
    def _connect(self, flow: Flow, data: bytes) -> None:
        if flow.transport == "tls" and not flow.name:
            # A phone: it has no certificate that we could judge, and comes back by itself.
            logger.debug("tls to %s: no connection of its own", flow.remote_address)
            return
        family = socket.AF_INET6 if ":" in flow.remote_address else socket.AF_INET
        try:
            tls = self._security.client_side(flow.name) if flow.transport == "tls" else None
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.setblocking(False)
            _begin(connection, (flow.remote_address, flow.remote_port))
        except (OSError, TlsFailure) as error:
            logger.info(
                "%s to %s:%d: %s", flow.transport, flow.remote_address, flow.remote_port, error
            )
            # not now: who sends is in the middle of his turn
            why = str(error) if isinstance(error, TlsFailure) else ""
            self._loop.call_soon(self._on_unreachable, flow, why)
            return
        is_free = flow.connection and flow.connection not in self._connections
        name = flow.connection if is_free else self._new_name("out")
        made = _Connection(connection, _named(flow, name), tls=tls, is_connecting=True)
        self._connections[name] = made
        if tls is None:
            made.waiting.extend(data)
        else:
            tls.send(data)
            made.waiting.extend(tls.take())
        self._loop.add_writer(connection.fileno(), self._writable, made)
        self._loop.add_reader(connection.fileno(), self._stream, made)

    def _write(self, to: _Connection, data: bytes) -> None:
        if to.tls is not None:
            to.tls.send(data)
            data = to.tls.take()
        to.waiting.extend(data)
        if len(to.waiting) > MOST_WAITING:
            self._lose(to)
        else:
            self._writable(to)

    def _writable(self, to: _Connection) -> None:
        if self._connections.get(to.flow.connection) is not to:
            return
        try:
            sent = to.socket.send(to.waiting) if to.waiting else 0
        except BlockingIOError:
            self._loop.add_writer(to.socket.fileno(), self._writable, to)
            return
        except OSError:
            self._lose(to)
            return
        if to.tls is None or to.tls.is_open:
            to.is_connecting = False
        del to.waiting[:sent]
        if to.waiting:
            self._loop.add_writer(to.socket.fileno(), self._writable, to)
        else:
            self._loop.remove_writer(to.socket.fileno())

    # --- what comes in ------------------------------------------------------------------------
    def _datagrams(self) -> None:
        packets: list[Packet] = []
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = self._udp.recvfrom(65535)
            except BlockingIOError:
                break
            except OSError as error:
                logger.debug("udp: %s", error)
                continue
            if len(data) > MAX_DATAGRAM:
                continue
            packets.append(
                (
                    data,
                    Flow(
                        transport="udp",
                        local_address=self._local[0],
                        local_port=self._local[1],
                        remote_address=_plain(source[0]) if self._is_ipv6 else source[0],
                        remote_port=source[1],
                    ),
                )
            )
        else:
            self._loop.call_soon(self._datagrams)  # more waits: without a pause between
        if packets:
            self._on_packets(packets)

    def _accept(self, listener: socket.socket, transport: str) -> None:
        try:
            connection, source = listener.accept()
        except OSError:
            return
        address = _plain(source[0])
        whose = source_of(address)
        same = sum(
            source_of(one.flow.remote_address) == whose for one in self._connections.values()
        )
        is_flood = self._count_new(whose) > MOST_NEW_A_SECOND
        if is_flood or same >= MOST_PER_ADDRESS or not self._has_room():
            connection.close()
            return
        name = self._new_name("in" if transport == "tcp" else "tls")
        try:
            made = self._add(connection, name, transport)
        except (OSError, TlsFailure) as error:
            logger.debug("%s from %s: %s", transport, address, error)
            connection.close()
            return
        if transport == "tcp":
            notify.store(connection.fileno(), f"sip-{made.flow.connection}")
        made.is_silent = True
        self._loop.call_later(FIRST_MESSAGE_SECONDS, self._close_silent, made)

    def _has_room(self) -> bool:
        """Say whether one more connection may come; the oldest stranger makes room for it."""
        if len(self._connections) < MOST_CONNECTIONS:
            return True
        in_use = self._connections_in_use()
        accepted = (one for one in self._connections.values() if one.is_accepted)
        oldest = next((one for one in accepted if one.flow.connection not in in_use), None)
        if oldest is not None:
            self._lose(oldest)
        return oldest is not None

    def _count_new(self, source: str) -> int:
        second, counts = self._new
        if second != int(self._loop.time()):
            self._new = second, counts = int(self._loop.time()), {}
        counts[source] = counts.get(source, 0) + 1
        return counts[source]

    def _close_silent(self, one: _Connection) -> None:
        if one.is_silent and self._connections.get(one.flow.connection) is one:
            self._lose(one)

    def _add(self, connection: socket.socket, name: str, transport: str) -> _Connection:
        connection.setblocking(False)
        remote = connection.getpeername()
        local = connection.getsockname()
        flow = Flow(
            transport=transport,
            local_address=_plain(local[0]),
            local_port=local[1],
            remote_address=_plain(remote[0]),
            remote_port=remote[1],
            connection=name,
        )
        tls = self._security.server_side() if transport == "tls" else None
        made = self._connections[name] = _Connection(connection, flow, tls=tls, is_accepted=True)
        self._loop.add_reader(connection.fileno(), self._stream, made)
        return made

    def _stream(self, one: _Connection) -> None:
        if self._connections.get(one.flow.connection) is not one:
            return
        try:
            data = one.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data and one.tls is not None:
            self._secret(one, one.tls, data)
        elif data:
            self._on_packets([(data, one.flow)])
        else:
            self._lose(one)

    def _secret(self, one: _Connection, tls: TlsSide, data: bytes) -> None:
        """Bytes of TLS: of the handshake, or with messages in them."""
        try:
            plain = tls.received(data)
        except TlsFailure as failure:
            level = logging.WARNING if one.is_connecting else logging.DEBUG
            flow = one.flow
            logger.log(level, "tls %s:%d: %s", flow.remote_address, flow.remote_port, failure)
            one.waiting.extend(tls.take())  # the alert that tells them why
            self._writable(one)
            if self._connections.get(flow.connection) is one:
                self._lose(one, str(failure))
            return
        one.waiting.extend(tls.take())
        self._writable(one)
        if len(one.waiting) > MOST_WAITING and self._connections.get(one.flow.connection) is one:
            self._lose(one)  # TLS answers by itself (new keys); who does not read that is cut off
            return
        if plain:
            self._on_packets([(plain, one.flow)])
        if tls.is_closed and self._connections.get(one.flow.connection) is one:
            self._lose(one)

    def _lose(self, one: _Connection, why: str = "") -> None:
        flow = one.flow
        del self._connections[flow.connection]
        self._loop.remove_reader(one.socket.fileno())
        self._loop.remove_writer(one.socket.fileno())
        one.socket.close()
        if flow.transport == "tcp":
            notify.unstore(f"sip-{flow.connection}")
        if one.is_connecting:
            self._loop.call_soon(self._on_unreachable, flow, why)
        else:
            self._on_lost(flow)


def _plain(address: str) -> str:
    """An IPv4 address that came over an IPv6 socket, as IPv4."""
    return address.removeprefix(MAPPED) if "." in address else address


def _serves(open_: Flow, wanted: Flow) -> bool:
    """Whether an open connection may carry what is to go over a flow: what shall be said to one
    name is not said to another at the same address."""
    return same_place(open_, wanted) and wanted.name in ("", open_.name)


def _begin(connection: socket.socket, place: tuple[str, int]) -> None:
    try:
        connection.connect(place)
    except BlockingIOError:
        return
    except OSError:
        connection.close()
        raise


def _named(flow: Flow, connection: str) -> Flow:
    return Flow(
        transport=flow.transport,
        local_address=flow.local_address,
        local_port=flow.local_port,
        remote_address=flow.remote_address,
        remote_port=flow.remote_port,
        connection=connection,
        name=flow.name,
        we_connected=True,
    )
