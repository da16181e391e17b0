"""Trunks by name with real peers: NAPTR and SRV from a name server on 127.0.0.53, sipp as servers.

RFC 3263 end to end: which server, in which order, what happens when one is dead or full, and when
the name server is; then the rule's next trunk, its channels and its watch.
"""

import socket
import time

import pytest
from bakery import with_trunks
from name_server import NameServer
from running_box import RunningBox, free_port, wait_for
from sipp import ACK, ANSWERED, BYE, REFUSED_ACK, WAIT_BYE, Sipp, answers, expect, invite, pause
from test_trunk import REGISTRAR
from tls_front import TlsFront, certificate
from tone_prompts import lay

pytestmark = pytest.mark.peer

SETTLED_SECONDS = 0.3
"""A box that asks nothing for so long has asked all that it wants."""
BUSY_SERVER = """<recv request="INVITE"></recv>
<send><![CDATA[

SIP/2.0 503 Service Unavailable
[last_Via:]
[last_From:]
[last_To:];tag=[pid]B[call_number]
[last_Call-ID:]
[last_CSeq:]
Retry-After: 60
Content-Length: 0

]]></send>
<recv request="ACK"></recv>
"""
ALIVE = """<recv request="OPTIONS"></recv>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]O[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""


@pytest.fixture(scope="module")
def names():
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, names):
    """Shadows the box that the other peers share: this one asks our name server."""
    folder = tmp_path_factory.mktemp("named") / "var"
    folder.mkdir(mode=0o700)
    lay(folder, [])
    running = RunningBox(folder, dns=names.place)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def servers(box, tmp_path):
    """Call it with an address and steps: a sipp that answers there."""
    made = []

    def start(address, *steps, **words):
        port = free_port()
        extra = ("-p", str(port), "-i", address, *words.pop("extra", ()))
        one = Sipp(tmp_path, box.sip_port, *steps, extra=extra, **words)
        made.append(one)
        return one

    yield start
    for one in made:
        one.stop()


def known(box, names, zone, *trunks):
    """Apply, and wait until the box has asked for all of it."""
    names.zone[:] = zone
    names.asked.clear()
    with_trunks(box, *trunks)
    wait_for(lambda: any(kind == "A" for kind, _ in names.asked), 10, "the box to ask DNS")

    def has_asked_all():
        before = len(names.asked)
        time.sleep(SETTLED_SECONDS)
        return len(names.asked) == before

    wait_for(has_asked_all, 10, "the box to have asked for all of it")


def dialled(box, phones, number="902155556666"):
    phone = phones("8002")
    phone.say("dial", f"sip:{number}@127.0.0.1:{box.sip_port}")
    return phone


def established(phone, seconds=20):
    phone.wait("CALL_ESTABLISHED", seconds)
    phone.say("hangup")
    phone.wait("CALL_CLOSED")


def srv(name, transport, *rows):
    """Lines of SRV and A: rows are (priority, weight, port, address)."""
    lines = []
    for number, (priority, weight, port, address) in enumerate(rows):
        target = f"s{number}.{name}"
        prefix = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}[transport]
        lines.append(f"{prefix}.{name} 60 SRV {priority} {weight} {port} {target}.")
        lines.append(f"{target} 60 A {address}")
    return lines


@pytest.mark.feature("trunk: SRV")
@pytest.mark.rfc("3263", "4.2")
def test_a_trunk_by_srv_reaches_the_server_of_the_lowest_priority(box, names, phones, servers):
    first = servers("127.0.0.11", answers(50), WAIT_BYE)
    second = servers("127.0.0.12", answers(50), WAIT_BYE)
    zone = srv(
        "carrier.test", "udp",
        (20, 0, second.local_port, "127.0.0.12"), (10, 0, first.local_port, "127.0.0.11"),
    )  # fmt: skip
    known(box, names, zone, ("named", 'host = "carrier.test"'))
    established(dialled(box, phones))
    first.finish()
    assert second.process.poll() is None
    assert ("SRV", "_sip._udp.carrier.test") in names.asked


@pytest.mark.feature("trunk: SRV", "trunk: fail-over order")
@pytest.mark.rfc("3263", "4.3")
def test_a_dead_server_costs_seconds_once_and_a_full_one_nothing(box, names, phones, servers):
    full = servers("127.0.0.13", BUSY_SERVER)
    alive = servers("127.0.0.14", answers(50), WAIT_BYE, calls=2)
    zone = srv(
        "failing.test", "udp",
        (10, 0, free_port(), "127.0.0.15"),
        (20, 0, full.local_port, "127.0.0.13"),
        (30, 0, alive.local_port, "127.0.0.14"),
    )  # fmt: skip
    known(box, names, zone, ("named", 'host = "failing.test"'))
    phone = dialled(box, phones)
    established(phone, seconds=15)
    full.finish()  # it was asked once, said 503, and is left alone
    phone.say("dial", f"sip:902155556667@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED", 3, count=2)
    phone.say("hangup")
    alive.finish()


@pytest.mark.feature("trunk: NAPTR", "TLS: trunk")
@pytest.mark.rfc("3263", "4.1")
def test_naptr_leads_to_tls_and_the_certificate_names_the_domain(
    box, names, phones, servers, tmp_path
):
    far = servers("127.0.0.1", answers(50), WAIT_BYE, extra=("-t", "t1"))
    pem, key = certificate(tmp_path, "secure.test")
    front = TlsFront(pem, key, free_port(), far.local_port, address="127.0.0.16")
    port = front._listener.getsockname()[1]
    zone = [
        'secure.test 60 NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.secure.test.',
        'secure.test 60 NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.secure.test.',
        *srv("secure.test", "tls", (0, 0, port, "127.0.0.16")),
    ]
    trunk = f'host = "secure.test"\ntransport = "auto"\ncertificate = """\n{pem.read_text()}"""'
    try:
        known(box, names, zone, ("named", trunk))
        established(dialled(box, phones))
        far.finish()
        assert front.accepted == 1 and not front.failures
        assert names.asked[0] == ("NAPTR", "secure.test")
    finally:
        front.stop()


@pytest.mark.rfc("3263", "4.3")
def test_a_registration_goes_to_the_next_server_and_its_calls_come_from_there(
    box, names, sipp, servers
):
    second = servers("127.0.0.26", REGISTRAR)
    zone = srv(
        "home.test", "udp",
        (10, 0, free_port(), "127.0.0.25"), (20, 0, second.local_port, "127.0.0.26"),
    )  # fmt: skip
    account = 'username = "shop-account"\nsecret = "trunk-password"\nrealm = "carrier.test"'
    known(box, names, zone, ("named", f'host = "home.test"\nregister = true\n{account}'))
    second.finish(30)
    wait_for(lambda: is_up(box, "named"), 10, "the trunk's lamp")
    caller = servers(
        "127.0.0.26", invite("02188886666", caller="1390031"), ANSWERED, ACK, pause(500), BYE
    )
    caller.finish()


def test_a_name_holds_for_its_time_and_on_when_the_name_server_is_dead(box, names, phones, servers):
    first = servers("127.0.0.17", answers(50), WAIT_BYE)
    zone = [
        "brief.test 5 A 127.0.0.17",
        f"_sip._udp.brief.test 5 SRV 0 0 {first.local_port} brief.test.",
    ]
    known(box, names, zone, ("named", 'host = "brief.test"'))
    established(dialled(box, phones))
    first.finish()
    second = servers("127.0.0.18", answers(50), WAIT_BYE, calls=2)
    names.zone[:] = [
        "brief.test 5 A 127.0.0.18",
        f"_sip._udp.brief.test 5 SRV 0 0 {second.local_port} brief.test.",
    ]
    names.asked.clear()
    wait_for(lambda: ("A", "brief.test") in names.asked, 15, "the TTL of 5 s to run out")
    phone = dialled(box, phones)
    established(phone)
    names.is_dead = True
    try:
        box.kill("control")  # what it knew is written down
        wait_for(box.is_answering, 20, "control to be back")
        wait_for(lambda: any(one.name == "8002" and one.is_up for one in box.live().lines), 20)
        phone.say("dial", f"sip:902155556668@127.0.0.1:{box.sip_port}")
        phone.wait("CALL_ESTABLISHED", 20, count=2)
        phone.say("hangup")
        second.finish()
    finally:
        names.is_dead = False


@pytest.mark.feature("trunk: channels", "trunk: fail-over order")
def test_the_rules_next_trunk_takes_the_call_when_the_first_has_no_free_channel(
    box, names, phones, servers
):
    one = servers("127.0.0.19", answers(50), WAIT_BYE)
    other = servers("127.0.0.20", answers(50), WAIT_BYE)
    with_trunks(
        box,
        ("small", f'host = "127.0.0.19"\nport = {one.local_port}\nchannels = 1'),
        ("large", f'host = "127.0.0.20"\nport = {other.local_port}'),
    )
    first, second = phones("8002"), phones("8003")
    first.say("dial", f"sip:902155556661@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    second.say("dial", f"sip:902155556662@127.0.0.1:{box.sip_port}")
    second.wait("CALL_ESTABLISHED")
    busy = {line.name: (line.busy, line.channels) for line in box.live().lines
            if line.kind == "trunk"}  # fmt: skip
    assert busy == {"small": (1, 1), "large": (1, 30)}
    first.say("hangup")
    second.say("hangup")
    one.finish()
    other.finish()


@pytest.mark.feature("trunk: channels")
def test_a_call_that_comes_in_beside_a_trunks_last_channel_is_refused(box, sipp):
    port = free_port()
    with_trunks(box, ("small", f'host = "127.0.0.1"\nport = {port}\nchannels = 1'))
    talking = sipp(
        invite("02188886666", caller="1390071"), ANSWERED, ACK, pause(5000), BYE,
        extra=("-p", str(port)),
    )  # fmt: skip
    wait_for(lambda: box.live().calls, 10, "the first call")
    with_trusted = f'host = "127.0.0.1"\nport = {port}\nchannels = 1\n'
    with_trunks(box, ("small", with_trusted + 'trusted_addresses = ["127.0.0.1"]'))
    refused = sipp(
        invite("02188886666", caller="1390072"), expect(100, optional="true"), expect(503),
        REFUSED_ACK,
    )  # fmt: skip
    refused.finish()
    talking.finish()


@pytest.mark.feature("trunk: OPTIONS watch")
@pytest.mark.slow
def test_the_watch_knows_a_dead_trunk_and_calls_go_to_the_next_at_once(box, names, phones, servers):
    watched = servers("127.0.0.21", ALIVE)
    stand_in = servers("127.0.0.22", answers(50), WAIT_BYE)
    with_trunks(
        box,
        ("watched", f'host = "127.0.0.21"\nport = {watched.local_port}\nwatch = true'),
        ("stand-in", f'host = "127.0.0.22"\nport = {stand_in.local_port}'),
    )
    wait_for(lambda: is_up(box, "watched"), 10, "the first OPTIONS to be answered")
    watched.finish()  # it answered one, and is gone
    wait_for(lambda: not is_up(box, "watched"), 60, "the watch to find it dead")
    phone = dialled(box, phones)
    phone.wait("CALL_ESTABLISHED", 3)
    phone.say("hangup")
    stand_in.finish()


def is_up(box, name):
    return any(one.name == name and one.is_up for one in box.live().lines)


@pytest.mark.feature("trunk: fail-over order")
def test_a_silent_trunk_is_given_up_for_the_rules_next_one_within_seconds(
    box, names, phones, servers
):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.23", 0))
        stand_in = servers("127.0.0.24", answers(50), WAIT_BYE)
        with_trunks(
            box,
            ("silent", f'host = "127.0.0.23"\nport = {silent.getsockname()[1]}'),
            ("stand-in", f'host = "127.0.0.24"\nport = {stand_in.local_port}'),
        )
        phone = dialled(box, phones)
        phone.wait("CALL_ESTABLISHED", 7)
        phone.say("hangup")
        stand_in.finish()
