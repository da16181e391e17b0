"""A real Linghe for tests: the supervisor and its processes on loopback, in a folder of its own.

Starts with the README's machinery (the supervisor), asks by the command line, kills by pid file.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from lane import box_rtp_ports, free_port

from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl, LiveAsked, LiveTold, StatusAsked, StatusTold

ROOT = Path(__file__).parents[2]
OPEN_MONDAY = "2026-11-23 10:00"
SETTLED_SECONDS = 5.0


def wait_for(what, seconds, said=""):
    """Return what() as soon as it is true; fail after so long. An event with a bound, no sleep."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {said or what}")


class RunningBox:
    """One box under the stand-in supervisor."""

    def __init__(self, folder: Path, *, rtp=None, workers=1, clock=OPEN_MONDAY,
                 bind="127.0.0.1", dns=""):  # fmt: skip
        """`rtp`: ports for audio, where those of a lane are not enough."""
        self.folder = folder
        self.sip_port = free_port()
        self.sips_port = self.sip_port + 1
        self.http_port = free_port()
        self.environment = {
            **os.environ,
            "LINGHE_DATA": str(folder),
            "LINGHE_BIND": bind,
            "LINGHE_DNS": dns,
            "LINGHE_SIP_PORT": str(self.sip_port),
            "LINGHE_SIPS_PORT": str(self.sips_port),
            "LINGHE_HTTP_PORT": str(self.http_port),
            "LINGHE_RTP_PORTS": rtp or box_rtp_ports(),
            "LINGHE_WORKERS": str(workers),
            "LINGHE_CLOCK": clock,
        }
        self.process = None
        self.forgotten = frozenset()

    def start(self):
        self.log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance.daemons.supervisor"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        wait_for(self.is_answering, 60, f"the box to start, see {self.log.name}")
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def is_answering(self):
        assert self.process.poll() is None, f"the supervisor ended, see {self.log.name}"
        try:
            status = self.status()
        except (OSError, AssertionError):
            return False
        return bool(status.workers) and all(one.is_up for one in status.workers)

    def ask(self, question):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(10)
            link.connect(str(self.folder / "run" / "control.sock"))
            link.sendall(line_of(question))
            decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
            while True:
                data = link.recv(1 << 16)
                assert data, "control hung up"
                for answer in decoder.feed(data):
                    return answer

    def status(self) -> StatusTold:
        return self.ask(StatusAsked())

    def live(self):
        told = self.ask(LiveAsked())
        assert isinstance(told, LiveTold)
        return told.live

    def pid(self, unit):
        return int((self.folder / "run" / f"{unit}.pid").read_text())

    def kill(self, unit):
        """kill -9 of one process of the box."""
        pid = self.pid(unit)
        os.kill(pid, signal.SIGKILL)
        return pid

    def linghe(self, *words, check=True):
        """Run the command line; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "appliance.daemons.command_line", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def linghe_json(self, *words):
        """What the command says. Calls: as soon as the ledger has written what is over, for it
        commits five times a second, and a busy machine takes its time besides."""
        end = time.monotonic() + SETTLED_SECONDS
        while True:
            told = json.loads(self.linghe(*words, "--json"))
            if words[0] != "calls" or not isinstance(told, list):
                return told
            told = [one for one in told if one["call"] not in self.forgotten]
            if time.monotonic() > end:
                return told
            going_on = {call.call for call in self.live().calls}
            if all(one.get("ended") or one["call"] in going_on for one in told):
                return told
            time.sleep(0.05)

    def forget_calls(self):
        """Tell no more of the calls that there are in the ledger."""
        told = self.linghe_json("calls", "--limit", "100000")
        self.forgotten = frozenset(one["call"] for one in told)

    def apply(self, text):
        file = self.folder.parent / f"{self.folder.name}-site.toml"
        file.write_text(text)
        return self.linghe("apply", str(file), "--no-prompts")
