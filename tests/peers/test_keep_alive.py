"""Keep-alives on real connections: phones that ping the box, and a carrier that stops to answer.

A carrier behind a router that forgot the connection is imitated by one that goes on accepting bytes
and says nothing: TCP alone would notice nothing for hours.
"""

import re
import select
import socket
import time

import pytest
from bakery import with_trunks
from raw_phone import RawPhone
from running_box import wait_for

pytestmark = [pytest.mark.peer, pytest.mark.slow]

PING, PONG = b"\r\n\r\n", b"\r\n"
SECRET = "test-only-secret-of-8001"
ASKED_S = 5
"""The shortest that a carrier can ask for."""


class Carrier:
    """A registrar over TCP that grants everything, and answers pings while it is `well`."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.links = []
        self.registered = []
        """Number of the connection that each REGISTER came over."""
        self.pinged = []
        """When pings came, and over which."""
        self.ended = set()
        self.is_well = True

    def turn(self):
        """Take whatever comes in the next moment."""
        readable, _, _ = select.select([self.listener, *self._open()], [], [], 0.05)
        for one in readable:
            if one is self.listener:
                self.links.append(self.listener.accept()[0])
                continue
            self._take(one, self.links.index(one))

    def _open(self):
        return [one for number, one in enumerate(self.links) if number not in self.ended]

    def _take(self, link, number):
        data = link.recv(65536)
        if not data:
            self.ended.add(number)
        elif data == PING:
            self.pinged.append((time.monotonic(), number))
            if self.is_well:
                link.sendall(PONG)
        elif data.startswith(b"REGISTER "):
            self.registered.append(number)
            link.sendall(self._granted(data.decode()).encode())

    @staticmethod
    def _granted(request):
        head = dict(re.findall(r"(?m)^(Via|From|To|Call-ID|CSeq|Contact): (.*?)\r?$", request))
        assert head["Via"].endswith(";keep"), "it asks whether it may ping"
        return (
            f"SIP/2.0 200 OK\r\nVia: {head['Via']}={ASKED_S}\r\nFrom: {head['From']}\r\n"
            f"To: {head['To']};tag=far\r\nCall-ID: {head['Call-ID']}\r\nCSeq: {head['CSeq']}\r\n"
            f"Contact: {head['Contact']};expires=3600\r\nContent-Length: 0\r\n\r\n"
        )

    def until(self, what, seconds, said):
        def done():
            self.turn()
            return what()

        return wait_for(done, seconds, said)

    def close(self):
        for one in (*self.links, self.listener):
            one.close()


@pytest.fixture
def carrier():
    one = Carrier()
    yield one
    one.close()


def is_up(box):
    return any(line.kind == "trunk" and line.is_up for line in box.live().lines)


@pytest.mark.rfc("5626", "4.4.1")
@pytest.mark.rfc("6223", "5")
def test_a_carrier_behind_a_dead_connection_is_registered_at_anew_before_anybody_misses_a_call(
    box, carrier
):
    with_trunks(
        box,
        ("carrier", f'host = "127.0.0.1"\nport = {carrier.port}\ntransport = "tcp"\n'
                    'register = true\nusername = "shop"'),
    )  # fmt: skip
    carrier.until(lambda: carrier.registered == [0] and is_up(box), 20, "the registration")
    carrier.until(lambda: len(carrier.pinged) >= 2, 20, "two pings")
    assert carrier.registered == [0] and not carrier.ended
    carrier.is_well = False
    died = time.monotonic()
    carrier.until(lambda: carrier.ended, 40, "the box to close what nobody answers on")
    print(f"\na dead connection is closed after {time.monotonic() - died:.1f} s")
    carrier.is_well = True
    carrier.until(lambda: len(carrier.registered) == 2, 20, "the registration over a new one")
    assert carrier.registered == [0, 1]
    assert is_up(box), "nobody was told of a carrier that is out"
    pid = box.kill("control")
    carrier.until(lambda: box.pid("control") != pid, 20, "control to be back")
    carrier.until(lambda: len(carrier.registered) == 3, 30, "its registration")
    assert carrier.registered[-1] == 2, "over a connection of its own"


@pytest.mark.rfc("5626", "3.5.1")
@pytest.mark.rfc("6223", "4.4")
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_phone_that_pings_is_answered_also_in_the_middle_of_its_messages(box, transport):
    port = box.sip_port if transport == "tcp" else box.sips_port
    trusts = box.folder / "certificates" / "authority.pem"
    phone = RawPhone(port, "8001", SECRET, transport=transport, trusts=trusts)
    try:
        answer = phone.register()
        assert answer.status == 200 and "keep" not in answer.header("Via")
        phone.via_tail = ";keep"
        answer = phone.register()
        assert re.search(r";keep=\d+(;|$)", answer.header("Via"))
        phone.send(PING)
        assert phone.bytes(len(PONG)) == PONG
        phone.send(PING + phone.request("OPTIONS", f"sip:127.0.0.1:{port}").encode() + PING)
        assert phone.bytes(len(PONG)) == PONG
        assert phone.final().status == 200
        assert phone.bytes(len(PONG)) == PONG
    finally:
        phone.close()
