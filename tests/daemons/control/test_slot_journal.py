"""Slots outlive a kill at any byte, and a full disk."""

import os
import resource
from binascii import crc32
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.daemons.control.lasting import is_promised
from appliance.daemons.slots import SlotJournal
from appliance.vocabulary.facts_customers import CallbackTried
from appliance.vocabulary.journal import AgentState, AgentStateChanged, Entry


def record(body):
    return len(body).to_bytes(4, "big") + crc32(body).to_bytes(4, "big") + body


def moved(reason):
    return AgentStateChanged(agent="1001", state=AgentState.READY, reason=reason)


def test_what_was_appended_is_there_again(tmp_path):
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    journal.append({"call:a": b"1", "call:b": b"2"})
    journal.append({"call:a": b"3", "call:b": None})
    assert SlotJournal(file).slots == {"call:a": b"3"}


def test_what_must_last_outlives_a_power_cut_and_the_rest_may_not(tmp_path, monkeypatch):
    """What a disk has for certain is what was there when it was forced."""
    file, forced = tmp_path / "slots", [0]
    sync = os.fdatasync

    def note(number):
        sync(number)
        forced.append(file.stat().st_size)

    monkeypatch.setattr(os, "fdatasync", note)
    journal = SlotJournal(file)
    journal.append({"call:a": b"1"})
    assert forced == [0], "no call waits for the disk"
    journal.append({"own:8001": b"forwarded"}, must_last=True)
    journal.append({"call:a": b"2"})
    file.write_bytes(file.read_bytes()[: forced[-1]])
    assert SlotJournal(file).slots == {"call:a": b"1", "own:8001": b"forwarded"}


@pytest.mark.parametrize(
    ("changed", "fact", "is_so"),
    [
        ("own:8001", None, True),
        ("back:1", None, False),
        ("back:1", CallbackTried(callback="1", result="busy"), True),
        ("box:shop", None, False),
        ("emergency", None, True),
        ("call:a", None, False),
        ("agent:1001", moved("offer"), False),
        ("agent:1001", moved("signed_in"), True),
        ("agent:1001", moved("signed_out"), True),
    ],
)
def test_what_was_promised_is_forced_to_the_disk_and_a_call_is_not(changed, fact, is_so):
    entries = [] if fact is None else [Entry(at=0.0, mono=0.0, fact=fact, key="a")]
    assert is_promised({changed: b""}, entries) is is_so


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


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(bytes(4096), id="zeros, as a power cut leaves them"),
        pytest.param(bytes(8), id="one empty record"),
        pytest.param(record(b"\xc1 is nothing in msgpack"), id="no record of ours"),
        pytest.param(record(b"\x91\x92\xa1\xff\xc4\x00"), id="a name that is no text"),
        pytest.param(record(b"\x93\x01\x02\x03"), id="numbers where slots belong"),
    ],
)
def test_an_end_that_is_nothing_keeps_no_box_from_starting(tmp_path, end):
    """Its check sum is right each time: that alone does not say that there is a record."""
    file = tmp_path / "slots"
    SlotJournal(file).append({"call:a": b"1"})
    with file.open("ab") as out:
        out.write(end)
    journal = SlotJournal(file)
    assert journal.slots == {"call:a": b"1"}
    journal.append({"call:b": b"2"})
    assert SlotJournal(file).slots == {"call:a": b"1", "call:b": b"2"}


def test_it_is_rewritten_when_it_has_grown(tmp_path, monkeypatch):
    monkeypatch.setattr("appliance.daemons.slots.COMPACT_ABOVE", 10_000)
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    for turn in range(1000):
        journal.append({"call:a": b"x" * 100 + str(turn).encode()})
    assert file.stat().st_size < 12_000
    assert SlotJournal(file).slots["call:a"].endswith(b"999")


def test_rewriting_keeps_one_descriptor_open(tmp_path, monkeypatch):
    monkeypatch.setattr("appliance.daemons.slots.COMPACT_ABOVE", 1000)
    journal = SlotJournal(tmp_path / "slots")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(500):
        journal.append({"call:a": b"x" * 300})
    assert len(os.listdir("/proc/self/fd")) <= before


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=300) | st.sampled_from(["call:a", "call:b", "谁" * 20]),
            st.none() | st.binary(max_size=70) | st.integers(0, 70_000).map(bytes),
            max_size=20,
        ),
        max_size=8,
    )
)
def test_slots_are_read_from_the_file_as_they_were_written(tmp_path_factory, turns):
    file = tmp_path_factory.mktemp("places") / "slots"
    journal, known = SlotJournal(file), {}
    for turn in turns:
        journal.append(turn)
        known = {name: held for name, held in (known | turn).items() if held is not None}
    assert journal.slots == known
    assert SlotJournal(file).slots == known
    journal.append({"one": b"more"})
    assert journal.slots == known | {"one": b"more"}


@contextmanager
def room_for(size):
    """Let no file of this process grow beyond so many bytes: what a full disk does to a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_no_slot_once_there_is_room_again(tmp_path):
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    journal.append({"call:a": b"1" * 100})
    with room_for(400):
        journal.append({"call:b": b"2" * 2000})
        journal.append({"call:a": b"3"})
    journal.append({"call:c": b"4"})
    assert journal.slots == {"call:a": b"3", "call:b": b"2" * 2000, "call:c": b"4"}
    assert SlotJournal(file).slots == journal.slots


def test_killed_with_a_full_disk_what_had_room_is_there(tmp_path):
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    journal.append({"call:a": b"1" * 100})
    with room_for(400):
        for turn in range(20):
            journal.append({f"call:{turn}": b"2" * 500})
    assert SlotJournal(file).slots == {"call:a": b"1" * 100}


def test_a_disk_that_fills_while_the_file_is_rewritten_leaves_the_former_one(tmp_path, monkeypatch):
    monkeypatch.setattr("appliance.daemons.slots.COMPACT_ABOVE", 5000)
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    for turn in range(9):
        journal.append({f"call:{turn}": b"x" * 500})
    before = dict(journal.slots)
    with room_for(1000):
        journal.append({"call:9": b"x" * 500})
    assert SlotJournal(file).slots == before
    journal.append({"call:10": b"y"})
    assert set(SlotJournal(file).slots) == {*before, "call:9", "call:10"}


def test_where_no_fresh_file_can_be_made_the_former_one_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("appliance.daemons.slots.COMPACT_ABOVE", 1000)
    file = tmp_path / "slots"
    journal = SlotJournal(file)
    in_the_way = file.with_suffix(".new")
    in_the_way.mkdir()
    for turn in range(9):
        journal.append({"call:a": b"x" * 500, "call:b": bytes([turn])})
        assert SlotJournal(copied(file)).slots == journal.slots
    in_the_way.rmdir()
    journal.append({"call:b": b"y"})
    assert file.stat().st_size < 1000
    assert SlotJournal(file).slots == {"call:a": b"x" * 500, "call:b": b"y"}


def copied(file):
    """What a process that follows now would find."""
    copy = file.with_name("copy")
    copy.write_bytes(file.read_bytes())
    return copy
