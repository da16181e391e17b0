"""What agents and callers of a queue are told, and how soon a change is at work, with real phones:
missed calls announced to the agent, promised waits held against real ones, the INVITE that follows
`linghe apply`."""

import csv
import io
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from capture import Capture, read
from desk_box import desk_box, dial, one_call_of, talking
from raw_phone import RawPhone, sdp
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, invite, pause
from tone_prompts import loudest, phrase

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]

MISSED, SOON, NEXT, TEAM = "02188885601", 1700, 1250, "02188885602"
QUEUE = """
[[queue]]
id = "{name}"
name = "{name}"
agents = [{agents}]
ring_seconds = {rings}
wrap_up_seconds = 0
reject_pause_seconds = 0
record = false
announce_agent = false
announce_position_seconds = {position}
announce_wait = true
miss_limit = {limit}
max_wait_seconds = 120

[[flow]]
id = "to-{name}"
start = "queue"
[flow.node.queue]
kind = "queue"
queue = "{name}"

[[route]]
trunk = "carrier"
number = "{number}"
flow = "to-{name}"
"""
SITE = QUEUE.format(
    name="strict", agents='"1002"', rings=3, position=0, limit=1, number=MISSED
) + QUEUE.format(name="team", agents='"1001"', rings=20, position=2, limit=0, number=TEAM)
PROMPTS = [
    (phrase("missed_calls"), SOON, 1.0),
    (phrase("position", n="1"), NEXT, 0.3),
    (phrase("expected_wait", n="1"), NEXT, 0.3),
]
AT_ONCE_SECONDS = 5.0
"""The promise is 1 s; the bound is that of a machine that does other things besides."""
DAY = """
date = 2026-11-23
patience_seconds = 60
talk_seconds = 120
seed = 7

[shop]
agents = 3

[[arrivals]]
from = "09:00"
to = "11:00"
calls = 150
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("told") / "var"
    at_work = ('pin = "4713"', 'pin = "4713"\nsigned_in = true')
    yield from desk_box(folder, carrier_port, SITE, prompts=PROMPTS, changes=[at_work])


def hears(capture, phone, hertz):
    """Wait until this phone was sent a tone."""

    def has_come():
        time.sleep(0.2)  # the whole file is read each time
        streams = [one for port, one in read(capture.file).items() if port in phone.rtp_ports]
        return any(loudest(one.audio()).count(hertz) >= 3 for one in streams)

    wait_for(has_come, 30, f"{hertz} Hz at {phone.number}")


def agent(box, name):
    return next(one for one in box.live().agents if one.agent == name)


@pytest.mark.feature("miss limit: not ready, and told so at the phone")
def test_an_agent_whose_calls_ring_in_vain_is_rung_once_and_told(box, phones, sipp, tmp_path):
    phone = phones("8002")
    capture = Capture(tmp_path / "agent.pcap")
    caller = sipp(invite(MISSED, caller="13900006601"), ANSWERED, ACK, WAIT_BYE)
    phone.wait("CALL_INCOMING")
    # Nobody picks up: it rings in vain, he is made not ready, and his phone rings once more.
    told = phone.wait("CALL_INCOMING", 20, count=2)
    assert "*82" in json.dumps(told)
    assert (agent(box, "1002").state, agent(box, "1002").reason) == ("not_ready", "missed")
    phone.say("accept")
    hears(capture, phone, SOON)
    phone.wait("CALL_CLOSED", 20, count=2)
    assert agent(box, "1002").state == "not_ready", "hearing it makes nobody ready"
    capture.stop()
    # What the phone shows is what makes him ready, and the caller who still waits rings him.
    wait_for(lambda: len(box.live().calls) == 1, 20, "only the caller to be left")
    dial(box, phone, "*82")
    phone.wait("CALL_INCOMING", 20, count=3)
    phone.say("accept")
    talking(box, "8002")
    phone.say("hangup")
    caller.finish()
    assert one_call_of(box, "13900006601")["outcome"] == "answered"


def installed(box, *words):
    """Run the command that pip put beside this Python."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "linghe"), *words],
        env=box.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.feature("promised waits: told to callers, held against real ones")
