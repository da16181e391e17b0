"""What a relayed packet costs: bridged calls with recording, through the real media worker.

    python tests/bench/media.py [--calls 50 200 500] [--seconds 5] [--runs 3] [--no-yardstick]

Every call is two far ends that send 50 packets a second each. The worker runs on one core, this
generator on another; its cost is read from /proc/<pid>/stat, so the generator's does not count.
Added delay is from just before a packet is sent to the kernel's time stamp on its arrival; d99 is
the 99th percentile of how much later or earlier a packet came, after the one before it, than it
was sent. Each load runs several times, without and with listening for in-band keys on every leg;
the run of the least CPU counts, since what else the machine does only adds. The yardstick is
tests/fakes/rtp_naive_relay.py under the same load. As root all of it happens in a network
namespace of its own: each packet capture on the machine's loopback costs every sender 1 us.
"""

import argparse
import fcntl
import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from even_port import even_socket
from rtp_far_end import MediaLink, worker_environment

from appliance.engines.recording.frames import row_offsets
from appliance.vocabulary.audio import (
    Channel,
    Codec,
    FarEnd,
    LegAudio,
    PeerAudio,
    Track,
)
from appliance.vocabulary.commands import SetAudio
from appliance.vocabulary.ids import CallId, LegId, RecordingId
from appliance.wire.media import FiguresAsked, WorkerFigures

SO_TIMESTAMPNS = 35
SAMPLED_EVERY = 16
WARM_UP_SECONDS = 1.0
FIRST_PORT = 12_000
"""Of the yardstick: below the ports that the system hands out by itself."""


OWN_NETWORK = "LINGHE_BENCH_OWN_NETWORK"
GOAL_US = {500: 7.0}


class Generator:
    """All far ends of a load: 20 ms packets, spread evenly over the 20 ms."""

    def __init__(self, calls: int) -> None:
        self.legs = 2 * calls
        self.sockets = [self._socket(leg) for leg in range(self.legs)]
        self.ports = [0] * self.legs
        self.sent = self.received = 0
        self.delays: list[float] = []
        self.jitters: list[float] = []
        self._last: dict[int, tuple[float, float]] = {}
        self._packets = [bytearray(172) for _ in range(self.legs)]
        self._number = 0
        self._scratch = bytearray(2048)
        self.is_measuring = False

    def _socket(self, leg: int) -> socket.socket:
        opened = even_socket()
        opened.setblocking(False)
        if leg % SAMPLED_EVERY == 0:
            opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        return opened

    def run(self, seconds: float) -> None:
        """Send for so long, receiving what comes back."""
        start = time.monotonic()
        slots = [range(slot, self.legs, 20) for slot in range(20)]
        for step in range(int(seconds * 1000)):
            wait = start + step / 1000 - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if step % 20 == 0:
                self._number += 1
            for leg in slots[step % 20]:
                self._send(leg)
            for leg in slots[(step + 10) % 20]:
                self._receive(leg)

    def _send(self, leg: int) -> None:
        packet = self._packets[leg]
        number = self._number
        struct.pack_into(
            ">BBHIId", packet, 0, 0x80, 8, number & 0xFFFF, number * 160, leg, time.time()
        )
        self.sockets[leg].sendto(packet, ("127.0.0.1", self.ports[leg]))
        self.sent += 1

    def _receive(self, leg: int) -> None:
        """Read one socket empty. No epoll: its wake-ups would be paid by whoever sends to us."""
        while True:
            try:
                if leg % SAMPLED_EVERY == 0:
                    self._receive_stamped(leg)
                else:
                    self.sockets[leg].recv_into(self._scratch)
            except BlockingIOError:
                return
            self.received += 1

    def _receive_stamped(self, leg: int) -> None:
        packet, extra, _, _ = self.sockets[leg].recvmsg(2048, 64)
        seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
        arrived = seconds + nanoseconds / 1e9
        sent = struct.unpack_from(">d", packet, 12)[0]
        if self.is_measuring:
            self.delays.append(arrived - sent)
            if leg in self._last:
                before_sent, before_arrived = self._last[leg]
                self.jitters.append(abs((arrived - before_arrived) - (sent - before_sent)))
        self._last[leg] = sent, arrived

    def flush(self) -> None:
        """Take what is still under way."""
        until = time.monotonic() + 2.0
        while self.received < self.sent and time.monotonic() < until:
            for leg in range(self.legs):
                self._receive(leg)
            time.sleep(0.01)

    def close(self) -> None:
        for opened in self.sockets:
            opened.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin(pid: int, core: int) -> None:
    """Keep a process to one core, where there are several."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(pid, {cores[core % len(cores)]})


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one run."""

    us_a_packet: float
    cpu_share: float
    delay_p50_ms: float
    delay_p99_ms: float
    d99_ms: float
    lost: int
    sent: int
    more: str = ""

    def line(self, name: str, calls: int, goal: float | None) -> str:
        """Return it beside the goal."""
        return (
            f"{name:23} {calls:5} {self.us_a_packet:7.2f} {f'<= {goal:g}' if goal else '-':>6} "
            f"{self.cpu_share:6.1%} {self.delay_p50_ms:7.2f} {self.delay_p99_ms:8.2f} "
            f"{self.d99_ms:7.2f} {self.lost:6} of {self.sent}{self.more}"
        )


