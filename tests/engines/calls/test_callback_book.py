"""The book of callbacks alone: one at a time for a number, whatever happens in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.engines.calls.callback_book import (
    MOST_KEPT,
    MOST_TRIES_KEPT,
    SETTLE_SECONDS,
    CallbackBook,
)
from appliance.vocabulary.callbacks import OPEN_PHASES, CallbackPhase, CallbackRow
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.settings import Callback, Language

RULES = Callback(max_tries=3, between_minutes=10, days=1)
NUMBERS = ("13900001111", "13900002222")
STEPS = (
    "ask",
    "line up",
    "offer",
    "rest",
    "ring",
    "talk",
    "miss",
    "rings",
    "no line",
    "cancel",
    "restart",
    "cut",
    "shut",
)


class Desk:
    """Somebody who uses the book as call control does, and notes when customers are rung."""

    def __init__(self):
        self.book = CallbackBook()
        self.now = 1_000_000.0
        self.names = 0
        self.is_open = True
        self.slots = {}
        self.rung = {number: [] for number in NUMBERS}
        """When each number was rung, and for which callback."""
        self.ringing = set()
        """Callbacks whose customer's telephone rings or talks at this moment."""

    def name(self):
        self.names += 1
        return f"n{self.names}"

    def step(self, what, number):
        match what:
            case "ask":
                self.book.ask(
                    CallbackRow(
                        callback=self.name(),
                        number=number,
                        queue="orders",
                        phase=CallbackPhase.PENDING,
                        language=Language.EN,
                        first=self.name(),
                        asked=self.now,
                        since=self.now,
                    )
                )
            case "line up":
                self.look()
            case "restart":
                self.restart()
            case "cut":
                self.restart()
                self.ringing.clear()
                self.book.box_restarted(self.now, lambda queue: RULES)
            case "shut":
                self.is_open = not self.is_open
                self.look()
            case _:
                self.of_one(what, number)
        self.keep()

    def look(self):
        for callback, reason in self.book.outlived(self.now, lambda queue: RULES):
            assert self.book.give_up(callback, CallbackPhase.FAILED, reason, self.now)
        due = self.book.due(self.now, is_open=lambda queue: self.is_open, rules=lambda q: RULES)
        for one in due:
            if one.begins:
                self.book.lined_up(one.callback, self.name(), self.name())
            else:
                self.book.left_line(one.callback)

    def of_one(self, what, number):
        state = self.book.open_for(number)
        if state is None:
            return
        row = state.row
        is_running = row.phase is CallbackPhase.RUNNING
        if what == "offer" and not is_running and state.visit is not None:
            self.book.begun(row.callback)
        elif what == "rest" and is_running and row.callback not in self.ringing:
            self.book.rested(row.callback)
        elif what == "ring" and is_running and row.callback not in self.ringing:
            self.book.rung(row.callback, "1001", self.now)
            self.rung[number].append(self.now)
            self.ringing.add(row.callback)
        elif what == "talk" and row.callback in self.ringing:
            self.book.talked(row.callback, self.now)
            self.ringing.discard(row.callback)
        elif what == "miss" and is_running:
            self.book.missed(row.callback, "no_answer", self.now, RULES)
            self.ringing.discard(row.callback)
        elif what == "rings" and is_running:
            self.book.rings(row.callback)
        elif what == "no line" and is_running:
            self.book.missed(row.callback, "congestion", self.now, RULES, is_of_trunk=True)
            self.ringing.discard(row.callback)
        elif what == "cancel":
            self.book.give_up(row.callback, CallbackPhase.CANCELLED, "anna", self.now)

    def restart(self):
        """kill -9: only the slots are left."""
        self.book = CallbackBook()
        for content in self.slots.values():
            self.book.restore(content)

    def keep(self):
        for name in self.book.take_touched():
            content = self.book.slot(name.removeprefix("back:"))
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content

    def promises_hold(self):
        rows = [one.row for one in self.book.callbacks.values()]
        for state in self.book.callbacks.values():
            assert 0 <= state.tries <= RULES.max_tries
            real = [one for one in state.row.tries if one.result != "congestion"]
            assert len(real) <= RULES.max_tries
        for number in NUMBERS:
            own = [row for row in rows if row.number == number]
            assert len([row for row in own if row.phase in OPEN_PHASES]) <= 1
            assert len([row for row in own if row.callback in self.ringing]) <= 1
        for row in rows:
            times = [one.at for one in row.tries]
            pauses = [later - sooner for sooner, later in zip(times, times[1:], strict=False)]
            assert all(pause >= RULES.between_minutes * 60 for pause in pauses)
            assert all(one.at >= row.asked + SETTLE_SECONDS for one in row.tries)
            assert (row.ended is None) == (row.phase in OPEN_PHASES)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(STEPS),
            st.sampled_from(NUMBERS),
            st.sampled_from((0.0, 6.0, 61.0, 601.0)),
        ),
        max_size=80,
    )
)
def test_a_number_is_never_rung_twice_at_once_nor_too_soon_nor_too_often(steps):
    desk = Desk()
    for what, number, seconds in steps:
        desk.now += seconds
        desk.step(what, number)
        desk.promises_hold()


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(NUMBERS)), max_size=40))
def test_every_callback_comes_to_an_end(steps):
    desk = Desk()
    for what, number in steps:
        desk.now += 30
        desk.step(what, number)
    desk.is_open = True
    for _ in range(300):
        desk.now += 660
        for number in NUMBERS:
            for what in ("miss", "line up", "offer", "ring"):
                desk.step(what, number)
    assert all(one.row.phase not in OPEN_PHASES for one in desk.book.callbacks.values())


