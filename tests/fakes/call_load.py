"""Many calls at once: a site of so many agents, sipp as their phones and as the carrier.

sipp does the signalling; the media ports in its SDP come from the test, and the box's ports are
written to a log, so that an RTP generator of the test's own (rtp_farm.py, bench/media.py) speaks.
The box does not ask these phones whether they live: sipp counts each question as one of its calls,
and ends that much too early.
"""

import csv
import itertools
from pathlib import Path

from sipp import ACK, BYE, PROVISIONAL, UAS_ANSWERS, WAIT_BYE, Sipp, invite, pause, sdp

NUMBER = "4001"
WRAP_UP_SECONDS = 6
"""Longer than a killed process takes to be back, on most machines."""
_numbers = itertools.count(1)
MEDIA_FROM_FIELD = sdp().replace("[media_port]", "[field0]")
"""The media port is the first field of the injection file."""

HEAD = """
[site]
name = "Load"
language = "en"
timezone = "Asia/Shanghai"
country = "cn"
watch_phones = false

[[trunk]]
id = "carrier"
kind = "sip"
host = "127.0.0.1"
port = {carrier}
trusted_addresses = ["127.0.0.1"]
channels = 1000

[[route]]
trunk = "carrier"
number = "4001"
flow = "load"
"""

AGENT = """
[[extension]]
number = "{number}"
name = "Phone {number}"
secret = "test-only-secret-of-{number}"

[[agent]]
id = "{agent}"
name = "Agent {agent}"
extension = "{number}"
pin = "4711"
signed_in = true
"""

QUEUE = """
[[queue]]
id = "{id}"
name = "{id}"
agents = [{agents}]
ring_seconds = 30
wrap_up_seconds = {wrap_up}
max_wait_seconds = 120
max_waiting = 1000
announce_position_seconds = 0
announce_agent = {announces}
record = {records}
overflow = {{ to = "hangup" }}
"""

REGISTER = """<send retrans="500"><![CDATA[

REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]:[remote_port]>;tag=[pid]R[call_number]
To: <sip:[field0]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Expires: 3600
{more}Content-Length: 0

]]></send>
"""
SHOW_PASSWORD = "[field1]\n"
"""A field within [authentication …] is not looked up, one that holds the whole of it is."""

LEARN_PORT = (
    '<action><ereg regexp="m=audio ([0-9]+) " search_in="msg" check_it="true"'
    ' assign_to="line,port"/><log message="[field0] [$port]"/></action>'
)
ANSWERED_AND_LEARNT = (
    f'{PROVISIONAL}<recv response="200" rrs="true" rtd="true">{LEARN_PORT}</recv>\n'
    '<Reference variables="line"/>\n'
)
MISFIT = '<recv request="INVITE" crlf="true"></recv>'


def site(carrier: int, agents: int, *queues: str, flow: str) -> str:
    """Return a site.toml with so many agents at phones of their own."""
    people = "".join(AGENT.format(number=8001 + n, agent=1001 + n) for n in range(agents))
    return HEAD.format(carrier=carrier) + people + "".join(queues) + flow


def queue(name: str, agents: int, *, wrap_up=0, announces=False, records=True) -> str:
    """Return a queue of the first so many agents."""
    return QUEUE.format(
        id=name,
        agents=", ".join(f'"{1001 + n}"' for n in range(agents)),
        wrap_up=wrap_up,
        announces=str(announces).lower(),
        records=str(records).lower(),
    )


def straight_into(name: str) -> str:
    """Return a flow that is nothing but a queue."""
    return (
        f'\n[[flow]]\nid = "load"\nstart = "queue"\n\n[flow.node.queue]\n'
        f'kind = "queue"\nqueue = "{name}"\n'
    )


def injection(file: Path, rows) -> Path:
    """Write sipp's injection file: a row a call."""
    lines = ["SEQUENTIAL", *(";".join(str(one) for one in row) + ";" for row in rows)]
    file.write_text("\n".join(lines) + "\n")
    return file


def register(folder: Path, box_port: int, agents: int, local_port: int) -> None:
    """Register all phones from one port, with their passwords; fails where one is refused."""
    people = [
        (n, f"[authentication username={n} password=test-only-secret-of-{n}]")
        for n in range(8001, 8001 + agents)
    ]
    Sipp(
        folder, box_port,
        REGISTER.format(cseq=1, more=""), '<recv response="401" auth="true"></recv>\n',
        REGISTER.format(cseq=2, more=SHOW_PASSWORD), '<recv response="200"></recv>\n',
        calls=agents, rate=100,
        extra=("-p", str(local_port), "-inf", str(injection(folder / "people.csv", people))),
    ).finish(60)  # fmt: skip


def phones(folder: Path, box_port: int, local_port: int, media, *, ring_ms=0, calls=None, extra=()):
    """Start the phones that ring so long, answer, and talk until the box hangs up."""
    rows = injection(folder / f"phones-{next(_numbers)}.csv", [(port,) for port in media])
    answering = UAS_ANSWERS.format(ring_ms=ring_ms, body=MEDIA_FROM_FIELD).replace(
        MISFIT, f'<recv request="INVITE" crlf="true">{LEARN_PORT}</recv>'
    )
    return _logging(
        folder, box_port,
        answering, '<Reference variables="line"/>\n', WAIT_BYE,
        calls=calls or len(media),
        extra=("-p", str(local_port), "-inf", str(rows), *extra),
    )  # fmt: skip


def carrier(folder: Path, box_port: int, media, *, talk_ms, rate, numbers=None, calls=None,
            extra=()):  # fmt: skip
    """Start callers: each calls, talks so long, hangs up and wants 200 for it."""
    names = numbers or [f"139{n:08d}" for n in range(len(media))]
    rows = injection(folder / f"callers-{next(_numbers)}.csv", zip(media, names, strict=True))
    call = invite(NUMBER, caller="[field1]", body=MEDIA_FROM_FIELD)
    return _logging(
        folder, box_port,
        call, ANSWERED_AND_LEARNT, ACK, pause(talk_ms), BYE,
        calls=calls or len(media), rate=rate,
        extra=("-inf", str(rows), *extra),
    )  # fmt: skip


def _logging(folder: Path, box_port: int, *steps, extra, **words) -> Sipp:
    log = folder / f"ports-{next(_numbers)}.log"
    started = Sipp(
        folder, box_port, *steps, extra=(*extra, "-trace_logs", "-log_file", str(log)), **words
    )
    started.ports_file = log
    return started


def box_ports(sipp: Sipp) -> dict[int, int]:
    """Return, by media port of ours, the box's port of that leg, as far as known by now."""
    if not sipp.ports_file.exists():
        return {}
    pairs = (line.split() for line in sipp.ports_file.read_text().splitlines())
    return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2}


def statistics(file: Path) -> dict[str, str]:
    """Return the last row of sipp's -stf file by its heads."""
    with file.open(newline="") as rows:
        return list(csv.DictReader(rows, delimiter=";"))[-1]
