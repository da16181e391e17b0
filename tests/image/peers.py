"""Who calls the box from outside: a first caller who only wants an answer, sipp as the carrier's
caller, baresip as a desk phone. All at `HERE`, an address of their own on the box's LAN."""

import re
import socket
import subprocess
import time
from pathlib import Path

from machine import BOX, HERE, wait_for

ROOT = Path(__file__).parents[2]
TRUNK_PORT = 5090
CALLED = "223000000"

INVITE = """\
INVITE sip:{called}@{box} SIP/2.0
Via: SIP/2.0/UDP {here}:{port};branch=z9hG4bK{mark}
From: <sip:first@{here}:{port}>;tag={mark}
To: <sip:{called}@{box}>
Call-ID: {mark}@{here}
CSeq: 1 INVITE
Contact: <sip:first@{here}:{port}>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {size}

{body}"""
BODY = (
    "v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
)
LATER = """\
{method} {target} SIP/2.0
Via: SIP/2.0/UDP {here}:{port};branch=z9hG4bK{mark}{method}
From: <sip:first@{here}:{port}>;tag={mark}
{to}
Call-ID: {mark}@{here}
CSeq: {number} {method}
Max-Forwards: 70
Content-Length: 0

"""


def first_answered_call(seconds):
    """Call, and go on calling until somebody answers; hang up. Returns when that was (monotonic).

    One INVITE, sent again each half second like a caller who does not give up.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind((HERE, 0))
    door.settimeout(0.5)
    mark, port = f"{time.time_ns():x}", door.getsockname()[1]
    words = {"here": HERE, "box": BOX, "port": port, "mark": mark, "called": CALLED}
    body = BODY.format(**words)
    invite = INVITE.format(**words, size=len(body), body="").replace("\n", "\r\n") + body
    end = time.monotonic() + seconds
    told = ""
    while not told.startswith("SIP/2.0 200"):
        assert time.monotonic() < end, (
            f"nobody answered a call in {seconds} s; last: {told[:200]!r}"
        )
        try:
            door.sendto(invite.encode(), (BOX, 5060))
            told = door.recv(4096).decode()
            while told.startswith("SIP/2.0 1"):
                told = door.recv(4096).decode()
        except (TimeoutError, OSError):
            time.sleep(0.1)
    answered = time.monotonic()
    target = re.search(r"(?im)^Contact:.*<([^>]+)>", told)[1]
    to = re.search(r"(?im)^To:.*$", told)[0].strip()
    for number, method in ((1, "ACK"), (2, "BYE")):
        later = LATER.format(**words, method=method, number=number, target=target, to=to)
        door.sendto(later.replace("\n", "\r\n").encode(), (BOX, 5060))
    door.close()
    return answered


class Caller:
    """A caller through the carrier: waits for the menu, presses 1, speaks until he is stopped."""

    def __init__(self, folder: Path, talk_seconds: int):
        scenario = (ROOT / "docs/walk/caller.xml").read_text()
        scenario = scenario.replace("docs/walk/caller.alaw", str(ROOT / "docs/walk/caller.alaw"))
        scenario = scenario.replace('timeout="60000"', f'timeout="{talk_seconds * 1000}"')
        file = folder / "caller.xml"
        file.write_text(scenario)
        self.output = folder / "caller.log"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *("sipp", f"{BOX}:5060", "-sf", str(file), "-i", HERE, "-mi", HERE),
                    *("-p", str(TRUNK_PORT), "-s", CALLED, "-m", "1", "-nostdin"),
                ],
                cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def finish(self, seconds):
        """Wait until he has hung up as he should."""
        code = self.process.wait(seconds)
        assert code == 0, f"the caller ended with {code}: {self.output.read_text()[-1500:]}"

    def stop(self):
        """End him."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


CONFIG = f"""
sip_listen {HERE}:5210
net_interface {HERE}
rtp_ports 46100-46140
audio_source ausine,440
audio_player aubridge,ear
ausrc_srate 48000
auplay_srate 8000
ausrc_channels 2
auplay_channels 1
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


class Phone:
    """A desk phone that answers by itself and hums a steady tone."""

    def __init__(self, folder: Path):
        place = folder / "phone"
        place.mkdir(exist_ok=True)
        (place / "config").write_text(CONFIG)
        (place / "contacts").write_text("")
        (place / "accounts").write_text(
            f"<sip:8001@{BOX}>;auth_user=8001;auth_pass=test-only-secret-of-8001"
            ";answermode=auto;audio_codecs=pcma;regint=60\n"
        )
        self.output = place / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["baresip", "-f", str(place)],
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.PIPE,
            )  # fmt: skip

    def wait(self, words, seconds):
        """Until baresip has said these words."""
        wait_for(
            lambda: words in self.output.read_text(errors="replace"),
            seconds,
            f"the phone to say {words!r}; it says {self.output.read_text(errors='replace')[-800:]}",
        )

    def stop(self):
        """End it; it waits long for a box that has no power to let it sign out."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
