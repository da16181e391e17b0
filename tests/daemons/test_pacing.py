"""A quiet loop answers at once; a busy one gathers; timers are never late by it."""

import asyncio
import selectors
import socket
from time import monotonic

import pytest

from appliance.daemons.control.pacing import (
    FEWEST_TURNS_A_SECOND,
    MOST_SAVED,
    TURNS_A_SECOND,
    WORK_SHARE,
    AtEndOfTurn,
    PacedSelector,
)

TURN = 1 / TURNS_A_SECOND


class Time:
    """A clock that goes on only while somebody pauses."""

    def __init__(self):
        self.now = 100.0
        self.paused = []

    def clock(self):
        return self.now

    def pause(self, seconds):
        self.paused.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def selector(time):
    """A selector with one socket that always has something to read."""
    made = PacedSelector(time.clock, time.pause)
    near, far = socket.socketpair()
    far.send(b"x")
    made.register(near, 1)
    yield made
    made.close()
    near.close()
    far.close()


def test_a_quiet_box_takes_all_turns_of_a_call_at_once(selector, time):
    for _ in range(int(MOST_SAVED)):
        assert selector.select(None)
    assert time.paused == []


def test_a_busy_box_takes_fifty_turns_a_second(selector, time):
    while not time.paused:
        selector.select(None)
    began = time.now
    for _ in range(100):
        assert selector.select(None)
    assert time.now - began == pytest.approx(100 * TURN)
    assert max(time.paused) <= TURN + 1e-9


def turns_in(selector, time, seconds, *, work):
    """How many turns of so many seconds of work each are taken in a time."""
    until, turns = time.now + seconds, 0
    while time.now < until:
        selector.select(None)
        time.now += work
        turns += 1
    return turns


def test_turns_that_do_much_are_followed_by_fewer_and_longer_ones(selector, time):
    turns_in(selector, time, 1.0, work=0.0)
    assert turns_in(selector, time, 10.0, work=0.0) == pytest.approx(500, abs=2)
    worked = WORK_SHARE / FEWEST_TURNS_A_SECOND
    assert turns_in(selector, time, 10.0, work=worked) == pytest.approx(250, abs=2)
    assert turns_in(selector, time, 10.0, work=5 * worked) == pytest.approx(250, abs=2)
    assert turns_in(selector, time, 10.0, work=0.0) == pytest.approx(500, abs=2)


def test_a_box_with_more_work_than_time_never_pauses(selector, time):
    turns_in(selector, time, 1.0, work=0.1)
    time.paused.clear()
    turns_in(selector, time, 10.0, work=0.05)
    assert time.paused == []


def test_rest_fills_the_bucket_again_but_not_above_its_brim(selector, time):
    while not time.paused:
        selector.select(None)
    time.now += 60.0
    time.paused.clear()
    for _ in range(int(MOST_SAVED)):
        selector.select(None)
    assert time.paused == []
    selector.select(None)
    assert time.paused


def test_a_timer_that_is_due_before_the_next_turn_is_not_late(selector, time):
    while not time.paused:
        selector.select(None)
    before = time.now
    selector.select(0.003)
    assert time.now - before == pytest.approx(0.003)


def test_a_loop_with_work_at_hand_never_pauses(selector, time):
    for _ in range(200):
        assert selector.select(0)
        assert not selector.select(0), "what was found is dealt with before it looks again"
    assert time.paused == []


def test_a_turn_ends_once_after_all_that_came_with_it():
    loop = asyncio.SelectorEventLoop(PacedSelector())
    done = []
    at_end = AtEndOfTurn(loop, lambda: done.append("settled"))
    links = [socket.socketpair() for _ in range(2)]

    def read(link):
        done.append(link.recv(9))
        at_end()

    for near, far in links:
        far.send(b"x")
        loop.add_reader(near, read, near)
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    assert done == [b"x", b"x", "settled"]
    links[0][1].send(b"y")
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    assert done[3:] == [b"y", "settled"]
    loop.close()
    for near, far in links:
        near.close()
        far.close()


@pytest.fixture
def busy():
    """A selector on the real clock whose bucket is empty, with a socket of datagrams."""
    made = PacedSelector()
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    far.send(b"INVITE")
    made.register(near, selectors.EVENT_READ)
    for _ in range(int(MOST_SAVED) + 1):
        made.select(None)
    yield made
    made.close()
    near.close()
    far.close()


def test_datagrams_wait_for_the_next_turn_and_a_stream_does_not(busy):
    began = monotonic()
    busy.select(None)
    busy.select(None)
    assert monotonic() - began > TURN
    near, far = socket.socketpair()
    with near, far:
        busy.register(near, selectors.EVENT_READ)
        far.send(b"a key was pressed")
        began = monotonic()
        for _ in range(10):
            assert near in [key.fileobj for key, _ in busy.select(None)]
        assert monotonic() - began < 5 * TURN
        busy.unregister(near)


def test_a_stream_that_only_wants_to_write_ends_the_pause_when_it_can(busy):
    near, far = socket.socketpair()
    with near, far:
        busy.register(near, selectors.EVENT_READ)
        busy.modify(near, selectors.EVENT_WRITE)
        began = monotonic()
        for _ in range(10):
            assert near in [key.fileobj for key, _ in busy.select(None)]
        assert monotonic() - began < 5 * TURN
        busy.unregister(near)


def test_what_a_media_worker_tells_waits_for_the_next_turn(busy, tmp_path):
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as link:
        listening.bind(str(tmp_path / "media-0.sock"))
        listening.listen()
        link.connect(str(tmp_path / "media-0.sock"))
        worker, _ = listening.accept()
        with worker:
            busy.register(link, selectors.EVENT_READ)
            worker.send(b"a port was claimed")
            began = monotonic()
            for _ in range(3):
                busy.select(None)
            assert monotonic() - began > 2 * TURN
            busy.unregister(link)


def test_what_is_asked_at_a_named_socket_does_not_wait(busy, tmp_path):
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as asking:
        listening.bind(str(tmp_path / "control.sock"))
        listening.listen()
        busy.register(listening, selectors.EVENT_READ)
        asking.connect(str(tmp_path / "control.sock"))
        accepted, _ = listening.accept()
        with accepted:
            busy.unregister(listening)
            busy.register(accepted, selectors.EVENT_READ)
            asking.send(b"who is calling?")
            began = monotonic()
            for _ in range(40):
                assert accepted in [key.fileobj for key, _ in busy.select(None)]
            assert monotonic() - began < 20 * TURN
            busy.unregister(accepted)
