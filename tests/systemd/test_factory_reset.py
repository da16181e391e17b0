"""A factory reset: everything goes, but for recordings where they were to stay."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "systemd" / "factory-reset"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name in (
        "linghe/settings.db",
        "linghe/settings.db-wal",
        "linghe/secrets.json",
        "linghe/.hidden",
        "linghe/run/control.sock",
        "linghe/recordings/2026-11-22/r1.wav",
        "linghe/recordings/2026-11-22/r1.json",
        "linghe/models/voice.onnx",
        "network/10-linghe.network",
        "network/time-zone",
        "ssh/authorized_keys",
        "journal/0123/system.journal",
        "voices/own/mine.onnx",
        "rauc/status",
        "timesync/clock",
        "update-pending",
    ):
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(name, encoding="utf-8")
    return root


def files(root: Path) -> set[str]:
    return {str(one.relative_to(root)) for one in root.rglob("*") if one.is_file()}


def reset(root: Path) -> None:
    subprocess.run([SCRIPT, root], check=True)


SYSTEM = {"rauc/status", "timesync/clock", "update-pending", "linghe/models/voice.onnx"}
"""What says which slot is good and which one is on trial, the last time that was known, and what
came with the image."""


def test_nothing_is_done_where_nobody_wished_for_it(data: Path) -> None:
    before = files(data)
    reset(data)
    assert files(data) == before


def test_recordings_stay_where_they_were_to_stay(data: Path) -> None:
    (data / "factory-reset").write_text("keep-recordings\n")
    reset(data)
    kept = {"linghe/recordings/2026-11-22/r1.wav", "linghe/recordings/2026-11-22/r1.json"}
    assert files(data) == SYSTEM | kept


def test_recordings_go_where_they_were_to_go(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    reset(data)
    assert files(data) == SYSTEM


def test_folders_that_others_are_mounted_over_are_still_there(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    reset(data)
    for name in ("journal", "network", "voices/own", "linghe"):
        assert (data / name).is_dir()


def test_a_reset_that_a_power_cut_ended_is_done_again_wholly(data: Path) -> None:
    """The wish is the last to go: whatever was deleted before the cut, all of it is at the end."""
    (data / "factory-reset").write_text("wipe\n")
    for gone in (data / "linghe/settings.db", data / "network/time-zone"):
        gone.unlink()
    reset(data)
    assert files(data) == SYSTEM
    reset(data)
    assert files(data) == SYSTEM


def test_an_update_that_was_not_started_yet_is_still_tried_as_one(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    reset(data)
    assert (data / "update-pending").read_text(encoding="utf-8") == "update-pending"


def powerless(root: Path) -> int:
    """Run it as somebody who may enter what is everybody's only."""
    command = [str(SCRIPT), str(root)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *command]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("place", ["linghe/0", "linghe/..z", "linghe/zz", "0", "zz"])
def test_a_folder_that_may_not_be_entered_keeps_nothing_else(data: Path, place: str) -> None:
    (data / "factory-reset").write_text("wipe\n")
    closed = data / place
    closed.mkdir()
    (closed / "mine").write_text("mine")
    closed.chmod(0)
    try:
        assert powerless(data) == 1
    finally:
        closed.chmod(0o700)
    # the wish is there still, for the next start
    assert files(data) == SYSTEM | {"factory-reset", f"{place}/mine"}
    assert powerless(data) == 0
    assert files(data) == SYSTEM


def test_on_the_box_it_may_enter_everything() -> None:
    """The unit itself holds no capability (test_systemd_units); this one command has root's."""
    unit = SCRIPT.with_name("linghe-factory-reset.service").read_text(encoding="utf-8")
    assert "\nExecStart=+/usr/lib/linghe/factory-reset /data\n" in unit
