"""A USB stick, a folder in its place: given, taken from, pulled out, full, somebody else's."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from golden_day import NINE, SITE, golden_entries
from root_socket import RootSocket

from appliance.daemons.box_words import WORDS, said
from appliance.daemons.hooks import stick_files
from appliance.daemons.hooks.stick import visited
from appliance.daemons.hooks.stick_files import StickGoneError
from appliance.daemons.hooks.stick_work import SAYS, SSH_KEY, StickWork, superseded
from appliance.daemons.signs import Sign, give, signs
from appliance.daemons.stick_marker import MARKER, Marker, marker_on, marker_text
from appliance.reports.record import record_of
from appliance.store.backup_file import checked
from appliance.store.ledger import Ledger
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Language
from appliance.wire.privileged import CarriedOut, InstallUpdate, NotCarriedOut, SetSsh

NOW = Utc(NINE + 10 * 3600)
KEY = bytes(range(32))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A box with the golden day behind it."""
    made = Paths(tmp_path / "var")
    made.make()
    store = SettingsStore(made.settings)
    store.save(SITE, by="owner", at=NOW)
    store.close()
    ledger = Ledger(made.calls, record_of)
    ledger.append(golden_entries())
    ledger.close()
    assert Secrets(made.secrets, lambda n: KEY[:n]).box_key() == KEY
    day = made.recordings / "2025-11-20"
    day.mkdir()
    (day / "r1.wav").write_bytes(b"RIFF" + bytes(3000))
    return made


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    (made / MARKER).write_text(marker_text(KEY))
    (made / "holiday.jpg").write_bytes(b"not ours")
    return made


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = tmp_path / "root.sock"
    monkeypatch.setenv("LINGHE_PRIVILEGED_SOCKET", str(place))
    made = RootSocket(place)
    yield made
    made.close()


def names_on(stick: Path) -> set[str]:
    return {str(one.relative_to(stick)) for one in stick.rglob("*") if one.is_file()}


def told_on(stick: Path) -> str:
    return (stick / SAYS).read_bytes().decode("utf-8-sig")


def change(stick: Path, was: str, becomes: str) -> None:
    text = (stick / MARKER).read_text()
    assert was in text
    (stick / MARKER).write_text(text.replace(was, becomes))


class Visit(StickWork):
    """The work on a stick on the evening of the golden day."""

    def __init__(self, paths: Paths, stick: Path) -> None:
        super().__init__(
            paths, stick, now=NOW, install=lambda bundle: "", progress=lambda name: None
        )


def test_a_stick_of_ours_is_given_reports_and_a_backup_and_says_so(
    paths: Paths, stick: Path
) -> None:
    visit = Visit(paths, stick)
    assert visit.carry_out(Marker(reports_days=3))
    visit.tell()
    (backup,) = stick.glob("backups/*.linghe")
    assert checked(backup).site_name == "金日商贸"
    assert names_on(stick) - {str(backup.relative_to(stick))} == {
        *(
            f"reports/daily-2025-11-{day}.{form}"
            for day in (18, 19, 20)
            for form in ("csv", "json")
        ),
        *(MARKER, SAYS, "holiday.jpg"),
    }
    csv = (stick / "reports" / "daily-2025-11-20.csv").read_text("utf-8-sig")
    assert "销售" in csv or "sales" in csv
    told = told_on(stick)
    assert "3 天的报表" in told and backup.name in told and "现在可以拔出U盘" in told
    store = SettingsStore(paths.settings)
    assert {line.what for line in store.audit.latest(5)} >= {"backup_made", "report_exported"}
    store.close()


def test_a_second_visit_writes_only_what_is_not_final_and_keeps_five_backups(
    paths: Paths, stick: Path
) -> None:
    assert Visit(paths, stick).carry_out(Marker(reports_days=5, backup=False))
    old = stick / "reports" / "daily-2025-11-17.csv"
    today = stick / "reports" / "daily-2025-11-20.csv"
    old.write_text("mine")
    today.write_text("mine")
    for stamp in range(10, 17):
        (stick / "backups").mkdir(exist_ok=True)
        (stick / "backups" / f"linghe-20240101-0000{stamp}.linghe").write_bytes(b"old")
    (stick / "backups" / "my own.linghe").write_bytes(b"mine")
    (stick / "backups" / "linghe-20240101-000099.linghe.part").write_bytes(b"half")
    assert Visit(paths, stick).carry_out(Marker(reports_days=5))
    assert old.read_text() == "mine" and today.read_text() != "mine"
    kept = sorted(one.name for one in (stick / "backups").iterdir())
    assert len(kept) == 6 and "my own.linghe" in kept and not any(".part" in one for one in kept)


