"""Simulated days, asked by the page and run beside it: a child process each, one after the other.

Theory of operation. A day of ten thousand calls takes a core for some seconds, so `linghe
simulate` runs it as a process of its own, with the least right to the processor: calls come first.
One comparison at a time is at work on the box: the unchanged day, then the changed one. It tells
each hour that is over; who asks sees how far it is. The latest one is remembered until the web
server ends. What takes too long is ended and said so.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from flask import current_app

from appliance.reports.simulated_day import DayResult
from appliance.reports.simulated_people import SimulatedDay
from appliance.store.places import Paths
from webadmin.languages import mark

EXTENSION = "linghe.simulations"
LONGEST_S = 180.0
"""Of one day; a week's worth of calls is done by then."""
HOURS = 26
"""That are told of a day: its own, and the end of its last calls."""
ENDS_S = 10.0
"""A process that has closed its output, or is killed, is gone by then."""
NICE = "15"
"""Calls, pages and jobs go before, where we may say so. On the box systemd lets the pages change
no rank (nice only warns): a simulation has theirs, and calls go before by their slice's weight."""

TOO_LONG = mark("The simulation took too long and was ended. Try it with fewer callers.")
BROKEN = mark("The simulation did not come to its end. Try again.")


@dataclass(slots=True, kw_only=True)
class Comparison:
    """A day as it is and as it would be."""

    name: str
    by: str
    sent: Mapping[str, str]
    """The form that asked for it."""
    days: tuple[SimulatedDay, SimulatedDay]
    results: list[DayResult] = field(default_factory=list)
    hour: int = 0
    """Of the day that is simulated now."""
    fault: str = ""
    """A sentence to be translated, or the command line's own."""

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return bool(self.fault) or len(self.results) == len(self.days)

    @property
    def per_cent(self) -> int:
        """How much is done."""
        hours = len(self.results) * HOURS + min(self.hour, HOURS - 1)
        return 100 if self.is_over else 100 * hours // (len(self.days) * HOURS)


class Simulations:
    """The one at work, or the last one."""

    def __init__(self, places: Paths) -> None:
        """Nothing is simulated yet."""
        self._places = places
        self._lock = threading.Lock()
        self._latest: Comparison | None = None

    def begin(
        self, days: tuple[SimulatedDay, SimulatedDay], sent: Mapping[str, str], by: str
    ) -> Comparison | None:
        """Begin to compare two days; None while others are compared."""
        with self._lock:
            if self._latest is not None and not self._latest.is_over:
                return None
            made = Comparison(name=secrets.token_hex(8), by=by, sent=sent, days=days)
            self._latest = made
        threading.Thread(target=self._run, args=(made,), name="simulation", daemon=True).start()
        return made

    def named(self, name: str) -> Comparison | None:
        """Return it, None for one that is forgotten."""
        with self._lock:
            return self._latest if self._latest is not None and self._latest.name == name else None

    def _run(self, wanted: Comparison) -> None:
        try:
            for day in wanted.days:
                wanted.hour = 0
                wanted.results.append(self._simulated(day, wanted))
        except _Failed as failed:
            wanted.fault = str(failed)
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
            wanted.fault = BROKEN

    def _simulated(self, day: SimulatedDay, wanted: Comparison) -> DayResult:
        with tempfile.TemporaryDirectory(prefix="linghe-simulate-") as folder:
            place = Path(folder) / "day.json"
            place.write_bytes(msgspec.json.encode(day))
            with (Path(folder) / "result").open("w+b") as result:
                words = _run_to_end(self._places, place, result.fileno(), wanted)
                result.seek(0)
                printed = result.read()
        if words:
            raise _Failed(words)
        return msgspec.json.decode(printed, type=DayResult)


class _Failed(Exception):
    """Why there is no result."""


def _run_to_end(places: Paths, day: Path, out: int, wanted: Comparison) -> str:
    """Run one; return what is wrong with it, "" for nothing."""
    verb = ["-I", "-m", "appliance.daemons.command_line", "simulate", "--json", "--progress"]
    child = subprocess.Popen(
        ["nice", "-n", NICE, sys.executable, *verb, str(day)],
        env={**os.environ, "LINGHE_DATA": str(places.root)},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
    )
    ended = threading.Timer(LONGEST_S, child.kill)
    ended.start()
    said = ""
    try:
        for line in child.stderr or ():
            text = line.decode("utf-8", "replace").strip()
            if text.startswith("hour "):
                with contextlib.suppress(ValueError):
                    wanted.hour = int(text.removeprefix("hour "))
            else:
                said = text
        code = child.wait(ENDS_S)
    finally:
        ended.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()
    if code < 0:
        return TOO_LONG
    return "" if code == 0 else said.removeprefix(f"{day}: ") or BROKEN


def simulations() -> Simulations:
    """Return the app's."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Simulations):
        raise TypeError("create_app() has made no simulations")
    return found
