"""Files that are refused as backups: half of one, a changed, a newer, another box's, or none."""

import zipfile
from pathlib import Path

import pytest
from backed_up_box import KEY, NOW, Box

from appliance.store.backup_file import checked, is_member, is_sealed_by
from appliance.store.restore import is_staged, stage
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError


def test_a_backup_that_was_cut_short_or_changed_is_refused_before_anything_changes(
    box: Box, file: Path
) -> None:
    before = box.tree()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RefusedError) as refused:
        box.stage(file)
    assert refused.value.key == "backup_damaged" and box.tree() == before
    spoilt = bytearray(whole)
    spoilt[len(whole) // 3] ^= 1
    file.write_bytes(bytes(spoilt))
    with pytest.raises(RefusedError) as refused:
        box.stage(file)
    assert refused.value.key == "backup_damaged" and box.tree() == before
    assert not is_staged(box.paths)


def test_no_byte_of_a_backup_can_turn_without_being_seen(box: Box, file: Path) -> None:
    """Every place of the file but ZIP's own dates and rights, which nobody reads."""
    whole = file.read_bytes()
    manifest = checked(file)
    unseen = 0
    for place in range(0, len(whole), max(1, len(whole) // 400)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0x5A
        file.write_bytes(bytes(spoilt))
        try:
            assert checked(file) == manifest
            unseen += 1
        except RefusedError as refused:
            assert refused.key in ("backup_damaged", "backup_form")
    assert unseen < 40


def test_a_backup_of_another_box_is_refused_until_it_is_asked_for(
    empty: Box, file: Path, box: Box
) -> None:
    assert is_sealed_by(checked(file), KEY)
    stranger = {"key": bytes(32), "now": NOW, "stamp": "1"}
    with pytest.raises(RefusedError) as refused:
        stage(empty.paths, file, **stranger)
    assert refused.value.key == "backup_foreign" and not is_staged(empty.paths)
    stage(empty.paths, file, is_foreign_allowed=True, **stranger)
    assert is_staged(empty.paths)


def test_names_that_lead_elsewhere_are_no_members(box: Box, file: Path, tmp_path: Path) -> None:
    for name in ("../settings.db", "/etc/passwd", "prompts/../../x", "recordings/x/y", "run/a"):
        assert not is_member(name)
    evil = tmp_path / "evil.linghe"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(evil, "w") as target:
        for one in source.namelist():
            target.writestr(one, source.read(one))
        target.writestr("../outside", b"x")
    with pytest.raises(RefusedError):
        box.stage(evil)
    assert not (tmp_path / "outside").exists()


def test_a_backup_of_a_newer_linghe_is_refused(box: Box, empty: Box, tmp_path: Path) -> None:
    store = SettingsStore(box.paths.settings)
    store._connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('linghe.settings', 'of_the_future', '2031')"
    )
    store.close()
    box.back_up(tmp_path / "future.linghe")
    with pytest.raises(RefusedError) as refused:
        empty.stage(tmp_path / "future.linghe")
    assert refused.value.key == "database_newer" and not is_staged(empty.paths)
    assert not (empty.paths.root / "restore").exists()


def test_something_that_is_no_backup_is_told_so(box: Box, tmp_path: Path) -> None:
    for content in (b"", b"PK", b"hello" * 100):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(RefusedError, match="no whole backup"):
            box.stage(tmp_path / "x")
