"""A backup: made while the box writes, taken back whole, over power cuts and full disks."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from backed_up_box import NOW, Box
from golden_day import golden_entries

from appliance.reports.record import record_of
from appliance.store import backup, restore
from appliance.store.ledger import Ledger
from appliance.store.restore import finish, is_staged
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import TrunkId


def test_a_spare_box_becomes_the_lost_one(box: Box, empty: Box, file: Path) -> None:
    assert empty.stage(file).site_name == "金日商贸"
    assert is_staged(empty.paths) and not empty.paths.settings.exists()
    assert finish(empty.paths) == "before-restore-1-1"
    assert not is_staged(empty.paths)
    assert (empty.site_name(), empty.calls()) == (box.site_name(), len(golden_entries()))
    secrets = Secrets(empty.paths.secrets, os.urandom)
    assert secrets.trunk_secrets() == {TrunkId("t"): "pass"}
    assert (empty.paths.prompts / "ab12.alaw").read_bytes() == b"prompts/ab12.alaw" * 500
    assert (empty.paths.tables / "vip.db").read_bytes() == b"tables/vip.db" * 500
    assert not list(empty.paths.recordings.iterdir())


def test_what_was_there_is_put_aside_and_what_the_backup_lacks_goes_too(
    box: Box, file: Path
) -> None:
    mail = box.paths.root / "mail.db"
    Ledger(mail, record_of).close()
    (box.paths.prompts / "later.alaw").write_bytes(b"later")
    box.stage(file)
    kept = box.paths.root / str(finish(box.paths))
    assert (kept / "prompts" / "later.alaw").exists() and (kept / "state" / "slot").exists()
    assert (kept / "mail.db").exists() and not mail.exists()
    assert not (box.paths.prompts / "later.alaw").exists()
    assert not (box.paths.state / "slot").exists()


def test_of_what_restores_put_aside_the_newest_two_stay_whatever_the_clock_says(
    box: Box, file: Path, tmp_path: Path
) -> None:
    mine = box.paths.root / "before-restore-of mine"
    elsewhere = tmp_path / "elsewhere"
    for folder in (mine, elsewhere):
        folder.mkdir()
        (folder / "own.txt").write_text("of no restore")
    (box.paths.root / "before-restore-0").symlink_to(elsewhere)
    older = box.paths.root / "before-restore-20360101-000000"
    older.mkdir()
    (older / "settings.db").write_bytes(b"named before they were counted")
    before = box.paths.root / "before-restore-7-20200101-000000"
    before.mkdir()
    os.utime(before, (2_000, 2_000))
    box.stage(file)
    assert older.exists(), "only one that is wholly in its place clears away others"
    kept = box.paths.root / str(finish(box.paths))
    assert (kept / "settings.db").exists() and before.exists() and not older.exists()
    assert kept.name == "before-restore-8-1"
    assert (mine / "own.txt").exists() and (elsewhere / "own.txt").exists()


def test_what_was_removed_by_half_is_never_kept_in_the_place_of_a_whole_one(
    box: Box, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its date is that of the removal: it would be the newest at the next restore."""
    for number in (1, 2, 3):
        aside = box.paths.root / f"before-restore-{number}-20260101-000000"
        aside.mkdir()
        for name in ("calls.db", "settings.db"):
            (aside / name).write_bytes(b"of before")

    def breaks_off(folder: Path, ignore_errors: bool = False) -> None:
        (folder / "calls.db").unlink(missing_ok=True)

    with monkeypatch.context() as broken:
        broken.setattr("appliance.store.restore.shutil.rmtree", breaks_off)
        box.stage(file)
        kept = str(finish(box.paths))
    there = sorted(one.name for one in box.paths.root.glob("before-restore-*"))
    assert there == ["before-restore-3-20260101-000000", kept]
    assert (box.paths.root / there[0] / "calls.db").exists()
    box.stage(file)
    last = str(finish(box.paths))
    assert sorted(one.name for one in box.paths.root.glob("*before-restore-*")) == [kept, last]


