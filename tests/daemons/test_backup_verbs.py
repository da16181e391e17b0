"""`linghe backup` and `linghe restore`, as an owner types them."""

import json
from pathlib import Path

import pytest
from control_socket import ControlSocket
from linghe_run import Linghe

from appliance.daemons.stick_marker import MARKER, is_of_this_box, marker_on
from appliance.store.places import Paths
from appliance.store.restore import is_staged, stage
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live

SITE = """\
[site]
name = "Example"
language = "en"
timezone = "Europe/London"
country = "gb"
"""


@pytest.fixture
def lived(linghe: Linghe, tmp_path: Path) -> Paths:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    assert linghe("apply", str(site))[0] == 0
    return Paths(tmp_path / "var")


def named(paths: Paths) -> str:
    store = SettingsStore(paths.settings)
    try:
        return store.current().site.name
    finally:
        store.close()


def test_a_backup_is_made_checked_and_taken_back(
    linghe: Linghe, lived: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    code, said, _ = linghe("backup", str(file))
    assert code == 0 and "read back and whole" in said
    code, said, _ = linghe("restore", "--check", str(file))
    assert code == 0 and "Example" in said
    later = tmp_path / "later.toml"
    later.write_text(SITE.replace("Example", "Later"))
    assert linghe("apply", str(later))[0] == 0 and named(lived) == "Later"
    code, said, _ = linghe("restore", str(file))
    assert code == 0 and "what was there is in before-restore-" in said
    assert named(lived) == "Example"
    store = SettingsStore(lived.settings)
    assert store.audit.latest(1)[0].what == "backup_restored"
    store.close()


def test_a_running_box_takes_it_up_at_its_next_start(
    linghe: Linghe, lived: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    assert linghe("backup", "--json", str(file))[0] == 0
    later = tmp_path / "later.toml"
    later.write_text(SITE.replace("Example", "Later"))
    linghe("apply", str(later))
    control = ControlSocket(lived.control_socket, Live(at=Utc(0.0), site_name="", site_version=0))
    try:
        code, said, _ = linghe("restore", str(file))
        assert code == 0 and "at its next start" in said and named(lived) == "Later"
        assert "will lie in before-restore-" in said and "make run" in said
        assert "linghe restore --undo" in said and "UTC" not in said
    finally:
        control.kill()
    code, _, said = linghe("restore", "--finish")
    assert code == 0 and "A backup was restored" in said and named(lived) == "Example"
    assert linghe("restore", "--finish")[:1] == (0,)


def test_what_waits_is_told_until_it_is_undone(
    linghe: Linghe, lived: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    assert linghe("backup", str(file))[0] == 0
    assert "no backup waits" in linghe("restore", "--undo")[2].lower()
    control = ControlSocket(lived.control_socket, Live(at=Utc(0.0), site_name="", site_version=0))
    try:
        assert linghe("restore", str(file))[0] == 0
    finally:
        control.kill()
    assert "waits for the box's next start" in linghe("status")[2]
    assert "before-restore-" in json.loads(linghe("status", "--json")[1])["restore"]
    _, said, _ = linghe("doctor")
    assert "waits for the box's next start" in said and "linghe restore --undo" in said
    code, said, _ = linghe("restore", "--undo")
    assert code == 0 and "the box stays as it is" in said
    assert linghe("status", "--json")[1].count('"restore": ""') == 1
    assert "waits for" not in linghe("doctor")[1]
    assert linghe("restore", "--finish")[0] == 0 and not list(lived.root.glob("before-restore-*"))


def test_a_restore_that_has_begun_is_not_undone(
    linghe: Linghe, lived: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    linghe("backup", str(file))
    key = Secrets(lived.secrets, lambda n: b"").box_key()
    stage(lived, file, key=key, now=Utc(0.0), stamp="1")
    (lived.root / "before-restore-1-1").mkdir()
    code, _, said = linghe("restore", "--undo")
    assert code == 1 and "it ends what it has begun" in said
    assert linghe("restore", "--finish")[0] == 0 and not is_staged(lived)


def test_a_stranger_is_refused_with_what_to_do(
    linghe: Linghe, lived: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    linghe("backup", str(file))
    lived.secrets.unlink()
    code, said, _ = linghe("restore", "--json", str(file))
    told = json.loads(said)["error"]
    assert code == 1 and told["key"] == "backup_foreign"
    assert "--from-another-box" in told["remedy"]
    assert linghe("restore", "--from-another-box", str(file))[0] == 0


def test_a_target_that_cannot_be_is_refused_by_name(linghe: Linghe, tmp_path: Path) -> None:
    code, _, said = linghe("backup", str(tmp_path / "nowhere" / "x"))
    assert code == 1 and "There is no folder" in said
    code, _, said = linghe("backup", str(tmp_path))
    assert code == 1 and "is a folder" in said
    code, _, said = linghe("restore")
    assert code == 1 and "Name the backup" in said


def test_a_stick_is_made_the_boxs_own(linghe: Linghe, lived: Paths, tmp_path: Path) -> None:
    code, said, _ = linghe("stick")
    (tmp_path / MARKER).write_text(said)
    marker = marker_on(tmp_path)
    key = Secrets(lived.secrets, lambda n: b"").box_key()
    assert code == 0 and marker is not None and is_of_this_box(marker, key)
    assert json.loads(linghe("stick", "--json")[1])["key"] == marker.key
    assert key.hex() not in said
