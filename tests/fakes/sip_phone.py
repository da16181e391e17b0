"""A phone of few words: registers with a password, answers or refuses, by hand-written messages.

Written against RFC 3261 with nothing of the user agent under test but its parser, so that a
mistake which both ends make alike is seen.
"""

import itertools

from link import Box, Link

from appliance.protocols.sip.digest import answer_challenge
from appliance.protocols.sip.events import SipEvent
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request, Response, parse_message

_numbers = itertools.count(1)


class Phone:
    """A desk phone at an address and port; says nothing by itself."""

    def __init__(self, box: Box, user: str, secret: str, *, port: int = 5062) -> None:
        self.box, self.user, self.secret, self.port = box, user, secret, port
        self.address = "127.0.9.9"
        self.transport = "udp"
        self.connection = ""
        self.via_tail = ""
        self.got: list[Request | Response] = []
        self.events: list[SipEvent] = []
        self.call_id = f"reg-{next(_numbers)}"
        self.cseq = 0

    @property
    def flow(self) -> Flow:
        return Flow(
            transport=self.transport,
            local_address=self.box.address,
            local_port=5060,
            remote_address=self.address,
            remote_port=self.port,
            connection=self.connection,
        )

    def send(self, link: Link, data: bytes) -> list[Request | Response]:
        """Give bytes to the box; return what it sends to this phone."""
        self.events += self.box.agent.receive(data, self.flow, link.now)
        return self.collect()

    def collect(self) -> list[Request | Response]:
        """What the box sent to this phone."""
        mine = []
        for out in self.box.leaving():
            if (out.flow.remote_address, out.flow.remote_port) == (self.address, self.port):
                mine.append(parse_message(out.data))
        self.got += mine
        return mine

    def text(self, method: str, *lines: str, uri: str = "", user: str = "") -> str:
        """A request outside a dialog."""
        self.cseq += 1
        name = user or self.user
        head = [
            f"{method} {uri or 'sip:' + self.box.address} SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} 192.168.1.50:5062"
            f";branch=z9hG4bK{self.call_id}{self.cseq};rport{self.via_tail}",
            f"From: <sip:{name}@{self.box.address}>;tag=ph{self.cseq}",
            f"To: <{uri or 'sip:' + name + '@' + self.box.address}>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            "Max-Forwards: 70",
            "User-Agent: Phone 1.0",
            *lines,
            "Content-Length: 0",
        ]
        return "\r\n".join([*head, "", ""])

    def contact(self, tail: str = "") -> str:
        return f"Contact: <sip:{self.user}@192.168.1.50:{self.port}>{tail}"

    def ask(self, link: Link, method: str, *lines: str, uri: str = "", user: str = "") -> Response:
        """Ask, show the password when challenged, and return the final response."""
        uri = uri or f"sip:{self.box.address}"
        (*_, first) = self.send(link, self.text(method, *lines, uri=uri, user=user).encode())
        assert isinstance(first, Response)
        if first.status != 401:
            return first
        credential = answer_challenge(
            first.headers.all("WWW-Authenticate"), self.user, self.secret, method, uri, "cn", 1
        )
        again = self.text(method, f"Authorization: {credential}", *lines, uri=uri, user=user)
        answers = self.send(link, again.encode())
        (*_, final) = [one for one in answers if isinstance(one, Response)]
        return final

    def register(self, link: Link, *lines: str, tail: str = "") -> Response:
        """REGISTER with the password."""
        uri = f"sip:{self.box.address}"
        text = lines or (self.contact(tail), "Expires: 120")
        self.cseq += 1
        return self._register(link, uri, text)

    def _register(self, link: Link, uri: str, lines: tuple[str, ...]) -> Response:
        def made(*more: str) -> bytes:
            text = self.text("REGISTER", *more, *lines, uri=uri)
            to = f"<sip:{self.user}@{self.box.address}>"
            return text.replace(f"To: <{uri}>", f"To: {to}").encode()

        (*_, first) = self.send(link, made())
        assert isinstance(first, Response)
        if first.status != 401:
            return first
        credential = answer_challenge(
            first.headers.all("WWW-Authenticate"),
            self.user,
            self.secret,
            "REGISTER",
            uri,
            "cn",
            1,
        )
        final = self.send(link, made(f"Authorization: {credential}"))[-1]
        assert isinstance(final, Response)
        return final

    def response(self, request: Request, status: int, *, tag: str = "", body: bytes = b"") -> bytes:
        """A response to a request of the box, by hand."""
        lines = [f"SIP/2.0 {status} Word"]
        for name, value in request.headers:
            if name in ("Via", "From", "Call-ID", "CSeq", "Record-Route"):
                lines.append(f"{name}: {value}")
            elif name == "To":
                lines.append(
                    f"To: {value};tag={tag}" if tag and "tag=" not in value else f"To: {value}"
                )
        if 200 <= status < 300 and request.method == "INVITE":
            lines += [self.contact(), "Content-Type: application/sdp"]
        lines += [f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body