def test_what_is_not_its_turn_is_an_illegal_move_and_changes_nothing():
    desk = Desk()
    desk.step("ask", NUMBERS[0])
    [callback] = desk.book.callbacks
    for move in (
        lambda: desk.book.begun("nobody"),
        lambda: desk.book.rung(callback, None, desk.now),
        lambda: desk.book.talked(callback, desk.now),
        lambda: desk.book.missed(callback, "busy", desk.now, RULES),
    ):
        before = desk.book.slot(callback)
        with pytest.raises(IllegalMove):
            move()
        assert desk.book.slot(callback) == before


def test_a_trunk_that_is_out_for_days_uses_up_no_try_and_no_memory():
    desk = Desk()
    desk.step("ask", NUMBERS[0])
    [state] = desk.book.callbacks.values()

    def tried(*steps):
        desk.now += 601
        for step in ("line up", "offer", "ring", *steps):
            desk.step(step, NUMBERS[0])

    tried("rings", "no line")
    for _ in range(MOST_TRIES_KEPT + 20):
        tried("no line")
        state = desk.book.open_for(NUMBERS[0])
        state.row = replace(state.row, asked=desk.now)  # lest it be given up as too old
    assert (len(state.row.tries), state.tries) == (MOST_TRIES_KEPT, 1)
    tried("miss")
    assert state.tries == 2 and state.row.phase is CallbackPhase.PENDING
    tried("miss")
    assert (state.row.phase, state.row.reason) == (CallbackPhase.FAILED, "tries")


def test_a_number_that_may_not_be_dialled_any_more_is_not_tried_again():
    desk = Desk()
    desk.step("ask", NUMBERS[0])
    desk.now += 10
    desk.step("line up", NUMBERS[0])
    desk.step("offer", NUMBERS[0])
    [callback] = desk.book.callbacks
    state = desk.book.missed(callback, "forbidden", desk.now, RULES)
    assert (state.row.phase, state.row.reason) == (CallbackPhase.FAILED, "forbidden")


def test_only_the_latest_that_are_over_are_remembered():
    desk = Desk()
    for _ in range(MOST_KEPT + 5):
        desk.now += 60
        desk.step("ask", NUMBERS[0])
        desk.step("cancel", NUMBERS[0])
    desk.step("ask", NUMBERS[1])
    over = [one for one in desk.book.callbacks.values() if one.row.phase not in OPEN_PHASES]
    assert len(over) == MOST_KEPT
    assert len(desk.slots) == MOST_KEPT + 1
