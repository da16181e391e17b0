"""Sockets go round: claimed, released, emptied, rested, claimed again; none is told of twice."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.daemons import notify
from appliance.daemons.media import ports as ports_module
from appliance.daemons.media.ports import (
    LEAVING_SECONDS,
    MOST_READY,
    POOL,
    SILENT_SECONDS,
    Ports,
    share,
)
from appliance.daemons.supervisor.keeping import NotifySocket, Store
from appliance.vocabulary.errors import EquipmentError

FIRST = 3000
ADDRESS = "127.77.0.1"
"""Where nobody else binds a port."""
MANY = 400


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Kept:
    """The service manager: what it was told, and what it keeps."""

    def __init__(self) -> None:
        self.door = NotifySocket(f"linghe-test-ports-{os.getpid()}")
        self.store = Store()
        self.told = 0

    def listen(self) -> set[int]:
        """Hear what was said; return the ports whose sockets are kept."""
        for message, descriptors in self.door.messages():
            self.told += 1
            self.store.apply(message, descriptors)
        return {int(name.removeprefix("rtp-")) for name, _ in self.store.passed()}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(ports_module, "time", made)
    return made


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    made = Kept()
    monkeypatch.setenv("NOTIFY_SOCKET", made.door.address)
    monkeypatch.setattr(notify, "_inherited", {})
    yield made
    made.door.close()
    made.store.close()


def ports(legs: int = MANY, bind: str = ADDRESS) -> Ports:
    return Ports(bind, share(FIRST, FIRST + 2 * legs - 1, 1, 0))


def look(these: Ports, clock: Clock, seconds: float, kept: Kept) -> None:
    """Let time pass, a tick each 10 ms."""
    for _ in range(round(seconds * 100)):
        clock.seconds += 0.01
        these.look_after()
        kept.listen()


def claim(these: Ports, many: int, kept: Kept) -> dict[int, socket.socket]:
    """Claim so many; the service manager's ear holds ten words only."""
    claimed = {}
    for _ in range(many):
        port, opened = these.claim()
        claimed[port] = opened
        kept.listen()
    return claimed


def release(these: Ports, legs: dict[int, socket.socket], kept: Kept) -> None:
    for port, opened in legs.items():
        these.release(port, opened)
        kept.listen()


def send(port: int, packet: bytes = b"a straggler") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.sendto(packet, (ADDRESS, port))


def waiting(opened: socket.socket) -> bytes:
    try:
        return opened.recv(100)
    except BlockingIOError:
        return b""


def test_every_socket_is_kept_from_the_moment_it_is_bound(clock: Clock, kept: Kept) -> None:
    these = ports()
    look(these, clock, 1.0, kept)
    assert len(kept.listen()) == POOL
    port, opened = these.claim()
    assert port in kept.listen()
    assert opened.getsockname() == (ADDRESS, port)


def test_sockets_go_round_without_a_word_to_the_service_manager(clock: Clock, kept: Kept) -> None:
    these = ports()
    look(these, clock, 1.0, kept)
    kept.listen()
    before = kept.told
    claimed: set[int] = set()
    for _ in range(20):
        legs = claim(these, POOL, kept)
        claimed |= legs.keys()
        release(these, legs, kept)
        look(these, clock, LEAVING_SECONDS + SILENT_SECONDS + 0.1, kept)
    assert kept.listen() >= claimed
    assert len(claimed) < 3 * POOL
    assert kept.told - before <= 2 * POOL  # the pool has grown once


def test_a_released_socket_hears_nobody_in_particular_and_is_empty(
    clock: Clock, kept: Kept
) -> None:
    these = ports(1)
    port, opened = these.claim()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        opened.connect(far.getsockname())
        far.sendto(b"the end of the old call", (ADDRESS, port))
        these.release(port, opened)
        look(these, clock, LEAVING_SECONDS + SILENT_SECONDS + 0.1, kept)
        send(port)
        again, once_more = these.claim()
    assert (again, once_more) == (port, opened)
    with pytest.raises(OSError, match="not connected"):
        once_more.getpeername()
    assert waiting(once_more) == b""
    send(port, b"the new call")
    assert waiting(once_more) == b"the new call"


def test_a_port_to_which_somebody_goes_on_sending_is_closed(clock: Clock, kept: Kept) -> None:
    these = ports()
    port, opened = these.claim()
    these.release(port, opened)
    look(these, clock, LEAVING_SECONDS + 1.0, kept)
    send(port)
    look(these, clock, SILENT_SECONDS, kept)
    assert opened.fileno() == -1
    assert port not in kept.listen()


def test_what_came_just_after_the_end_of_a_call_closes_nothing(clock: Clock, kept: Kept) -> None:
    these = ports(1)
    port, opened = these.claim()
    these.release(port, opened)
    look(these, clock, LEAVING_SECONDS / 2, kept)
    send(port)
    look(these, clock, LEAVING_SECONDS + SILENT_SECONDS, kept)
    assert these.claim() == (port, opened)


def test_after_a_rush_sockets_are_closed_again(clock: Clock, kept: Kept) -> None:
    these = ports()
    legs = claim(these, 3 * MOST_READY, kept)
    assert len(kept.listen()) == 3 * MOST_READY
    release(these, legs, kept)
    look(these, clock, LEAVING_SECONDS + SILENT_SECONDS + 1.0, kept)
    assert len(kept.listen()) == MOST_READY


def test_with_all_ports_taken_a_resting_one_must_do(clock: Clock, kept: Kept) -> None:
    these = ports(2)
    first, second = these.claim(), these.claim()
    with pytest.raises(EquipmentError):
        these.claim()
    these.release(*first)
    these.release(*second)
    send(first[0])
    again = these.claim()
    assert again == first
    assert waiting(again[1]) == b""


def test_what_a_killed_worker_left_behind_is_used_again_and_its_legs_keep_theirs(
    clock: Clock, kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = ports(8)
    legs = claim(killed, 8, kept)
    far_end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far_end.bind(("127.0.0.1", 0))
    for opened in legs.values():
        opened.connect(far_end.getsockname())
        opened.close()  # as a kill does
    passed: dict[str, list[int]] = {}
    for name, descriptor in kept.store.passed():
        passed.setdefault(name, []).append(os.dup(descriptor))
    monkeypatch.setattr(notify, "_inherited", passed)
    these = ports(8)
    living = next(iter(legs))
    restored = these.restored(living)
    these.adopt_strays({living})
    assert restored is not None
    assert restored.getpeername() == far_end.getsockname()
    look(these, clock, LEAVING_SECONDS + SILENT_SECONDS + 1.0, kept)
    again = claim(these, 7, kept)
    assert again.keys() == legs.keys() - {living}
    far_end.close()
    for port, opened in again.items():
        send(port, b"a new call")
        assert waiting(opened) == b"a new call"
    assert kept.listen() == legs.keys()
    with pytest.raises(EquipmentError):
        these.claim()


def test_a_stray_outside_the_range_is_given_back(
    clock: Clock, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ports(1)
    port, opened = before.claim()
    assert kept.listen() == {port}
    monkeypatch.setattr(notify, "_inherited", {f"rtp-{port}": [os.dup(opened.fileno())]})
    opened.close()
    these = Ports(ADDRESS, share(FIRST + 100, FIRST + 199, 1, 0))
    these.adopt_strays(set())
    look(these, clock, 0.02, kept)
    assert port not in kept.listen()
