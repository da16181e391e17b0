"""The tests side by side: several at a time, and alone the few that measure time or load.

`pytest -n auto` (make test) starts some workers, for tests with real programs wait most of their
time. Whole files are given out, since the tests of one file share a box: first those of our own
code alone, then real programs, kills and long ones. When all that is done, one worker, with nothing
beside it, gets what is marked `alone`. This is a scheduler for pytest-xdist. Only a worker knows
what a test is marked with, and writes it down for the process that gives out.
"""

import json
import os
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

FAST, LATER, ALONE = 0, 1, 2
_LATER_MARKS = ("slow", "peer", "fault")


def turn(item: pytest.Item) -> int:
    """When a test has its turn."""
    if item.get_closest_marker("alone"):
        return ALONE
    return LATER if any(item.get_closest_marker(name) for name in _LATER_MARKS) else FAST


def place(item: pytest.Item) -> tuple[int, bool]:
    """Where a test stands in the order: by its turn, and the whole image after all else."""
    return turn(item), item.get_closest_marker("image") is not None


def workers() -> int:
    """How many: what waits most of the time leaves room for one more than there are cores."""
    return len(os.sched_getaffinity(0)) + 1


class Turns:
    """Who writes down the turns of all tests, and where."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="linghe-tests-")
        self._place = Path(self._folder.name) / "turns.json"

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where."""
        node.workerinput["linghe_turns"] = str(self._place)

    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> "SideBySide | None":
        """Give the tests out, unless another way was asked for (--dist)."""
        is_ours = config.getoption("dist") == "load"
        return SideBySide(config, self._place) if is_ours else None


def write_down(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """In a worker: say when each test has its turn."""
    place = getattr(config, "workerinput", {}).get("linghe_turns")
    if place is not None:
        own = Path(f"{place}.{os.getpid()}")
        own.write_text(json.dumps([turn(item) for item in items]), encoding="utf-8")
        own.replace(place)


class SideBySide:
    """The scheduler, as pytest-xdist wants it (xdist.scheduler.protocol.Scheduling).

    A worker begins a test only when it knows the next one, or that there is none: for each it has
    one ahead. So the last worker that is left can be held before the first test that runs alone,
    until the others have ended theirs.
    """

    def __init__(self, config: pytest.Config, turns: Path) -> None:
        self.config = config
        self.numnodes = len(config.getoption("tx"))
        self._turns = turns
        self._names: list[str] = []
        self._kinds: list[int] = []
        self._collections: dict[Any, list[str]] = {}
        self._given: dict[Any, list[int]] = {}
        """What each worker has and has not done yet, in its order."""
        self._units: deque[list[int]] = deque()
        self._alone: deque[int] = deque()
        self._is_begun = False

    # --- what the session asks ---
    @property
    def nodes(self) -> list[Any]:
        return list(self._given)

    @property
    def collection_is_completed(self) -> bool:
        return self._is_begun or len(self._collections) >= self.numnodes

    @property
    def tests_finished(self) -> bool:
        return self._is_begun and not self.has_pending

    @property
    def has_pending(self) -> bool:
        return bool(self._units or self._alone or any(self._given.values()))

    # --- workers come and go ---
    def add_node(self, node: Any) -> None:
        self._given[node] = []

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        self._collections[node] = list(collection)

    def remove_node(self, node: Any) -> str | None:
        """Take back what a worker had; return the test in which it died."""
        left = self._given.pop(node)
        self._collections.pop(node, None)
        crashed = self._names[left[0]] if left else None
        self._take_back(left[1:])
        self._give_to_all()
        return crashed

    def mark_test_pending(self, item: str) -> None:
        """One that died with its worker is to be tried again."""
        self._take_back([self._names.index(item)])
        self._give_to_all()

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """A worker gave back what it was asked for (xdist's `send_steal`): nobody asks here."""
        raise RuntimeError(f"{node} gave back {len(indices)} tests that nobody took from it")

    def _take_back(self, left: list[int]) -> None:
        alone = [one for one in left if self._kinds[one] == ALONE]
        others = [one for one in left if self._kinds[one] != ALONE]
        self._alone.extendleft(reversed(alone))
        if others:
            self._units.appendleft(others)

    # --- giving out ---
    def schedule(self) -> None:
        """All workers know their tests: begin. Or one has come in place of another."""
        if not self._is_begun:
            _check_same(self._collections)
            self._is_begun = True
            self._names = next(iter(self._collections.values()))
            self._kinds = json.loads(self._turns.read_text(encoding="utf-8"))
            self._divide()
        self._give_to_all()

    def _divide(self) -> None:
        units: dict[tuple[int, str], list[int]] = {}
        for index, (name, kind) in enumerate(zip(self._names, self._kinds, strict=True)):
            if kind == ALONE:
                self._alone.append(index)
            else:
                units.setdefault((kind, name.partition("::")[0]), []).append(index)
        # The longest first, so that none of them is begun when the others are through.
        order = sorted(units, key=lambda unit: (unit[0], -len(units[unit])))
        self._units.extend(units[unit] for unit in order)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        self._given[node].remove(item_index)
        self._give_to_all()

    def _give_to_all(self) -> None:
        """Whoever has less than one test ahead gets more."""
        for node in [one for one in self._given if one in self._collections]:
            if node.shutting_down:
                continue
            while self._units and len(self._given[node]) < 2:
                self._send(node, self._units.popleft())
            if len(self._given[node]) < 2:
                self._end(node)

    def _end(self, node: Any) -> None:
        """Nothing is left for this worker but, for the last one, what runs alone."""
        given = self._given[node]
        others = [one for one in self._given if one is not node]
        is_held = bool(given) and self._kinds[given[0]] == ALONE
        if any(not one.shutting_down for one in others) or not (self._alone or is_held):
            node.shutdown()
        elif not others:
            self._send(node, list(self._alone))
            self._alone.clear()
            node.shutdown()
        elif given and not is_held:
            # Begins the last one that it shares, and then waits before the other.
            self._send(node, [self._alone.popleft()])

    def _send(self, node: Any, tests: list[int]) -> None:
        self._given[node].extend(tests)
        node.send_runtest_some(tests)


def _check_same(collections: dict[Any, list[str]]) -> None:
    """Tests are called by their number: it must mean the same to all workers."""
    first, *others = collections.values()
    for one in others:
        if one != first:
            differ = sorted(set(first) ^ set(one))[:5] or "their order"
            raise pytest.UsageError(f"the workers do not see the same tests: {differ}")
