"""What callers call themselves, on the owner's terminal and in the logs.

Callers' names are cut to what is printable where they come in (lines/sip_leg.py); here they lie in
the ledger as if that had been passed by, so that the second defence is seen to hold by itself.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from journal_script import Journal
from msgspec.structs import replace

from appliance.daemons import command_line
from appliance.daemons.supervisor.output import Console
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.store.places import Paths
from appliance.vocabulary.journal import CallEntered
from appliance.vocabulary.lines import Party
from appliance.vocabulary.one_line import OneLineForm, one_line

NINE = 1_795_417_200.0
NAMES = {
    "clear the screen": "\x1b[2J\x1b[H",
    "a window's title": "\x1b]0;owned\x07",
    "C1 control": "\x9b31mred",
    "line end": "Anna\r\nERROR box: all is lost",
    "carriage return": "1005\r8001",
    "right to left": "\u202e5001\u202c",
    "NUL": "a\0b",
    "backspace": "evil\b\b\b\bgood",
    "line separator": "a\u2028b",
    "delete": "a\x7fb",
}
OBEYED = tuple(chr(code) for code in (*range(32), *range(127, 160))) + tuple("\u2028\u2029\u202e")


def has_call_of(folder: Path, name: str) -> None:
    """The ledger has one call, by this name and number."""
    journal = Journal(NINE)
    journal.enters(0.0, "call-1")
    places = Paths(folder)
    places.make()
    ledger = Ledger(places.calls, record_of)
    entries = []
    for entry in journal.entries:
        if isinstance(entry.fact, CallEntered):
            fact = replace(entry.fact, caller=Party(number=name, name=name), called=name)
            entry = replace(entry, fact=fact)
        entries.append(entry)
    ledger.append(entries)
    ledger.close()


@pytest.mark.parametrize("what", NAMES)
@pytest.mark.parametrize("verb", [("calls",), ("calls", "call-1"), ("calls", "--json")])
def test_no_name_of_a_caller_moves_the_owners_terminal(
    what: str,
    verb: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path))
    monkeypatch.delenv("LINGHE_CLOCK", raising=False)
    has_call_of(tmp_path, NAMES[what])
    assert command_line.main(verb) == 0
    said = capfdbinary.readouterr().out.decode()
    assert not [char for char in said.replace("\n", "") if char in OBEYED]
    assert not [line for line in said.split("\n") if line.startswith("ERROR")]
    if "--json" in verb:
        assert json.loads(said)[0]["caller"]["name"] == NAMES[what], "for programs it is whole"


@pytest.mark.parametrize("name", ["王芳" * 100, "Łódź", "😀", "שלום", '"><b>\\', "=1+2"])
def test_what_can_be_shown_is_shown_as_it_is(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path))
    has_call_of(tmp_path, name)
    assert command_line.main(["calls"]) == 0
    assert name in capfdbinary.readouterr().out.decode()


def test_a_terminal_of_another_alphabet_breaks_nothing_off(tmp_path: Path) -> None:
    has_call_of(tmp_path, "王芳 😀")
    own = {"LINGHE_DATA": str(tmp_path), "PYTHONIOENCODING": "iso8859-2", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "appliance.daemons.command_line", "calls"],
        env=os.environ | own,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert rb"\u738b\u82b3" in done.stdout


def test_a_fault_of_a_site_file_moves_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))
    site = tmp_path / "site.toml"
    site.write_text('"\\u001b[2J" = 1\n[site]\nname = "\\u001b]0;owned\\u0007"\n')
    assert command_line.main(["apply", str(site)]) == 1
    said = capfdbinary.readouterr().err.decode()
    assert said.count("\n") == 2 and "\\x1b[2J" in said
    assert not [char for char in said.replace("\n", "") if char in OBEYED]


@pytest.mark.parametrize("what", NAMES)
def test_no_name_makes_a_line_of_the_log(what: str) -> None:
    record = logging.LogRecord("calls", logging.INFO, "", 0, "called %s", (NAMES[what],), None)
    told = OneLineForm().format(record)
    assert told.startswith("INFO calls: called ") and told.isprintable()


def test_a_traceback_keeps_its_lines() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "it\nfailed", (), sys.exc_info())
    told = OneLineForm().format(record)
    assert told.startswith("ERROR a: it\\nfailed\nTraceback") and told.endswith("\nValueError: no")


LOGS = {
    "control": "from appliance.daemons.control.log_lines import begin; begin()",
    "web": "import webadmin, pathlib, sys; from appliance.store.places import Paths;"
    " webadmin.create_app(Paths(pathlib.Path(sys.argv[1])))",
}


@pytest.mark.parametrize("process", LOGS)
def test_each_process_logs_so(process: str, tmp_path: Path) -> None:
    program = f"{LOGS[process]}\nimport logging\nlogging.getLogger('x').warning('a\\r\\n\\x1bb')"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        check=True,
    )
    assert done.stderr.decode().endswith("WARNING x: a\\r\\n\\x1bb\n")


def test_whatever_a_unit_writes_does_not_move_the_console() -> None:
    """Libraries write too: what they say passes the supervisor on its way to the terminal."""
    read_end, write_end = os.pipe()
    Console(write_end).say("web | \x1b[2J\x9b1m\rGET /\u202e")
    os.close(write_end)
    with os.fdopen(read_end, "rb") as told:
        assert told.read() == b"web | \\x1b[2J\\x9b1m\\rGET /\\u202e\n"


def test_escapes_are_pythons_own() -> None:
    assert one_line("a\nb\x9b\U000e0001") == "a\\nb\\x9b\\U000e0001"
    assert one_line("王芳 plain") == "王芳 plain"
