"""What every table of moves and every machine's doors promise. A new one is tested by being there.

A module with a MOVES table is drawn in docs/machines.md; its keys end with state and input, FIRST
says where a machine begins, ON_ENTRY (where there is one) which timers a state starts.
"""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import machines
import pytest

ROOT = Path(__file__).parents[2]

TABLES = [
    pytest.param(module, machine, id=" ".join(str(word) for word in machine) or module.__name__)
    for module in machines.modules()
    for machine in machines.machines_of(module.MOVES)
]
each_table = pytest.mark.parametrize(("module", "machine"), TABLES)


def rows(module, machine):
    return {key[-2:]: move for key, move in module.MOVES.items() if key[:-2] == machine}


def first(module, machine):
    return module.FIRST[machine[0] if len(machine) == 1 else machine]


@each_table
def test_every_state_can_be_reached(module, machine) -> None:
    reached, new = set(), {first(module, machine)}
    while new:
        reached |= new
        new = {
            move.to for (state, _), move in rows(module, machine).items() if state in new
        } - reached
    named = {state for state, _ in rows(module, machine)}
    assert named <= reached


@each_table
def test_every_machine_comes_to_one_end_from_every_state(module, machine) -> None:
    table = rows(module, machine)
    named = {state for state, _ in table}
    ends = {move.to for move in table.values()} - named
    assert len(ends) == 1
    leading = set(ends)
    while True:
        more = {state for (state, _), move in table.items() if move.to in leading} - leading
        if not more:
            break
        leading |= more
    assert named <= leading


@each_table
def test_a_timer_that_a_state_starts_is_one_that_it_hears(module, machine) -> None:
    table = rows(module, machine)
    started = {
        (place[-1], start.timer)
        for place, starts in getattr(module, "ON_ENTRY", {}).items()
        if place[:-1] == machine
        for start in starts
    }
    kept = {
        (place[-1], timer)
        for place, timer in getattr(module, "KEEPS", {}).items()
        if place[:-1] == machine
    }
    timers = {(state, heard) for state, heard in table if type(heard) is not type_of_input(module)}
    assert timers == started | kept


def type_of_input(module) -> type:
    """What comes from outside, as opposed to a timer."""
    return module.Input


def cores() -> Iterator[type]:
    """Every class of the cores that asks to be woken."""
    for room in ("engines", "lines", "protocols"):
        for file in sorted((ROOT / "appliance" / room).rglob("*.py")):
            if "def wake_at(self)" not in file.read_text(encoding="utf-8"):
                continue
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for _, one in inspect.getmembers(importlib.import_module(name), inspect.isclass):
                if one.__module__ == name and "wake_at" in vars(one):
                    yield one


CORES = [one for one in cores() if not issubclass(one, BaseException)]


def test_the_great_machines_are_among_them() -> None:
    assert {"Switchboard", "Floor", "UserAgent", "FlowRun"} <= {one.__name__ for one in CORES}


@pytest.mark.parametrize("core", CORES, ids=lambda one: one.__name__)
def test_who_asks_to_be_woken_is_woken_with_the_time_as_an_argument(core) -> None:
    assert list(inspect.signature(core.wake_at).parameters) == ["self"]
    if hasattr(core, "wake"):
        assert list(inspect.signature(core.wake).parameters) == ["self", "now"]


@pytest.mark.parametrize(
    "core", [one for one in CORES if hasattr(one, "take_touched")], ids=lambda one: one.__name__
)
def test_who_tells_changed_slots_can_write_and_read_them(core) -> None:
    assert list(inspect.signature(core.take_touched).parameters) == ["self"]
    assert list(inspect.signature(core.slot).parameters) == ["self", "name"]
    assert list(inspect.signature(core.restore).parameters) == ["self", "name", "content", "now"]
