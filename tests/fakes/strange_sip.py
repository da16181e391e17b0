"""A stranger with bad manners, as a program of its own: `strange_sip.py ORDER`, an order in JSON.

For so many seconds it throws mutated SIP at the box's UDP and TCP port, from addresses that the
box does not know, and rubbish that looks like RTP and RTCP at the ports of running calls. Then it
prints what it sent and what came back. The same seed throws the same.
"""

import json
import random
import socket
import sys
import time
from pathlib import Path

SOURCES = tuple(f"127.0.66.{number}" for number in range(1, 5))
PORTS_EACH = 4
MOST_CONNECTIONS = 12
METHODS = ("INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "BYE", "CANCEL", "ACK", "NOTIFY", "REFER",
           "PRACK", "UPDATE", "INFO", "MESSAGE", "PUBLISH", "DANCE", "")  # fmt: skip
STRANGE = (
    b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"\x1b[2J", b"\xff\xfe", b'"', b"\\", b"<", b">", b";",
    b",", b"%00", b"%0d%0a", b"{{7*7}}", b"=1+2", b"'--", b"../",
    "王".encode() * 200, "😀".encode(),
    "\u202e".encode(), b"(" * 300, b";a=b" * 100, b"," * 300, b"9" * 400, b"-1", b"65536",
    b"4294967296", b" " * 500, b"A" * 9000, b"Via: x\r\n" * 80, b"\r\n folded" * 50,
)  # fmt: skip
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.66.1\r\ns=-\r\nc=IN IP4 127.0.66.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


def message(method: str, number: int, port: int) -> bytes:
    """Return a good one of its kind."""
    body = SDP if method in ("INVITE", "UPDATE") else ""
    lines = (
        f"{method} sip:4001@127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.66.1:5060;rport;branch=z9hG4bKs{number}",
        f'From: "Stranger" <sip:{8001 + number % 20}@127.0.0.1>;tag=s{number}',
        "To: <sip:4001@127.0.0.1>" + (";tag=t" if number % 3 == 0 else ""),
        f"Call-ID: strange-{number}",
        f"CSeq: {number % 1000 + 1} {method}",
        f"Contact: <sip:s@127.0.66.1:{5060 + number % 50}>",
        "Max-Forwards: 70",
        "Event: dialog" if method in ("SUBSCRIBE", "NOTIFY") else "User-Agent: Strange/1",
        "Refer-To: <sip:00900@127.0.66.1>" if method == "REFER" else "Expires: 60",
        *(("Content-Type: application/sdp",) if body else ()),
        f"Content-Length: {len(body)}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def mutated(base: bytes, dice: random.Random) -> bytes:
    """Spoil a message in one to four places."""
    data = bytearray(base)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(7):
            case 0:
                data[at:at] = dice.choice(STRANGE)
            case 1:
                data[at : at + dice.randint(1, 30)] = b""
            case 2:
                data[at : at + 1] = bytes((dice.randrange(256),))
            case 3:
                del data[at:]
            case 4:
                lines = bytes(data).split(b"\r\n")
                lines.insert(dice.randrange(len(lines)), dice.choice(lines))
                data = bytearray(b"\r\n".join(lines))
            case 5:
                lines = bytes(data).split(b"\r\n")
                dice.shuffle(lines)
                data = bytearray(b"\r\n".join(lines))
            case _:
                place = data.find(b":", at)
                if place > 0:
                    data[place + 1 : place + 1] = dice.choice(STRANGE)
    return bytes(data[:60_000])


def noise(dice: random.Random) -> bytes:
    """Return what looks like audio, like a report, or like nothing."""
    head = dice.choice((b"\x80\x08", b"\x80\xe5", b"\x80\xc8", b"\x81\xc9", b"\xff\xff", b"\x00"))
    return head + dice.randbytes(dice.choice((0, 2, 10, 60, 170, 1400)))


class Stranger:
    """Its sockets, and what it has thrown."""

    def __init__(self, order: dict) -> None:
        self.dice = random.Random(order["seed"])
        self.port = order["sip_port"]
        self.media = order["media_ports"]
        self.sockets = [_udp(source) for source in SOURCES for _ in range(PORTS_EACH)]
        self.connections: list[socket.socket] = []
        self.bases = [file.read_bytes() for file in sorted(Path(order["corpus"]).glob("*.dat"))]
        self.told = {"udp": 0, "tcp": 0, "rtp": 0, "answers": 0}
        self.number = 0

    def next(self) -> bytes:
        self.number += 1
        base = message(self.dice.choice(METHODS), self.number, self.port)
        if self.bases and self.dice.random() < 0.5:
            base = self.dice.choice(self.bases)
        return mutated(base, self.dice) if self.dice.random() < 0.9 else base

    def throw(self) -> None:
        """One thing of each kind, more or less."""
        one = self.dice.choice(self.sockets)
        self._send(one, self.next(), self.port, "udp")
        if self.media:
            self._send(one, noise(self.dice), self.dice.choice(self.media), "rtp")
        if self.dice.random() < 0.1:
            self._stream()
        for each in self.sockets:
            self._listen(each)

    def _send(self, one: socket.socket, data: bytes, port: int, kind: str) -> None:
        try:
            one.sendto(data, ("127.0.0.1", port))
            self.told[kind] += 1
        except OSError:
            return

    def _listen(self, one: socket.socket) -> None:
        try:
            while one.recv(65535):
                self.told["answers"] += 1
        except OSError:
            return

    def _stream(self) -> None:
        """A piece of a message on a connection, which is closed, broken off or left open."""
        if len(self.connections) >= MOST_CONNECTIONS:
            self.connections.pop(self.dice.randrange(MOST_CONNECTIONS)).close()
        link = socket.socket()
        try:
            link.bind((self.dice.choice(SOURCES), 0))
            link.settimeout(1.0)
            link.connect(("127.0.0.1", self.port))
            whole = self.next()
            link.send(whole[: self.dice.randint(0, len(whole))])
            self.told["tcp"] += 1
            self.connections.append(link)
        except OSError:
            link.close()


def _udp(source: str) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((source, 0))
    one.setblocking(False)
    return one


def main() -> None:
    """Throw until the time is over."""
    order = json.loads(sys.argv[1])
    stranger = Stranger(order)
    end = time.monotonic() + order["seconds"]
    due = time.monotonic()
    while (now := time.monotonic()) < end:
        if now < due:
            time.sleep(due - now)
        # Never to make up for what a busy machine did not let it send.
        due = max(due + 1 / order["rate"], now)
        stranger.throw()
    print(json.dumps(stranger.told))


if __name__ == "__main__":
    main()
