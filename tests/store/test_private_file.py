"""Whose files are whose: one user under `make run`, a group of users on the image."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.store.places import Paths
from appliance.store.private_file import make_folder, open_own, write_private
from appliance.store.settings import SettingsStore
from appliance.store.shared import file_mode, is_shared
from appliance.vocabulary.errors import EquipmentError

SHARED = 0o2770
ROOT = Path(__file__).parents[2]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(place: Path) -> int:
    return place.stat().st_mode & 0o7777


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINGHE_SHARED", "1")
    folder = tmp_path / "box"
    folder.mkdir()
    folder.chmod(SHARED)
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that people work in together; what is made in it has their group, and its bit."""
    monkeypatch.delenv("LINGHE_SHARED", raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    folder.chmod(0o2775)
    return folder


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_box_of_one_user_keeps_everything_to_itself(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        Paths(tmp_path / "var").make()
        write_private(tmp_path / "var/secrets.json", b"{}")
        SettingsStore(tmp_path / "var/settings.db").close()
    folders = [one for one in (tmp_path / "var").rglob("*") if one.is_dir()]
    files = [one for one in (tmp_path / "var").rglob("*") if one.is_file()]
    assert len(folders) >= 7 and {mode(one) for one in folders} == {0o700}
    assert len(files) >= 2 and {mode(one) for one in files} == {0o600}


def test_a_box_of_one_user_keeps_to_itself_what_lies_in_a_projects_folder(project: Path) -> None:
    with umask(0o022):
        Paths(project / "var").make()
        write_private(project / "var/secrets.json", b"{}")
        SettingsStore(project / "var/settings.db").close()
    made = list((project / "var").rglob("*"))
    assert {mode(one) for one in made if one.is_file()} == {0o600} and len(made) >= 9
    assert {mode(one) & 0o777 for one in made if one.is_dir()} == {0o700}
    assert file_mode(project / "var/frames") == 0o600


def test_the_images_folders_and_its_variable_go_together() -> None:
    folders = (ROOT / "systemd/tmpfiles.conf").read_text()
    variables = (ROOT / "image-build/overlay/etc/linghe/environment").read_text()
    assert "d /data/linghe               2770 root linghe" in folders
    assert "LINGHE_DATA=/data/linghe\nLINGHE_SHARED=1\n" in variables


def test_a_box_of_several_users_shares_what_it_makes_with_their_group_only(shared: Path) -> None:
    with umask(0o007):
        Paths(shared).make()
        write_private(shared / "secrets.json", b"{}")
        store = SettingsStore(shared / "settings.db")
        beside = [mode(one) for one in shared.glob("settings.db-*")]
        store.close()
    assert {mode(one) for one in shared.iterdir() if one.is_dir()} == {SHARED}
    assert mode(shared / "secrets.json") == mode(shared / "settings.db") == 0o660
    assert beside == [0o660, 0o660]


def test_a_file_that_root_makes_with_its_own_umask_is_the_groups_all_the_same(shared: Path) -> None:
    with umask(0o022):
        os.close(open_own(shared / "calls.db", os.O_RDWR | os.O_CREAT))
    assert mode(shared / "calls.db") == 0o660
    assert (shared / "calls.db").stat().st_gid == shared.stat().st_gid


def test_a_folder_of_a_day_hands_the_group_down(shared: Path) -> None:
    with umask(0o007):
        make_folder(shared / "recordings")
        make_folder(shared / "recordings/2026-11-22")
        make_folder(shared / "recordings/2026-11-22")
    assert is_shared(shared / "recordings/2026-11-22")


def test_a_link_in_the_place_of_a_file_leads_nowhere(tmp_path: Path) -> None:
    target = tmp_path / "target"
    for name in ("settings.db", "slot"):
        (tmp_path / name).symlink_to(target)
        with pytest.raises(OSError, match="symbolic"):
            open_own(tmp_path / name, os.O_RDWR | os.O_CREAT)
    with pytest.raises(EquipmentError, match="symbolic"):
        SettingsStore(tmp_path / "settings.db")
    assert not target.exists()