def test_backups_of_a_clock_that_was_wrong_go_first_and_the_new_one_stays(
    paths: Paths, stick: Path
) -> None:
    backups = stick / "backups"
    backups.mkdir()
    for second in range(1, 6):
        (backups / f"linghe-20360101-00000{second}.linghe").write_bytes(b"of a wrong clock")
    (backups / "linghe-20250101-000000.linghe").write_bytes(b"old")
    visit = Visit(paths, stick)
    assert visit.carry_out(Marker(reports_days=0))
    (new,) = backups.glob("linghe-202511*.linghe")
    assert checked(new).site_name == "金日商贸" and new.name in visit.sentences[0]
    assert sorted(one.name for one in backups.iterdir()) == [
        "linghe-20250101-000000.linghe",
        new.name,
        "linghe-20360101-000003.linghe",
        "linghe-20360101-000004.linghe",
        "linghe-20360101-000005.linghe",
    ]


def test_a_clock_that_was_lost_takes_the_oldest_backup_and_not_the_new_one(tmp_path: Path) -> None:
    names = [tmp_path / f"linghe-2026010{day}-000000.linghe" for day in range(1, 6)]
    new = tmp_path / "linghe-19700101-000000.linghe"
    assert superseded(sorted([*names, new]), new) == names[:1]


def test_recordings_are_added_where_they_are_wanted_once(paths: Paths, stick: Path) -> None:
    wanted = Marker(reports_days=0, backup=False, recordings=True)
    assert Visit(paths, stick).carry_out(wanted)
    copied = stick / "recordings" / "2025-11-20" / "r1.wav"
    assert copied.read_bytes() == (paths.recordings / "2025-11-20" / "r1.wav").read_bytes()
    again = Visit(paths, stick)
    assert again.carry_out(wanted)
    assert any("0 个录音" in one for one in again.sentences)


def test_a_stick_without_a_marker_is_left_alone(paths: Paths, stick: Path) -> None:
    (stick / MARKER).unlink()
    assert visited(paths, stick) == 0
    assert names_on(stick) == {"holiday.jpg"}


@pytest.mark.parametrize("text", ["", f'key = "{"0" * 64}"', 'key = "ключ"'])
def test_a_stick_of_another_box_is_given_nothing(paths: Paths, stick: Path, text: str) -> None:
    (stick / MARKER).write_text(text, encoding="utf-8")
    (stick / "evil.raucb").write_bytes(b"x")
    assert visited(paths, stick) == 1
    assert names_on(stick) == {MARKER, SAYS, "holiday.jpg", "evil.raucb"}
    assert "这个U盘属于另一台铃盒" in told_on(stick)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("reports_days = -1", "reports_days: 0 to 366"),
        ('reports_days = "3"', "reports_days: 0 to 366"),
        ("reports_days = true", "reports_days: 0 to 366"),
        ("backup = 1", "backup: true or false"),
        ("color = 3", "color: one of key"),
        ("key = [", "file: "),
        ("#" * 20_000, "at most 16 KiB"),
    ],
)
def test_a_marker_that_is_wrong_is_told_by_key_and_what_was_expected(
    paths: Paths, stick: Path, text: str, named: str
) -> None:
    (stick / MARKER).write_text(text)
    with pytest.raises(RefusedError, match=re.escape(named)):
        marker_on(stick)
    assert visited(paths, stick) == 1 and named in told_on(stick)
    assert not (stick / "backups").exists()


def test_the_next_stick_becomes_ours_when_somebody_asked_for_it_at_the_console(
    paths: Paths, stick: Path
) -> None:
    (stick / MARKER).unlink()
    give(paths, Sign.ADOPT, "console")
    assert visited(paths, stick) == 0
    assert "属于这台铃盒" in told_on(stick) and not (stick / "backups").exists()
    assert signs(paths).keys() == {Sign.STICK}
    store = SettingsStore(paths.settings)
    line = store.audit.latest(1)[0]
    store.close()
    assert (line.by, line.what) == ("USB stick", "stick_adopted")
    change(stick, "reports_days = 31", "reports_days = 0")
    assert visited(paths, stick) == 0 and list(stick.glob("backups/*.linghe"))


def test_a_full_stick_is_a_clear_sentence_and_what_was_there_is_whole(
    paths: Paths, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Visit(paths, stick).carry_out(Marker(reports_days=1, backup=False))
    report = stick / "reports" / "daily-2025-11-20.csv"
    before = report.read_bytes()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stick_files.os, "fsync", full)
    visit = Visit(paths, stick)
    assert not visit.carry_out(Marker(reports_days=1))
    assert any("U盘已满" in one for one in visit.sentences)
    assert report.read_bytes() == before
    assert not [name for name in names_on(stick) if name.endswith((".part", ".copy"))]


