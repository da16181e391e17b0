"""The table of processes: what runs on the box, and what each of them is given.

The same things stand in systemd/*.service for the image; this is their form for the stand-in.
Python's own start-up flags, since every ms of a restart is heard in a call:

-I   isolated: no current folder, no user site-packages and no PYTHON… variables on the search
     path, so that a stray file named like a standard module cannot be run by a daemon;
-u   nothing of the last lines before a crash stays in a buffer.

(Left out: -S would save another 6 ms, but the virtual environment is found by it; -O would
change nothing, there are no asserts outside of tests. Frozen standard modules are on by default.)
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PYTHON = (sys.executable, "-I", "-u")

GUNICORN_ACCESS = '%(h)s "%(r)s" %(s)s %(b)s %(M)s ms'

WEB_WORKER = "webadmin.gunicorn_worker.Bounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One process that is to run always."""

    name: str
    """Also of its pid file, log file and notify socket: "media-0"."""
    title: str
    """For people: "media 0"."""
    command: tuple[str, ...]
    needs: str = ""
    """Python module without which the command cannot work."""
    sockets: tuple[str, ...] = ()
    """Names of listening sockets that it inherits."""
    watchdog_seconds: float | None = None
    """Silent for so long: killed and restarted. None: not watched."""
    start_seconds: float = 60.0
    """Not ready after so long: killed and restarted."""
    stop_order: int = 0
    """Stopped in this order, lowest first; equal ones together."""
    oom_score: int = 0
    """0 to 1000; who goes first when memory runs out: web first, media last."""
    niceness: int = 0
    realtime_priority: int = 0
    """0: none. Else before all that have none, from its first instruction (where allowed)."""


def units(*, workers: int) -> tuple[Unit, ...]:
    """Return the units of a whole box with so many media workers."""
    media = tuple(
        Unit(
            name=f"media-{worker}",
            title=f"media {worker}",
            command=(*PYTHON, "-m", "appliance.daemons.media", "--worker", str(worker)),
            needs="appliance.daemons.media.__main__",
            sockets=(f"media-{worker}",),
            watchdog_seconds=2.0,
            stop_order=3,
            realtime_priority=10,
        )
        for worker in range(workers)
    )
    return (
        *media,
        Unit(
            name="control",
            title="control",
            command=(*PYTHON, "-m", "appliance.daemons.control"),
            needs="appliance.daemons.control.__main__",
            sockets=("sip-udp", "sip-tcp", "sip-tls", "control"),
            watchdog_seconds=5.0,
            stop_order=2,
            oom_score=100,
        ),
        Unit(
            name="web",
            title="web",
            # gunicorn speaks LISTEN_FDS and NOTIFY_SOCKET itself. Threads, because each page
            # "Live" that is open and each reader of the API's events holds one; bounded, because
            # no proxy stands in front.
            command=(
                *(*PYTHON, "-m", "gunicorn", "--worker-class", WEB_WORKER),
                *("--workers", "1", "--threads", "32", "--graceful-timeout", "1"),
                *("--access-logformat", GUNICORN_ACCESS, "--log-level", "warning"),
                *("--no-control-socket", "webadmin:create_app()"),
            ),
            needs="webadmin.pages",
            sockets=("http",),
            stop_order=1,
            oom_score=500,
            niceness=5,
        ),
        Unit(
            name="jobs",
            title="jobs",
            command=(*PYTHON, "-m", "appliance.daemons.jobs"),
            needs="appliance.daemons.jobs.__main__",
            stop_order=4,
            oom_score=400,
            niceness=10,
        ),
    )


def is_there(module: str, roots: Mapping[str, Path]) -> bool:
    """Say whether the module's file exists, without importing any of it.

    `roots`: where the top-level packages lie. A module of another package counts as there.
    """
    top, _, rest = module.partition(".")
    if top not in roots:
        return True
    place = roots[top].joinpath(*rest.split(".")) if rest else roots[top]
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
