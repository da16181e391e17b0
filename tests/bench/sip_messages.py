"""How many SIP messages a second one core parses, views and writes back.

Run: .venv/bin/python tests/bench/sip_messages.py. Every message has its own branch, tags and
Call-ID, so remembered values help as little as they do between calls. Prints one line a case; the
budget (design/sip.md) is 40,000 messages a second. CPU time, not wall time.
"""

import time
from collections.abc import Callable

from appliance.protocols.sip.message import Request, mark_source, parse_message, response_to
from appliance.protocols.sip.validation import validate_request

COUNT = 20_000
SDP = (
    b"v=0\r\no=- 3724394400 3724394405 IN IP4 192.0.2.5\r\ns=call\r\nc=IN IP4 192.0.2.5\r\n"
    b"t=0 0\r\nm=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
INVITE = (
    b"INVITE sip:8001@192.0.2.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK%d;rport\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Ann Lee" <sip:ann@192.0.2.1>;tag=f%d\r\n'
    b"To: <sip:8001@192.0.2.1>\r\n"
    b"Call-ID: %d@192.0.2.5\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:ann@192.0.2.5:5060>\r\n"
    b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, UPDATE\r\n"
    b"Supported: replaces, timer\r\n"
    b"User-Agent: Phone 1.2.3\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)
RINGING = (
    b"SIP/2.0 180 Ringing\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK%d;rport=5060;received=192.0.2.5\r\n"
    b'From: "Ann Lee" <sip:ann@192.0.2.1>;tag=f%d\r\n'
    b"To: <sip:8001@192.0.2.1>;tag=t%d\r\n"
    b"Call-ID: %d@192.0.2.5\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:8001@192.0.2.9:5060>\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def viewed(data: bytes) -> bytes:
    """Parse, look at what a transaction and a dialog look at, write back."""
    message = parse_message(data)
    _ = message.via, message.from_, message.to, message.cseq, message.contact, message.call_id
    return message.to_bytes()


def answered(data: bytes) -> bytes:
    """Do what a server does with a request: check all of it, mark its source, answer."""
    request = parse_message(data)
    if not isinstance(request, Request):
        raise SystemExit("the bench's own INVITE was not read as a request")
    validate_request(request)
    mark_source(request, "192.0.2.5", 5060)
    return response_to(request, 180, to_tag="t").to_bytes()


def rate(work: Callable[[bytes], bytes], messages: list[bytes]) -> float:
    """Return messages a second of CPU time, the best of three runs."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for data in messages:
            work(data)
        best = max(best, len(messages) / (time.process_time() - began))
    return best


def main() -> None:
    """Measure and print."""
    invites = [INVITE % (n, n, n, len(SDP), SDP) for n in range(COUNT)]
    ringing = [RINGING % (n, n, n, n) for n in range(COUNT)]
    print(f"180 parsed, six views, written back   {rate(viewed, ringing):9,.0f} a second")
    print(f"INVITE with SDP, the same             {rate(viewed, invites):9,.0f} a second")
    print(f"INVITE checked, marked, answered 180  {rate(answered, invites):9,.0f} a second")


if __name__ == "__main__":
    main()
