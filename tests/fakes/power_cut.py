"""A power cut as far as processes go: all die at one moment, and the last bytes are lost."""

import os
import signal
from pathlib import Path

from kept_state import KeptState
from running_box import wait_for

TORN = 25
"""Bytes."""


def cut_the_power(box):
    """kill -9 of everything at one moment: nobody lives on to tidy up."""
    units = [int(one.read_text()) for one in (box.folder / "run").glob("*.pid")]
    box.process.send_signal(signal.SIGSTOP)
    workers = [child for pid in units for child in _children(pid)]
    for pid in (*units, *workers):
        os.kill(pid, signal.SIGKILL)
    box.process.kill()
    box.process.wait(10)
    box.log.close()
    # As long as a worker of the web pages lives, its port is taken.
    wait_for(lambda: not any(map(_lives, workers)), 10, "their end")


def _children(pid):
    """Those of a process that has some of its own: the web pages' workers."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def lose_the_last_bytes(box):
    """Torn ends; and the machine has started anew since.

    What nobody forced to the disk is gone. A commit was forced before it was one: what is torn of
    a database is the one that was being written.
    """
    slots = box.folder / "state" / "control.slots"
    os.truncate(slots, max(0, slots.stat().st_size - TORN))
    logs = list(box.folder.glob("*-wal"))
    for log in logs:
        with log.open("ab") as file:
            file.write(b"\x5a" * TORN)
    kept = KeptState(box.folder)
    kept.change("clock", boot="another start of the machine")
    kept.close()
    assert logs, "calls.db has a WAL"
