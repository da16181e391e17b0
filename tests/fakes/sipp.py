"""sipp as carrier and as phones: scenarios put together from steps, run with a bound."""

import itertools
import random
import struct
import subprocess
from pathlib import Path

from lane import free_port
from running_box import wait_for

from appliance.signals.g711 import encode_alaw, encode_ulaw

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n'
_numbers = itertools.count(1)
COMFORT_NOISE = 13
"""Its static payload type."""

SDP = """v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP {payloads}
{attributes}a=sendrecv
"""


def sdp(payloads="8 101", ptime=20):
    attributes = ""
    for payload in payloads.split():
        attributes += {
            "0": "a=rtpmap:0 PCMU/8000\n",
            "8": "a=rtpmap:8 PCMA/8000\n",
            "13": "a=rtpmap:13 CN/8000\n",
            "101": "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n",
        }.get(payload, "")
    return SDP.format(payloads=payloads, attributes=attributes + f"a=ptime:{ptime}\n")


def invite(called, caller="13900001111", body=None, name="", extra=""):
    body = sdp() if body is None else body
    return f"""<send retrans="500"><![CDATA[

INVITE sip:{called}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: {name}<sip:{caller}@[local_ip]:[local_port]>;tag=[pid]S[call_number]
To: <sip:{called}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{caller}@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{extra}Content-Type: application/sdp
Content-Length: [len]

{body}]]></send>
"""


def expect(code, **words):
    extra = "".join(f' {name}="{value}"' for name, value in words.items())
    return f'<recv response="{code}"{extra}></recv>\n'


PROVISIONAL = expect(100, optional="true") + expect(180, optional="true")
ANSWERED = PROVISIONAL + '<recv response="200" rrs="true" rtd="true"></recv>\n'

ACK = """<send><![CDATA[

ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
REFUSED_ACK = ACK.replace("ACK [next_url] SIP", "ACK sip:x@[remote_ip]:[remote_port] SIP").replace(
    "[routes]\n", ""
)
BYE = """<send retrans="500"><![CDATA[

BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"></recv>
"""
OK = """<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""
"""To what was received last."""
WAIT_BYE = f'<recv request="BYE"></recv>\n{OK}'
UAS_ANSWERS = """<recv request="INVITE" crlf="true"></recv>
<send><![CDATA[

SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>
<pause milliseconds="{ring_ms}"/>
<send retrans="500"><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

{body}]]></send>
<recv request="ACK" rtd="true" crlf="true"></recv>
"""


def answers(ring_ms=50, body=None):
    return UAS_ANSWERS.format(ring_ms=ring_ms, body=sdp() if body is None else body)


def pause(milliseconds):
    return f'<pause milliseconds="{milliseconds}"/>\n'


def info_digit(digit, cseq):
    """A key as SIP INFO (application/dtmf-relay), answered."""
    return f"""<send retrans="500"><![CDATA[

INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: {cseq} INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal={digit}
Duration=160
]]></send>
<recv response="200"></recv>
"""


def play(file):
    """Send a capture made by `voice`; goes on while later steps run."""
    return f'<nop><action><exec play_pcap_audio="{file}"/></action></nop>\n'


def voice(
    file: Path, samples, keys=(), payload_type=8, ptime=20, event_type=101, family=4,
    *, lost=(), late_ms=0, hushed=(),
):  # fmt: skip
    """Write a capture of one RTP stream: speech, and keys as (second, key) by RFC 4733.

    sipp itself sends speech and keys as two streams from two ports; a phone sends one. `lost`:
    sequence numbers that never leave; `late_ms`: at most, by chance; `hushed`: (from, to, level in
    -dBov), seconds in which one packet of comfort noise (RFC 3389) stands for all others.
    """
    encode = encode_alaw if payload_type == 8 else encode_ulaw
    coded = encode(samples).tobytes()
    size = ptime * 8
    packets = []
    for number in range(len(coded) // size):
        at = number * ptime / 1000
        packets.append((at, payload_type, number * size, coded[number * size :][:size], False))
    for second, key in keys:
        code = "0123456789*#".index(key)
        packets = [one for one in packets if not second <= one[0] < second + 0.16]
        for step in range(10):
            duration = min(step + 1, 8) * 160
            body = struct.pack(">BBH", code, (0x80 if step >= 7 else 0) | 10, duration)
            packets.append(
                (second + min(step, 7) * 0.02, event_type, int(second * 8000), body, step == 0)
            )
    for begin, end, level in hushed:
        packets = [one for one in packets if not begin <= one[0] < end]
        packets.append((begin, COMFORT_NOISE, int(begin * 8000), bytes([level]), False))
    packets.sort(key=lambda one: one[0])
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    chance = random.Random(1)
    leaving = [
        (one[0] + chance.random() * late_ms / 1000, sequence, *one[1:])
        for sequence, one in enumerate(packets)
        if sequence not in lost
    ]
    for at, sequence, kind, stamp, body, is_marked in sorted(leaving, key=lambda one: one[0]):
        rtp = struct.pack(">BBHII", 0x80, kind | (0x80 if is_marked else 0), sequence, stamp, 77)
        udp = struct.pack(">HHHH", 6000, 6002, 8 + len(rtp) + len(body), 0)
        total = 20 + 8 + len(rtp) + len(body)
        ip = struct.pack(
            ">BBHHHBBHII", 0x45, 0, total, sequence & 0xFFFF, 0, 64, 17, 0, 0x7F000001, 0x7F000001
        )
        kind_of_frame = b"\x08\x00"
        if family == 6:
            one = bytes(15) + b"\x01"
            ip = struct.pack(">IHBB", 6 << 28, total - 20, 17, 64) + one + one
            kind_of_frame = b"\x86\xdd"
        frame = bytes(12) + kind_of_frame + ip + udp + rtp + body
        micros = int(at * 1e6)
        out.append(
            struct.pack("<IIII", micros // 1000000, micros % 1000000, len(frame), len(frame))
            + frame
        )
    file.write_bytes(b"".join(out))
    return file


class Sipp:
    """One sipp process."""

    def __init__(self, folder: Path, port: int, *steps, calls=1, rate=1, extra=(), media=None,
                 host="127.0.0.1"):  # fmt: skip
        """`host`: the box's and its own, IPv6 in brackets."""
        number = next(_numbers)
        self.file = folder / f"sipp-{number}.xml"
        self.file.write_text(_HEAD + "".join(steps) + "</scenario>\n")
        self.local_port = free_port()
        self.errors = folder / f"sipp-{number}.err"
        self.output = (folder / f"sipp-{number}.out").open("wb")
        command = [
            "sipp", f"{host}:{port}", "-sf", str(self.file), "-i", host.strip("[]"),
            "-p", str(self.local_port), "-m", str(calls), "-r", str(rate), "-nostdin",
            "-trace_err", "-error_file", str(self.errors), "-timeout", "120",
            "-mi", host.strip("[]"), *extra,
        ]  # fmt: skip
        if media is not None:
            command += ["-mp", str(media)]
        if "-p" in extra:
            self.local_port = int(extra[extra.index("-p") + 1])
        self.process = subprocess.Popen(
            command, stdout=self.output, stderr=subprocess.STDOUT, cwd=folder
        )

    def finish(self, seconds=60):
        """Wait for the end; fail with sipp's own words."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"sipp did not end: {self.said()}") from None
        assert code == 0, f"sipp ended with {code}: {self.said()}"

    def said(self):
        errors = self.errors.read_text(errors="replace") if self.errors.exists() else ""
        return errors[-3000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            wait_for(lambda: self.process.poll() is not None, 5, "sipp to stop")
