"""SIP's sockets with TLS and IPv6 over loopback: who is heard, who is cut off, who is refused."""

import asyncio
import socket
import ssl
import threading

import pytest
from tls_front import certificate

from appliance.daemons.control import sip_sockets
from appliance.daemons.control.listeners import Listeners
from appliance.daemons.control.sip_sockets import MOST_PER_ADDRESS, SipSockets
from appliance.daemons.control.tls import Security
from appliance.protocols.sip.flow import Flow, Outgoing

WITHIN_SECONDS = 5


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("shown"), "127.0.0.1")


class Desk:
    """The box's sockets, all kinds, bound to `bind`."""

    def __init__(self, shown, bind="127.0.0.1"):
        self.loop = asyncio.new_event_loop()
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp, tls = socket.socket(family), socket.socket(family)
        for one in (udp, tcp, tls):
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            one.bind((bind, 0))
        tcp.listen(128)
        tls.listen(128)
        self.ports = [one.getsockname()[1] for one in (udp, tcp, tls)]
        self.security = Security()
        self.security.load(*shown)
        self.packets, self.lost, self.unreachable = [], [], []
        self.in_use = set()
        self._opened = [udp, tcp, tls]
        self.sockets = SipSockets(
            listeners=Listeners(udp=udp, tcp=tcp, tls=tls),
            security=self.security,
            loop=self.loop,
            on_packets=self.packets.extend,
            on_lost=self.lost.append,
            on_unreachable=lambda flow, why: self.unreachable.append((flow, why)),
            connections_in_use=lambda: self.in_use,
        )
        self.sockets.start()

    def until(self, is_so):
        async def wait():
            async with asyncio.timeout(WITHIN_SECONDS):
                while not is_so():
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def in_the_background(self, work):
        """Let something blocking run while the loop does; what it returned."""
        found = []
        thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
        thread.start()
        self.until(lambda: not thread.is_alive())
        return found[0]

    def tls_peer(self, shown):
        context = ssl.create_default_context(cafile=shown[0])

        def connect():
            plain = socket.create_connection(("127.0.0.1", self.ports[2]), WITHIN_SECONDS)
            return context.wrap_socket(plain, server_hostname="127.0.0.1")

        made = self.in_the_background(connect)
        self._opened.append(made)
        return made

    def plain_peer(self):
        made = socket.create_connection(("127.0.0.1", self.ports[2]), WITHIN_SECONDS)
        self._opened.append(made)
        return made

    def close(self):
        for one in self._opened:
            one.close()
        self.loop.close()


@pytest.fixture
def desk(shown):
    made = Desk(shown)
    yield made
    made.close()


def test_a_message_over_tls_is_heard_and_answered_over_the_same_connection(desk, shown):
    peer = desk.tls_peer(shown)
    peer.sendall(b"OPTIONS")
    desk.until(lambda: desk.packets)
    data, flow = desk.packets[0]
    assert (data, flow.transport, flow.remote_port) == (b"OPTIONS", "tls", peer.getsockname()[1])
    assert flow.local_port == desk.ports[2]
    desk.sockets.send(Outgoing(data=b"200 OK", flow=flow))
    assert desk.in_the_background(lambda: peer.recv(100)) == b"200 OK"


def test_a_large_message_over_tls_arrives_whole(desk, shown):
    peer = desk.tls_peer(shown)
    desk.in_the_background(lambda: peer.sendall(b"x" * 300_000))
    desk.until(lambda: sum(len(data) for data, _ in desk.packets) == 300_000)
    desk.sockets.send(Outgoing(data=b"y" * 500_000, flow=desk.packets[0][1]))

    def reads_all():
        heard = 0
        while heard < 500_000:
            heard += len(peer.recv(65536))
        return heard

    assert desk.in_the_background(reads_all) == 500_000


def test_who_makes_tls_answer_and_reads_nothing_of_it_is_cut_off(desk, shown, monkeypatch):
    monkeypatch.setattr(sip_sockets, "MOST_WAITING", 1000)
    desk.tls_peer(shown)
    (one,) = desk.sockets._connections.values()

    class Talkative:
        """TLS that has much to say by itself, as of many changes of keys."""

        is_open, is_closed = True, False

        def received(self, data):
            return b""

        def take(self):
            return b"k" * 1001

    one.tls = Talkative()
    monkeypatch.setattr(desk.sockets, "_writable", lambda _: None)
    desk.sockets._secret(one, one.tls, b"new keys, please")
    assert len(desk.lost) == 1


def test_who_never_ends_the_handshake_is_cut_off(desk, monkeypatch):
    monkeypatch.setattr(sip_sockets, "FIRST_MESSAGE_SECONDS", 0.05)
    peer = desk.plain_peer()
    desk.until(lambda: desk.lost)
    assert desk.in_the_background(lambda: peer.recv(1)) == b""


def test_who_speaks_plainly_to_the_tls_port_is_cut_off(desk):
    peer = desk.plain_peer()
    peer.sendall(b"REGISTER sip:box SIP/2.0\r\n\r\n")
    desk.until(lambda: desk.lost)
    assert desk.packets == []


def test_one_address_has_only_so_many_connections(desk):
    peers = [desk.plain_peer() for _ in range(MOST_PER_ADDRESS + 1)]
    assert desk.in_the_background(lambda: peers[-1].recv(1)) == b""


