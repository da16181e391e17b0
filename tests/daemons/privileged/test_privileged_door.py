"""linghe-privileged as a process of its own, and the verbs that ask it.

Only what is refused is asked of the real one: it would restart the machine that the tests run on.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from root_socket import RootSocket

from appliance.daemons.command_line import health, main
from appliance.daemons.jobs.roots_notes import RootsNotes
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.wire.codec import line_of
from appliance.wire.privileged import (
    CarriedOut,
    FactoryReset,
    InstallUpdate,
    NotCarriedOut,
    Privileged,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetSsh,
    SetTimeZone,
)

START_S = 30.0


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "box").mkdir()
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "box"))
    monkeypatch.setenv("LINGHE_PRIVILEGED_SOCKET", str(tmp_path / "p.sock"))
    return tmp_path / "p.sock"


@pytest.fixture
def door(place: Path) -> Iterator[Path]:
    """The real process, behind a socket that the service manager opened for it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.bind(str(place))
        made.listen()
        starting = (
            "import os; os.dup2(int(os.environ['GIVEN']), 3); os.set_inheritable(3, True);"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1',"
            " LISTEN_FDNAMES='privileged');"
            f"os.execv({sys.executable!r}, [{sys.executable!r}, '-I', '-u', '-m',"
            " 'appliance.daemons.privileged'])"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", starting],
            pass_fds=[made.fileno()],
            env={**os.environ, "GIVEN": str(made.fileno())},
            stderr=subprocess.DEVNULL,
        )
        yield place
        process.terminate()
        assert process.wait(START_S) == 0


def said(place: Path, *pieces: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(START_S)
        link.connect(str(place))
        for piece in pieces:
            try:
                link.sendall(piece)
            except BrokenPipeError:
                break
        got = b""
        while chunk := link.recv(65536):
            got += chunk
        return got


def test_a_question_is_answered_by_one_line_and_stands_in_the_audit_log(door: Path) -> None:
    line = line_of(SetTimeZone(zone="Nowhere", by="ola"))
    told = msgspec.json.decode(said(door, line[:9], line[9:]), type=NotCarriedOut)
    assert told.key == "time_zone_refused"
    data = Path(os.environ["LINGHE_DATA"])
    assert list(data.iterdir()) == [], "root writes nothing where the whole group does"
    notes = RootsNotes(Paths(data))
    for _ in range(2):
        notes.look()
    store = SettingsStore(data / "settings.db")
    (noted,) = store.audit.latest(5)
    store.close()
    assert (noted.by, noted.what) == ("ola", "system_changed")
    assert noted.detail.startswith("SetTimeZone: ")


def test_who_talks_nonsense_or_too_much_gets_no_further_and_others_are_answered(door: Path) -> None:
    assert msgspec.json.decode(said(door, b"{}\n"))["key"] == "not_understood"
    try:
        assert said(door, b"x" * 200_000 + b"\n") == b""
    except ConnectionResetError:
        pass  # it hung up before it had read all of that
    line = line_of(SetReach(lan=("everything",)))
    assert msgspec.json.decode(said(door, line))["key"] == "reach_refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_is_nobody_is_known_by_the_kernel_whatever_it_writes(door: Path) -> None:
    door.parent.chmod(0o755)
    door.chmod(0o666)
    asking = (
        "import socket; link = socket.socket(socket.AF_UNIX); link.settimeout(30);"
        f"link.connect({door.name!r}); link.sendall({line_of(Restart(by='root'))!r});"
        "print(link.recv(65536).decode())"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", asking],
        cwd=door.parent,
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        timeout=START_S,
        check=True,
    )
    assert msgspec.json.decode(done.stdout)["key"] == "not_yours"


# --- the verbs ---
@pytest.fixture
def listener(place: Path) -> Iterator[RootSocket]:
    made = RootSocket(place)
    yield made
    made.close()


def shapes(asked: list[Privileged]) -> list[Privileged]:
    return [msgspec.structs.replace(one, by="") for one in asked]


def test_each_verb_asks_for_what_it_says(
    listener: RootSocket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "id.pub"
    key.write_text("ssh-ed25519 AAAA ola\n")
    noon = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))
    for words, wanted in (
        (["network", "dhcp"], SetNetwork()),
        (
            "network static 10.0.0.5/24 --gateway 10.0.0.1 --dns 10.0.0.1 --dns 9.9.9.9".split(),
            SetNetwork(address="10.0.0.5/24", gateway="10.0.0.1", dns=("10.0.0.1", "9.9.9.9")),
        ),
        (
            "network reach --lan 203.0.113.0/24 --carrier 198.51.100.7".split(),
            SetReach(lan=("203.0.113.0/24",), carriers=("198.51.100.7",)),
        ),
        (["clock", "zone", "Europe/Warsaw"], SetTimeZone(zone="Europe/Warsaw")),
        (["clock", "set", "2026-11-23 12:00"], SetClock(utc=noon)),
        (["reboot"], Restart()),
        (["reboot", "--power-off"], Restart(power_off=True)),
        (["factory-reset", "--keep-recordings"], FactoryReset(keep_recordings=True)),
        (["factory-reset", "--wipe-recordings"], FactoryReset(keep_recordings=False)),
        (["ssh", "on", str(key)], SetSsh(key="ssh-ed25519 AAAA ola")),
        (["ssh", "off"], SetSsh()),
    ):
        assert main(words) == 0
        assert shapes(listener.asked)[-1] == wanted
        assert listener.asked[-1].by
    assert capsys.readouterr().out.count("Done.") == 11


def test_an_update_is_laid_where_root_takes_it_from_and_away_again(
    listener: RootSocket, tmp_path: Path
) -> None:
    stick = tmp_path / "linghe-1.2.raucb"
    stick.write_bytes(b"bundle")
    assert main(["update", str(stick), "--restart"]) == 0
    laid = tmp_path / "box/updates/linghe-1.2.raucb"
    assert shapes(listener.asked) == [InstallUpdate(file=str(laid)), Restart()]
    assert not laid.exists() and stick.exists()


def test_a_refusal_is_told_with_what_to_do(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusing = RootSocket(place, NotCarriedOut(key="k", sentence="No.", remedy="Do that."))
    assert main(["ssh", "off"]) == 1
    assert capsys.readouterr().err == "linghe: No. Do that.\n"
    assert main(["reboot", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)["error"]
    assert shown == {"key": "k", "sentence": "No.", "remedy": "Do that."}
    refusing.close()


def test_on_a_machine_that_is_no_box_the_verbs_say_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reboot"]) == 1
    assert "no box of its own" in capsys.readouterr().err


def test_on_a_machine_that_is_no_box_health_makes_no_call_before_it_says_so(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(health, "_fault", lambda: looks.append("a look") or "")
    assert main(["health"]) == 1
    assert "no box of its own" in capsys.readouterr().err and looks == []
    listening = RootSocket(place, CarriedOut(sentence="Marked."))
    assert main(["health"]) == 0
    assert looks == ["a look"]
    listening.close()


def test_health_says_what_is_not_well_and_nothing_to_root_where_it_only_looks(
    listener: RootSocket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        monkeypatch.setenv("LINGHE_HTTP_PORT", str(taken.getsockname()[1]))
        assert main(["health", "--only-look"]) == 1
    assert capsys.readouterr().out.strip() and listener.asked == []
