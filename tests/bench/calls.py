"""What a call costs the whole box: set up and torn down, and talking while it is recorded.

    python tests/bench/calls.py [--rate 10 25 50] [--seconds 20] [--talking 50 200] [--profile FILE]

The box is the supervisor with all its processes; their CPU time is read from /proc, so what sipp
and the RTP generator use beside them does not count. sipp is the carrier and all the phones.
Set-up: carrier, queue, a registered phone that answers at once, BYE half a second later.
Talking: calls are held, 20 ms packets both ways, both sides recorded. Delay is from just before a
packet is sent to the kernel's time stamp on its arrival. Nothing fails on timing: read the figures.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))
sys.path.insert(0, str(Path(__file__).parent))

from call_load import (
    box_ports,
    carrier,
    phones,
    queue,
    register,
    site,
    statistics,
    straight_into,
)
from lane import CROWDED
from media import Generator, machine, of_yardstick, print_best
from running_box import RunningBox, free_port, wait_for
from tone_prompts import lay, text

TICKS = os.sysconf("SC_CLK_TCK")
PHONES = 60
"""For set-up: at 50 a second no call may wait for a free phone."""
HELD_MS = 500
"""From the box's answer on; the agent's phone answers well within."""
YARD_STEPS = 200_000
PACKET_SECONDS = 0.02
IDLE_SECONDS = 5.0
SET_UP_RATE = 20
AROUND_SECONDS = 8.0
"""Calls are held for longer than they are measured."""
NOTICE = "This call is recorded."
TALK_FLOW = f"""
[[flow]]
id = "load"
start = "notice"

[flow.node.notice]
kind = "play"
text = "{NOTICE}"
next = "queue"

[flow.node.queue]
kind = "queue"
queue = "load"
"""


# --- what the box uses ------------------------------------------------------------------------
def tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [root]
    for one in found:
        found += children.get(one, [])
    return found


def cpu_of(box: RunningBox) -> dict[str, float]:
    """CPU seconds by process, and of all; children that have ended are in their parent's."""
    names = {}
    for file in (box.folder / "run").glob("*.pid"):
        names[int(file.read_text())] = file.stem
    used: dict[str, float] = {}
    for pid in tree(box.process.pid):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        seconds = sum(int(one) for one in fields[11:15]) / TICKS
        name = "supervisor" if pid == box.process.pid else names.get(pid, "others")
        used[name] = used.get(name, 0.0) + seconds
    used["box"] = sum(used.values())
    return used


def yard() -> float:
    """CPU ms of a fixed piece of Python: how fast the machine is while others use it as well."""
    began, total = time.process_time(), 0
    for number in range(YARD_STEPS):
        total += number
    return (time.process_time() - began) * 1000


def speed_while(process: "subprocess.Popen[bytes]", most_seconds: float) -> float:
    """Wait for a process; return the median yard meanwhile."""
    yards, until = [yard()], time.monotonic() + most_seconds
    while time.monotonic() < until:
        try:
            process.wait(1.0)
            break
        except subprocess.TimeoutExpired:
            yards.append(yard())
    return float(np.median(yards))


def memory_of(pids: list[int]) -> int:
    """Proportional set size of processes, in kB: shared pages are counted once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def less(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    """Return what was used between two readings."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def idle_share(box: RunningBox) -> float:
    """Return the CPU seconds a second of a box that does nothing."""
    before = cpu_of(box)
    time.sleep(IDLE_SECONDS)
    return less(cpu_of(box), before)["box"] / IDLE_SECONDS


@contextmanager
def running(folder: Path, text_of_site: str) -> Iterator[RunningBox]:
    """A box with a site, that is stopped at the end."""
    data = folder / "var"
    data.mkdir(mode=0o700)
    lay(data, [(text(NOTICE), 600, 0.2)])
    box = RunningBox(data, rtp=CROWDED)
    try:
        box.start()
        box.apply(text_of_site)
        yield box
    finally:
        box.stop()


@contextmanager
def profiled(box: RunningBox, file: str | None, seconds: float) -> Iterator[None]:
    """Have py-spy look at control meanwhile, where asked for."""
    if file is None:
        yield
        return
    program = Path(sys.executable).with_name("py-spy")  # pip install py-spy
    asked = ("--gil", "-r", "500", "-f", "raw", "-d", str(int(seconds)), "-o", file)
    spy = subprocess.Popen(
        [str(program), "record", *asked, "-p", str(box.pid("control"))], stdout=subprocess.DEVNULL
    )
    yield
    spy.wait(seconds + 30)