def test_a_stick_that_is_pulled_out_ends_the_visit(
    paths: Paths, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(stick_files.os, "fsync", gone)
    with pytest.raises(StickGoneError):
        Visit(paths, stick).carry_out(Marker(reports_days=1))


def test_an_update_is_handed_to_root_once(paths: Paths, stick: Path, root: RootSocket) -> None:
    change(stick, "reports_days = 31", "reports_days = 0")
    change(stick, "backup = true", "backup = false")
    (stick / "linghe-1.1.raucb").write_bytes(b"bundle" * 1000)
    # as macOS lays one beside each file that it copies onto FAT
    (stick / "._linghe-1.1.raucb").write_bytes(b"\x00\x05\x16\x07" + bytes(100))
    assert visited(paths, stick) == 0
    place = paths.root / "updates" / "from-stick.raucb"
    assert root.asked == [InstallUpdate(file=str(place), by="USB stick")]
    assert "linghe-1.1.raucb" in told_on(stick) and not place.exists()
    assert visited(paths, stick) == 0 and len(root.asked) == 1
    assert "不再重复" in told_on(stick)


def test_an_update_that_root_refuses_is_told_and_may_come_again(
    paths: Paths, stick: Path, root: RootSocket
) -> None:
    root.answer = NotCarriedOut(key="x", sentence="It is signed by a stranger.")
    change(stick, "reports_days = 31", "reports_days = 0")
    (stick / "a.raucb").write_bytes(b"bundle")
    assert visited(paths, stick) == 0
    assert "signed by a stranger" in told_on(stick)
    visited(paths, stick)
    assert len(root.asked) == 2
    (stick / "b.raucb").write_bytes(b"bundle")
    visited(paths, stick)
    assert len(root.asked) == 2 and "请只留一个" in told_on(stick)


def test_who_stands_at_the_box_lets_one_key_in_by_ssh_and_takes_it_out_again(
    paths: Paths, stick: Path, root: RootSocket
) -> None:
    change(stick, "reports_days = 31", "reports_days = 0")
    change(stick, "backup = true", "backup = false")
    (stick / SSH_KEY).write_bytes(b"\xef\xbb\xbfssh-ed25519 AAAA ola\r\n")
    visited(paths, stick)
    assert root.asked == [], "a key on the stick alone is no wish"
    change(stick, "ssh = false", "ssh = true")
    assert visited(paths, stick) == 0 and "已获准登录" in told_on(stick)
    assert root.asked == [SetSsh(key="ssh-ed25519 AAAA ola", by="USB stick")]
    root.answer = NotCarriedOut(key="ssh_key_refused", sentence="This is no public key.")
    (stick / SSH_KEY).write_text("")
    visited(paths, stick)
    assert root.asked[-1] == SetSsh(key="none", by="USB stick")
    assert "This is no public key." in told_on(stick)
    root.answer = CarriedOut(sentence="SSH is off.")
    (stick / SSH_KEY).unlink()
    assert visited(paths, stick) == 0 and "SSH 已关闭" in told_on(stick)
    assert root.asked[-1] == SetSsh(by="USB stick")


def test_a_strangers_stick_lets_nobody_in(paths: Paths, stick: Path, root: RootSocket) -> None:
    (stick / MARKER).write_text(marker_text(bytes(32)).replace("ssh = false", "ssh = true"))
    (stick / SSH_KEY).write_text("ssh-ed25519 AAAA stranger")
    assert visited(paths, stick) == 1 and root.asked == []


def test_the_program_does_it_all_and_leaves_no_sign(
    paths: Paths, stick: Path, tmp_path: Path
) -> None:
    """As systemd starts it; killed in the middle, run again, whole."""
    change(stick, "reports_days = 31", "reports_days = 2")
    command = [sys.executable, "-I", "-m", "appliance.daemons.hooks.stick", str(stick)]
    environment = os.environ | {"LINGHE_DATA": str(paths.root)}
    cut = subprocess.Popen(command, env=environment)
    cut.kill()
    cut.wait()
    done = subprocess.run(command, env=environment, timeout=60, check=False)
    assert done.returncode == 0
    (backup,) = stick.glob("backups/*.linghe")
    checked(backup)
    assert "现在可以拔出U盘" in told_on(stick) and signs(paths) == {}
    shutil.rmtree(stick)
    gone = subprocess.run(command, env=environment, timeout=60, check=False, capture_output=True)
    assert gone.returncode == 2


def test_no_word_lacks_a_language_and_braces_agree() -> None:
    for english, others in WORDS.items():
        wanted = sorted(re.findall(r"\{\w*\}", english))
        assert all(others) and all(sorted(re.findall(r"\{\w*\}", one)) == wanted for one in others)
    assert said(Language.PL, "Something failed: {what}.", what="x") == "Coś się nie udało: x."
