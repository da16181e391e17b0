"""`linghe selftest` against the whole box: an independent phone (pyVoIP) is led through *60."""

import json
import os
import subprocess
import sys

import pytest
from raw_phone import RawPhone
from running_box import ROOT, RunningBox

from appliance.daemons.paths import Paths
from appliance.lines.site_directory import self_test_secret
from appliance.store.secrets import Secrets

pytestmark = pytest.mark.peer
WHAT_IS_LOOKED_AT = ["registered", "prompt", "key", "farewell", "ledger", "recording"]


def self_test(box):
    done = subprocess.run(
        [sys.executable, "-m", "appliance.daemons.command_line", "selftest", "--json"],
        cwd=ROOT,
        env=box.environment,
        capture_output=True,
        text=True,
        timeout=40,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def found(told):
    return {one["key"]: one for one in told["findings"]}


def test_the_box_passes_its_self_test_and_says_so_in_words(box):
    words = box.linghe("selftest")
    assert words.count("●") == len(WHAT_IS_LOOKED_AT) and "✗" not in words
    assert words.endswith("The box works.\n")


def test_each_finding_is_measured(box):
    code, told = self_test(box)
    assert code == 0 and told["passed"]
    assert [one["key"] for one in told["findings"]] == WHAT_IS_LOOKED_AT
    phone = told["phone"]
    assert phone["registered_s"] < 2
    assert phone["prompt_ms"] < 1500
    assert 200 <= phone["echo_ms"] < 1200
    assert phone["echo_s"] >= 1.5
    assert not any(one.name == "selftest" and one.is_up for one in box.live().lines)


def test_a_box_without_a_site_passes_too(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir(mode=0o700)
    empty = RunningBox(folder)
    try:
        empty.start()
        code, told = self_test(empty)
        assert (code, told["passed"]) == (0, True), told
    finally:
        empty.stop()


def test_a_recording_that_cannot_be_stored_fails_the_self_test(box):
    recordings = box.folder / "recordings"
    aside = box.folder / "recordings-aside"
    recordings.rename(aside)
    recordings.write_text("not a folder")
    try:
        code, told = self_test(box)
    finally:
        recordings.unlink()
        aside.rename(recordings)
    assert code == 1 and not told["passed"]
    assert not found(told)["recording"]["passed"]
    assert found(told)["key"]["passed"] and found(told)["ledger"]["passed"]


def test_a_box_that_does_not_run_is_said_to_be_down(tmp_path):
    folder = tmp_path / "down"
    folder.mkdir(mode=0o700)
    code, said = self_test(RunningBox(folder))
    assert code == 3
    assert "not running" in said


def test_the_self_test_account_may_dial_nothing_but_the_self_test(box):
    secret = self_test_secret(Secrets(Paths(box.folder).secrets, os.urandom).box_key())
    phone = RawPhone(box.sip_port, "selftest", secret)
    try:
        assert phone.invite("8001").status == 403
        assert phone.invite("*81").status == 403
        assert phone.invite("913800138000").status == 403
        assert phone.invite("*60", secret="guessed").status == 401
    finally:
        phone.close()


def test_nobody_can_dial_the_self_test_phone(box):
    phone = RawPhone(box.sip_port, "8001", "test-only-secret-of-8001")
    try:
        assert phone.invite("selftest").status == 404
    finally:
        phone.close()
