"""`linghe selftest`: an independent phone calls the box; what it found, in plain words.

The phone is a program of its own (daemons/self_test, pyVoIP); this verb gives it the box's own test
account, then looks for the call in the ledger and for its recording on the disk.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import msgspec
import numpy as np

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_NOT_RUNNING,
    EXIT_REFUSED,
    note,
    paths,
    print_json,
)
from appliance.daemons.paths import Paths
from appliance.lines.site_directory import self_test_secret
from appliance.signals.g711 import decode_alaw, decode_ulaw
from appliance.signals.levels import dbfs
from appliance.store.calls import CallBook, CallFilter
from appliance.store.secrets import Secrets
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.lines import SELF_TEST_CODE, SELF_TEST_EXTENSION
from appliance.vocabulary.records import CallRecord
from appliance.vocabulary.shape import Value
from appliance.wire.control import StatusAsked, StatusTold
from appliance.wire.self_test import PhoneOrder, PhoneReport

NAME = "selftest"
HELP = "let an independent phone call the box and say what it found"
EXAMPLES = """\
  linghe selftest
  linghe selftest --json | jq .passed
"""
KEY = "1"
PHONE_SECONDS = 20.0
LEDGER_SECONDS = 8.0
LOOK_SECONDS = 0.1
LEAST_RECORDED_SECONDS = 2.0
LEAST_DBFS = -35.0
"""The phone's own tone is at about -13; a silent track is below -60."""
_ALAW_FORMAT = 6
"""WAVE_FORMAT_ALAW; 7 is µ-law."""


