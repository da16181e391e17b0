"""Root's own notes: what is in them comes into the audit log once, whatever becomes of the file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.audit import AuditLine
from appliance.store.roots_audit import LONGEST, NEW, OLD, folder_beside, note, take_in
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_beside(tmp_path / "linghe")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SettingsStore]:
    (tmp_path / "linghe").mkdir()
    made = SettingsStore(tmp_path / "linghe" / "settings.db")
    yield made
    made.close()


def act(number: int, detail: str = "") -> AuditLine:
    return AuditLine(at=Utc(1e9 + number / 7), by="root", what="system_changed", detail=detail)


def test_each_line_is_taken_in_once_also_by_one_who_knows_nothing(
    folder: Path, store: SettingsStore
) -> None:
    assert take_in(folder, store.audit) == 0
    note(folder, act(1))
    note(folder, act(2))
    assert take_in(folder, store.audit) == 2
    note(folder, act(3))
    assert [take_in(folder, store.audit) for _ in range(2)] == [1, 0]
    assert store.audit.latest() == [act(3), act(2), act(1)]


def test_a_line_that_a_power_cut_left_half_written_spoils_no_other(
    folder: Path, store: SettingsStore
) -> None:
    note(folder, act(1))
    with (folder / NEW).open("ab") as file:
        file.write(b'{"at":1000')
    note(folder, act(2))
    assert take_in(folder, store.audit) == 2


def test_the_notes_do_not_grow_without_end(folder: Path, store: SettingsStore) -> None:
    for number in range(4):
        note(folder, act(number, "x" * LONGEST))
    assert sorted(place.name for place in folder.iterdir()) == sorted((NEW, OLD))
    assert take_in(folder, store.audit) == 2
    assert {line.at for line in store.audit.latest()} == {act(2).at, act(3).at}


def test_a_link_in_its_place_is_neither_written_through_nor_believed(
    folder: Path, store: SettingsStore, tmp_path: Path
) -> None:
    note(folder, act(1))
    (folder / NEW).rename(tmp_path / "elsewhere")
    (folder / NEW).symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    with pytest.raises(OSError, match="symbolic"):
        note(folder, act(2))
    assert (tmp_path / "elsewhere").read_bytes() == before
    with pytest.raises(OSError, match="symbolic"):
        take_in(folder, store.audit)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_notes_of_somebody_else_are_none(folder: Path, store: SettingsStore) -> None:
    note(folder, act(1))
    os.chown(folder / NEW, 65534, 65534)
    assert take_in(folder, store.audit) == 0