# --- set-up and tear-down -----------------------------------------------------------------------
def set_up_line(rate: int, seconds: float, *, records: bool, profile: str | None) -> str:
    """Measure calls that are set up and torn down at a rate."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flow = TALK_FLOW if records else straight_into("load")
        wanted = site(free_port(), PHONES, queue("load", PHONES, records=records), flow=flow)
        with running(folder, wanted) as box:
            phone_port = free_port()
            register(folder, box.sip_port, PHONES, phone_port)
            idle = idle_share(box)
            return _set_up(box, folder, phone_port, rate, seconds, idle, profile)


def _set_up(
    box: RunningBox, folder: Path, phone_port: int, rate: int, seconds: float, idle: float,
    profile: str | None,
) -> str:  # fmt: skip
    calls = int(rate * seconds)
    media = [10000 + 2 * number for number in range(calls % 5000 or 5000)]
    media = (media * (calls // len(media) + 1))[:calls]
    figures = folder / "carrier.csv"
    answering = phones(folder, box.sip_port, phone_port, media)
    before, began = cpu_of(box), time.monotonic()
    with profiled(box, profile, seconds):
        calling = carrier(
            folder, box.sip_port, media, talk_ms=HELD_MS, rate=rate,
            extra=("-trace_stat", "-stf", str(figures), "-fd", "1", "-l", "2000"),
        )  # fmt: skip
        speed = speed_while(calling.process, seconds * 3 + 60)
        calling.stop()
    lasted, used = time.monotonic() - began, less(cpu_of(box), before)
    answering.stop()
    row = statistics(figures)
    good, failed = int(row["SuccessfulCall(C)"]), int(row["FailedCall(C)"])
    each = 1000 / max(good, 1)
    parts = ", ".join(
        f"{name} {share * each:.2f}" for name, share in sorted(used.items()) if name != "box"
    )
    answered = wait_for(lambda: answered_calls(box), 20, "the ledger")
    return (
        f"{rate:6} {good:6} {answered:8} {failed:6} {row['Retransmissions(C)']:>7} "
        f"{used['box'] * each:8.2f} {(used['box'] - idle * lasted) * each:9.2f} {speed:9.1f}"
        f"   ({parts})"
    )


def answered_calls(box: RunningBox) -> int:
    """Return how many calls reached an agent, once no call is left in the box."""
    if box.live().calls:
        return 0
    listed = box.linghe_json("calls", "--outcome", "answered", "--limit", "100000")
    return len(listed)


# --- talking, recorded --------------------------------------------------------------------------
def talking_line(calls: int, seconds: float) -> str:
    """Measure calls that are held and recorded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = site(free_port(), calls, queue("load", calls), flow=TALK_FLOW)
        with running(folder, wanted) as box:
            phone_port = free_port()
            register(folder, box.sip_port, calls, phone_port)
            generator = Generator(calls)
            try:
                return _talking(box, folder, phone_port, generator, seconds)
            finally:
                generator.close()


def _talking(
    box: RunningBox, folder: Path, phone_port: int, generator: Generator, seconds: float
) -> str:
    calls = generator.legs // 2
    own = [one.getsockname()[1] for one in generator.sockets]
    media_pid = box.pid("media-0")
    idle = idle_share(box)
    before_kb, media_kb = memory_of(tree(box.process.pid)), memory_of([media_pid])
    hold_ms = int((calls / SET_UP_RATE + seconds + AROUND_SECONDS) * 1000)
    answering = phones(folder, box.sip_port, phone_port, own[calls:])
    calling = carrier(folder, box.sip_port, own[:calls], talk_ms=hold_ms, rate=SET_UP_RATE)
    try:
        known: dict[int, int] = {}

        def all_talking() -> bool:
            known.update(box_ports(calling))
            known.update(box_ports(answering))
            return len(known) == generator.legs and all(
                one.talking_since is not None for one in box.live().calls
            )

        wait_for(all_talking, calls / SET_UP_RATE + 30, f"{calls} calls to talk")
        generator.ports = [known[port] for port in own]
        for leg in range(generator.legs):
            generator._receive(leg)  # the music from before the talk
        generator.received = 0
        line = _measured(box, generator, seconds, idle, (before_kb, media_kb))
        calling.process.wait(hold_ms / 1000 + 60)
        answering.process.wait(60)
        return line + _recorded(box, generator)
    finally:
        calling.stop()
        answering.stop()


