"""How much CPU the user agent takes for a bridged call: two dialogs set up and torn down.

    python tests/bench/sip_calls.py [calls]

A trunk's INVITE is answered while a phone is invited; both are hung up. The far ends' bytes are
made beforehand or by plain replacement, so that nearly all of the time is the user agent's; each
door is followed by what the daemon does besides (slots encoded before anything leaves).
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))

from link import Box, udp

from appliance.protocols.sip.directory import TrunkRoute, TrunkTarget
from appliance.protocols.sip.events import InviteArrived
from appliance.vocabulary.ids import Instant

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    b"m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)
CALLER, CALLED = "127.0.0.2", "127.0.0.3"


def request(method: str, number: int, cseq: int, *, to_tag: str = "", body: bytes = b"") -> bytes:
    """What the caller's gateway sends."""
    tag = f";tag={to_tag}" if to_tag else ""
    typed = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:02188886666@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {CALLER}:5060;branch=z9hG4bK{method}{number};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:139{number:08}@{CALLER}>;tag=c{number}\r\n"
        f"To: <sip:02188886666@127.0.0.1>{tag}\r\nCall-ID: bench-{number}\r\n"
        f"CSeq: {cseq} {method}\r\nContact: <sip:139{number:08}@{CALLER}:5060>\r\n"
        f"User-Agent: gateway\r\n{typed}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def response(asked: bytes, status: bytes, tag: bytes, body: bytes = b"") -> bytes:
    """What the called phone answers."""
    kept = [line for line in asked.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
            if line.split(b":")[0] in (b"Via", b"From", b"To", b"Call-ID", b"CSeq")]  # fmt: skip
    lines = [b"SIP/2.0 " + status, *kept, b"Contact: <sip:8001@127.0.0.3:5060>"]
    if body:
        lines.append(b"Content-Type: application/sdp")
    lines += [b"Content-Length: %d" % len(body), b"", b""]
    text = b"\r\n".join(lines) + body
    if b";tag=" not in next(line for line in kept if line.startswith(b"To:")):
        text = text.replace(b"\r\nCall-ID", b";tag=" + tag + b"\r\nCall-ID", 1)
    return text


def bridged_call(box: Box, number: int, now: Instant) -> None:
    """One call, all of it at one instant."""
    caller, called = udp(box, CALLER), udp(box, CALLED)
    agent = box.agent
    (arrived,) = agent.receive(request("INVITE", number, 1, body=SDP), caller, now)
    if not isinstance(arrived, InviteArrived):
        raise SystemExit("no InviteArrived")
    box.leaving()
    target = TrunkTarget(trunk="t")
    out = agent.invite(target, sdp=SDP, from_user="139", from_name="", to_user="8001", now=now)
    (sent,) = box.leaving()
    tag = b"p%d" % number
    for status in (b"100 Trying", b"180 Ringing"):
        agent.receive(response(sent.data, status, tag), called, now)
    agent.ring(arrived.dialog, now)
    box.leaving()
    agent.receive(response(sent.data, b"200 OK", tag, SDP), called, now)
    box.leaving()
    agent.answer(arrived.dialog, SDP, now)
    box.leaving()
    to_tag = arrived.dialog.removeprefix("in-")
    agent.receive(request("ACK", number, 1, to_tag=to_tag), caller, now)
    box.leaving()
    agent.receive(request("BYE", number, 2, to_tag=to_tag), caller, now)
    agent.hang_up(out, now)
    (_, bye) = box.leaving()
    agent.receive(response(bye.data, b"200 OK", tag), called, now)
    box.leaving()


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    box = Box("127.0.0.1")
    box.directory.trusted[CALLER] = "t"
    box.directory.routes["t"] = TrunkRoute(address=CALLED)
    began = time.process_time()
    for number in range(calls):
        now = Instant(1000.0 + number * 0.05)
        bridged_call(box, number, now)
        due = box.agent.wake_at()
        if due is not None and due <= now:
            box.agent.wake(now)
            box.leaving()
    spent = time.process_time() - began
    print(f"{calls} bridged calls at 20 a second: {1000 * spent / calls:.3f} ms CPU each")
    print(box.agent.counters)


if __name__ == "__main__":
    main()
