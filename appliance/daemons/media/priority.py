"""Being on time: real-time priority for the tick's thread, and for no other.

Measured beforehand: with its core busy a relay without priority adds 350 ms, with real-time
priority or nice -20 nothing. A second thread of the same priority that holds the interpreter
could not be made to give way, so threads beside the tick step back to ordinary scheduling.

Imports nothing but os: a restarted worker asks for this first, since its own start is heard.
"""

import os

PRIORITY = 10
"""Of 1..99; above everything ordinary, below the kernel's own threads."""


def become_urgent() -> str:
    """Take real-time priority, or the best niceness, or what there is; say which it was."""
    if os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO:
        # systemd gave it, and lets nobody change it (the unit's SystemCallFilter)
        return f"real-time {os.sched_getparam(0).sched_priority}"
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    except OSError:
        pass
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError:
        return f"nice {os.getpriority(os.PRIO_PROCESS, 0)}"
    return f"real-time {PRIORITY}"


def step_back() -> None:
    """Called by a thread beside the tick: ordinary scheduling (the niceness stays)."""
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        return