def measured(generator: Generator, pid: int, seconds: float) -> Figures:
    """Run the load against a process."""
    generator.run(WARM_UP_SECONDS)
    generator.is_measuring = True
    cpu, received, begin = cpu_seconds(pid), generator.received, time.monotonic()
    generator.run(seconds)
    cpu, received = cpu_seconds(pid) - cpu, generator.received - received
    lasted = time.monotonic() - begin
    generator.flush()
    delay50, delay99 = np.percentile(np.array(generator.delays or [np.nan]) * 1000, (50, 99))
    return Figures(
        us_a_packet=cpu / max(received, 1) * 1e6,
        cpu_share=cpu / lasted,
        delay_p50_ms=float(delay50),
        delay_p99_ms=float(delay99),
        d99_ms=float(np.percentile(np.array(generator.jitters or [np.nan]) * 1000, 99)),
        lost=generator.sent - generator.received,
        sent=generator.sent,
    )


def of_worker(calls: int, seconds: float, *, is_inband: bool) -> Figures:
    """Measure the media worker."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        command = [sys.executable, "-m", "appliance.daemons.media", "--worker", "0"]
        environment = worker_environment(root, LINGHE_RTP_PORTS="20000-29999")
        worker = subprocess.Popen(command, env=environment)
        generator = Generator(calls)
        try:
            pin(worker.pid, 0)
            link = MediaLink(root / "run/media-0.sock")
            generator.ports = [link.claim(f"leg{leg}") for leg in range(generator.legs)]
            for leg in range(generator.legs):
                link.say(SetAudio(audio=_audio(generator, leg, is_inband=is_inband)))
            asked_figures(link)  # answered in order: all legs are as wished by then
            found = measured(generator, worker.pid, seconds)
            figures = asked_figures(link)
            worker.terminate()
            worker.wait()
            rows = sum(len(row_offsets(f.read_bytes())) for f in root.glob("frames/*.lhf"))
        finally:
            worker.kill()
            worker.wait()
            generator.close()
    more = (
        f", recorded {rows / generator.sent:.2%}, "
        f"ticks late {figures.ticks_late}/{figures.ticks}, worst {figures.worst_tick_ms:.1f} ms"
    )
    return replace(found, more=more)


def asked_figures(link: MediaLink) -> WorkerFigures:
    """Ask for the worker's own figures and wait for them."""
    link.say(FiguresAsked())
    figures = link.wait_for(lambda event: isinstance(event, WorkerFigures))
    assert isinstance(figures, WorkerFigures)
    return figures


