"""Which real programs the tests were played with, in which version, and whether it worked.

    .venv/bin/pytest tests/peers tests/webadmin --compatibility     writes the help page's table

Programs are seen when a test starts them; nothing is listed by hand. A run writes the stories
that were in it and keeps the others as long as there are such tests.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import appliance

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "webadmin" / "pages" / "help" / "compatibility.json"
COMMAND = ".venv/bin/pytest tests/peers tests/webadmin --compatibility"

PROGRAMS = {
    "sipp": "sipp",
    "baresip": "baresip",
    "linphonec": "linphone",
    "chromedriver": "chromium",
    "selftest": "pyVoIP",
    "appliance.daemons.self_test": "pyVoIP",
}
"""A word of a command, and the program that it means."""
FIXTURES = {"tests/webadmin/test_web_chromium.py": ("browser", "chromium")}
"""A program that one fixture starts once for a whole file: whoever asks for it uses it."""
FILES = {"chromium": "chromium", "linphone": "linphonec"}
"""What to look up for the version where it is not the name."""


class Watch:
    """What the tests of this session start."""

    def __init__(self) -> None:
        self.used: dict[str, set[str]] = {}
        self.outcome: dict[str, bool] = {}
        self._started = subprocess.Popen.__init__

    def begin(self) -> None:
        """See every program that is started from now on."""
        watch, started = self, self._started

        def init(process: subprocess.Popen[Any], args: Any, *rest: Any, **words: Any) -> None:
            watch.saw(args)
            started(process, args, *rest, **words)

        subprocess.Popen.__init__ = init

    def end(self) -> None:
        """Look no more."""
        subprocess.Popen.__init__ = self._started

    def saw(self, args: Any) -> None:
        """A test starts a program."""
        words = [args] if isinstance(args, str | os.PathLike) else list(args)
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        for word in words:
            program = PROGRAMS.get(os.path.basename(os.fspath(word)))
            if program is not None and test:
                self.used.setdefault(test, set()).add(program)

    def begin_test(self, test: str) -> None:
        """A test begins, maybe for the second time: what counts is how it goes now."""
        self.outcome.pop(test, None)

    def passed(self, test: str, is_right: bool, fixtures: Sequence[str] = ()) -> None:
        """A phase of a test is over; one that failed is enough."""
        file = test.partition("::")[0]
        fixture, program = FIXTURES.get(file, ("", ""))
        if fixture in fixtures:
            self.used.setdefault(test, set()).add(program)
        self.outcome[test] = self.outcome.get(test, True) and is_right

    def told(self) -> dict[str, dict[str, Any]]:
        """Return all of it in plain words, for another process."""
        used = {test: sorted(programs) for test, programs in self.used.items()}
        return {"used": used, "outcome": self.outcome}

    def take_over(self, told: dict[str, dict[str, Any]]) -> None:
        """Add what another process saw."""
        for test, programs in told["used"].items():
            self.used.setdefault(test, set()).update(programs)
        self.outcome.update(told["outcome"])

    def stories(self) -> dict[str, dict[str, bool]]:
        """Return the tests of each program; the variants of one test are one story."""
        found: dict[str, dict[str, bool]] = {}
        for test, programs in self.used.items():
            if test not in self.outcome:
                continue
            story = test.partition("[")[0]
            for program in programs:
                known = found.setdefault(program, {})
                known[story] = known.get(story, True) and self.outcome[test]
        return found


def version_of(program: str) -> str:
    """Return the version that Debian or Python has of it."""
    if program == "pyVoIP":
        from importlib.metadata import version

        return version("pyVoIP")
    place = shutil.which(FILES.get(program, program))
    if place is None:
        return "unknown"
    package = _said_by("dpkg", "-S", os.path.realpath(place)).partition(":")[0]
    text = _said_by("dpkg-query", "-W", "-f", "${Version}", package) if package else ""
    # Without Debian's own epoch and revision.
    return text.rpartition(":")[2].partition("-")[0] or "unknown"


def _is_there(test: str) -> bool:
    """Say whether there still is such a test."""
    file, _, name = test.partition("::")
    place = ROOT / file
    return place.is_file() and f"def {name}(" in place.read_text(encoding="utf-8")


def _said_by(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def write(watch: Watch) -> None:
    """Write the file: this run's stories in place of their older selves, the others as they are."""
    found = watch.stories()
    ran = {test.partition("[")[0] for test in watch.outcome}
    kept = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {"programs": []}
    for row in kept["programs"]:
        stories = found.setdefault(row["program"], {})
        for story in row["stories"]:
            if story["test"] not in ran and _is_there(story["test"]):
                stories.setdefault(story["test"], story["works"])
    document = {
        "made": date.today().isoformat(),
        "linghe": appliance.__version__,
        "programs": [
            {
                "program": program,
                "version": version_of(program),
                "stories": [
                    {"test": test, "works": works} for test, works in sorted(stories.items())
                ],
            }
            for program, stories in sorted(found.items())
            if stories
        ],
    }
    TARGET.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
