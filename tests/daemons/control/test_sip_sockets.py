"""SIP's sockets over loopback: peers that do not read, do not speak, or come in crowds."""

import asyncio
import socket
import struct
from contextlib import contextmanager

import pytest
from lane import free_port
from msgspec import structs

from appliance.daemons.control import sip_sockets
from appliance.daemons.control.listeners import Listeners
from appliance.daemons.control.sip_sockets import MOST_PER_ADDRESS, SipSockets
from appliance.daemons.control.tls import Security
from appliance.protocols.sip.flow import Flow, Outgoing

WITHIN_SECONDS = 5
"""Far above what any of this takes; only a failing test waits so long."""


class Desk:
    """The box's sockets on ports of their own, with what arrived and what was lost."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket()
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(128)
        self.packets, self.lost, self.unreachable, self._opened = [], [], [], [udp, tcp]
        self.udp_place, self.tcp_place = udp.getsockname(), tcp.getsockname()
        self.sockets = SipSockets(
            listeners=Listeners(udp=udp, tcp=tcp),
            security=Security(),
            loop=self.loop,
            on_packets=self.packets.extend,
            on_lost=self.lost.append,
            on_unreachable=lambda flow, why: self.unreachable.append(flow),
            connections_in_use=set,
        )
        self.sockets.start()

    def peer(self, address="127.0.0.1"):
        made = socket.create_connection(
            self.tcp_place, timeout=WITHIN_SECONDS, source_address=(address, 0)
        )
        self._opened.append(made)
        return made

    def until(self, is_so):
        """Let the loop run until something is so; fail when it never is."""

        async def wait():
            async with asyncio.timeout(WITHIN_SECONDS):
                while not is_so():
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def speaking_peer(self, address="127.0.0.1"):
        """A peer that has said something, and the flow that it was heard on."""
        made, count = self.peer(address), len(self.packets)
        made.sendall(b"OPTIONS")
        self.until(lambda: len(self.packets) > count)
        return made, self.packets[-1][1]

    def close(self):
        for one in self._opened:
            one.close()
        self.loop.close()


@contextmanager
def a_desk():
    desk = Desk()
    try:
        yield desk
    finally:
        desk.close()


@pytest.fixture
def desk():
    with a_desk() as made:
        yield made


def heard_by(peer):
    """Everything until the box closes; bounded by the peer's own timeout."""
    heard = b""
    while piece := _received(peer):
        heard += piece
    return heard


def _received(peer):
    try:
        return peer.recv(65536)
    except ConnectionResetError:
        return b""


def is_closed(peer):
    peer.setblocking(False)
    try:
        return peer.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_datagram_is_heard_and_answered_on_its_own_flow(desk):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(WITHIN_SECONDS)
        phone.sendto(b"REGISTER", desk.udp_place)
        desk.until(lambda: desk.packets)
        data, flow = desk.packets[0]
        assert data == b"REGISTER"
        assert (flow.remote_address, flow.remote_port) == phone.getsockname()
        desk.sockets.send(Outgoing(data=b"200 OK", flow=flow))
        assert phone.recv(100) == b"200 OK"


def test_a_peer_that_never_reads_is_cut_off(desk):
    _, flow = desk.speaking_peer()
    for _ in range(20_000):
        desk.sockets.send(Outgoing(data=b"y" * 1000, flow=flow))
        if desk.lost:
            break
    assert desk.lost == [flow]


def test_a_peer_that_reads_slowly_gets_everything_in_order(desk):
    peer, flow = desk.speaking_peer()
    pieces = [bytes([number]) * 10_000 for number in range(80)]
    for piece in pieces:
        desk.sockets.send(Outgoing(data=piece, flow=flow))
    heard = bytearray()

    def reads_all():
        peer.setblocking(False)
        try:
            heard.extend(peer.recv(7_000))
        except BlockingIOError:
            pass
        return len(heard) == 800_000

    desk.until(reads_all)
    assert bytes(heard) == b"".join(pieces)
    assert desk.lost == []


def test_the_last_answer_reaches_the_peer_before_its_connection_is_closed(desk):
    peer, flow = desk.speaking_peer()
    desk.sockets.send(Outgoing(data=b"400 Bad Request", flow=flow, close=True))
    assert heard_by(peer) == b"400 Bad Request"
    assert desk.lost == [flow]


def flow_to(desk, place):
    return Flow(
        transport="tcp",
        local_address="127.0.0.1",
        local_port=desk.sockets.port,
        remote_address=place[0],
        remote_port=place[1],
    )


def test_a_connection_is_opened_for_a_request_but_never_only_to_be_closed(desk):
    with socket.socket() as carrier:
        carrier.bind(("127.0.0.1", 0))
        carrier.listen(4)
        carrier.setblocking(False)
        flow = flow_to(desk, carrier.getsockname())
        desk.sockets.send(Outgoing(data=b"400 Bad Request", flow=flow, close=True))
        with pytest.raises(BlockingIOError):
            carrier.accept()
        desk.sockets.send(Outgoing(data=b"INVITE", flow=flow, connect=True))
        connection, _ = carrier.accept()
        connection.settimeout(WITHIN_SECONDS)
        desk.loop.run_until_complete(asyncio.sleep(0))
        assert connection.recv(100) == b"INVITE"
        connection.close()


