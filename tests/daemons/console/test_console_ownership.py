"""The screen opens the settings for a moment: never while a backup takes their place."""

from pathlib import Path

import pytest
from backed_up_box import NOW, Box

from appliance.daemons.console.ownership import RESTORING, settings_of
from appliance.store.restore import finish, waiting
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """One whose settings lie in three files, and a backup waits for its next start."""
    made = Box(tmp_path / "var").lived_in()
    made.back_up(tmp_path / "shop.linghe")
    made.stage(tmp_path / "shop.linghe")
    return made


def test_between_the_renames_of_a_restore_nobody_opens_the_settings(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Journal and index of the database go aside before itself: opened then, it has new ones, and
    they would lie beside the restored one."""
    running = SettingsStore(box.paths.settings)
    running.claim.offer("digest", NOW)
    journal = box.paths.settings.with_name("settings.db-wal")
    assert journal.exists()
    moved: list[str] = []
    rename = Path.rename

    def watched(place: Path, target: Path) -> Path:
        moved.append(place.name)
        there = journal.exists()
        with pytest.raises(EquipmentError, match=RESTORING), settings_of(box.paths):
            pass
        assert journal.exists() is there
        return rename(place, target)

    monkeypatch.setattr(Path, "rename", watched)
    finish(box.paths)
    running.close()
    assert moved[:3] == ["settings.db-wal", "settings.db-shm", "settings.db"]
    with settings_of(box.paths) as store:
        assert store.claim.code_hash() is None


def test_a_backup_that_waits_disturbs_nobody_and_one_that_broke_off_does(box: Box) -> None:
    with settings_of(box.paths) as store:
        assert not store.current().is_empty
    ready = waiting(box.paths)
    assert ready is not None
    (box.paths.root / ready.kept).mkdir()
    with pytest.raises(EquipmentError, match=RESTORING), settings_of(box.paths):
        pass


def test_a_note_of_a_restore_that_cannot_be_read_moves_nothing_and_so_keeps_nobody_out(
    box: Box,
) -> None:
    (box.paths.root / "restore" / "ready").write_text("torn")
    with pytest.raises(EquipmentError):
        finish(box.paths)
    with settings_of(box.paths) as store:
        assert not store.current().is_empty
