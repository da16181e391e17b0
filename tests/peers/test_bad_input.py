"""What the world sends that no standard foresees: the box answers, or not, and lives on."""

import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from raw_phone import RawPhone, sdp
from running_box import ROOT, wait_for

pytestmark = pytest.mark.peer

SHARED = ROOT.parent / "shared"
QUICKLY = 0.5
"""Seconds within which a living box answers OPTIONS on a machine that does other things too."""


def ping(box):
    """OPTIONS from a new port; the seconds until its 200."""
    probe = RawPhone(box.sip_port, "probe", "")
    began = time.monotonic()
    probe.send(probe.request("OPTIONS", f"sip:127.0.0.1:{box.sip_port}"))
    answer = probe.final(3)
    probe.close()
    assert answer is not None and answer.status == 200, "the box does not answer OPTIONS"
    return time.monotonic() - began


@pytest.fixture
def lives(box):
    """The same control process answers at the end as at the beginning."""
    pid = box.pid("control")
    yield
    assert ping(box) < 3
    assert box.pid("control") == pid


@pytest.fixture
def stranger(box):
    """A socket of the carrier's address: INVITEs from here are the trunk's."""
    one = RawPhone(box.sip_port, "13900007777", "")
    yield one
    one.close()


@pytest.fixture
def desk_phone(box):
    one = RawPhone(box.sip_port, "8003", "test-only-secret-of-8003")
    assert one.register().status == 200
    yield one
    one.register(expires=0)
    one.close()


def record_of(box, number):
    found = [
        one
        for one in box.linghe_json("calls", "--number", number, "--limit", "500")
        if one["caller"]["number"] == number and one["ended"]
    ]
    return found[0] if found else None


# --- callers who ask for what is not there ------------------------------------------------------
@pytest.mark.parametrize(
    ("payloads", "lines"),
    [
        ("18", "a=rtpmap:18 G729/8000\r\n"),
        ("111", "a=rtpmap:111 AMR/8000\r\n"),
        ("101", "a=rtpmap:101 telephone-event/8000\r\n"),
    ],
)
@pytest.mark.rfc("3261", "13.3.1.3")
def test_an_offer_without_a_codec_of_ours_is_answered_488(box, lives, stranger, payloads, lines):
    answer = stranger.invite("02188886666", body=sdp(payloads=payloads, lines=lines))
    assert answer.status == 488
    record = wait_for(lambda: record_of(box, stranger.user), 5)
    assert record["outcome"] == "blocked"


@pytest.mark.parametrize("body", ["v=0\r\n", "this is no SDP", sdp(port=0), "v=0\r\nm=audio"])
def test_a_description_that_is_none_is_refused(box, lives, stranger, body):
    assert stranger.invite("02188886666", body=body).status in (400, 488)


def test_a_number_that_nobody_has_is_answered_404(box, lives, stranger, desk_phone):
    assert stranger.invite("02199999999").status == 404
    assert desk_phone.invite("8777").status == 404
    record = wait_for(lambda: record_of(box, "8003"), 5)
    assert record["block_reason"] == "number_unknown"


def test_a_foreign_domain_is_never_called_for_anybody(box, lives, desk_phone):
    uri = "sip:somebody@elsewhere.example"
    answer = desk_phone.ask("INVITE", uri, body=sdp(), call_id="foreign")
    desk_phone.acknowledge(answer, uri)
    assert answer.status == 404
    answer = desk_phone.ask("REGISTER", "sip:elsewhere.example", to="sip:8001@elsewhere.example")
    assert answer.status == 403


def test_a_wrong_password_opens_nothing(box, lives):
    phone = RawPhone(box.sip_port, "8002", "not-the-password")
    assert phone.register().status in (401, 403)
    assert phone.invite("8001").status in (401, 403)
    phone.close()


# --- bytes that are no SIP ----------------------------------------------------------------------
INVITE = (
    b"INVITE sip:02188886666@127.0.0.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKfuzz;rport\r\n"
    b'From: "Dora" <sip:13900008888@127.0.0.1>;tag=f1\r\nTo: <sip:02188886666@127.0.0.1>\r\n'
    b"Call-ID: fuzz@127.0.0.1\r\nCSeq: 1 INVITE\r\nContact: <sip:127.0.0.1:5099>\r\n"
    b"Max-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: 129\r\n\r\n"
    + sdp().encode()
)
WORDS = [b";", b",", b"<", b">", b'"', b"\r\n", b"\0", b"@", b":", b"%00", b"4294967296", b"\xff"]


def mutated(seed):
    rng = random.Random(seed)
    data = bytearray(INVITE)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randint(1, 60)]
            case 2:
                data[at:at] = rng.choice(WORDS) * rng.randint(1, 40)
            case _:
                data[at:at] = bytes(data[at : at + 80])
    return bytes(data[:9000]) or b"\0"


def test_garbage_datagrams_neither_kill_nor_fill_the_log(box, lives):
    log = Path(box.log.name)
    before = log.stat().st_size
    rng = random.Random(4475)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.bind(("127.0.0.1", 0))
        for number in range(3000):
            data = mutated(number) if number % 3 else rng.randbytes(rng.choice((0, 1, 40, 1400)))
            source.sendto(data, ("127.0.0.1", box.sip_port))
            if number % 50 == 0:
                assert ping(box) < 3
    assert log.stat().st_size - before < 100_000
    assert "Traceback" not in log.read_text(errors="replace")


