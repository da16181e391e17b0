"""A new version whose health check cannot tell root is left too: by the service manager itself."""

import re
import subprocess
from pathlib import Path

import pytest
from root_desk import Desk

from appliance.wire.privileged import CarriedOut, InstallUpdate

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "linghe-trial-failed.service"


def is_ended(root: Path) -> bool:
    """Judge as systemd.unit(5) and systemd.service(5) say: does this start of the machine end?"""
    text = UNIT.read_text(encoding="utf-8").replace("$$", "$")
    text = re.sub(r"(?<=[ =])/(data|proc)(?=/)", rf"{root}/\1", text)
    (note,) = re.findall(r"^ConditionPathExists=(.*)$", text, re.MULTILINE)
    if not Path(note).exists():
        return False
    asked = re.findall(r"^ExecCondition=/bin/sh -c '(.*)'$", text, re.MULTILINE)
    assert len(asked) == len(re.findall("^ExecCondition=", text, re.MULTILINE)) == 2
    codes = [subprocess.run(["/bin/sh", "-c", one], check=False).returncode for one in asked]
    # 255 would be a failure, and so a restart; between them it is left alone
    assert all(code < 255 for code in codes)
    return not any(codes)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A box on which an update was written to the other slot."""
    made = Desk(tmp_path)
    bundle = made.machine.updates / "linghe-1.2.raucb"
    bundle.write_bytes(b"bundle")
    assert isinstance(made.ask(InstallUpdate(file=str(bundle))), CarriedOut)
    return made


def start_in(desk: Desk, slot: str) -> None:
    desk.boot.write_text(f"the start of {slot}\n")
    desk.machine.command_line.write_text(f"quiet rauc.slot={slot} panic=10\n")


def test_the_slot_on_trial_is_left_where_the_check_cannot_tell(desk: Desk) -> None:
    start_in(desk, "B")
    assert is_ended(desk.root)


def test_the_version_of_before_goes_on_whatever_its_check_says(desk: Desk) -> None:
    assert not is_ended(desk.root), "the update waits for its first start"
    start_in(desk, "A")
    assert not is_ended(desk.root), "the loader went back"
    desk.machine.trial.unlink()
    assert not is_ended(desk.root), "nothing is on trial"


def test_a_machine_without_slots_is_left_alone(desk: Desk) -> None:
    start_in(desk, "B")
    desk.machine.command_line.write_text("quiet panic=10\n")
    assert not is_ended(desk.root)


def test_it_hangs_on_nothing_of_the_new_version() -> None:
    health = (FOLDER / "linghe-health.service").read_text(encoding="utf-8")
    assert f"\nOnFailure={UNIT.name}\n" in health
    text = UNIT.read_text(encoding="utf-8")
    assert "\nFailureAction=reboot\n" in text and "\nExecStart=/bin/false\n" in text
    commands = re.findall(r"^Exec(?:Start|Condition)\w*=(\S+)", text, re.MULTILINE)
    assert set(commands) == {"/bin/sh", "/bin/false"} and "python" not in text
