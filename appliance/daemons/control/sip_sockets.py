"""SIP's sockets: one UDP, one TCP listener and its connections. Bytes and flows, nothing else."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable

from appliance.daemons import notify
from appliance.daemons.paths import Environment
from appliance.protocols.sip.flow import Flow, Outgoing, same_place
from appliance.protocols.sip.limits import MAX_DATAGRAM

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 64
"""Datagrams taken in one turn: their slots then share one write."""
MOST_CONNECTIONS = 512
MOST_PER_ADDRESS = 64
MOST_WAITING = 1 << 20
"""Bytes that a peer has not read; then it is cut off."""
FIRST_MESSAGE_SECONDS = 10.0
"""A connection on which we had nothing to answer for so long has sent no whole message."""

Packet = tuple[bytes, Flow]


def own_sockets(environment: Environment) -> tuple[socket.socket, socket.socket]:
    """Return the UDP and TCP sockets that the service manager keeps for us, or new ones."""
    udp = notify.inherited_socket("sip-udp")
    tcp = notify.inherited_socket("sip-tcp")
    if udp is None:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((environment.bind, environment.sip_port))
    if tcp is None:
        tcp = socket.create_server((environment.bind, environment.sip_port))
    return udp, tcp


class SipSockets:
    """Receives in bursts, sends what the machine wants sent."""

    def __init__(
        self,
        *,
        udp: socket.socket,
        tcp: socket.socket | None,
        loop: asyncio.AbstractEventLoop,
        on_packets: Callable[[list[Packet]], None],
        on_lost: Callable[[Flow], None],
        on_unreachable: Callable[[Flow], None] | None = None,
    ) -> None:
        self._udp = udp
        self._tcp = tcp
        self._loop = loop
        self._on_packets = on_packets
        self._on_lost = on_lost
        self._on_unreachable = on_unreachable or on_lost
        self._connections: dict[str, tuple[socket.socket, Flow, bytearray]] = {}
        self._silent: set[str] = set()
        """Accepted, and not a word of ours was due yet."""
        self._connecting: set[str] = set()
        """Not one byte has left over them yet."""
        self._number = 0
        self._local = udp.getsockname()

    def start(self) -> None:
        """Begin to listen."""
        self._udp.setblocking(False)
        self._loop.add_reader(self._udp.fileno(), self._datagrams)
        if self._tcp is not None:
            self._tcp.setblocking(False)
            self._loop.add_reader(self._tcp.fileno(), self._accept)

    def adopt(self, name: str, connection: socket.socket) -> None:
        """Take up a TCP connection that outlived the process before."""
        try:
            self._add(connection, name.removeprefix("sip-"))
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
            try:
                self._udp.sendto(outgoing.data, (flow.remote_address, flow.remote_port))
            except OSError as error:
                logger.debug("udp to %s: %s", flow.remote_address, error)
            return
        found = self._connection_to(flow)
        if found is None:
            if not outgoing.close:
                self._connect(flow, outgoing.data)
            return
        name = found[1].connection
        self._silent.discard(name)
        self._write(name, outgoing.data)
        if outgoing.close and name in self._connections:
            self._lose(name)

    def _connection_to(self, flow: Flow) -> tuple[socket.socket, Flow, bytearray] | None:
        named = self._connections.get(flow.connection)
        if named is not None and same_place(named[1], flow):
            return named
        return next((one for one in self._connections.values() if same_place(one[1], flow)), None)

    def _new_name(self, kind: str) -> str:
        """A name that no slot of a process before us can hold for another peer's connection."""
        self._number += 1
        return f"{kind}{os.getpid()}x{self._number}"

    def _connect(self, flow: Flow, data: bytes) -> None:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect((flow.remote_address, flow.remote_port))
        except BlockingIOError:
            pass
        except OSError as error:
            logger.info("tcp to %s:%d: %s", flow.remote_address, flow.remote_port, error)
            connection.close()
            # not now: who sends is in the middle of his turn
            self._loop.call_soon(self._on_unreachable, flow)
            return
        is_free = flow.connection and flow.connection not in self._connections
        name = flow.connection if is_free else self._new_name("out")
        full = Flow(
            transport="tcp",
            local_address=flow.local_address,
            local_port=flow.local_port,
            remote_address=flow.remote_address,
            remote_port=flow.remote_port,
            connection=name,
        )
        self._connections[name] = (connection, full, bytearray(data))
        self._connecting.add(name)
        self._loop.add_writer(connection.fileno(), self._writable, name)
        self._loop.add_reader(connection.fileno(), self._stream, name)

    def _write(self, name: str, data: bytes) -> None:
        waiting = self._connections[name][2]
        waiting.extend(data)
        if len(waiting) > MOST_WAITING:
            self._lose(name)
        else:
            self._writable(name)

    def _writable(self, name: str) -> None:
        found = self._connections.get(name)
        if found is None:
            return
        connection, _, waiting = found
        try:
            sent = connection.send(waiting) if waiting else 0
        except BlockingIOError:
            self._loop.add_writer(connection.fileno(), self._writable, name)
            return
        except OSError:
            self._lose(name)
            return
        self._connecting.discard(name)
        del waiting[:sent]
        if waiting:
            self._loop.add_writer(connection.fileno(), self._writable, name)
        else:
            self._loop.remove_writer(connection.fileno())

    def _datagrams(self) -> None:
        packets: list[Packet] = []
        for _ in range(MOST_AT_ONCE):
            try:
                data, (address, port) = self._udp.recvfrom(65535)
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
                        remote_address=address,
                        remote_port=port,
                    ),
                )
            )
        if packets:
            self._on_packets(packets)

    def _accept(self) -> None:
        if self._tcp is None:
            return
        try:
            connection, (address, _) = self._tcp.accept()
        except OSError:
            return
        same = sum(flow.remote_address == address for _, flow, _ in self._connections.values())
        if len(self._connections) >= MOST_CONNECTIONS or same >= MOST_PER_ADDRESS:
            connection.close()
            return
        name = self._new_name("in")
        self._add(connection, name)
        notify.store(connection.fileno(), f"sip-{name}")
        self._silent.add(name)
        self._loop.call_later(FIRST_MESSAGE_SECONDS, self._close_silent, name)

    def _close_silent(self, name: str) -> None:
        if name in self._silent and name in self._connections:
            self._lose(name)

    def _add(self, connection: socket.socket, name: str) -> None:
        connection.setblocking(False)
        remote = connection.getpeername()
        local = connection.getsockname()
        flow = Flow(
            transport="tcp",
            local_address=local[0],
            local_port=local[1],
            remote_address=remote[0],
            remote_port=remote[1],
            connection=name,
        )
        self._connections[name] = (connection, flow, bytearray())
        self._loop.add_reader(connection.fileno(), self._stream, name)

    def _stream(self, name: str) -> None:
        found = self._connections.get(name)
        if found is None:
            return
        connection, flow, _ = found
        try:
            data = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose(name)
            return
        self._on_packets([(data, flow)])

    def _lose(self, name: str) -> None:
        connection, flow, _ = self._connections.pop(name)
        self._silent.discard(name)
        self._loop.remove_reader(connection.fileno())
        self._loop.remove_writer(connection.fileno())
        connection.close()
        notify.unstore(f"sip-{name}")
        if name in self._connecting:
            self._connecting.discard(name)
            self._loop.call_soon(self._on_unreachable, flow)
        else:
            self._on_lost(flow)
