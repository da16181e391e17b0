"""What ends a connection that takes too long, and what it says of exceptions beside that."""

import socket
from collections.abc import Iterator

import pytest
from urllib3.connection import HTTPConnection

from appliance.daemons.jobs.webhook_post import Cutter

LONG = 60.0


@pytest.fixture
def connection() -> Iterator[HTTPConnection]:
    """One whose far end says nothing."""
    near, far = socket.socketpair()
    made = HTTPConnection("localhost")
    made.sock = near
    yield made
    made.close()
    far.close()


def is_cut(connection: HTTPConnection) -> None:
    """Wait for it, as a read does: bounded by the cutter alone."""
    assert connection.sock is not None
    assert connection.sock.recv(1) == b""


def test_who_is_silent_is_cut_off_and_that_is_a_timeout(connection: HTTPConnection) -> None:
    with pytest.raises(TimeoutError) as caught, Cutter(connection, 0.01):
        is_cut(connection)
    assert caught.value.__cause__ is None


def test_what_the_broken_connection_looked_like_is_kept_as_the_cause(
    connection: HTTPConnection,
) -> None:
    with pytest.raises(TimeoutError) as caught, Cutter(connection, 0.01):
        is_cut(connection)
        raise ConnectionResetError("reset")
    assert isinstance(caught.value.__cause__, ConnectionResetError)


@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt])
def test_a_bug_or_a_signal_is_not_taken_for_a_timeout(
    connection: HTTPConnection, kind: type[BaseException]
) -> None:
    with pytest.raises(kind), Cutter(connection, 0.01):
        is_cut(connection)
        raise kind


def test_in_time_nothing_is_cut_and_nothing_is_hidden(connection: HTTPConnection) -> None:
    with Cutter(connection, LONG):
        pass
    with pytest.raises(ConnectionResetError), Cutter(connection, LONG):
        raise ConnectionResetError("reset")
