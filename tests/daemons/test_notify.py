"""The service manager's protocol from a daemon's side, against a datagram socket of the test."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.daemons import notify


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(f"\0linghe-test-notify-{os.getpid()}")
        made.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@linghe-test-notify-{os.getpid()}")
        yield made


def test_ready_status_and_sign_of_life_are_one_datagram_each(listener: socket.socket) -> None:
    notify.ready("12 calls\nrestored")
    notify.status("all well")
    notify.watchdog()
    notify.stopping()
    assert [listener.recv(500) for _ in range(4)] == [
        b"READY=1\nSTATUS=12 calls restored",
        b"STATUS=all well",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_a_descriptor_goes_with_its_name(listener: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("the same file")
    with open(tmp_path / "file", "rb") as opened:
        notify.store(opened.fileno(), "rtp-20000")
    text, descriptors, _, _ = socket.recv_fds(listener, 500, 5)
    assert text == b"FDSTORE=1\nFDPOLL=0\nFDNAME=rtp-20000"
    assert os.read(descriptors[0], 100) == b"the same file"
    os.close(descriptors[0])
    notify.unstore("rtp-20000")
    assert listener.recv(500) == b"FDSTOREREMOVE=1\nFDNAME=rtp-20000"


@pytest.mark.parametrize("name", ["", "a:b", "x" * 256, "new\nline", "é"])
def test_a_name_that_cannot_travel_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        notify.store(0, name)


def test_without_a_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify.ready()
    notify.store(0, "stdin")


def test_a_manager_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nonexistent/notify")
    notify.watchdog()


def test_interval_is_half_of_the_limit_and_only_for_whom_it_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert notify.watchdog_interval() == 1.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert notify.watchdog_interval() is None


def test_descriptors_meant_for_another_process_are_not_taken() -> None:
    program = "from appliance.daemons import notify; print(notify.inherited())"
    environment = {**os.environ, "LISTEN_FDS": "2", "LISTEN_PID": "1", "LISTEN_FDNAMES": "a:b"}
    said = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    assert said.stdout == b"{}\n"


def test_importing_it_does_not_bring_asyncio() -> None:
    program = "import sys; from appliance.daemons import notify; print('asyncio' in sys.modules)"
    said = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True)
    assert said.stdout == b"False\n"
