"""The data of before an update: copied before the new version opens it, given back when that has
made it too new, and always there whole, whenever the power is cut."""

import sqlite3
from pathlib import Path

import pytest

from appliance.store import before_update
from appliance.store.backup_file import DATABASES, STATE
from appliance.store.before_update import forget, give_back, keep, thin_out
from appliance.store.places import Paths
from appliance.store.schema import opened_for_writing
from appliance.vocabulary.errors import EquipmentError, RefusedError

CALLS, FAMILY = "calls.db", DATABASES["calls.db"]
STAMP = "20261122-170000"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A box with a mark in its ledger and in control's memory."""
    paths = Paths(tmp_path)
    paths.state.mkdir()
    (paths.root / STATE).write_bytes(b"before")
    with opened_for_writing(paths.root / CALLS, FAMILY) as connection:
        connection.execute("CREATE TABLE mark (word TEXT)")
        connection.execute("INSERT INTO mark VALUES ('before')")
    connection.close()
    return paths


def word(place: Path) -> str:
    with sqlite3.connect(place) as connection:
        (found,) = connection.execute("SELECT word FROM mark").fetchone()
    connection.close()
    return str(found)


def run_the_new_version(paths: Paths) -> None:
    """Bring the ledger up to a form that this code does not know, as a log beside the file."""
    connection = sqlite3.connect(paths.root / CALLS)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("UPDATE mark SET word = 'after'")
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES (?, 'from_the_future', '')",
        (FAMILY.name,),
    )
    connection.commit()
    connection.close()
    (paths.root / STATE).write_bytes(b"after")


def opens(paths: Paths) -> bool:
    try:
        opened_for_writing(paths.root / CALLS, FAMILY).close()
    except RefusedError:
        return False
    return True


def test_data_that_an_update_made_too_new_is_put_aside_and_the_copy_takes_its_place(
    paths: Paths,
) -> None:
    assert keep(paths)
    run_the_new_version(paths)
    assert not opens(paths)
    aside = paths.root / give_back(paths, STAMP)
    assert opens(paths) and word(paths.root / CALLS) == "before"
    assert (paths.root / STATE).read_bytes() == b"before"
    assert word(aside / CALLS) == "after"
    assert (aside / Path(STATE).name).read_bytes() == b"after"
    assert forget(paths) == aside.name and aside.is_dir()
    assert not (paths.root / before_update.FOLDER).exists()


def test_data_that_an_update_left_as_it_was_keeps_the_calls_of_meanwhile(paths: Paths) -> None:
    keep(paths)
    with sqlite3.connect(paths.root / CALLS) as connection:
        connection.execute("UPDATE mark SET word = 'meanwhile'")
    connection.close()
    (paths.root / STATE).write_bytes(b"meanwhile")
    assert give_back(paths, STAMP) == ""
    assert word(paths.root / CALLS) == "meanwhile"
    assert (paths.root / STATE).read_bytes() == b"meanwhile"
    assert forget(paths) == ""


def test_the_second_try_of_an_update_does_not_copy_what_the_first_one_changed(
    paths: Paths,
) -> None:
    keep(paths)
    run_the_new_version(paths)
    assert not keep(paths)
    give_back(paths, STAMP)
    assert word(paths.root / CALLS) == "before"


def test_a_database_that_only_the_new_version_has_gives_way_to_a_fresh_one(paths: Paths) -> None:
    (paths.root / CALLS).unlink()
    keep(paths)
    with opened_for_writing(paths.root / CALLS, FAMILY) as connection:
        connection.execute("CREATE TABLE mark (word TEXT)")
        connection.execute("INSERT INTO mark VALUES ('after')")
    connection.close()
    run_the_new_version(paths)
    aside = give_back(paths, STAMP)
    assert opens(paths) and word(paths.root / aside / CALLS) == "after"


def test_an_update_of_which_nothing_was_copied_is_left_as_it_is(paths: Paths) -> None:
    run_the_new_version(paths)
    assert give_back(paths, STAMP) == "" and not opens(paths)


class _Cut(Exception):
    """The power."""


def _cut_at(patch: pytest.MonkeyPatch, step: int) -> list[int]:
    """Let the power fail before that rename of a file."""
    done: list[int] = []
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if len(done) == step:
            raise _Cut
        done.append(step)
        return real(self, target)

    patch.setattr(Path, "rename", rename)
    return done


