"""The UPS: what upsmon tells, and the real NUT with its dummy driver."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from root_socket import RootSocket
from running_box import free_port, wait_for

from appliance.daemons.hooks.ups import FINISH_SECONDS, forget, happened, let_finish
from appliance.daemons.hooks.ups_settings import files
from appliance.daemons.signs import Sign, signs
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.wire.privileged import Restart


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "var")
    made.make()
    return made


def acts(paths: Paths) -> list[str]:
    store = SettingsStore(paths.settings)
    found = [line.what for line in reversed(store.audit.latest(20))]
    store.close()
    return found


def test_a_change_is_a_sign_and_a_line_in_the_audit_log_once(paths: Paths) -> None:
    for kind in ("COMMOK", "ONBATT", "ONBATT", "COMMBAD", "LOWBATT", "FSD", "ONLINE", "ONLINE"):
        happened(paths, kind, "UPS linghe says")
        if kind == "COMMBAD":
            assert signs(paths) == {Sign.UPS: "battery"}
        if kind == "FSD":
            assert signs(paths) == {Sign.UPS: "low"}
    assert signs(paths) == {}
    happened(paths, "LOWBATT", "")
    happened(paths, "ONBATT", "")  # told late, by a program beside
    assert signs(paths) == {Sign.UPS: "low"}
    happened(paths, "ONLINE", "")
    assert acts(paths)[:3] == ["ups_on_battery", "ups_battery_low", "ups_on_mains"]


def test_a_stop_on_a_low_battery_is_over_when_the_box_starts_again(paths: Paths) -> None:
    happened(paths, "LOWBATT", "")
    command = [sys.executable, "-I", "-m", "appliance.daemons.hooks.ups", "--start"]
    for _ in range(2):
        subprocess.run(command, env={"LINGHE_DATA": str(paths.root)}, check=True)
        assert signs(paths) == {}
    happened(paths, "ONBATT", "")
    assert signs(paths) == {Sign.UPS: "battery"}
    assert acts(paths) == ["ups_battery_low", "ups_on_battery"]


class Talks:
    """Calls that end at a moment, and a clock that only waiting moves."""

    def __init__(self, end: float) -> None:
        self.end, self.now = end, 100.0

    def calls(self) -> int:
        return 2 if self.now < self.end else 0

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("ends_after", "left", "waits"),
    [(0.0, 0, 0.0), (12.0, 0, 12.0), (3600.0, 2, FINISH_SECONDS)],
    ids=["no call", "a talk that ends", "a talk that goes on"],
)
def test_a_low_battery_lets_talks_end_but_not_for_ever(
    ends_after: float, left: int, waits: float
) -> None:
    talks = Talks(100.0 + ends_after)
    assert let_finish(talks.calls, now=lambda: talks.now, wait=talks.wait) == left
    assert talks.now - 100.0 == waits


def test_words_of_a_ups_are_one_line_of_the_log(
    paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    happened(paths, "NOPARENT", "x\n\x1b[2J" + "y" * 1000)
    (line,) = caplog.messages
    assert "\n" not in line and "\x1b" not in line and len(line) < 300


def test_no_two_boxes_have_the_same_password_and_only_the_group_reads_it(tmp_path: Path) -> None:
    words = {"driver": "usbhid-ups", "port": "auto", "listen": "127.0.0.1:1", "user": "nut"}
    one, other = (files(flag=tmp_path, **words) for _ in range(2))
    assert one["upsd.users"] != other["upsd.users"]
    command = [sys.executable, "-I", "-m", "appliance.daemons.hooks.ups_settings"]
    for _ in range(2):
        done = subprocess.run([*command, "usbhid-ups", "--folder", str(tmp_path)], check=False)
        assert done.returncode == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(files(flag=tmp_path, **words))
    assert all(one.stat().st_mode & 0o7777 == 0o640 for one in tmp_path.iterdir())
    assert (
        subprocess.run([*command, "../x", "--folder", str(tmp_path)], check=False).returncode == 2
    )
    nowhere = subprocess.run([*command, "x", "--folder", "/nonexistent"], check=False)
    assert nowhere.returncode == 1


class Nut:
    """Driver, server and monitor of Debian, by the files that we write."""

    PROGRAMS = Path("/usr/lib/nut")
    """Those of /sbin ask /etc/nut/nut.conf whether they may run."""

    def __init__(self, folder: Path, paths: Paths) -> None:
        wanted = ("dummy-ups", "upsd", "upsmon")
        if not all((self.PROGRAMS / one).exists() for one in wanted) or os.getuid() != 0:
            pytest.skip("needs Debian's nut-server and nut-client, and root")
        self.folder = folder
        self.port = free_port()
        self.device = folder / "ups.dev"
        self.says("OL")
        self.environment = os.environ | {
            "NUT_CONFPATH": str(folder),
            "NUT_STATEPATH": str(folder),
            "NUT_ALTPIDPATH": str(folder),
            "NUT_PIDPATH": str(folder),
            "LINGHE_DATA": str(paths.root),
            "LINGHE_PRIVILEGED_SOCKET": str(folder / "root.sock"),
        }
        subprocess.run(
            [
                *(sys.executable, "-I", "-m", "appliance.daemons.hooks.ups_settings", "dummy-ups"),
                *("--folder", str(folder), "--port", "ups.dev"),
                *("--listen", f"127.0.0.1:{self.port}", "--user", "root"),
                *("--poll", "1", "--flag", str(folder / "killpower")),
            ],
            check=True,
        )
        self.programs: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._start("dummy-ups", "-a", "linghe", "-u", "root", "-F")
        wait_for(lambda: list(self.folder.glob("dummy-ups-linghe")), 30, "the driver's socket")
        self._start("upsd", "-u", "root", "-F")
        wait_for(self._listens, 30, "upsd")
        self._start("upsmon", "-F", "-p")

    def _start(self, name: str, *words: str) -> None:
        with (self.folder / "nut.log").open("ab") as log:
            self.programs.append(
                subprocess.Popen(
                    [str(self.PROGRAMS / name), *words],
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def says(self, status: str) -> None:
        """The UPS's state from now on; the driver reads its file in a loop."""
        draft = self.device.with_suffix(".new")
        draft.write_text(f"ups.status: {status}\nbattery.charge: 50\nTIMER 1\n")
        draft.replace(self.device)

    def close(self) -> None:
        for program in reversed(self.programs):
            try:
                os.killpg(program.pid, 9)
            except ProcessLookupError:
                pass
            program.wait(10)
        self.programs.clear()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[RootSocket]:
    made = RootSocket(tmp_path / "nut" / "root.sock")
    yield made
    made.close()


