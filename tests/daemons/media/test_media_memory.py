"""What a worker keeps over its own death, and how it shares the ports."""

from pathlib import Path

import pytest
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