class Finding(Value, frozen=True, kw_only=True):
    """One thing that was looked at."""

    key: str
    passed: bool
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Call, look, tell. At most 30 seconds."""
    places = paths()
    told = asked(places.control_socket, StatusAsked())
    if not isinstance(told, StatusTold):
        note(f"The box is not running ({places.root}).")
        return EXIT_NOT_RUNNING
    report = _called(places, told.sip_port)
    findings = [*_of_phone(report), *_of_ledger(places, report)]
    passed = all(one.passed for one in findings)
    if arguments.json:
        print_json({"passed": passed, "findings": findings, "phone": report})
    else:
        for one in findings:
            print(f"{'●' if one.passed else '✗'} {one.sentence}")
        print("The box works." if passed else "The self-test failed.")
    return EXIT_DONE if passed else EXIT_REFUSED


def _called(places: Paths, port: int) -> PhoneReport:
    order = PhoneOrder(
        address="127.0.0.1",
        port=port,
        user=SELF_TEST_EXTENSION,
        secret=self_test_secret(Secrets(places.secrets, os.urandom).box_key()),
        dial=SELF_TEST_CODE,
        key=KEY,
        seconds=PHONE_SECONDS,
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "appliance.daemons.self_test"],
            input=msgspec.json.encode(order),
            capture_output=True,
            timeout=PHONE_SECONDS + 2,
            check=False,
        )
        # pyVoIP prints remarks of its own before it.
        return msgspec.json.decode(done.stdout.rstrip().rpartition(b"\n")[2], type=PhoneReport)
    except subprocess.TimeoutExpired as error:
        raise EquipmentError("The test phone did not end in time.") from error
    except msgspec.MsgspecError as error:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise EquipmentError(f"The test phone could not be started: {said}") from error


def _of_phone(report: PhoneReport) -> Iterator[Finding]:
    yield Finding(
        key="registered",
        passed=report.registered_s is not None,
        sentence=f"Registered in {report.registered_s} s."
        if report.registered_s is not None
        else report.trouble,
    )
    if report.registered_s is None:
        return
    yield Finding(
        key="prompt",
        passed=report.prompt_ms is not None,
        sentence=f"Called {SELF_TEST_CODE} and heard the prompt after {report.prompt_ms:.0f} ms, "
        f"at {report.prompt_dbfs} dBFS."
        if report.prompt_ms is not None
        else report.trouble,
    )
    if report.prompt_ms is None:
        return
    yield Finding(
        key="key",
        passed=not report.trouble and report.echo_ms is not None,
        sentence=f"Key {KEY} was understood; the phone heard itself after {report.echo_ms:.0f} ms, "
        f"for {report.echo_s} s at {report.echo_dbfs} dBFS."
        if report.echo_ms is not None and not report.trouble
        else report.trouble,
    )
    if report.echo_ms is None:
        return
    yield Finding(
        key="farewell",
        passed=report.farewell_heard and report.hung_up_by_box,
        sentence="The box said that all is well and hung up."
        if report.farewell_heard and report.hung_up_by_box
        else "The box did not say goodbye."
        if report.hung_up_by_box
        else "The box did not hang up.",
    )


# --- ledger and recording ---------------------------------------------------------------------
def _of_ledger(places: Paths, report: PhoneReport) -> Iterator[Finding]:
    if not report.sip_call_id:
        return
    record = _record(places, report.sip_call_id, wants_file=report.echo_ms is not None)
    yield Finding(
        key="ledger",
        passed=record is not None and record.ended is not None,
        sentence="The call does not stand in the ledger."
        if record is None
        else f"The call stands in the ledger as {record.call}."
        if record.ended is not None
        else f"The ledger shows the call {record.call} as still going on.",
    )
    if record is not None and report.echo_ms is not None:
        yield _of_recording(places, record)


def _record(places: Paths, line_call: str, *, wants_file: bool) -> CallRecord | None:
    """Return the call when it is complete, or what there is when the time is up."""
    end = time.monotonic() + LEDGER_SECONDS
    book = CallBook(places.calls)
    try:
        while True:
            # by any date: the box's clock may have been set by LINGHE_CLOCK
            calls = book.calls_between(
                Utc(0.0), Utc(float("inf")), CallFilter(number=SELF_TEST_EXTENSION), limit=10
            )
            found = next((one for one in calls if one.line_call == line_call), None)
            if found is not None and found.ended is not None:
                settled = [one for one in found.recordings if one.file or one.failed]
                if settled or not wants_file:
                    return found
            if time.monotonic() > end:
                return found
            time.sleep(LOOK_SECONDS)
    finally:
        book.close()


def _of_recording(places: Paths, record: CallRecord) -> Finding:
    recording = record.recordings[0] if record.recordings else None
    if recording is None or not recording.file:
        why = recording.failed if recording is not None else ""
        return _recording_fault(why or "There is no sealed recording of the call.")
    try:
        content = (places.recordings / recording.file).read_bytes()
    except OSError as error:
        return _recording_fault(f"The recording cannot be read: {error}.")
    if hashlib.sha256(content).hexdigest() != recording.sha256:
        return _recording_fault(f"The recording {recording.file} is not what was sealed.")
    level = _level(content)
    seconds = recording.seconds or 0.0
    heard = f"{seconds:.1f} s at {level:.1f} dBFS, file and SHA-256 agree ({recording.file})."
    if seconds < LEAST_RECORDED_SECONDS or level < LEAST_DBFS:
        return _recording_fault(f"The recording is too short or too quiet: {heard}")
    return Finding(key="recording", passed=True, sentence=f"Recorded {heard}")


def _recording_fault(sentence: str) -> Finding:
    return Finding(key="recording", passed=False, sentence=sentence)


def _level(wav: bytes) -> float:
    """Return the level of a G.711 file's louder channel."""
    head = wav.index(b"fmt ") + 8
    kind, channels = int.from_bytes(wav[head : head + 2], "little"), max(1, wav[head + 2])
    body = np.frombuffer(wav[wav.index(b"data") + 8 :], np.uint8)
    samples = (decode_alaw if kind == _ALAW_FORMAT else decode_ulaw)(body)
    return max((float(dbfs(samples[one::channels])) for one in range(channels)), default=-100.0)
