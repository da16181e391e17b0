"""What a worker keeps over its own death, and how it shares the ports."""

import os
from pathlib import Path

import pytest
from full_disk import room_for
from hypothesis import given
from hypothesis import strategies as st

from appliance.daemons.media import memory
from appliance.daemons.media.memory import SlotJournal
from appliance.daemons.media.ports import share


def test_the_last_word_on_each_leg_comes_back(tmp_path: Path) -> None:
    journal = SlotJournal(tmp_path / "media-0.slots")
    journal.put({"a": b"1", "b": b"1"})
    journal.put({"a": b"2", "b": None})
    assert SlotJournal(tmp_path / "media-0.slots").slots == {"a": b"2"}


@pytest.mark.parametrize(("variable", "rights"), [("1", 0o660), ("", 0o600)])
def test_the_legs_are_the_groups_only_where_a_group_is_the_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, rights: int
) -> None:
    monkeypatch.setenv("LINGHE_SHARED", variable)
    tmp_path.chmod(0o2770)
    before = os.umask(0o007)
    try:
        SlotJournal(tmp_path / "media-0.slots").put({"a": b"1"})
    finally:
        os.umask(before)
    assert (tmp_path / "media-0.slots").stat().st_mode & 0o777 == rights


def test_a_torn_tail_costs_only_the_change_it_held(tmp_path: Path) -> None:
    path = tmp_path / "media-0.slots"
    SlotJournal(path).put({"a": b"first"})
    whole = path.read_bytes()
    journal = SlotJournal(path)
    journal.put({"a": b"second"})
    longer = path.read_bytes()
    for cut in range(len(whole), len(longer)):
        path.write_bytes(longer[:cut])
        assert SlotJournal(path).slots == {"a": b"first"}


def test_legs_of_another_run_of_the_machine_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "media-0.slots"
    SlotJournal(path).put({"a": b"1"})
    monkeypatch.setattr(memory, "boot_name", lambda: b"another boot")
    assert SlotJournal(path).slots == {}


def test_a_journal_of_legs_that_are_gone_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "media-0.slots"
    journal = SlotJournal(path)
    for number in range(6000):
        journal.put({f"leg{number}": b"x" * 1000, f"leg{number - 1}": None})
    assert path.stat().st_size < memory.REWRITE_AT + 4096
    assert SlotJournal(path).slots == {"leg5999": b"x" * 1000}


@pytest.mark.fault
def test_a_worker_that_starts_on_a_full_disk_finds_its_legs_and_loses_none(tmp_path: Path) -> None:
    path = tmp_path / "media-0.slots"
    SlotJournal(path).put({"a": b"x" * 500})
    with room_for(0):
        assert SlotJournal(path).slots == {"a": b"x" * 500}
    journal = SlotJournal(path)
    journal.put({"b": b"y"})
    assert SlotJournal(path).slots == {"a": b"x" * 500, "b": b"y"}


@pytest.mark.fault
@pytest.mark.parametrize("is_other_boot", [False, True])
def test_a_first_worker_starts_without_room_and_writes_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_other_boot: bool
) -> None:
    path = tmp_path / "media-0.slots"
    if is_other_boot:
        SlotJournal(path).put({"old": b"x"})
        monkeypatch.setattr(memory, "boot_name", lambda: b"another boot")
    with room_for(0):
        journal = SlotJournal(path)
        assert journal.slots == {}
        with pytest.raises(OSError, match="File too large"):
            journal.put({"a": b"1"})
    journal.put({"b": b"2"})
    assert SlotJournal(path).slots == {"a": b"1", "b": b"2"}


@pytest.mark.fault
@pytest.mark.parametrize("room", [0, 1, 20, 60])
def test_after_a_moment_of_full_disk_everything_is_written(tmp_path: Path, room: int) -> None:
    path = tmp_path / "media-0.slots"
    journal = SlotJournal(path)
    journal.put({"a": b"1" * 50, "gone": b"1"})
    with room_for(path.stat().st_size + room), pytest.raises(OSError, match=r"File|space"):
        journal.put({"b": b"2" * 50, "gone": None})
    assert SlotJournal(path).slots == {"a": b"1" * 50, "gone": b"1"}, "killed while it was full"
    journal.put({"c": b"3"})
    journal.put({"d": b"4"})
    assert SlotJournal(path).slots == {"a": b"1" * 50, "b": b"2" * 50, "c": b"3", "d": b"4"}


@pytest.mark.fault
def test_where_no_fresh_file_can_be_made_the_former_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "REWRITE_AT", 1000)
    path = tmp_path / "media-0.slots"
    journal = SlotJournal(path)
    in_the_way = path.with_suffix(".new")
    in_the_way.mkdir()
    for number in range(100):
        journal.put({"a": b"x" * 50, "b": bytes([number + 1])})
    assert path.stat().st_size > 1000
    assert SlotJournal(path).slots == {"a": b"x" * 50, "b": b"\x64"}
    in_the_way.rmdir()
    journal.put({"b": b"y"})
    journal.put({"c": b"z"})
    assert path.stat().st_size < 1000
    assert SlotJournal(path).slots == {"a": b"x" * 50, "b": b"y", "c": b"z"}


@pytest.mark.fault
def test_a_torn_tail_is_cut_off_before_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "media-0.slots"
    SlotJournal(path).put({"a": b"1"})
    with path.open("ab") as file:
        file.write(b"\0\1torn")
    SlotJournal(path).put({"b": b"2"})
    assert SlotJournal(path).slots == {"a": b"1", "b": b"2"}


@given(
    first=st.integers(1024, 60000),
    length=st.integers(0, 5000),
    workers=st.integers(1, 8),
)
def test_workers_never_share_a_port(first: int, length: int, workers: int) -> None:
    shares = [share(first, first + length, workers, worker) for worker in range(workers)]
    ports = [port for ports in shares for port in ports]
    assert len(set(ports)) == len(ports)
    assert all(port % 2 == 0 and first <= port <= first + length for port in ports)
    assert len({len(ports) for ports in shares}) == 1