@pytest.mark.parametrize("step", range(5))
def test_a_power_cut_while_the_data_is_given_back_lets_it_be_done_again(
    paths: Paths, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(paths)
    run_the_new_version(paths)
    with monkeypatch.context() as patch:
        done = _cut_at(patch, step)
        try:
            give_back(paths, STAMP)
        except _Cut:
            assert len(done) == step
        else:
            # two put aside, two put back: each was cut
            assert len(done) == 4 and step == 4
    aside = give_back(paths, "another-moment")
    assert aside.endswith(STAMP)
    assert opens(paths) and word(paths.root / CALLS) == "before"
    assert word(paths.root / aside / CALLS) == "after"
    assert (paths.root / STATE).read_bytes() == b"before"


def test_a_power_cut_while_the_copy_is_made_leaves_none_that_counts(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _cut_at(patch, 0)
        with pytest.raises(_Cut):
            keep(paths)
    assert keep(paths)
    run_the_new_version(paths)
    give_back(paths, STAMP)
    assert word(paths.root / CALLS) == "before"


@pytest.mark.parametrize("name", [CALLS, STATE])
def test_root_copies_no_file_that_somebody_linked_there(
    paths: Paths, tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "shadow"
    secret.write_bytes(b"of root")
    (paths.root / name).unlink()
    (paths.root / name).symlink_to(secret)
    with pytest.raises(EquipmentError, match="no file of its own"):
        keep(paths)


def test_what_was_copied_for_an_earlier_update_is_not_taken_for_the_next_ones(
    paths: Paths,
) -> None:
    keep(paths)
    forget(paths)
    with sqlite3.connect(paths.root / CALLS) as connection:
        connection.execute("UPDATE mark SET word = 'weeks later'")
    connection.close()
    assert keep(paths)
    run_the_new_version(paths)
    give_back(paths, STAMP)
    assert word(paths.root / CALLS) == "weeks later"


def test_a_forgetting_that_was_cut_short_is_no_hindrance_to_the_next(paths: Paths) -> None:
    keep(paths)
    old = paths.root / before_update.FOLDER / "old"
    old.mkdir()
    (old / CALLS).write_bytes(b"half removed")
    forget(paths)
    assert not (paths.root / before_update.FOLDER).exists()


def test_of_what_failed_updates_had_written_the_newest_stays(paths: Paths, tmp_path: Path) -> None:
    # as they were called before they were counted
    (paths.root / "failed-update-20300101-000000").mkdir()
    # the clock was wrong at the second and was lost at the last
    for stamp in ("20261122-170000", "20360101-000000", "19700101-000000"):
        keep(paths)
        run_the_new_version(paths)
        give_back(paths, stamp)
        forget(paths)
    elsewhere = tmp_path.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "own.txt").write_text("of nobody's update")
    (paths.root / "failed-update-0").symlink_to(elsewhere)
    thin_out(paths)
    left = {one.name for one in paths.root.glob("failed-update-*") if not one.is_symlink()}
    assert left == {"failed-update-3-19700101-000000"}
    assert word(paths.root / "failed-update-3-19700101-000000" / CALLS) == "after"
    assert (elsewhere / "own.txt").exists() and opens(paths)


def test_no_half_copy_is_left_on_a_disk_without_room(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(before_update, "MARGIN", 1 << 60)
        with pytest.raises(EquipmentError, match="needs .* MB of room"):
            keep(paths)

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(before_update, "copy_database", full)
        with pytest.raises(EquipmentError, match="No space left"):
            keep(paths)
    assert list((paths.root / before_update.FOLDER).iterdir()) == []


def test_where_the_ledger_stays_what_control_remembers_stays_too(paths: Paths) -> None:
    name = "settings.db"
    opened_for_writing(paths.root / name, DATABASES[name]).close()
    keep(paths)
    connection = sqlite3.connect(paths.root / name)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES (?, 'from_the_future', '')",
        (DATABASES[name].name,),
    )
    connection.commit()
    connection.close()
    (paths.root / STATE).write_bytes(b"meanwhile")
    aside = give_back(paths, STAMP)
    assert (paths.root / aside / name).exists()
    opened_for_writing(paths.root / name, DATABASES[name]).close()
    assert (paths.root / STATE).read_bytes() == b"meanwhile"
