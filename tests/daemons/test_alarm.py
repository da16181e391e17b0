"""Timers let the turns go first that come anyway; and ring where none comes."""

import asyncio

import pytest

from appliance.daemons.control.alarm import LATE_SECONDS, Alarm


class Loop(asyncio.AbstractEventLoop):
    """Notes what is asked of its clock."""

    def __init__(self):
        self.armed = []

    def call_at(self, when, callback, *arguments, context=None):
        timer = asyncio.TimerHandle(when, callback, arguments, self)
        self.armed.append(timer)
        return timer

    def get_debug(self):
        return False

    def _timer_handle_cancelled(self, handle):
        self.armed.remove(handle)

    def ring(self):
        self.armed.pop()._run()


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def rung():
    return []


@pytest.fixture
def alarm(loop, rung):
    return Alarm(loop, lambda: rung.append(1))


def test_it_rings_soon_after_the_instant(alarm, loop, rung):
    alarm.set(100.0)
    assert [one.when() for one in loop.armed] == [100.0 + LATE_SECONDS]
    loop.ring()
    assert rung == [1]


def test_a_turn_that_comes_in_between_is_told_what_is_due(alarm, loop):
    assert not alarm.is_due(100.0)
    alarm.set(100.0)
    assert not alarm.is_due(99.9)
    assert alarm.is_due(100.0)
    loop.ring()
    assert not alarm.is_due(101.0)


def test_only_the_last_wish_counts(alarm, loop):
    alarm.set(100.0)
    alarm.set(90.0)
    assert [one.when() for one in loop.armed] == [90.0 + LATE_SECONDS]
    alarm.set(None)
    assert loop.armed == []


def test_the_same_wish_again_costs_no_new_timer(alarm, loop):
    alarm.set(100.0)
    first = loop.armed[0]
    alarm.set(100.0)
    assert loop.armed == [first]


def test_what_was_not_done_when_it_rang_rings_again(alarm, loop, rung):
    alarm.set(100.0)
    loop.ring()
    alarm.set(100.0)
    loop.ring()
    assert rung == [1, 1]