ONE_PACKET_KILLS = {
    "Via port beyond 65535": INVITE.replace(b"127.0.0.1:5099;branch", b"127.0.0.1:99999;branch"),
    "rport beyond 65535": INVITE.replace(b";rport", b";rport=99999999"),
    "name in GBK": INVITE.replace(b"Dora", "王小明".encode("gbk")),
    "Via host is a name": INVITE.replace(b"127.0.0.1:5099;branch", b"slow.example.invalid;branch"),
    "many parameters and a stray sign": INVITE.replace(
        b"Max-Forwards", b"Authorization: Digest " + b'a="b",' * 30 + b" !\r\nMax-Forwards"
    ),
    "quotes that never end": INVITE.replace(b'"Dora"', b'"' + b'\\"' * 2000),
}


@pytest.mark.parametrize("what", ONE_PACKET_KILLS)
@pytest.mark.parametrize("method", [b"OPTIONS", b"INVITE"])
def test_packets_that_killed_other_stacks_do_no_harm(box, lives, what, method):
    packet = ONE_PACKET_KILLS[what].replace(b"INVITE", method)
    packet = packet.replace(b"fuzz", f"kill{hash((what, method))}".encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.bind(("127.0.0.1", 0))
        for _ in range(4):
            source.sendto(packet, ("127.0.0.1", box.sip_port))
        assert ping(box) < QUICKLY


@pytest.mark.slow
def test_all_torture_messages_are_answered_acceptably(box, lives):
    corpus = SHARED / "corpora" / "rfc4475"
    if not corpus.is_dir():
        pytest.skip("the corpus of RFC 4475 (../shared/corpora) is not here")
    done = subprocess.run(
        [sys.executable, str(SHARED / "tools" / "replay.py"), str(corpus), "127.0.0.1",
         str(box.sip_port), "--wait", "0.4"],
        capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    verdicts = [line.split()[0] for line in done.stdout.splitlines()[:-1]]
    assert verdicts == ["PASS"] * 49, done.stdout + done.stderr


# --- TCP ----------------------------------------------------------------------------------------
def connected(box):
    link = socket.create_connection(("127.0.0.1", box.sip_port), timeout=5)
    link.settimeout(3)
    return link


def options(number):
    return (
        f"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKo{number};"
        f"rport\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: tcp{number}\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def answers(link, count):
    data = b""
    while data.count(b"SIP/2.0 200 ") < count:
        chunk = link.recv(65536)
        assert chunk, f"hung up after {data!r}"
        data += chunk
    return data


def test_a_message_that_comes_byte_by_byte_is_one_message(box, lives):
    with connected(box) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in options("bytes"):
            link.sendall(bytes([byte]))
        answers(link, 1)


def test_messages_that_come_together_are_answered_one_by_one(box, lives):
    with connected(box) as link:
        link.sendall(options("one") + b"\r\n\r\n" + options("two") + options("three")[:40])
        answers(link, 2)
        link.sendall(options("three")[40:])
        answers(link, 1)


@pytest.mark.parametrize(
    "half",
    [
        options("half")[:70],
        options("half").replace(b"Content-Length: 0", b"Content-Length: 500"),
        options("half").replace(b"Content-Length: 0", b"Content-Length: -1"),
        options("half").replace(b"Content-Length: 0", b"Content-Length: 99999999999"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"GET / HTTP/1.1\r\nHost: box\r\n\r\n",
        b"A" * 200_000,
    ],
    ids=["head", "body", "negative", "huge", "TLS", "HTTP", "endless line"],
)
def test_a_connection_with_half_a_message_harms_no_other(box, lives, half):
    with connected(box) as link:
        try:
            link.sendall(half)
        except ConnectionError:
            pass  # the box has heard enough: as good
        with connected(box) as other:
            other.sendall(options("beside"))
            answers(other, 1)
        assert ping(box) < QUICKLY


def test_hundreds_of_idle_connections_leave_room_for_datagrams(box, lives):
    links = []
    try:
        for _ in range(300):
            links.append(connected(box))
        assert ping(box) < QUICKLY
    finally:
        for link in links:
            link.close()


# --- RTP ----------------------------------------------------------------------------------------
def test_bad_packets_in_a_call_leave_its_audio_alone(box, lives, desk_phone):
    """0 bytes, hook flash (event 16), a jump in time: each ended some library's receiver."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
        rtp.bind(("127.0.0.1", 0))
        rtp.settimeout(0.02)
        answer = desk_phone.invite("*43", body=sdp(port=rtp.getsockname()[1]))
        assert answer.status == 200
        port = int(answer.body.partition("m=audio ")[2].split()[0])
        there = ("127.0.0.1", port)
        bad = [
            b"",
            b"\x80",
            bytes(12),
            b"\x80\x65" + bytes(10) + b"\x10\x8a\x03\x20",
            b"\x80\x08\x00\x05\xf0\x00\x00\x00\0\0\0\7" + b"\xd5" * 160,
            b"\x9f\x08" + bytes(10),
            b"\x80\x08" + bytes(1400),
        ]
        marker = bytes(range(0x30, 0x30 + 160))
        heard = False
        end = time.monotonic() + 15
        number = 0
        while not heard and time.monotonic() < end:
            number += 1
            head = b"\x80\x08" + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big")
            rtp.sendto(head + b"\0\0\0\7" + marker, there)
            rtp.sendto(bad[number % len(bad)], there)
            # the greeting comes first; then what was said comes back
            try:
                heard = marker in rtp.recv(2048)
            except TimeoutError:
                continue
        assert heard, "the echo never came"
    uri = f"sip:*43@127.0.0.1:{box.sip_port}"
    bye = desk_phone.request("BYE", uri, call_id=answer.header("Call-ID"))
    desk_phone.send(bye.replace(f"To: <{uri}>", f"To: {answer.header('To')}"))
    assert desk_phone.final().status == 200