@pytest.mark.peer
def test_nut_on_battery_is_a_sign_and_a_low_battery_stops_the_machine_in_order(
    paths: Paths, root: RootSocket, tmp_path: Path
) -> None:
    """The real driver, server and monitor: mains, battery, mains, battery, low."""
    nut = Nut(tmp_path / "nut", paths)
    try:
        nut.start()
        nut.says("OB")
        wait_for(lambda: signs(paths) == {Sign.UPS: "battery"}, 60, "on battery")
        nut.says("OL")
        wait_for(lambda: signs(paths) == {}, 60, "on mains")
        assert root.asked == []
        nut.says("OB LB")
        wait_for(lambda: root.asked, 60, "the stop")
        assert set(root.asked) == {Restart(power_off=True, by="UPS")}
        assert signs(paths) == {Sign.UPS: "low"}
        wait_for((tmp_path / "nut" / "killpower").exists, 60, "the flag for the very last step")
        wait_for(lambda: "ups_battery_low" in acts(paths), 60, "the line in the audit log")
        nut.close()  # the machine is off, and on again, while the mains fail once more
        forget(paths)
        nut.says("OB")
        nut.start()
        wait_for(lambda: signs(paths) == {Sign.UPS: "battery"}, 60, "on battery at the first look")
    finally:
        nut.close()
    assert "ups_battery_low" in acts(paths)