def test_rows_that_stand_in_the_journal_of_the_database_only_are_in_the_backup(
    box: Box, empty: Box, tmp_path: Path
) -> None:
    open_still = SettingsStore(box.paths.settings)
    open_still.claim.offer("digest", NOW)
    assert box.paths.settings.with_name("settings.db-wal").stat().st_size > 0
    box.back_up(tmp_path / "b.linghe")
    open_still.close()
    empty.stage(tmp_path / "b.linghe")
    finish(empty.paths)
    store = SettingsStore(empty.paths.settings)
    assert store.claim.code_hash() == "digest"
    assert store.audit.latest(1)[0].what == "backup_restored"
    store.close()


def test_recordings_come_with_it_where_they_are_wanted_and_are_added_to_those_there(
    box: Box, empty: Box, tmp_path: Path
) -> None:
    manifest = box.back_up(tmp_path / "all.linghe", with_recordings=True)
    assert manifest.has_recordings
    mine = empty.paths.recordings / "2025-11-20" / "mine.wav"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    empty.stage(tmp_path / "all.linghe")
    finish(empty.paths)
    assert sorted(one.name for one in mine.parent.iterdir()) == ["mine.wav", "r1.wav"]


@pytest.mark.parametrize(
    ("variable", "folder", "file"), [("1", 0o2770, 0o660), ("", 0o2700, 0o600)]
)
def test_recordings_that_are_taken_back_are_read_by_all_users_of_the_box_and_by_nobody_else(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: int, file: int
) -> None:
    """Root takes them back; the pages and the jobs, other users of the group, play and remove."""
    box.back_up(tmp_path / "all.linghe", with_recordings=True)
    monkeypatch.setenv("LINGHE_SHARED", variable)
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o2770)
    before = os.umask(0o007)
    try:
        spare = Box(tmp_path / "data")
        spare.stage(tmp_path / "all.linghe")
        finish(spare.paths)
    finally:
        os.umask(before)
    day = spare.paths.recordings / "2025-11-20"
    assert day.stat().st_mode & 0o7777 == folder
    assert (day / "r1.wav").stat().st_mode & 0o7777 == file


@pytest.mark.parametrize("tries", [1, 3])
@pytest.mark.parametrize("which", ["settings.db", "prompts"])
def test_what_the_owner_had_is_never_overwritten_by_what_a_box_made_between_two_tries(
    box: Box, file: Path, monkeypatch: pytest.MonkeyPatch, which: str, tries: int
) -> None:
    """A try leaves a place free; all of the box starts, makes its own there, and stops."""
    place = box.paths.root / which
    inside = "ab12.alaw" if which == "prompts" else ""
    before = (place / inside).read_bytes()
    box.stage(file)
    real = Path.rename

    def rename(one: Path, target: Path) -> Path:
        if one.parent.name == "new" and one.name == which:
            raise OSError(errno.EIO, "the disk")
        return real(one, target)

    made = [b"made afresh %d" % number for number in range(tries)]
    for content in made:
        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises(EquipmentError):
            finish(box.paths)
        monkeypatch.setattr(Path, "rename", real)
        assert not place.exists()
        if inside:
            place.mkdir()
        (place / inside).write_bytes(content)
        place.with_name(f"{which}-wal").write_bytes(content)
    kept = box.paths.root / str(finish(box.paths))
    assert (kept / which / inside).read_bytes() == before
    # nor is any of the others lost; a database has its journal beside it
    for number, content in enumerate(made, start=2):
        assert (kept / f"{which}-{number}" / inside).read_bytes() == content
        assert (kept / f"{which}-{number}-wal").read_bytes() == content
    assert box.site_name() == "金日商贸"
    assert (box.paths.prompts / "ab12.alaw").read_bytes() == b"prompts/ab12.alaw" * 500