def test_strangers_that_fill_the_table_make_room_the_oldest_first(desk, monkeypatch):
    monkeypatch.setattr(sip_sockets, "MOST_CONNECTIONS", 3)
    peers = [desk.plain_peer() for _ in range(3)]
    desk.until(lambda: len(desk.sockets._connections) == 3)
    desk.in_use = {next(iter(desk.sockets._connections))}  # a phone is registered over it
    late = desk.plain_peer()
    desk.until(lambda: desk.lost)
    assert [is_kept(desk, one) for one in (*peers, late)] == [True, False, True, True]
    desk.in_use = set(desk.sockets._connections)
    assert not is_kept(desk, desk.plain_peer())


def test_who_connects_over_and_over_is_let_wait_for_the_next_second(desk, monkeypatch):
    monkeypatch.setattr(desk.loop, "time", lambda: 7.0)
    for _ in range(sip_sockets.MOST_NEW_A_SECOND):
        count = len(desk.lost)
        desk.plain_peer().close()
        while len(desk.lost) == count:
            desk.loop.run_until_complete(asyncio.sleep(0))
    refused = desk.plain_peer()
    assert desk.lost and not is_kept(desk, refused)
    monkeypatch.setattr(desk.loop, "time", lambda: 8.0)
    assert is_kept(desk, desk.plain_peer())


def is_kept(desk, peer):
    """Whether the box keeps this connection, after it has had its turn."""
    for _ in range(5):
        desk.loop.run_until_complete(asyncio.sleep(0))
    peer.setblocking(False)
    try:
        return peer.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def test_a_phone_without_a_connection_is_not_connected_to(desk):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nobody.settimeout(0.2)
        flow = Flow(
            transport="tls", local_address="127.0.0.1", local_port=desk.ports[2],
            remote_address="127.0.0.1", remote_port=nobody.getsockname()[1],
        )  # fmt: skip
        desk.sockets.send(Outgoing(data=b"INVITE", flow=flow, connect=True))
        desk.loop.run_until_complete(asyncio.sleep(0))
        with pytest.raises(TimeoutError):
            nobody.accept()
    assert desk.unreachable == []


def carrier_flow(desk, port, name="127.0.0.1"):
    return Flow(
        transport="tls", local_address="127.0.0.1", local_port=desk.ports[2],
        remote_address="127.0.0.1", remote_port=port, name=name,
    )  # fmt: skip


def test_a_carrier_is_connected_to_and_heard_and_one_connection_serves_all(desk, shown):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*shown)
    desk.security.pin({"127.0.0.1": shown[0].read_text()})
    with socket.create_server(("127.0.0.1", 0)) as carrier:
        flow = carrier_flow(desk, carrier.getsockname()[1])
        desk.sockets.send(Outgoing(data=b"INVITE 1 ", flow=flow, connect=True))
        desk.sockets.send(Outgoing(data=b"INVITE 2", flow=flow, connect=True))

        def serves():
            accepted, _ = carrier.accept()
            secure = context.wrap_socket(accepted, server_side=True)
            heard = b""
            while not heard.endswith(b"INVITE 2"):
                heard += secure.recv(100)
            secure.sendall(b"SIP/2.0 100")
            return heard, secure

        heard, secure = desk.in_the_background(serves)
        assert heard == b"INVITE 1 INVITE 2"
        desk.until(lambda: desk.packets)
        assert desk.packets[0][0] == b"SIP/2.0 100"
        assert desk.packets[0][1].name == "127.0.0.1"
        secure.close()
        desk.until(lambda: desk.lost)
        assert desk.unreachable == []


def test_a_carrier_that_nobody_vouches_for_is_unreachable_and_it_is_said_why(desk, shown):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*shown)
    with socket.create_server(("127.0.0.1", 0)) as carrier:
        flow = carrier_flow(desk, carrier.getsockname()[1], name="sip.carrier.example")
        desk.sockets.send(Outgoing(data=b"INVITE with a secret", flow=flow, connect=True))

        def serves():
            accepted, _ = carrier.accept()
            try:
                return context.wrap_socket(accepted, server_side=True).recv(100)
            except (ssl.SSLError, ConnectionError):
                return b""

        assert desk.in_the_background(serves) == b""
        desk.until(lambda: desk.unreachable)
    ((lost, why),) = desk.unreachable
    assert lost.name == "sip.carrier.example"
    assert "certificate" in why


# --- both families at one socket ---
def test_a_box_at_every_address_hears_ipv4_as_ipv4_and_ipv6_as_ipv6(shown):
    desk = Desk(shown, "::")
    try:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family, socket.SOCK_DGRAM) as phone:
                phone.bind((address, 0))
                phone.settimeout(WITHIN_SECONDS)
                phone.sendto(b"REGISTER", (address, desk.ports[0]))
                count = len(desk.packets)
                desk.until(lambda count=count: len(desk.packets) > count)
                flow = desk.packets[-1][1]
                assert flow.remote_address == address
                desk.sockets.send(Outgoing(data=b"200", flow=flow))
                assert phone.recv(10) == b"200"
            with socket.create_connection((address, desk.ports[1]), WITHIN_SECONDS) as phone:
                phone.sendall(b"OPTIONS")
                count = len(desk.packets)
                desk.until(lambda count=count: len(desk.packets) > count)
                flow = desk.packets[-1][1]
                assert (flow.remote_address, flow.local_address) == (address, address)
    finally:
        desk.close()
