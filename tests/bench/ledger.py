"""What the ledger costs: entries a second and CPU a call, at 50 calls a second in group commits.

Run: .venv/bin/python tests/bench/ledger.py [calls]
Each call has 22 entries, from CallEntered to RecordingFiled, over a minute, so that a group
of entries belongs to many calls. A group is what came in within 20, 50 or 100 ms.
"""

import platform
import random
import sys
import tempfile
import time
from pathlib import Path
from sqlite3 import sqlite_version

from appliance.reports.record import record_of
from appliance.store.calls import CallBook
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import Instant, Utc
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    AgentRinging,
    AgentState,
    AgentStateChanged,
    Bridged,
    CallAnswered,
    CallEnded,
    CallEntered,
    CallOutcome,
    CallQueued,
    DigitPressed,
    Direction,
    Entry,
    LegGone,
    NodeEntered,
    NumberTold,
    PositionTold,
    PromptPlayed,
    RecordingClosed,
    RecordingFiled,
    RecordingOpened,
    RouteChosen,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, Party, TrunkLine

GOAL_MS = 0.4
CALLS_A_SECOND = 50
GROUP_S = 0.05


def call_of(number: int, start: float) -> list[Entry]:
    """Return one queue call's 22 entries over a minute."""
    call = f"c{int(start * 1000):013d}-{random.getrandbits(32):08x}"
    agent, phone, visit = f"1{number % 50:03d}", f"8{number % 50:03d}", f"{call}-v1"
    digest = f"{number % 10:064x}"
    of = {"agent": agent, "extension": phone}
    record = f"{call}-r1"
    facts = [
        CallEntered(
            direction=Direction.INBOUND,
            line=TrunkLine(trunk="carrier"),
            caller=Party(number=f"138{random.randrange(10**8):08d}", name="李 先生"),
            called="02188886666",
            line_call=f"{random.getrandbits(64):016x}@10.0.0.9",
        ),
        RouteChosen(number="02188886666", flow="main", why="number"),
        CallAnswered(),
        NodeEntered(flow="main", node="notice", node_kind="play", why="hours"),
        PromptPlayed(prompt=digest, text="您好，本次通话将被录音。", language="zh", is_notice=True),
        NodeEntered(flow="main", node="menu", node_kind="menu", why="next"),
        DigitPressed(digit="2", node="menu", leads_to="sales", form="rfc4733"),
        CallQueued(queue="sales", visit=visit, position=1),
        PositionTold(visit=visit, position=1),
        AgentOffered(**of, visit=visit),
        AgentRinging(**of),
        AgentAnswered(**of, visit=visit),
        NumberTold(agent=agent, prompt=digest),
        Bridged(**of, queue="sales", visit=visit),
        VisitEnded(
            queue="sales", visit=visit, outcome=VisitOutcome.ANSWERED, wait=12.3, agent=agent
        ),
        RecordingOpened(recording=record, notice=digest, notice_at=start),
        TalkEnded(**of, queue="sales", talk=40.0),
        RecordingClosed(recording=record),
        LegGone(by=Side.CALLER, cause=Cause.NORMAL),
        AgentStateChanged(agent=agent, state=AgentState.WRAP_UP, queue="sales"),
        CallEnded(by=Side.CALLER, cause=Cause.NORMAL, outcome=CallOutcome.ANSWERED),
        RecordingFiled(recording=record, file=f"2025/{record}.wav", sha256=digest, seconds=40.0),
    ]
    return [
        Entry(
            at=Utc(start + index * 3),
            mono=Instant(start + index * 3),
            call=call,
            leg=f"{call}-a",
            fact=fact,
            key=f"{call}:{index}",
        )
        for index, fact in enumerate(facts)
    ]


def groups_of(entries: list[Entry], every: float) -> list[list[Entry]]:
    """Return what a writer gathers that commits so often."""
    groups: list[list[Entry]] = []
    edge = 0.0
    for entry in entries:
        if entry.at >= edge:
            groups.append([])
            edge = entry.at + every
        groups[-1].append(entry)
    return groups


def measure(entries: list[Entry], calls: int, every: float) -> float:
    """Write the entries, print one line, return the CPU milliseconds a call."""
    groups = groups_of(entries, every)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.db"
        ledger = Ledger(path, record_of)
        cpu, wall, worst = time.process_time(), time.perf_counter(), 0.0
        for group in groups:
            began = time.perf_counter()
            ledger.append(group)
            worst = max(worst, time.perf_counter() - began)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        ledger.close()
        size = path.stat().st_size
        began = time.perf_counter()
        CallBook(path).calls_between(Utc(0.0), Utc(1e12))
        first = time.perf_counter() - began
    each = cpu * 1000 / calls
    print(
        f"{every * 1000:8.0f} {len(groups):8} {len(entries) / wall:10,.0f} {calls / wall:8,.0f}"
        f" {worst * 1000:9.1f} {size / calls:11,.0f} {first * 1000:10.1f} {each:8.3f}"
    )
    return each


def main() -> None:
    """Write the calls in groups of three sizes; print the figures and the goal."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    random.seed(7)
    epoch = 1_763_600_000.0
    entries = [
        entry
        for number in range(calls)
        for entry in call_of(number, epoch + number / CALLS_A_SECOND)
    ]
    entries.sort(key=lambda entry: entry.at)
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite_version}")
    print(f"{calls} calls, {len(entries)} entries, {CALLS_A_SECOND} calls a second")
    print("group ms  commits  entries/s  calls/s  worst ms  bytes/call  50 listed  CPU ms/call")
    reached = [measure(entries, calls, every) for every in (0.02, GROUP_S, 0.1)][1]
    verdict = "met" if reached <= GOAL_MS else "missed"
    print(f"goal: {GOAL_MS} ms CPU a call in groups of {GROUP_S * 1000:.0f} ms: {verdict}")


if __name__ == "__main__":
    main()
