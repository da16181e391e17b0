"""The real program on a pseudo-terminal: what its screen shows, what its keys do."""

import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from control_socket import ControlSocket
from root_socket import RootSocket

from appliance.daemons.console.rescue import latest_faults
from appliance.daemons.signs import Sign, signs, take_back
from appliance.store.people import Role, User
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.claims import claim_digest, claim_matches
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live
from appliance.wire.privileged import FactoryReset, NotCarriedOut, Restart, SetNetwork

CODE = re.compile(r"One-time code: ([0-9A-Z]{5}-[0-9A-Z]{5})")
PASSWORD = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}\b")


class Screen:
    """The program, its keyboard and what it shows now."""

    def __init__(self, folder: Path, *, columns: int = 80, rows: int = 25) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.said = b""
        self.program = subprocess.Popen(
            [sys.executable, "-I", "-m", "appliance.daemons.console"],
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=os.environ
            | {
                "LINGHE_DATA": str(folder / "var"),
                "LINGHE_PRIVILEGED_SOCKET": str(folder / "root.sock"),
                "LINGHE_HTTP_PORT": "80",
                "TERM": "linux",
            },
            start_new_session=True,
        )
        os.close(theirs)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    @property
    def now(self) -> str:
        frame = self.said.decode(errors="replace").rpartition("\x1b[H")[2]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z\]]", "", frame)

    def shows(self, wanted: str | re.Pattern[str], seconds: float = 30.0) -> str:
        """Wait until the screen shows it; return what was found."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        end = time.monotonic() + seconds
        while not (found := pattern.search(self.now)):
            left = end - time.monotonic()
            assert left > 0, f"never shown: {wanted}; on the screen:\n{self.now}"
            self._read(left)
        return found[found.re.groups and 1]

    def shows_no_more(self, gone: str, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while gone in self.now:
            left = end - time.monotonic()
            assert left > 0, f"still shown: {gone}"
            self._read(left)

    def _read(self, seconds: float) -> None:
        if select.select([self._ours], [], [], min(seconds, 0.5))[0]:
            self.said += os.read(self._ours, 65536)

    def end(self) -> int:
        self.program.send_signal(signal.SIGTERM)
        code = self.program.wait(20)
        self.close()
        return code

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        if self.program.stderr is not None:
            self.program.stderr.close()
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "var")
    made.make()
    return made


@pytest.fixture
def root(tmp_path: Path) -> Iterator[RootSocket]:
    made = RootSocket(tmp_path / "root.sock")
    yield made
    made.close()


@pytest.fixture
def screen(tmp_path: Path, paths: Paths, root: RootSocket) -> Iterator[Screen]:
    made = Screen(tmp_path)
    yield made
    made.close()


def owned_by(paths: Paths, *names: str) -> None:
    store = SettingsStore(paths.settings)
    for name in names:
        user = User(name=name, role=Role.OWNER, password_hash="$argon2id$x", login_stamp="old")
        store.people.put(user)
    store.close()


def code_hash(paths: Paths) -> str:
    store = SettingsStore(paths.settings)
    kept = store.claim.code_hash()
    store.close()
    return kept or ""


def audited(paths: Paths) -> tuple[str, str]:
    store = SettingsStore(paths.settings)
    line = store.audit.latest(1)[0]
    store.close()
    return line.by, line.what


def test_an_unclaimed_box_shows_its_code_until_somebody_owns_it(
    screen: Screen, paths: Paths, tmp_path: Path
) -> None:
    code = screen.shows(CODE)
    assert claim_matches(code, code_hash(paths))
    screen.shows("The box is starting, or stopped.")
    control = ControlSocket(paths.control_socket, Live(at=Utc(0.0), site_name="x", site_version=1))
    try:
        screen.shows("Calls: 3 now, 12 today.")
    finally:
        control.kill()
    for place in tmp_path.rglob("*"):
        if place.is_file():
            content = place.read_bytes()
            assert code.encode() not in content and code.replace("-", "").encode() not in content
    owned_by(paths, "wang")
    screen.shows_no_more(code)
    assert screen.end() == 0


def test_a_code_made_elsewhere_is_told_and_renewed_by_key(screen: Screen, paths: Paths) -> None:
    old = screen.shows(CODE)
    store = SettingsStore(paths.settings)
    store.claim.offer(claim_digest("AAAAA-BBBBB"), Utc(1.0))
    store.close()
    screen.shows("`linghe claim` showed a code")
    screen.press("\r5")
    screen.shows("Type y to do it")
    screen.press("y")
    screen.shows("The new code is on the first screen.")
    screen.press(" ")
    new = screen.shows(CODE)
    assert new != old and claim_matches(new, code_hash(paths))
    assert audited(paths) == ("console", "code_renewed")


def test_an_owner_who_forgot_his_password_gets_one_at_the_console(
    screen: Screen, paths: Paths
) -> None:
    screen.shows(CODE)
    owned_by(paths, "anna", "wang")
    screen.shows_no_more("One-time code")
    screen.press("\r2")
    screen.shows("2  wang")
    screen.press("2")
    screen.shows("New password for the owner: wang")
    screen.press("y")
    screen.shows("New password of wang:")
    password = screen.shows(PASSWORD)
    store = SettingsStore(paths.settings)
    user, other = store.people.user("wang"), store.people.user("anna")
    line = store.audit.latest(1)[0]
    store.close()
    assert user is not None and PasswordHasher().verify(user.password_hash, password)
    assert user.login_stamp != "old" and (line.by, line.what) == ("console", "password_given")
    assert other is not None and other.login_stamp == "old"
    screen.press("x")
    screen.shows_no_more(password)


def test_root_is_asked_after_the_word_and_its_answer_is_shown(
    screen: Screen, root: RootSocket
) -> None:
    screen.shows(CODE)
    for keys in ("\r1y", "\r6y", "\r7y", "\r9reset", "\r9wipe"):
        screen.press(keys)
        screen.shows("Done.")
        screen.press(" ")
        screen.shows(CODE)
    root.answer = NotCarriedOut(key="no", sentence="An update is being written.", remedy="Wait.")
    screen.press("\r6y")
    screen.shows("An update is being written.")
    assert root.asked == [
        SetNetwork(by="console"),
        Restart(by="console"),
        Restart(power_off=True, by="console"),
        FactoryReset(keep_recordings=True, by="console"),
        FactoryReset(keep_recordings=False, by="console"),
        Restart(by="console"),
    ]


def test_a_fixed_address_is_asked_of_root_whose_no_is_shown(
    screen: Screen, root: RootSocket
) -> None:
    screen.shows(CODE)
    screen.press("\r8")
    screen.shows("Address with its prefix")
    screen.press("192.168.7.10/24\r192.168.7.1\r192.168.7.2\r")
    screen.shows("Type y to do it")
    screen.shows("192.168.7.2")
    assert root.asked == []
    root.answer = NotCarriedOut(key="no", sentence="That is no neighbour.", remedy="Look again.")
    screen.press("y")
    screen.shows("That is no neighbour.")
    screen.shows("Look again.")
    assert root.asked == [
        SetNetwork(
            address="192.168.7.10/24",
            gateway="192.168.7.1",
            dns=("192.168.7.2",),
            by="console",
        )
    ]
    screen.press(" \r8")
    screen.shows("Address with its prefix")
    screen.press("fd00::7/64\r\r\ry")
    screen.shows("That is no neighbour.")
    assert root.asked[1:] == [SetNetwork(address="fd00::7/64", by="console")]


def test_page_down_restarts_nothing(screen: Screen) -> None:
    screen.shows(CODE)
    screen.press("\r")
    screen.shows("Rescue menu")
    screen.press("\x1b[6~")
    screen.press("3")
    screen.shows(re.compile("Esc: back"))
    assert "Type y to do it" not in screen.said.decode(errors="replace")


def test_settings_that_cannot_be_read_are_told_and_the_screen_goes_on(
    screen: Screen, paths: Paths
) -> None:
    screen.shows(CODE)
    whole = paths.settings.read_bytes()
    connection = sqlite3.connect(paths.settings)
    of_users = "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'users'"
    pages = [page for (page,) in connection.execute(of_users)]
    ((size,),) = connection.execute("PRAGMA page_size")
    connection.close()
    spoilt = bytearray(whole)
    for page in pages:
        spoilt[(page - 1) * size : page * size] = b"\xff" * size
    paths.settings.write_bytes(spoilt)
    screen.shows("The settings cannot be used")
    screen.press("\r6y")
    screen.shows("Done.")
    paths.settings.write_bytes(whole)
    screen.press(" ")
    screen.shows(CODE)


def test_a_screen_that_nobody_looks_for_ends_and_is_started_anew(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")
    screen = Screen(tmp_path)
    try:
        assert screen.program.wait(30) == 1
    finally:
        screen.close()


def test_backup_that_takes_its_place_is_not_disturbed_one_that_waits_disturbs_nobody(
    screen: Screen, paths: Paths
) -> None:
    screen.shows(CODE)
    (paths.root / "restore").mkdir()
    (paths.root / "restore" / "ready").write_text("{}")
    screen.press("\r4y")
    screen.shows("Plug the stick in now.")
    take_back(paths, Sign.ADOPT)
    screen.press(" ")
    paths.settings.rename(paths.root / "aside.db")
    screen.shows("A backup is being put in its place.")
    looks = screen.said.count(b"\x1b[H")
    screen.press("\r4y")
    screen.shows(re.compile("A backup is being put in its place.*Any key leads back", re.DOTALL))
    assert screen.said.count(b"\x1b[H") > looks and not paths.settings.exists()
    assert not signs(paths)
    (paths.root / "aside.db").rename(paths.settings)
    (paths.root / "restore" / "ready").unlink()
    screen.press(" ")
    screen.shows(CODE)


def test_the_next_stick_is_asked_for_and_the_language_goes_round(
    screen: Screen, paths: Paths
) -> None:
    screen.shows(CODE)
    screen.press("l")
    screen.shows("Ta skrzynka nie ma jeszcze wlasciciela.")
    screen.press("\r4")
    screen.shows("Nastepny pendrive")
    screen.press("y")
    screen.shows("Wloz teraz pendrive.")
    assert signs(paths) == {Sign.ADOPT: "console"}
    assert audited(paths) == ("console", "stick_awaited")
    screen.press(" l")
    screen.shows("Nobody owns this box yet.")


def test_a_box_without_its_root_says_so(tmp_path: Path, paths: Paths) -> None:
    screen = Screen(tmp_path)
    try:
        screen.shows(CODE)
        screen.press("\r6y")
        screen.shows("linghe-privileged does not run here")
        screen.press(" \r3")
        screen.shows(re.compile("Esc: back"))
    finally:
        screen.close()


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "appliance.daemons.console"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | {"LINGHE_DATA": str(tmp_path / "var")},
        timeout=30,
        check=False,
    )
    assert done.returncode == 2 and b"console:" in done.stderr


def test_the_log_shows_what_speaks_of_faults_and_nothing_that_moves_the_screen() -> None:
    lines = latest_faults(
        lambda: (
            "t box python[1]: INFO appliance: all is well\n"
            "t box python[1]: WARNING appliance: trunk\x1b[2J down\n"
            "t box systemd[1]: linghe-web.service: Main process exited, code=killed\n"
        )
    )
    assert len(lines) == 2 and "\x1b" not in lines[0] and "trunk" in lines[0]