def test_more_than_a_phones_share_of_connections_is_refused(desk):
    peers = [desk.speaking_peer()[0] for _ in range(MOST_PER_ADDRESS)]
    one_too_many = desk.peer()
    desk.until(lambda: is_closed(one_too_many))
    neighbour, _ = desk.speaking_peer("127.0.0.2")
    assert not any(is_closed(one) for one in [*peers, neighbour])


def test_who_leaves_makes_room_for_the_next(desk):
    peers = [desk.speaking_peer()[0] for _ in range(MOST_PER_ADDRESS)]
    peers[0].close()
    desk.until(lambda: desk.lost)
    assert not is_closed(desk.speaking_peer()[0])


def test_a_connection_that_says_nothing_is_closed(monkeypatch):
    monkeypatch.setattr(sip_sockets, "FIRST_MESSAGE_SECONDS", 0.05)
    with a_desk() as desk:
        silent = desk.peer()
        desk.until(lambda: is_closed(silent))
        assert len(desk.lost) == 1


def test_a_connection_that_was_answered_once_stays(monkeypatch):
    monkeypatch.setattr(sip_sockets, "FIRST_MESSAGE_SECONDS", 0.2)
    with a_desk() as desk:
        phone, flow = desk.speaking_peer()
        desk.sockets.send(Outgoing(data=b"200 OK", flow=flow))
        later = desk.peer()  # silent: when it is closed, the time of the first is over as well
        desk.until(lambda: is_closed(later))
        assert phone.recv(100) == b"200 OK"
        assert not is_closed(phone)


def test_a_connection_that_is_reset_is_lost_once(desk):
    peer, flow = desk.speaking_peer()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    desk.until(lambda: desk.lost)
    desk.sockets.send(Outgoing(data=b"BYE", flow=flow, close=True))
    assert desk.lost == [flow]


def test_where_nobody_listens_it_is_told_that_nobody_is_there(desk):
    port = free_port()
    desk.sockets.send(
        Outgoing(data=b"INVITE", flow=flow_to(desk, ("127.0.0.1", port)), connect=True)
    )
    desk.until(lambda: desk.unreachable)
    assert [flow.remote_port for flow in desk.unreachable] == [port]
    assert desk.lost == []


def test_an_address_without_a_way_is_told_after_the_turn_that_wanted_it(desk):
    flow = flow_to(desk, ("255.255.255.255", 5060))
    desk.sockets.send(Outgoing(data=b"INVITE", flow=flow, connect=True))
    assert desk.unreachable == []
    desk.until(lambda: desk.unreachable)
    assert desk.unreachable == [flow]


@contextmanager
def a_carrier():
    with socket.socket() as carrier:
        carrier.bind(("127.0.0.1", 0))
        carrier.listen(4)
        carrier.settimeout(WITHIN_SECONDS)
        yield carrier


def called_carrier(desk, carrier, data=b"OPTIONS", connection=""):
    """The carrier's end of a connection of ours, and the flow that its answer was heard on."""
    flow = structs.replace(flow_to(desk, carrier.getsockname()), connection=connection)
    desk.sockets.send(Outgoing(data=data, flow=flow))
    made, _ = carrier.accept()
    made.settimeout(WITHIN_SECONDS)
    desk.loop.run_until_complete(asyncio.sleep(0))
    assert made.recv(1000) == data
    count = len(desk.packets)
    made.sendall(b"200 OK")
    desk.until(lambda: len(desk.packets) > count)
    return made, desk.packets[-1][1]


def test_a_name_is_never_taken_for_the_connection_of_another_peer(desk):
    with a_carrier() as one, a_carrier() as other:
        _, flow = called_carrier(desk, other)
        _, kept = called_carrier(desk, one, b"BYE", flow.connection)
        assert kept.connection != flow.connection


def test_names_of_connections_do_not_come_again_in_the_next_process(monkeypatch):
    names = []
    for process in (41, 42):
        monkeypatch.setattr(sip_sockets.os, "getpid", lambda process=process: process)
        with a_desk() as desk, a_carrier() as carrier:
            _, dialled = called_carrier(desk, carrier)
            _, heard = desk.speaking_peer()
            names += [dialled.connection, heard.connection]
    assert len(set(names)) == 4


def test_a_carrier_that_was_reached_and_hangs_up_is_lost_and_not_unreachable(desk):
    with a_carrier() as carrier:
        made, flow = called_carrier(desk, carrier)
        made.close()
        desk.until(lambda: desk.lost)
    assert (desk.lost, desk.unreachable) == ([flow], [])