def test_what_a_caller_was_promised_stands_in_the_report_against_what_came(box, phones, sipp):
    phone = phones("8001", answer="auto")

    def promises():
        told = json.loads(installed(box, "report", "waits", "--date", "2026-11-23", "--json"))
        return next(one for one in told["queues"] if one["queue"] == "team")

    for number in range(5):  # fewer are no knowledge, and nothing is promised
        sipp(invite(TEAM, caller=f"1390000661{number}"), ANSWERED, ACK, pause(700), BYE).finish()
    first = sipp(invite(TEAM, caller="13900006620"), ANSWERED, ACK, WAIT_BYE)
    talking(box, "8001")
    before = promises()
    second = sipp(invite(TEAM, caller="13900006621"), ANSWERED, ACK, WAIT_BYE)

    wait_for(lambda: promises()["promises"] > before["promises"], 30, "a wait to be promised")
    assert promises()["kept"] == before["kept"], "he still waits"
    phone.say("hangup")
    first.finish()
    talking(box, "8001")
    phone.say("hangup")
    second.finish()
    wait_for(lambda: promises()["kept"] == promises()["promises"], 10, "each to be held")
    told = promises()
    assert told["kept"] > before["kept"] and told["median_error_s"] >= 0
    text = installed(box, "report", "waits", "--date", "2026-11-23")
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if row]
    (team,) = [row for row in rows if row[0] == "team"]
    assert team[1:3] == [str(told["promises"]), str(told["kept"])]


def test_a_day_is_simulated_and_drawn_by_the_installed_command(box, tmp_path):
    day, plot = tmp_path / "day.toml", tmp_path / "day.svg"
    day.write_text(DAY)
    began = time.monotonic()
    told = installed(box, "simulate", str(day), "--plot", str(plot))
    print(f"\n150 calls simulated and drawn in {time.monotonic() - began:.1f} s")
    assert "09:00" in told and "10:30" in told
    picture = plot.read_text()
    assert picture.lstrip().startswith("<?xml") and "</svg>" in picture
    assert "<script" not in picture


class Listener(threading.Thread):
    """A bare phone that notes when its INVITE came, picks up, and hangs up."""

    def __init__(self, phone):
        super().__init__(daemon=True)
        self.phone, self.came, self.is_over = phone, 0.0, False

    def run(self):
        while not self.is_over:
            asked = self.phone.receive(0.2)
            if asked is not None and asked.first.startswith("INVITE ") and not self.came:
                self.came = time.monotonic()
                self.phone.respond(asked, 200, "OK", body=sdp())
                invited = asked
            elif asked is not None and asked.first.startswith("ACK "):
                uri = re.search(r"<([^>]+)>", invited.header("Contact"))[1]
                bye = self.phone.request("BYE", uri, call_id=invited.header("Call-ID"), to="box")
                self.phone.send(bye.replace("To: <box>", f"To: {invited.header('From')}"))


@pytest.mark.feature("change: queue, agent and skill within 1 s")
def test_the_phone_of_an_agent_who_joins_a_queue_rings_as_soon_as_apply_is_back(box, sipp):
    """From the command's return, and from its beginning, to the INVITE at the phone."""
    file = box.folder.parent / f"{box.folder.name}-site.toml"
    before = file.read_text()
    site = before.replace('agents = ["1001"]\nring', "agents = []\nring")
    assert site != before
    box.apply(site)
    phone = RawPhone(box.sip_port, "8003", "test-only-secret-of-8003")
    assert phone.register().status == 200
    listener = Listener(phone)
    caller = sipp(invite(TEAM, caller="13900006630"), ANSWERED, ACK, WAIT_BYE)
    try:
        wait_for(lambda: [one for one in box.live().calls if one.queue == "team"], 20, "a caller")
        listener.start()
        began = time.monotonic()
        box.apply(site.replace("agents = []\nring", 'agents = ["1003"]\nring'))
        returned = time.monotonic()
        wait_for(lambda: listener.came, 20, "the INVITE")
        after, whole = listener.came - returned, listener.came - began
        print(f"\nINVITE {after * 1000:+.0f} ms from apply's return, {whole * 1000:.0f} ms in all")
        assert after < AT_ONCE_SECONDS
        caller.finish()
    finally:
        listener.is_over = True
        listener.join(5)
        phone.close()
        box.apply(before)
