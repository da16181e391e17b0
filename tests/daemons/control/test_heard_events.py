"""Control acts on each counted event of a worker once, whenever it is killed."""

import random
import socket
from collections import deque

import pytest

from appliance.daemons.control.heard_events import HeardEvents
from appliance.daemons.media.conversation import Conversation
from appliance.vocabulary.events import DigitForm, DigitHeard
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import FromMedia, Heard, NumberingBegan, WorkerFigures

FIGURES = WorkerFigures(
    worker=0, legs=0, packets_in=0, packets_out=0, packets_refused=0, ticks=0, ticks_late=0,
    worst_tick_ms=0.0, recorded_frames=0, cpu_seconds=0.0,
)  # fmt: skip


def key(number):
    return DigitHeard(leg=f"l{number}", digit="1", form=DigitForm.RFC4733)


def began(number, epoch="run1"):
    return NumberingBegan(epoch=epoch, number=number)


def follower(slot):
    heard = HeardEvents()
    heard.restore(slot)
    return heard


def test_an_event_is_acknowledged_only_once_it_is_written_down():
    heard = HeardEvents()
    assert list(heard.new([began(1), key(1)])) == [key(1)]
    assert heard.take_acknowledgement() is None
    assert heard.take_slot() is not None
    assert heard.take_acknowledgement() == Heard(epoch="run1", number=1)
    assert heard.take_slot() is None
    assert heard.take_acknowledgement() is None


def test_who_was_killed_after_writing_passes_over_what_is_told_again():
    heard = HeardEvents()
    list(heard.new([began(1), key(1), key(2)]))
    after = follower(heard.take_slot())
    assert list(after.new([began(1), key(1), key(2), key(3)])) == [key(3)]
    after.take_slot()
    assert after.take_acknowledgement() == Heard(epoch="run1", number=3)


def test_what_is_told_again_and_known_is_acknowledged_so_that_the_worker_forgets_it():
    heard = HeardEvents()
    list(heard.new([began(1), key(1)]))
    after = follower(heard.take_slot())
    assert not list(after.new([began(1), key(1)]))
    assert after.take_slot() is None
    assert after.take_acknowledgement() == Heard(epoch="run1", number=1)


def test_another_run_of_the_worker_counts_anew():
    heard = HeardEvents()
    list(heard.new([began(1), *map(key, range(9))]))
    heard.connected()
    assert list(heard.new([began(1, "run2"), key(20)])) == [key(20)]
    heard.take_slot()
    assert heard.take_acknowledgement() == Heard(epoch="run2", number=1)


def test_what_a_worker_had_to_forget_leaves_a_gap_and_no_harm():
    heard = HeardEvents()
    list(heard.new([began(1), key(1)]))
    heard.connected()
    assert list(heard.new([began(50), key(50)])) == [key(50)]


def test_answers_are_not_counted():
    heard = HeardEvents()
    assert list(heard.new([FIGURES, began(1), FIGURES, key(1)])) == [FIGURES, FIGURES, key(1)]
    heard.take_slot()
    assert heard.take_acknowledgement() == Heard(epoch="run1", number=1)


class Killed(Exception):
    """-9."""


class FakeControl:
    """Control as far as it matters here; it dies at the step that was chosen.

    `disk` is all that outlives it: what came of the events (here, the events), and the slot.
    """

    def __init__(self, path, disk, dies_at):
        self._left = dies_at
        self._disk = disk
        self._heard = HeardEvents()
        if disk["slot"] is not None:
            self._heard.restore(disk["slot"])
        self._decoder = LineDecoder(FromMedia)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self._heard.connected()

    def step(self):
        self._left -= 1
        if self._left < 0:
            raise Killed

    def turn(self, most):
        """Read so many bytes at most, act, write down, acknowledge."""
        self.step()
        try:
            read = self.socket.recv(most)
        except BlockingIOError:
            read = b""
        self.step()
        done = list(self._heard.new(self._decoder.feed(read)))
        self.step()
        slot = self._heard.take_slot()
        self._disk["done"] += [one.leg for one in done]
        self._disk["slot"] = slot or self._disk["slot"]
        self.step()
        said = self._heard.take_acknowledgement()
        if said is not None:
            line = line_of(said)
            cut = len(line) // 2
            self.socket.sendall(line[:cut])
            self.step()
            self.socket.sendall(line[cut:])


@pytest.mark.parametrize("seed", range(40))
def test_a_key_at_the_moment_of_a_kill_is_neither_lost_nor_doubled(tmp_path, seed):
    """Every step of a turn is a moment to die in; the worker hears keys all the while."""
    chance = random.Random(seed)
    path = tmp_path / "media.sock"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen()
    worker = Conversation(listening, "run1")
    disk = {"slot": None, "done": []}
    keys = deque(range(300))
    wanted = [f"l{one}" for one in keys]
    kills = 0
    control = FakeControl(path, disk, dies_at=chance.randrange(12))
    while keys or disk["done"][-1:] != wanted[-1:]:
        for _ in range(min(len(keys), chance.randrange(4))):
            worker.tell(key(keys.popleft()))
        list(worker.commands())
        worker.send()
        try:
            control.turn(chance.choice([1, 50, 200, 1 << 16]))
        except Killed:
            kills += 1
            control.socket.close()
            alive = 12 if kills < 100 else 1_000_000
            control = FakeControl(path, disk, dies_at=chance.randrange(alive))
    control.socket.close()
    worker.close()
    assert disk["done"] == wanted
    assert kills > 30