def _measured(
    box: RunningBox, generator: Generator, seconds: float, idle: float, kept: tuple[int, int]
) -> str:
    calls = generator.legs // 2
    generator.run(1.0)
    generator.is_measuring = True
    before, began = cpu_of(box), time.monotonic()
    generator.run(seconds)
    used, lasted = less(cpu_of(box), before), time.monotonic() - began
    generator.is_measuring = False
    each_kb = (memory_of(tree(box.process.pid)) - kept[0]) / calls
    media_each_kb = (memory_of([box.pid("media-0")]) - kept[1]) / calls
    generator.flush()
    p50, p99 = np.percentile(np.array(generator.delays or [np.nan]) * 1000, (50, 99))
    per_call = used["box"] / lasted / calls * 100
    net = (used["box"] / lasted - idle) / calls * 100
    lost = generator.sent - generator.received
    return (
        f"{calls:6} {per_call:8.3f} {net:8.3f} {used['media-0'] / lasted / calls * 100:8.3f} "
        f"{each_kb:8.0f} {media_each_kb:8.0f} {p50:8.2f} {p99:8.2f} {lost:6} of {generator.sent}"
    )


def _recorded(box: RunningBox, generator: Generator) -> str:
    """After everybody hung up: the share of what was spoken that stands in sealed files."""
    calls = generator.legs // 2

    def sealed():
        found = box.linghe_json("calls", "--limit", "5000")
        done = [one for one in found if one["recordings"] and one["recordings"][0].get("file")]
        return len(done) == calls and done

    notes = [one["recordings"][0] for one in wait_for(sealed, 120, "recordings to be sealed")]
    spoken = generator.sent / generator.legs * PACKET_SECONDS
    filed = sum(min(note["seconds"] / spoken, 1.0) for note in notes) / calls
    missing = sum(note.get("missing_frames", 0) for note in notes)
    return f", recorded {filed:.2%} of bridged seconds, {missing} frames missing"


# --- the report -----------------------------------------------------------------------------------
def commit() -> str:
    """Say which source this is."""
    return subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent,
    ).stdout.strip()  # fmt: skip


def print_set_up(arguments: argparse.Namespace) -> None:
    """Print one line a rate."""
    print("\nSet-up and tear-down (goal: <= 3 ms of CPU a call; Asterisk 8 to 11; clean at 50/s)")
    print("calls/s   good answered failed retrans  ms/call less idle  yard ms   (whose)")
    for rate in arguments.rate:
        print(
            set_up_line(
                rate,
                arguments.calls / rate if arguments.calls else arguments.seconds,
                records=arguments.record,
                profile=arguments.profile,
            ),
            flush=True,
        )


def print_talking(arguments: argparse.Namespace) -> None:
    """Print one line a load, and the yardstick of the same run."""
    print(
        "\nTalking, recorded, whole box (goals: <= 0.08 % of a core a call at 200; <= 100 kB a"
        " call; 100.0 % recorded; p99 <= 12 ms quiet; Asterisk 0.48 %, FreeSWITCH 0.58 %)"
    )
    print(" calls   % core less idle    media kB/call    media   p50 ms   p99 ms   lost")
    for calls in arguments.talking:
        print(talking_line(calls, arguments.seconds), flush=True)
    if arguments.talking and not arguments.no_yardstick:
        print("\nYardstick in the same run, as tests/bench/media.py prints it:")
        most, seconds = max(arguments.talking), min(arguments.seconds, 10.0)
        print_best("asyncio, naive", most, [of_yardstick(most, seconds)])


def main() -> None:
    """Print figures beside their goals."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, nargs="*", default=[10, 25, 50], metavar="CALLS/S")
    parser.add_argument("--calls", type=int, default=0, help="for each rate; 0: as --seconds says")
    parser.add_argument("--talking", type=int, nargs="*", default=[50, 200], metavar="CALLS")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--record", action="store_true", help="set-up with notice and recording")
    parser.add_argument("--profile", metavar="FILE", help="set-up: py-spy's raw stacks")
    parser.add_argument("--no-yardstick", action="store_true")
    arguments = parser.parse_args()
    print(f"{machine()}, commit {commit()}")
    if arguments.rate:
        print_set_up(arguments)
    if arguments.talking:
        print_talking(arguments)


if __name__ == "__main__":
    main()
