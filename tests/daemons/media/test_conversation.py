"""The worker's side of the wire: what is told again to the next control, and under which number."""

import socket

import pytest

from appliance.daemons.media import conversation
from appliance.daemons.media.conversation import Conversation
from appliance.vocabulary.events import AudioClaimed, DigitForm, DigitHeard, PlayEnded
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import FromMedia, Heard, NumberingBegan, Sync


def key(digit):
    return DigitHeard(leg="l1", digit=digit, form=DigitForm.RFC4733)


class Control:
    """A connection of control's."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self._decoder = LineDecoder(FromMedia)

    def hear(self):
        try:
            return self._decoder.feed(self.socket.recv(1 << 20))
        except BlockingIOError:
            return []

    def say(self, command):
        self.socket.sendall(line_of(command))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "media.sock"


@pytest.fixture
def worker(path):
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen()
    made = Conversation(listening, "run1")
    yield made
    made.close()


@pytest.fixture
def connect(worker, path):
    opened = []

    def connected():
        opened.append(Control(path))
        assert not list(worker.commands())
        return opened[-1]

    yield connected
    for one in opened:
        one.socket.close()


def test_each_connection_begins_with_how_the_worker_counts(worker, connect):
    control = connect()
    worker.send()
    assert control.hear() == [NumberingBegan(epoch="run1", number=1)]


def test_what_control_read_and_did_not_acknowledge_is_told_to_the_next_one(worker, connect):
    first = connect()
    worker.tell(key("1"))
    worker.tell(key("2"))
    worker.send()
    assert first.hear()[1:] == [key("1"), key("2")]
    first.socket.close()
    second = connect()
    worker.tell(key("3"))
    worker.send()
    assert second.hear() == [
        NumberingBegan(epoch="run1", number=1), key("1"), key("2"), key("3"),
    ]  # fmt: skip


def test_what_was_acknowledged_is_forgotten(worker, connect):
    first = connect()
    for digit in "123":
        worker.tell(key(digit))
    worker.send()
    first.say(Heard(epoch="run1", number=2))
    assert not list(worker.commands())
    first.socket.close()
    second = connect()
    worker.send()
    assert second.hear() == [NumberingBegan(epoch="run1", number=3), key("3")]


def test_an_acknowledgement_of_another_run_of_the_worker_counts_for_nothing(worker, connect):
    first = connect()
    worker.tell(key("1"))
    first.say(Heard(epoch="run0", number=1))
    list(worker.commands())
    second = connect()
    worker.send()
    assert second.hear() == [NumberingBegan(epoch="run1", number=1), key("1")]


def test_an_acknowledgement_of_what_was_never_told_does_no_harm(worker, connect):
    control = connect()
    worker.tell(key("1"))
    control.say(Heard(epoch="run1", number=1000))
    list(worker.commands())
    worker.tell(key("2"))
    second = connect()
    worker.send()
    assert second.hear() == [NumberingBegan(epoch="run1", number=2), key("2")]


def test_answers_are_for_who_asked_and_are_not_counted(worker, connect):
    first = connect()
    worker.tell(AudioClaimed(leg="l1", port=20000))
    worker.tell(key("1"))
    first.socket.close()
    second = connect()
    worker.send()
    assert second.hear() == [NumberingBegan(epoch="run1", number=1), key("1")]


def test_commands_beside_acknowledgements_come_through(worker, connect):
    control = connect()
    control.say(Heard(epoch="run1", number=0))
    control.say(Sync(legs=()))
    assert list(worker.commands()) == [Sync(legs=())]


def test_what_is_kept_for_a_control_that_stays_away_is_bounded(worker, connect, monkeypatch):
    monkeypatch.setattr(conversation, "MOST_KEPT", 3)
    for digit in "12345":
        worker.tell(key(digit))
    control = connect()
    worker.send()
    assert control.hear() == [
        NumberingBegan(epoch="run1", number=3), key("3"), key("4"), key("5"),
    ]  # fmt: skip


def test_the_end_of_a_play_that_is_told_again_is_not_told_twice(worker, connect):
    """A SetAudio of a play that ended has it told where this connection does not know it yet."""
    worker.tell(PlayEnded(leg="l1", play="p1"))
    connect()
    assert worker.plays_told == {("l1", "p1")}
