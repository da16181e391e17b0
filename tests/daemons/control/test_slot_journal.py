"""Slots outlive a kill at any byte."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.daemons.slots import SlotJournal


def test_what_was_appended_is_there_again(tmp_path):
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    journal.append({"call:a": b"1", "call:b": b"2"})
    journal.append({"call:a": b"3", "call:b": None})
    assert SlotJournal(file).slots == {"call:a": b"3"}


@given(st.integers(min_value=0, max_value=2000))
def test_a_torn_end_costs_only_the_torn_turn(tmp_path_factory, cut):
    file = tmp_path_factory.mktemp("torn") / "slots"
    journal = SlotJournal(file)
    for turn in range(20):
        journal.append({"call:a": bytes([turn]) * 20, f"call:{turn}": b"x"})
    data = file.read_bytes()
    file.write_bytes(data[: min(cut, len(data))])
    slots = SlotJournal(file).slots
    turns = sum(name != "call:a" for name in slots)
    if turns:
        assert slots["call:a"] == bytes([turns - 1]) * 20


def test_garbage_is_an_empty_journal(tmp_path):
    file = tmp_path / "slots"
    file.write_bytes(b"\x00\x00\x00\x05 this is no journal at all")
    assert SlotJournal(file).slots == {}


def test_it_is_rewritten_when_it_has_grown(tmp_path, monkeypatch):
    monkeypatch.setattr("appliance.daemons.slots.COMPACT_ABOVE", 10_000)
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    for turn in range(1000):
        journal.append({"call:a": b"x" * 100 + str(turn).encode()})
    assert file.stat().st_size < 12_000
    assert SlotJournal(file).slots["call:a"].endswith(b"999")
