"""Who waits at root's door for whom: the real office, with programs that take their time."""

import logging
import select
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest
from running_box import wait_for

from appliance.daemons.paths import environment
from appliance.daemons.privileged import __main__ as office
from appliance.daemons.privileged.asker import Asker
from appliance.daemons.privileged.machine import Machine
from appliance.wire.codec import line_of
from appliance.wire.privileged import CarriedOut, InstallUpdate, Privileged, Restart, SetTimeZone

PATIENCE_S = 30.0


class SlowMachine:
    """An update is written to it for as long as the test likes."""

    def __init__(self, folder: Path) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.is_writing = Event()
        self.may_end = Event()
        self.machine = Machine(root=folder, data=folder / "data/linghe", run=self._run)
        (folder / "proc").mkdir()
        (folder / "proc/cmdline").write_text("rauc.slot=A\n")
        self.machine.updates.mkdir(parents=True)
        self.bundle = self.machine.updates / "one.raucb"
        self.bundle.write_bytes(b"bundle")
        self.machine.zones.mkdir(parents=True)
        for zone in ("Early", "Late"):
            (self.machine.zones / zone).write_bytes(b"TZif")

    def _run(self, command: Sequence[str], seconds: float) -> str:
        self.ran.append(tuple(command))
        if command[:2] == ("rauc", "install"):
            self.is_writing.set()
            assert self.may_end.wait(PATIENCE_S)
        return ""


@pytest.fixture
def slow(tmp_path: Path) -> SlowMachine:
    return SlowMachine(tmp_path)


@pytest.fixture
def door(slow: SlowMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "data/linghe"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.bind(str(tmp_path / "p.sock"))
        made.listen()
        at_work = office.Office(made, slow.machine, environment())
        running = Thread(target=at_work.run)
        running.start()
        yield tmp_path / "p.sock"
        slow.may_end.set()
        at_work.stop()
        running.join(PATIENCE_S)
        assert not running.is_alive()


def asking(door: Path, asked: Privileged) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(PATIENCE_S)
    link.connect(str(door))
    link.sendall(line_of(asked))
    return link


def done(link: socket.socket) -> str:
    with link, link.makefile("rb") as lines:
        return msgspec.json.decode(lines.readline(), type=CarriedOut).sentence


def test_a_ups_that_runs_low_stops_the_machine_while_an_update_is_written(
    door: Path, slow: SlowMachine
) -> None:
    updating = asking(door, InstallUpdate(file=str(slow.bundle)))
    assert slow.is_writing.wait(PATIENCE_S)
    assert "switches itself off" in done(asking(door, Restart(power_off=True, by="UPS")))
    assert slow.ran[-1] == ("systemctl", "--no-block", "poweroff")
    assert not slow.may_end.is_set()
    slow.may_end.set()
    assert "slot B" in done(updating)


def test_what_nobody_waits_for_any_longer_is_not_done(
    door: Path, slow: SlowMachine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    updating = asking(door, InstallUpdate(file=str(slow.bundle)))
    assert slow.is_writing.wait(PATIENCE_S)
    asking(door, SetTimeZone(zone="Early")).close()
    waiting = asking(door, SetTimeZone(zone="Late"))
    waiting.shutdown(socket.SHUT_WR)  # it has said all; it still listens
    slow.may_end.set()
    assert done(updating) and "Late" in done(waiting)
    wait_for(lambda: "did not wait for it" in caplog.text, PATIENCE_S, "the one who has gone")
    assert ("timedatectl", "set-timezone", "Late") in slow.ran
    assert ("timedatectl", "set-timezone", "Early") not in slow.ran


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many of the next connections the pages open; after those root asks again."""
    left = [0]

    def asker_of(link: socket.socket) -> Asker:
        left[0] -= 1
        return Asker(account="linghe-web") if left[0] >= 0 else Asker(account="root", is_root=True)

    monkeypatch.setattr(office, "asker_of", asker_of)
    return left


def test_pages_that_were_taken_over_keep_nobody_else_from_being_heard(
    door: Path, slow: SlowMachine, pages: list[int]
) -> None:
    """They open connections in silence, and open them again; the UPS is heard at once."""
    pages[0] = 40
    silent = [silence(door) for _ in range(40)]
    try:
        # who comes later is accepted later: by then they have all that they get
        assert "switches itself off" in done(asking(door, Restart(power_off=True)))
    finally:
        for link in silent:
            link.close()


def silence(door: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(PATIENCE_S)
    link.connect(str(door))
    return link


def test_pages_that_queue_what_takes_minutes_leave_places_to_the_others(
    door: Path, slow: SlowMachine, pages: list[int]
) -> None:
    pages[0] = 5
    updating = asking(door, InstallUpdate(file=str(slow.bundle)))
    assert slow.is_writing.wait(PATIENCE_S)
    zones = [asking(door, SetTimeZone(zone="Early")) for _ in range(4)]
    # one waits besides the one that is carried out
    looking = select.poll()
    for link in zones:
        looking.register(link, select.POLLIN)
    for _ in range(3):
        ended = looking.poll(PATIENCE_S * 1000)
        assert ended, "more of them wait"
        looking.unregister(ended[0][0])
    others = asking(door, SetTimeZone(zone="Late"))
    slow.may_end.set()
    assert done(updating) and "Late" in done(others)
    early = ("timedatectl", "set-timezone", "Early")
    wait_for(lambda: slow.ran.count(early) == 1, PATIENCE_S, "the one of the pages that waited")
    for link in zones:
        link.close()
