"""`linghe health`: after a start, does the box do what it is for? systemd/linghe-health.service.

A real call by an independent phone (`linghe selftest`), a page, a write to the data folder. Then
root is told: a good start marks the slot as good, a bad one of an update on trial is ended, and the
loader goes back after three of them.
"""

import argparse
import contextlib
import http.client
import io
import os
import time

from appliance.daemons.command_line import self_test
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    note,
    paths,
    print_json,
)
from appliance.daemons.paths import environment
from appliance.daemons.root_asking import ask_root, check_root_is_there
from appliance.store.private_file import write_private
from appliance.vocabulary.errors import ApplianceError, EquipmentError
from appliance.wire.privileged import JudgeStart

NAME = "health"
HELP = "after a start: a test call, a page, the disk; tells root whether the start was good"
EXAMPLES = """\
  linghe health
  linghe health --only-look
"""
PATIENCE_S = 240.0
"""A box that has just been started needs its time; an emulated one on a busy machine more of it."""
AGAIN_S = 3.0
"""Slept away: this program has nothing else to do, and SIGTERM ends it in its sleep."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For people."""
    parser.add_argument("--only-look", action="store_true", help="say it here, not to root")


def carry_out(arguments: argparse.Namespace) -> int:
    """Look until all is well or the time is up; tell."""
    if not arguments.only_look:
        check_root_is_there()
    end = time.monotonic() + PATIENCE_S
    while (fault := _fault()) and not arguments.only_look and time.monotonic() < end:
        note(fault)
        time.sleep(AGAIN_S)
    judged = "The start is good." if not fault else fault
    if not arguments.only_look:
        judged = ask_root(JudgeStart(is_good=not fault, sentence=fault, by="health"))
    if arguments.json:
        print_json({"good": not fault, "sentence": judged})
    else:
        print(judged)
    return EXIT_REFUSED if fault else EXIT_DONE


def _fault() -> str:
    """Return what is not well, "" when all is."""
    try:
        _write()
        _page()
        return _call()
    except (ApplianceError, OSError, http.client.HTTPException) as error:
        return str(error)


def _write() -> None:
    place = paths().run / "health"
    write_private(place, f"{os.getpid()}\n".encode())
    place.unlink()


def _page() -> None:
    link = http.client.HTTPConnection("127.0.0.1", environment().http_port, timeout=20)
    try:
        link.request("GET", "/")
        status = link.getresponse().status
    finally:
        link.close()
    if status >= 500:
        raise EquipmentError(f"The pages answer {status}.")


def _call() -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = self_test.carry_out(argparse.Namespace(json=False))
    if code == EXIT_DONE:
        return ""
    lines = [line for line in said.getvalue().splitlines() if line.startswith("✗")]
    return " ".join(line.removeprefix("✗").strip() for line in lines) or "No test call was made."
