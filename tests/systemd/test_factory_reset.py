"""A factory reset: everything goes, but for recordings where they were to stay."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.daemons.console.rescue import latest_faults

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


def test_who_waits_at_the_screen_is_told_how_far_it_is(data: Path, tmp_path: Path) -> None:
    for day in ("2026-11-20", "2026-11-21"):
        (data / "linghe/recordings" / day).mkdir()
        (data / "linghe/recordings" / day / "r.wav").touch()
    (data / "factory-reset").write_text("wipe\n", encoding="utf-8")
    screen = tmp_path / "screen"
    subprocess.run([SCRIPT, data, screen], check=True)
    assert not (data / "linghe/recordings").exists()
    # each line begins the file anew here; on a screen it stands below the one before
    assert screen.read_text(encoding="utf-8") == (
        "Recordings of 2026-11-22 are deleted; of 3 days 1 are left.\n"
    )


def test_a_screen_that_is_not_there_holds_nothing_up(data: Path, tmp_path: Path) -> None:
    (data / "factory-reset").write_text("wipe\n", encoding="utf-8")
    done = subprocess.run(
        [SCRIPT, data, tmp_path / "none/tty1"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert files(data) <= SYSTEM


def test_nothing_is_done_where_nobody_wished_for_it(data: Path) -> None:
    before = files(data)
    reset(data)
    assert files(data) == before


def test_recordings_stay_where_they_were_to_stay(data: Path) -> None:
    (data / "factory-reset").write_text("keep-recordings\n")
    reset(data)
    kept = {"linghe/recordings/2026-11-22/r1.wav", "linghe/recordings/2026-11-22/r1.json"}
    assert files(data) == SYSTEM | kept


def test_what_is_no_recording_yet_stays_with_them(data: Path) -> None:
    """The last minute of a talk that the reset has ended: jobs seals it at the next start."""
    frames = data / "linghe/frames/r2.a.frames"
    frames.parent.mkdir()
    frames.touch()
    (data / "factory-reset").write_text("keep-recordings\n")
    reset(data)
    assert frames.exists()
    (data / "factory-reset").write_text("wipe\n")
    reset(data)
    assert files(data) == SYSTEM


def test_a_link_in_the_place_of_the_recordings_leads_no_deletion_away(
    data: Path, tmp_path: Path
) -> None:
    """Who took over a process of the box could lay one; root deletes what is the box's only."""
    loader = tmp_path / "efi/EFI/BOOT"
    loader.mkdir(parents=True)
    shutil.rmtree(data / "linghe/recordings")
    (data / "linghe/recordings").symlink_to(tmp_path / "efi")
    (data / "factory-reset").write_text("wipe\n")
    reset(data)
    assert loader.is_dir() and files(data) == SYSTEM
    assert not (data / "linghe/recordings").is_symlink()


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
    # and the wish is gone: the box starts, and may be set up before its next start
    assert files(data) == SYSTEM | {f"{place}/mine"}
    (data / "linghe/settings.db").write_text("of the next owner")
    assert powerless(data) == 0
    assert (data / "linghe/settings.db").exists()
    (data / "factory-reset").write_text("wipe\n")
    assert powerless(data) == 0
    assert files(data) == SYSTEM


REAL_RM = shutil.which("rm") or "/bin/rm"


def with_own_rm(data: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run it with an `rm` that does this first; `$real` is the true one, `$data` the partition."""
    programs = data.parent / "programs"
    programs.mkdir(exist_ok=True)
    text = f'#!/bin/sh\nreal={REAL_RM} data={data}\n{script}\nexec $real "$@"\n'
    (programs / "rm").write_text(text, encoding="utf-8")
    (programs / "rm").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    words = [SCRIPT, data]
    return subprocess.run(
        words, check=False, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )


AT_RECORDINGS = 'case "$*" in *linghe/recordings) {} ;; esac'
AT_A_DAY = 'case "$*" in *linghe/recordings/*) {} ;; esac'


def test_power_that_goes_among_the_recordings_leaves_nothing_of_the_owner_and_the_wish(
    data: Path,
) -> None:
    """They take the longest by far: what names the owner is gone by then."""
    (data / "linghe/state").mkdir()
    (data / "linghe/state/control.slots").write_text("signed in")
    (data / "factory-reset").write_text("wipe\n")
    done = with_own_rm(data, AT_A_DAY.format("kill -9 $PPID; exit 1"))
    assert done.returncode == -9
    recordings = {"linghe/recordings/2026-11-22/r1.wav", "linghe/recordings/2026-11-22/r1.json"}
    assert files(data) == SYSTEM | recordings | {"factory-reset"}
    reset(data)
    assert files(data) == SYSTEM


def test_what_names_the_owner_goes_before_all_else(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    (data / "linghe/state").mkdir()
    asked = data.parent / "asked"
    with_own_rm(data, f'echo "$*" >>{asked}')
    first = [words.rsplit("/", 1)[1] for words in asked.read_text(encoding="utf-8").splitlines()]
    known = [one for one in first if one in ("secrets.json", "settings.db", "state", "run")]
    assert known == ["secrets.json", "settings.db", "state", "run"]
    assert first[-2:] == ["recordings", "factory-reset"]


def test_what_fails_once_is_tried_a_second_time(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    once = data.parent / "once"
    told = with_own_rm(data, AT_RECORDINGS.format(f"[ -e {once} ] || {{ : >{once}; exit 1; }}"))
    assert told.returncode == 0 and "ERROR" not in told.stderr
    assert files(data) == SYSTEM


def test_what_fails_twice_is_said_where_the_screen_looks_for_faults(data: Path) -> None:
    (data / "factory-reset").write_text("wipe\n")
    told = with_own_rm(data, AT_RECORDINGS.format("exit 1"))
    assert told.returncode == 1 and told.stderr.count("ERROR") == 1
    (shown,) = latest_faults(lambda: told.stderr)
    assert f"in: {data}/linghe/recordings." in shown
    assert not (data / "factory-reset").exists()


def test_a_wish_that_cannot_be_removed_is_told_of(data: Path) -> None:
    """As on a disk that the kernel has made read-only: nothing can be set up on it either."""
    (data / "factory-reset").write_text("wipe\n")
    told = with_own_rm(data, 'case "$*" in *factory-reset) exit 1 ;; esac')
    assert told.returncode == 1 and "wish" in told.stderr
    assert (data / "factory-reset").exists()


def test_it_has_all_the_time_that_it_needs() -> None:
    """Ended by systemd, it would leave the wish over a box that starts."""
    unit = SCRIPT.with_name("linghe-factory-reset.service").read_text(encoding="utf-8")
    assert "\nTimeoutStartSec=infinity\n" in unit


def test_on_the_box_it_may_enter_everything() -> None:
    """The unit itself holds no capability (test_systemd_units); this one command has root's."""
    unit = SCRIPT.with_name("linghe-factory-reset.service").read_text(encoding="utf-8")
    assert "\nExecStart=+/usr/lib/linghe/factory-reset /data /dev/tty1\n" in unit