@pytest.mark.parametrize("is_spare", [False, True], ids=["a box of its own", "a spare box"])
def test_a_power_cut_at_any_step_of_the_change_is_gone_on_from(
    box: Box, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_spare: bool
) -> None:
    """Each rename in turn is the last thing that happens; the next start ends the work."""
    real = Path.rename

    def cut_after(steps: int) -> Callable[[Path, Path], Path]:
        left = [steps]

        def rename(place: Path, target: Path) -> Path:
            if left[0] == 0:
                raise OSError(errno.EIO, "power")
            left[0] -= 1
            return real(place, target)

        return rename

    cut = 0
    while True:
        other = Box(tmp_path / f"box{cut}")
        if not is_spare:
            store = SettingsStore(other.lived_in().paths.settings)
            store.claim.offer("of today", NOW)
            store.close()
            other.paths.settings.chmod(0o640)
        other.stage(file)
        monkeypatch.setattr(Path, "rename", cut_after(cut))
        try:
            finish(other.paths)
            is_whole = True
        except EquipmentError:
            is_whole = False
        monkeypatch.setattr(Path, "rename", real)
        if is_whole:
            break
        assert is_staged(other.paths)
        kept = other.paths.root / str(finish(other.paths))
        store = SettingsStore(other.paths.settings)
        assert store.claim.code_hash() is None
        store.close()
        assert other.site_name() == box.site_name() and other.calls() == len(golden_entries())
        assert (kept / "settings.db").exists() is not is_spare
        if not is_spare:
            assert other.paths.settings.stat().st_mode & 0o777 == 0o640, "whose it was, it is"
        assert (other.paths.prompts / "ab12.alaw").exists()
        assert (other.paths.tables / "vip.db").exists() and other.paths.secrets.exists()
        assert finish(other.paths) is None
        cut += 1
    assert cut >= (7 if is_spare else 10)


def test_two_restores_at_once_do_not_write_into_each_other(
    box: Box, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, refused = restore._prove, []

    def meanwhile(*words: object) -> None:
        for other in (lambda: box.stage(file), lambda: restore.undo(box.paths)):
            with pytest.raises(RefusedError) as told:
                other()
            refused.append(told.value.key)
        really(*words)

    monkeypatch.setattr(restore, "_prove", meanwhile)
    box.stage(file)
    assert refused == ["restore_busy"] * 2
    assert restore.undo(box.paths).staged, "whole, and nobody holds it any more"


@pytest.mark.parametrize("kept", ["../outside", "/tmp/outside", ".", "before-restore-1/../run"])
def test_no_name_leads_the_change_out_of_the_boxs_folder(
    box: Box, file: Path, tmp_path: Path, kept: str
) -> None:
    """The change is root's, and more than root may write the file that says what to do."""
    box.stage(file)
    ready = box.paths.root / "restore" / "ready"
    said = msgspec.json.decode(ready.read_bytes())
    ready.write_bytes(msgspec.json.encode({**said, "kept": kept}))
    before = box.tree()
    with pytest.raises(EquipmentError, match="not of this box"):
        finish(box.paths)
    assert box.tree() == before and not (tmp_path / "outside").exists()


def test_a_full_stick_is_told_and_keeps_the_older_backup(
    box: Box, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup.os, "fsync", full)
    with pytest.raises(EquipmentError, match="no room"):
        box.back_up(file)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir() if one.is_file()] == [file.name]


def test_nobody_else_reads_what_lies_beside_a_backup_while_it_is_made(
    box: Box, tmp_path: Path
) -> None:
    """On a stick or in a folder that all may read: under the widest umask."""
    seen: dict[str, int] = {}

    def look(source: Path) -> None:
        for one in target.parent.iterdir():
            seen[one.name] = seen.get(one.name, 0) | one.stat().st_mode & 0o777

    target = tmp_path / "stick" / "b.linghe"
    target.parent.mkdir()
    before = os.umask(0)
    try:
        with pytest.MonkeyPatch.context() as patch:
            real = backup._add
            patch.setattr(backup, "_add", lambda *of: (look(of[2]), real(*of))[1])
            box.back_up(target)
    finally:
        os.umask(before)
    assert seen == {"b.linghe.part": 0o600, "b.linghe.copy": 0o600}
    assert [one.name for one in target.parent.iterdir()] == ["b.linghe"]


def test_a_copy_of_a_database_that_fails_is_not_left_behind(box: Box, tmp_path: Path) -> None:
    box.paths.calls.write_bytes(b"no database at all, and long enough to be looked into" * 100)
    target = tmp_path / "stick" / "b.linghe"
    target.parent.mkdir()
    with pytest.raises(EquipmentError):
        box.back_up(target)
    assert list(target.parent.iterdir()) == []


def test_a_disk_without_room_refuses_a_restore(
    box: Box, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "MARGIN", 1 << 60)
    with pytest.raises(RefusedError) as refused:
        box.stage(file)
    assert refused.value.key == "backup_room" and not (box.paths.root / "restore").exists()
