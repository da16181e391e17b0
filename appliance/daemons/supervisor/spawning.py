"""From a unit to a running program: fork, hand over the descriptors, exec.

Done by hand instead of with subprocess because LISTEN_PID must be the child's own number and the
descriptors must lie at 3, 4, 5…: both can only be arranged between fork and exec. Little happens
there, since what is spent here is heard as a gap.
"""

import ctypes
import fcntl
import os
import signal
from collections.abc import Mapping, Sequence
from typing import NoReturn

from appliance.daemons.notify import FIRST_DESCRIPTOR
from appliance.daemons.supervisor.units import Unit

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
OWN_PRIORITY = 5
"""Real-time priority of the supervisor (sched(7)); of those it starts see units.py."""

_libc = ctypes.CDLL(None, use_errno=True)


def hurry() -> None:
    """Run before everything else (where allowed): who restarts others must not wait for a core."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(OWN_PRIORITY))
    except PermissionError:
        return


def as_others() -> None:
    """Give the priority back; for a program that is no unit, between fork and exec."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def adopt_orphans() -> None:
    """Let grandchildren whose parent died become ours (prctl(2)), so that they can be ended."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spawn(
    unit: Unit,
    passed: Sequence[tuple[str, int]],
    environment: Mapping[str, str],
    output: int,
) -> int:
    """Start the unit with these descriptors, in this order; return its process number."""
    variables = {**environment, "LISTEN_FDNAMES": ":".join(name for name, _ in passed)}
    if unit.watchdog_seconds is not None:
        variables["WATCHDOG_USEC"] = str(int(unit.watchdog_seconds * 1_000_000))
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _become(unit, [descriptor for _, descriptor in passed], variables, output, parent)
    return child


def _become(
    unit: Unit, descriptors: list[int], variables: dict[str, str], output: int, parent: int
) -> NoReturn:
    try:
        # A group of its own: Ctrl-C reaches the supervisor only, and what a dead unit leaves
        # behind can be ended with it.
        os.setpgid(0, 0)
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        _place(descriptors)
        _take_rank(unit)
        variables["LISTEN_PID"] = variables["WATCHDOG_PID"] = str(os.getpid())
        variables["LISTEN_FDS"] = str(len(descriptors))
        os.execve(unit.command[0], unit.command, variables)
    except OSError as error:
        os.write(2, f"{unit.command[0]} cannot be started: {error}\n".encode())
    finally:
        os._exit(127)


def _place(descriptors: list[int]) -> None:
    """Duplicate to 3, 4, 5…; those that lie in the way are moved up first."""
    end = FIRST_DESCRIPTOR + len(descriptors)
    for place, descriptor in enumerate(descriptors):
        if descriptor < end:
            descriptors[place] = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, end)
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, FIRST_DESCRIPTOR + place)


def _take_rank(unit: Unit) -> None:
    """The unit's own place among the others; until here the child has run in ours."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        policy = os.SCHED_FIFO if unit.realtime_priority else os.SCHED_OTHER
        os.sched_setscheduler(0, policy, os.sched_param(unit.realtime_priority))
    if unit.niceness:
        os.nice(unit.niceness)
    if unit.oom_score:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write(str(unit.oom_score))
