"""The house's own rules as tests: style, types, layers, a sign on each door."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PACKAGES = ("appliance", "webadmin")
MOST_LINES = 400
MOST_BYTES = 10_000_000
"""Twice the largest, the prompts of a language."""

MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def said_by(*command: str) -> str:
    """What a tool complains of; empty when it is content."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_style_is_clean() -> None:
    assert said_by("ruff", "check", ".") == ""


@pytest.mark.timeout(900)
def test_types_are_strict() -> None:
    assert said_by("mypy") == ""


def test_rooms_import_only_what_lies_below_them() -> None:
    assert said_by("lint-imports") == ""


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in MODULES
        if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_file_is_too_long_to_be_read_at_one_sitting() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in MODULES
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def _files_of_the_project() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_disk_or_other_giant_was_committed() -> None:
    """A disk of an emulated machine once was, by an experiment in the wrong folder."""
    giants = [name for name in _files_of_the_project() if (ROOT / name).stat().st_size > MOST_BYTES]
    assert giants == []


def test_nothing_but_tests_names_what_lies_outside_the_repository() -> None:
    # Joined here, so that this file does not name them either.
    workshop, reading_room = "/".join(("", "work", "")), "/." + "library"
    named = []
    for name in _files_of_the_project():
        place = ROOT / name
        if place.stat().st_size > MOST_BYTES:
            continue  # the test before this one has it
        text = place.read_text(encoding="utf-8", errors="replace")
        if workshop in text or reading_room in text:
            named.append(name)
        elif not name.startswith("tests/") and "../" + "shared" in text:
            named.append(name)
    assert named == []


def test_everything_that_runs_starts_from_one_place() -> None:
    """Only the supervisor forks; others may run a program, but not without waiting for it."""
    forking = [
        str(file.relative_to(ROOT))
        for file in MODULES
        if "os.fork(" in file.read_text(encoding="utf-8")
    ]
    assert forking == ["appliance/daemons/supervisor/spawning.py"]
