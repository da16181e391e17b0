"""A disk that is really full: a small file system of its own (root only; skipped elsewhere)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.daemons.prompts import lay_defaults
from appliance.store import schema
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.store.settings_tables import SETTINGS
from appliance.vocabulary.errors import EquipmentError

SITE = """\
[site]
name = "Example"
language = "en"
timezone = "Europe/London"
country = "gb"

[[extension]]
number = "201"
secret = "correct horse"
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Two megabytes."""
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine (a container?) may not mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Use up every byte; return what to remove for room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * 4096)
        except OSError:
            return filler


def linghe(disk: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "appliance.daemons.command_line", *words],
        env=os.environ | {"LINGHE_DATA": str(disk / "var")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_every_verb_says_that_the_disk_is_full_and_nothing_is_changed(
    disk: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    assert linghe(disk, "apply", "--no-prompts", str(site))[0] == 0
    before = linghe(disk, "export")[1]
    filler = fill(disk)
    site.write_text(SITE.replace("Example", "Other"))
    for words in (
        ("apply", "--no-prompts", str(site)),
        ("token", "add", "crm", "--scope", "calls:read"),
        ("claim",),
        ("export",),
        ("calls",),
    ):
        code, said, err = linghe(disk, *words)
        assert (code, said) == (1, ""), words
        assert "the disk is full" in err and "Traceback" not in err, words
    filler.unlink()
    assert linghe(disk, "export")[1] == before
    assert linghe(disk, "token", "list")[1] == ""


def test_doctor_goes_on_and_calls_no_file_damaged_that_is_not(disk: Path, tmp_path: Path) -> None:
    """Its advice would be to put an old backup in the place of a sound file."""
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    linghe(disk, "apply", "--no-prompts", str(site))
    fill(disk)
    code, said, err = linghe(disk, "doctor")
    assert code == 3 and "Traceback" not in err
    assert "BROKEN  disk" in said
    assert "damaged" not in said and "cannot be read while the disk is full" in said


def test_control_starts_though_not_all_prompts_find_room(
    disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first start after an update that brings new ones: calls go on with those there are."""
    paths = Paths(disk / "var")
    paths.make()
    fill(disk)
    lay_defaults(paths)
    assert "not all shipped prompts can be laid" in caplog.text
    assert not [one for one in paths.prompts.glob(".*") if one.is_file()], "no half files"


def test_a_disk_with_room_is_not_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.db").write_bytes(b"no database" * 1000)
    with pytest.raises(EquipmentError, match="not a database"):
        SettingsStore(tmp_path / "settings.db")
    monkeypatch.setattr(schema, "ROOM_TO_OPEN", 1 << 62)
    with pytest.raises(EquipmentError, match="the disk is full"):
        schema.opened_for_writing(tmp_path / "settings.db", SETTINGS)
