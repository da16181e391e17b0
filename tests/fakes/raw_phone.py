"""A desk phone of a few lines over bare sockets, so that a test can say each odd thing exactly.

UDP, TCP or TLS; digest with MD5 or SHA-256 (RFC 7616), made here with hashlib, not with our stack.
"""

import hashlib
import itertools
import re
import socket
import ssl
import time

_numbers = itertools.count(1)
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}

SDP = (
    "v=0\r\no=raw 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP {payloads}\r\n{lines}a=sendrecv\r\n"
)


def sdp(port=9, payloads="8", lines="a=rtpmap:8 PCMA/8000\r\n"):
    return SDP.format(port=port, payloads=payloads, lines=lines)


class Answer:
    """A response, or a request from the box, as text with its headers at hand."""

    def __init__(self, text):
        self.text = text
        self.head, _, self.body = text.partition("\r\n\r\n")
        self.first = self.head.partition("\r\n")[0]
        self.status = int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    def all(self, name):
        return re.findall(rf"(?im)^{name}\s*:\s*(.*?)\r?$", self.head)

    def header(self, name):
        found = self.all(name)
        return found[0] if found else ""


class RawPhone:
    """One socket. `contact` may lie about the address, as phones behind NAT do."""

    def __init__(
        self, box_port, user, secret, *, transport="udp", contact=None, agent="raw/1", trusts=None
    ):
        """`trusts` (TLS): file of the authority that must vouch for the box."""
        self.box_port, self.user, self.secret = box_port, user, secret
        self.transport, self.agent = transport, agent
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        if transport != "udp":
            self.socket.settimeout(10)
            self.socket.connect(("127.0.0.1", box_port))
        if transport == "tls":
            context = ssl.create_default_context(cafile=trusts)
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        if transport == "udp":
            self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.contact = contact or f"sip:{user}@127.0.0.1:{self.port};transport={transport}"
        self._call_id = f"raw-{next(_numbers)}-{self.port}"
        self._cseq = 0
        self._rest = b""
        self.via_tail = ""

    def close(self):
        self.socket.close()

    # --- bytes ---
    def send(self, data):
        data = data if isinstance(data, bytes) else data.encode()
        if self.transport != "udp":
            self.socket.sendall(data)
        else:
            self.socket.sendto(data, ("127.0.0.1", self.box_port))

    def bytes(self, count, seconds=5.0):
        """The next bytes as they came, so many of them; fewer when no more came in time."""
        end = time.monotonic() + seconds
        while len(self._rest) < count and time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.socket.recv(65535)
            except (TimeoutError, ConnectionError):
                break
            if not data:
                break
            self._rest += data
        found, self._rest = self._rest[:count], self._rest[count:]
        return found

    def receive(self, seconds=3.0):
        """The next message, None when none came in time."""
        end = time.monotonic() + seconds
        while True:
            if self.transport != "udp":
                whole = self._whole()
                if whole is not None:
                    return Answer(whole)
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.socket.recv(65535)
            except (TimeoutError, ConnectionError):
                return None
            if self.transport == "udp":
                return Answer(data.decode())
            if not data:
                return None
            self._rest += data

    def _whole(self):
        head, separator, body = self._rest.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = int(re.search(rb"(?im)^(?:Content-Length|l)\s*:\s*(\d+)", head)[1])
        if len(body) < length:
            return None
        self._rest = body[length:]
        return (head + separator + body[:length]).decode()

    def final(self, seconds=5.0):
        """The next final response."""
        while True:
            answer = self.receive(seconds)
            if answer is None or answer.status >= 200:
                return answer

    # --- requests ---
    def request(self, method, uri, *lines, body="", call_id=None, to=None, branch=None):
        self._cseq += 1
        branch = branch or f"z9hG4bKraw{next(_numbers)}x{self.port}"
        extra = "".join(f"{line}\r\n" for line in lines)
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport.upper()} 127.0.0.1:{self.port};branch={branch};rport"
            f"{self.via_tail}\r\n"
            f"From: <sip:{self.user}@127.0.0.1>;tag=raw{self.port}\r\n"
            f"To: <{to or uri}>\r\n"
            f"Call-ID: {call_id or self._call_id}\r\n"
            f"CSeq: {self._cseq} {method}\r\n"
            f"Contact: <{self.contact}>\r\n"
            f"User-Agent: {self.agent}\r\n"
            f"Max-Forwards: 70\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def credential(self, challenge, method, uri, secret=None):
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.partition(" ")[2]))
        digest = _HASHES[fields.get("algorithm", "MD5")]

        def hashed(*parts):
            return digest(":".join(parts).encode()).hexdigest()

        known = hashed(self.user, fields["realm"], secret or self.secret)
        counted = ("00000001", "c0ffee", "auth")
        proof = hashed(known, fields["nonce"], *counted, hashed(method, uri))
        return (
            f'Authorization: Digest username="{self.user}",realm="{fields["realm"]}",'
            f'nonce="{fields["nonce"]}",uri="{uri}",response="{proof}",qop=auth,nc=00000001,'
            f'cnonce="c0ffee",algorithm={fields.get("algorithm", "MD5")}'
        )

    def ask(self, method, uri, *lines, algorithm=None, secret=None, **words):
        """Send; answer one challenge (of this algorithm, or the first); return the final answer."""
        self.send(self.request(method, uri, *lines, **words))
        answer = self.final()
        if answer is None or answer.status != 401:
            return answer
        if method == "INVITE":
            self.acknowledge(answer, uri)
        offered = answer.all("WWW-Authenticate")
        wanted = [one for one in offered if algorithm is None or f"algorithm={algorithm}" in one]
        assert wanted, f"{algorithm} was not offered: {offered}"
        self.send(
            self.request(
                method, uri, self.credential(wanted[0], method, uri, secret), *lines, **words
            )
        )
        return self.final()

    def acknowledge(self, answer, uri):
        """The ACK of a refusal belongs to its branch; that of a 200 has one of its own."""
        via = answer.header("Via")
        branch = re.search(r"branch=([^;]+)", via)[1]
        if answer.status < 300:
            branch += "ack"
        self.send(
            f"ACK {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport.upper()} 127.0.0.1:{self.port};branch={branch};rport\r\n"
            f"From: {answer.header('From')}\r\nTo: {answer.header('To')}\r\n"
            f"Call-ID: {answer.header('Call-ID')}\r\n"
            f"CSeq: {answer.header('CSeq').split()[0]} ACK\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )

    def respond(self, request, status, reason, *lines, body=""):
        """Answer a request of the box."""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        to = request.header("To")
        to = to if ";tag=" in to else f"{to};tag=raw{self.port}"
        vias = "".join(f"Via: {via}\r\n" for via in request.all("Via"))
        extra = "".join(f"{line}\r\n" for line in lines)
        self.send(
            f"SIP/2.0 {status} {reason}\r\n{vias}From: {request.header('From')}\r\nTo: {to}\r\n"
            f"Call-ID: {request.header('Call-ID')}\r\nCSeq: {request.header('CSeq')}\r\n"
            f"Contact: <{self.contact}>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    # --- registration ---
    def register(self, expires=60, **words):
        return self.ask(
            "REGISTER", f"sip:127.0.0.1:{self.box_port}", f"Expires: {expires}",
            to=f"sip:{self.user}@127.0.0.1", **words,
        )  # fmt: skip

    def invite(self, number, *, body=None, **words):
        """Call; the final answer, acknowledged."""
        uri = f"sip:{number}@127.0.0.1:{self.box_port}"
        call_id = f"call-{next(_numbers)}-{self.port}"
        answer = self.ask(
            "INVITE", uri, body=sdp() if body is None else body, call_id=call_id, **words
        )
        if answer is not None:
            self.acknowledge(answer, uri)
        return answer