def _audio(generator: Generator, leg: int, *, is_inband: bool) -> LegAudio:
    far = FarEnd(
        address="127.0.0.1",
        port=generator.sockets[leg].getsockname()[1],
        codec=Codec.PCMA,
        payload_type=8,
        dtmf_payload_type=101,
    )
    channel = Channel.AGENT if leg % 2 else Channel.CALLER
    return LegAudio(
        leg=LegId(f"leg{leg}"),
        call=CallId(f"call{leg // 2}"),
        version=1,
        far=far,
        hears=PeerAudio(leg=LegId(f"leg{leg ^ 1}")),
        track=Track(recording=RecordingId(f"recording{leg // 2}"), channel=channel),
        hears_inband_digits=is_inband,
    )


def of_yardstick(calls: int, seconds: float) -> Figures | None:
    """Measure the yardstick; None when it could not open its ports."""
    with tempfile.TemporaryDirectory() as folder:
        generator = Generator(calls)
        script = Path(__file__).parent.parent / "fakes" / "rtp_naive_relay.py"
        relay = subprocess.Popen(
            [sys.executable, str(script), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert relay.stdin is not None and relay.stdout is not None
        try:
            pin(relay.pid, 0)
            generator.ports = [FIRST_PORT + 2 * leg for leg in range(generator.legs)]
            for leg, opened in enumerate(generator.sockets):
                far = opened.getsockname()[1]
                relay.stdin.write(f"{generator.ports[leg]} {far} {leg ^ 1}\n")
            relay.stdin.write("go\n")
            relay.stdin.flush()
            if relay.stdout.readline() != "ready\n":
                return None
            return measured(generator, relay.pid, seconds)
        finally:
            relay.kill()
            relay.wait()
            generator.close()


def machine() -> str:
    """Say what this was measured on."""
    model = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    return (
        f"{os.cpu_count()} x {model}, Linux {os.uname().release}, Python "
        f"{sys.version.split()[0]}, numpy {np.__version__}, load before: {load}"
    )


def print_best(
    name: str, calls: int, runs: Iterable[Figures | None], goal: float | None = None
) -> None:
    """Print the run of the least CPU."""
    good = [run for run in runs if run is not None]
    if not good:
        print(f"{name:23} {calls:5} could not open its ports", flush=True)
        return
    print(min(good, key=lambda run: run.us_a_packet).line(name, calls, goal), flush=True)


def take_own_network() -> str:
    """Go on in a network namespace where nobody else listens, where that is allowed."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "the machine's loopback"
    if os.environ.get(OWN_NETWORK) is None:
        os.environ[OWN_NETWORK] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    with socket.socket() as any_socket:
        # SIOCSIFFLAGS on "lo": IFF_UP | IFF_RUNNING (netdevice(7)).
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))
    return "a loopback of its own"


def main() -> None:
    """Print one line a load."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, nargs="*", default=[50, 200, 500])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-yardstick", action="store_true")
    wanted = parser.parse_args()
    network = take_own_network()
    pin(0, 1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    print(f"{machine()}; {network}; best of {wanted.runs}")
    print("goals: 0 lost, 100 % recorded, added delay p99 <= 12 ms, d99 <= 11 ms (one tick)")
    print("relay                   calls us/pkt    goal  cpu     p50 ms   p99 ms  d99 ms  lost")
    for calls in wanted.calls:
        for name, is_inband in (("media worker", False), ("media worker, keys too", True)):
            runs = (
                of_worker(calls, wanted.seconds, is_inband=is_inband) for _ in range(wanted.runs)
            )
            print_best(name, calls, runs, GOAL_US.get(calls))
        if not wanted.no_yardstick:
            naive = (of_yardstick(calls, wanted.seconds) for _ in range(wanted.runs))
            print_best("asyncio, naive", calls, naive)


if __name__ == "__main__":
    main()
