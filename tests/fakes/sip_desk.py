"""A box with its SIP lines, a desk phone and a carrier whose dialogs are written by hand.

The other side of each dialog is text against RFC 3261: Via, tags and CSeq are counted here, the
rest of a message is what the test says.
"""

import itertools

from link import Box, Link
from sip_phone import Phone

from appliance.lines.sip import SipLines
from appliance.protocols.sip.digest import answer_challenge
from appliance.protocols.sip.message import Request, Response, parse_message
from appliance.vocabulary.commands import Answer, DialPhone
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.lines import Party
from appliance.vocabulary.settings import Extension, Site, Trunk

CARRIER = "127.0.9.10"
_numbers = itertools.count(1)


def sdp(direction="sendrecv", port=4000, address="127.0.9.9", version=1):
    return (
        f"v=0\r\no=a 1 {version} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    ).encode()


class Desk:
    """The box at 127.0.0.5; phone 8001 at 127.0.9.9, carrier at 127.0.9.10."""

    def __init__(self, site=None):
        self.box = Box("127.0.0.5")
        self.link = Link(self.box)
        self.box.directory.trusted[CARRIER] = "carrier"
        self.box.directory.secrets = {"8001": "secret-1", "8002": "secret-2"}
        self.site = site or Site(
            extension=(Extension(number="8001"), Extension(number="8002")),
            trunk=(Trunk(id="carrier", host=CARRIER),),
        )
        self.lines = self._lines()
        self.events = []
        self.phone = Phone(self.box, "8001", "secret-1")
        self.second = Phone(self.box, "8002", "secret-2", port=5064)
        self.carrier = Phone(self.box, "139", "", port=5060)
        self.carrier.address = CARRIER
        self.slots = {}

    def _lines(self):
        return SipLines(
            user_agent=self.box.agent, site=self.site, new_number=lambda: 5, random_bytes=bytes
        )

    def told(self, events):
        found = self.lines.translate(events, self.link.now)
        self.events += found
        return found

    def do(self, command):
        """Carry out a command of call control."""
        self.events += self.lines.carry_out(command, self.link.now)

    def later(self, seconds):
        """Let time pass; return what the box sent meanwhile, to whomever."""
        sent = []
        until = self.link.now + seconds
        while (when := self.box.agent.wake_at()) is not None and when <= until:
            self.link.now = max(self.link.now, when)
            self.told(self.box.agent.wake(self.link.now))
            sent += [parse_message(out.data) for out in self.box.leaving()]
        self.link.now = until
        return sent

    def kill(self):
        """kill -9 of the process: both machines come back from their slots."""
        self.box.write_down()
        self.keep_lines()
        self.box.kill(self.link.now)
        self.lines = self._lines()
        for name, content in self.slots.items():
            self.lines.restore(name, content, self.link.now)

    def keep_lines(self):
        for name in self.lines.take_touched():
            content = self.lines.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content

    def call(self, phone=None, called="8002", *lines, body=None):
        """A dialog that `phone` opened, not answered yet."""
        return Talk(self, phone or self.phone, called).invite(*lines, body=body)

    def talk(self, phone=None, called="8002", *lines, port=30000):
        """The same, answered and acknowledged."""
        made = self.call(phone, called, *lines)
        self.do(Answer(leg=made.leg, port=port))
        made.acknowledge()
        return made

    def dialled(self, leg, **words):
        """The box rings phone 8001; the pen that answers for the phone, and the INVITE."""
        assert self.phone.register(self.link).status == 200
        self.do(
            DialPhone(leg=leg, extension="8001", port=30004, caller=Party(number="139"), **words)
        )
        (invite,) = self.phone.collect()
        pen = Talk(self, self.phone, invite.from_.uri.user)
        pen.leg, pen.call_id, pen.remote = leg, invite.call_id, invite.headers.get("From")
        return pen, invite


class Talk:
    """One dialog as the far end keeps it."""

    def __init__(self, desk, phone, called):
        self.desk, self.phone, self.called = desk, phone, called
        self.call_id = f"call-{next(_numbers)}"
        self.tag = f"far{next(_numbers)}"
        self.remote = f"<sip:{called}@{desk.box.address}>"
        self.cseq = 0
        self.leg = None
        self.got = []
        self.events = []

    @property
    def box_tag(self):
        """The box's tag of this dialog."""
        return self.remote.rpartition("tag=")[2]

    def text(self, method, *lines, body=b"", cseq=None, kind="application/sdp"):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        phone, box = self.phone, self.desk.box
        name = f"sip:{phone.user}@{box.address}"
        head = [
            f"{method} sip:{self.called}@{box.address} SIP/2.0",
            f"Via: SIP/2.0/UDP {phone.address}:{phone.port};rport"
            f";branch=z9hG4bK{self.call_id}{cseq}{method}",
            f"From: <{name}>;tag={self.tag}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{phone.user}@{phone.address}:{phone.port}>",
            "Max-Forwards: 70",
            *lines,
        ]
        if body:
            head.append(f"Content-Type: {kind}")
        return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body

    def send(self, data):
        """Give bytes to the box; return the last message it sent back, and keep all."""
        told = self.desk.box.agent.receive(data, self.phone.flow, self.desk.link.now)
        self.events = self.desk.told(told)
        return self.take()

    def take(self):
        """What the box has sent to this phone since."""
        fresh = self.phone.collect()
        self.got += fresh
        return fresh[-1] if fresh else None

    def says(self, method, *lines, body=b"", cseq=None):
        """A request in this dialog; returns the last message that came back."""
        return self.send(self.text(method, *lines, body=body, cseq=cseq))

    def invite(self, *lines, body=None):
        body = sdp() if body is None else body
        answer = self.says("INVITE", *lines, body=body)
        if isinstance(answer, Response) and answer.status == 401:
            self.says("ACK", cseq=self.cseq)
            credential = answer_challenge(
                answer.headers.all("WWW-Authenticate"), self.phone.user, self.phone.secret,
                "INVITE", f"sip:{self.called}@{self.desk.box.address}", "cn", 1,
            )  # fmt: skip
            answer = self.says("INVITE", f"Authorization: {credential}", *lines, body=body)
        offered = [event for event in self.events if isinstance(event, LegOffered)]
        if offered:
            self.leg = offered[0].leg
        self.invite_cseq = self.cseq
        return self

    def acknowledge(self, body=b""):
        """Take the 2xx that came, and acknowledge it."""
        self.take()
        answer = next(
            one for one in reversed(self.got) if isinstance(one, Response) and one.status == 200
        )
        self.remote = answer.headers.get("To")
        return self.says("ACK", body=body, cseq=answer.cseq.number)

    def answers(self, request, status, *lines, body=b"", tag=""):
        """A response of this far end to a request of the box."""
        head = [f"SIP/2.0 {status} Word"]
        for name, value in request.headers:
            if name in ("Via", "From", "Call-ID", "CSeq", "Record-Route"):
                head.append(f"{name}: {value}")
            elif name == "To":
                tagged = "tag=" in value or not tag
                head.append(f"To: {value}" if tagged else f"To: {value};tag={tag}")
        if status < 300:
            phone = self.phone
            head.append(f"Contact: <sip:{phone.user}@{phone.address}:{phone.port}>")
        head += lines
        if body:
            head.append("Content-Type: application/sdp")
        head += [f"Content-Length: {len(body)}", "", ""]
        return self.send("\r\n".join(head).encode() + body)

    def requests(self, method):
        """The box's requests of this method in this dialog, repetitions left out."""
        self.take()
        found = {}
        for one in self.got:
            if isinstance(one, Request) and one.method == method and one.call_id == self.call_id:
                found.setdefault(one.cseq.number, one)
        return list(found.values())
