"""The units of systemd/: valid, as closed as promised, and the same processes as `make run` has."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from appliance.daemons.privileged.asker import MAY
from appliance.daemons.supervisor.units import Unit, units
from appliance.store.places import Paths

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "systemd"
MOST_EXPOSURE = "12"
"""Tenths: 1.2."""
PYTHON = "/opt/linghe/bin/python"
SERVICES = sorted(place.name for place in FOLDER.glob("*.service"))
EARLY = {"linghe-factory-reset.service", "linghe-time-zone.service"}
"""Programs of a moment, before there is anything else, in root's name."""
WARM_UP = "linghe-warm-up.service"
"""As early, in nobody's."""

Settings = dict[str, list[str]]
each_service = pytest.mark.parametrize("name", SERVICES)
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def read(name: str) -> dict[str, Settings]:
    """Read a unit's sections; a key that comes several times has several values."""
    text = (FOLDER / name).read_text(encoding="utf-8").replace("\\\n", " ")
    sections: dict[str, Settings] = {}
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), defaultdict(list))
        elif line and line[0] not in "#;":
            key, _, value = line.partition("=")
            section[key].append(value)
    return sections


def one(name: str, section: str, key: str) -> str:
    values = read(name)[section][key]
    assert len(values) == 1, f"{name}: {key} stands there {len(values)} times"
    return values[0]


def last(name: str, section: str, key: str) -> str:
    return read(name)[section][key][-1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as systemd finds them, with programs that this machine has."""
    folder = tmp_path_factory.mktemp("units")
    for place in FOLDER.iterdir():
        if place.suffix in {".service", ".socket", ".target", ".slice", ".timer"}:
            text = place.read_text(encoding="utf-8").replace(PYTHON, "/usr/bin/true")
            for program in ("linghe/factory-reset", "linghe/is-on-trial", "nut/%i"):
                text = text.replace(f"/usr/lib/{program}", "/usr/bin/true")
            text = re.sub(r"/usr/sbin/ups\w+", "/usr/bin/true", text)
            (folder / place.name.replace("@.", "@0.")).write_text(text, encoding="utf-8")
    return folder


# --- what systemd says of them ------------------------------------------------------------------
@needs_systemd
def test_systemd_finds_nothing_wrong_in_any_unit(installed: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(installed.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    # Units of the machine that the test runs on are read too; only ours are judged.
    ours = [line for line in done.stderr.splitlines() if "linghe" in line]
    assert ours == []


@needs_systemd
@each_service
def test_no_unit_is_more_exposed_than_promised(name: str, installed: Path) -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", "--no-pager"),
            *(f"--threshold={MOST_EXPOSURE}", str(installed / name.replace("@.", "@0."))),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


@each_service
def test_no_unit_holds_a_capability(name: str) -> None:
    for key in ("CapabilityBoundingSet", "AmbientCapabilities"):
        assert one(name, "Service", key) == ""
    assert one(name, "Service", "NoNewPrivileges") == "yes"


def test_each_process_has_a_user_of_its_own() -> None:
    users = {name: one(name, "Service", "User") for name in SERVICES}
    ours = [user for user in users.values() if user != "root"]
    # these go as the health check: none of them keeps anything
    like_health = {WARM_UP, "linghe-doctor.service", "linghe-calls-first.service"}
    assert {users[name] for name in like_health} == {"linghe-health"}
    assert len(ours) - len(like_health) == len(set(ours))
    by_root = {name for name, user in users.items() if user == "root"}
    assert by_root == EARLY | {
        f"linghe-{name}.service" for name in ("privileged", "restore", "trial", "trial-failed")
    }


# --- the same processes as under `make run` -------------------------------------------------------
def unit_file(unit: Unit) -> str:
    return "linghe-media@.service" if unit.name == "media-0" else f"linghe-{unit.name}.service"


each_process = pytest.mark.parametrize("unit", units(workers=1), ids=lambda unit: unit.name)


@each_process
def test_the_box_starts_a_process_as_make_run_does(unit: Unit) -> None:
    started = one(unit_file(unit), "Service", "ExecStart").replace("%i", "0").replace("%%", "%")
    wanted = " ".join([PYTHON, *unit.command[1:]])
    assert started.replace("'", "").split() == wanted.split()


@each_process
def test_a_silent_process_is_killed_as_soon_as_under_make_run(unit: Unit) -> None:
    watchdog = float(one(unit_file(unit), "Service", "WatchdogSec"))
    if unit.watchdog_seconds is None:
        assert watchdog >= 60
    else:
        assert watchdog == unit.watchdog_seconds
    assert one(unit_file(unit), "Service", "WatchdogSignal") == "SIGKILL"


@each_process
def test_a_process_gets_the_sockets_that_it_gets_under_make_run(unit: Unit) -> None:
    name = unit_file(unit)
    given = set()
    for place in FOLDER.glob("*.socket"):
        serves = read(place.name)["Socket"].get("Service", [place.stem + ".service"])
        if serves == [name]:
            given.add(one(place.name, "Socket", "FileDescriptorName").replace("%i", "0"))
    assert given == set(unit.sockets)


@each_process
def test_a_process_has_the_rank_that_it_has_under_make_run(unit: Unit) -> None:
    service = read(unit_file(unit))["Service"]
    assert int(service.get("Nice", ["0"])[0]) == unit.niceness
    assert int(service.get("CPUSchedulingPriority", ["0"])[0]) == unit.realtime_priority
    if unit.realtime_priority:
        assert service["CPUSchedulingPolicy"] == ["fifo"]
        # threads beside the tick begin in ordinary scheduling
        assert service["CPUSchedulingResetOnFork"] == ["yes"]


def test_when_memory_runs_out_web_goes_first_and_media_last() -> None:
    table = sorted(units(workers=1), key=lambda unit: unit.oom_score)
    scores = [int(one(unit_file(unit), "Service", "OOMScoreAdjust")) for unit in table]
    assert scores == sorted(scores) and len(set(scores)) == len(scores)
    assert [unit.name for unit in (table[0], table[-1])] == ["media-0", "web"]


# --- traps that were found by running systemd -----------------------------------------------------
@each_process
def test_the_sixth_crash_is_followed_by_a_start_like_the_first(unit: Unit) -> None:
    name = unit_file(unit)
    assert one(name, "Unit", "StartLimitIntervalSec") == "0"
    assert one(name, "Service", "Restart") == "always"
    # a child that is killed for want of memory does not take its unit along
    assert one(name, "Service", "OOMPolicy") == "continue"


def test_calls_are_started_again_without_a_pause_and_keep_their_descriptors() -> None:
    for name in ("linghe-media@.service", "linghe-control.service"):
        assert one(name, "Service", "RestartSec") == "0"
        assert int(one(name, "Service", "FileDescriptorStoreMax")) >= 512


def test_nothing_waits_for_a_process_that_is_started_again_at_once() -> None:
    """Between two tries it has never failed: who waits for it waits for ever."""
    endless = {name for name in SERVICES if read(name)["Service"]["RestartSec"] == ["0"]}
    assert endless == {"linghe-control.service", "linghe-media@.service"}
    drop_ins = (ROOT / "image-build/overlay/usr/lib/systemd/system").glob("*.d/*.conf")
    for place in (*FOLDER.glob("*.*"), *drop_ins):
        if place.is_file() and not place.name.startswith("linghe-media@"):
            waits = re.findall(r"(?m)^After=(.*)", place.read_text(encoding="utf-8"))
            named = {name.replace("@0.", "@.") for line in waits for name in line.split()}
            assert not named & endless, place.name


def test_what_a_restart_is_asked_of_waits_for_nothing() -> None:
    # systemctl reboot asks logind by D-Bus: kept back until calls are taken, a restart in the first
    # minute was given up, and a box whose data had been wiped stood there
    added = ROOT / "image-build/overlay/usr/lib/systemd/system"
    assert (added / "avahi-daemon.service.d").is_dir(), "the image's additions are elsewhere"
    asked = ("systemd-logind", "dbus")
    waiting = [
        place.relative_to(added)
        for place in added.glob("*.d/*.conf")
        if place.parent.name.startswith(asked) and "After=" in place.read_text(encoding="utf-8")
    ]
    assert not waiting


def test_calls_weigh_more_than_the_rest_and_no_more_than_the_kernels_threads() -> None:
    assert one("linghe.slice", "Slice", "CPUWeight") == "100"
    for other in ("system", "user"):
        assert one(f"{other}.slice.d/calls-first.conf", "Slice", "CPUWeight") == "10"


@each_service
def test_what_can_be_written_to_cannot_be_run(name: str) -> None:
    """`NoExecPaths=/` alone misses what is mounted below it."""
    service = read(name)["Service"]
    if name not in EARLY | {WARM_UP}:
        assert set(service["NoExecPaths"][-1].split()) >= {
            *("/", "/data", "/tmp", "/var/tmp", "/run", "/dev/shm")
        }
    assert set(service["ExecPaths"][-1].split()) <= {"/usr", "/opt/linghe"}
    assert service["ProtectSystem"] == ["strict"]


@pytest.mark.parametrize("name", ["linghe-media@.service", "linghe-control.service"])
def test_who_asks_for_the_name_of_this_boot_may_see_it(name: str) -> None:
    """With ProcSubset=pid there is no /proc/sys; every restart would look like a power cut."""
    assert "ProcSubset" not in read(name)["Service"]


@pytest.mark.parametrize("place", sorted(FOLDER.glob("*.socket")), ids=lambda place: place.name)
def test_a_flood_does_not_switch_a_socket_off(place: Path) -> None:
    socket = read(place.name)["Socket"]
    is_for_root = place.name == "linghe-privileged.socket"
    assert is_for_root or socket["TriggerLimitIntervalSec"] == ["0"]
    # a listening socket is closed in the background: opened again at once, its port is in use
    assert "PartOf" not in read(place.name)["Unit"]
    assert one(place.name, "Unit", "StopWhenUnneeded") == "yes"


def test_media_sees_no_file_but_its_own() -> None:
    service = read("linghe-media@.service")["Service"]
    assert service["TemporaryFileSystem"] == ["/data"]
    assert service["BindPaths"] == ["/data/linghe/frames /data/linghe/state"]
    shown = " ".join(service["BindPaths"] + service["BindReadOnlyPaths"]).split()
    # Paths.make() makes what is missing, and may make nothing there
    made = {f"/data/linghe/{name}" for name in _folders_of_make()}
    assert made == set(shown)


def _folders_of_make() -> set[str]:
    root = Path("/nowhere")
    paths = Paths(root)
    wanted = (paths.run, paths.state, paths.frames, paths.recordings)
    wanted += (paths.prompts, paths.models, paths.evidence)
    return {place.name for place in wanted}


def test_folders_that_the_box_makes_are_made_for_the_whole_group(tmp_path: Path) -> None:
    Paths(tmp_path / "made").make()
    lines = (FOLDER / "tmpfiles.conf").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.startswith("d /data/linghe")]
    modes = {row[1].removeprefix("/data/linghe").strip("/"): row[2:5] for row in rows}
    for place in (tmp_path / "made").iterdir():
        if place.name != "models":
            assert modes[place.name] == ["2770", "root", "linghe"]
    assert modes[""] == ["2770", "root", "linghe"]


def test_root_without_a_power_may_remove_the_last_time_that_was_known() -> None:
    """A clock that was years ahead could not be set back; the folder is timesyncd's."""
    lines = _text("tmpfiles.conf").splitlines()
    rows = [line.split()[2:5] for line in lines if line.startswith("d /data/timesync ")]
    assert rows == [["0775", "systemd-timesync", "linghe"]]
    service = read("linghe-privileged.service")["Service"]
    assert service["Group"] == ["linghe"] and "/data" in service["ReadWritePaths"][0].split()


@pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None, reason="needs systemd-tmpfiles")
def test_what_hooks_said_before_the_machine_was_stopped_is_gone_at_its_start(
    tmp_path: Path,
) -> None:
    signs = tmp_path / "data/linghe/run/signs"
    signs.mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/group").write_text("root:x:0:\nlinghe:x:960:\n")
    (signs / "ups").write_text("low")
    asked = ["systemd-tmpfiles", "--remove", f"--root={tmp_path}", "--prefix=/data/linghe/run"]
    for words, is_there in (([], True), (["--boot"], False)):
        subprocess.run([*asked, *words, FOLDER / "tmpfiles.conf"], check=True)
        assert signs.exists() is is_there and signs.parent.exists()
    before = one("linghe-upsmon.service", "Service", "ExecStartPre")
    assert before.endswith(" appliance.daemons.hooks.ups --start")


# --- firewall, users, workers ---------------------------------------------------------------------
def test_the_firewall_knows_the_users_by_their_numbers() -> None:
    users = dict(
        re.findall(r"^u linghe-(\w+)\s+(\d+):linghe", _text("sysusers.conf"), re.MULTILINE)
    )
    known = dict(re.findall(r"^define (\w+) = (\d+)$", _text("nftables.conf"), re.MULTILINE))
    assert known == {name: users[name] for name in ("control", "media", "web", "jobs")}
    for name in users:
        assert f"User=linghe-{name}" in "".join(_text(service) for service in SERVICES)


def test_root_is_asked_by_whom_it_listens_to() -> None:
    members = set(re.findall(r"^m (\S+)\s+linghe-admin$", _text("sysusers.conf"), re.MULTILINE))
    assert members == set(MAY)
    socket = read("linghe-privileged.socket")["Socket"]
    assert (socket["SocketUser"], socket["SocketGroup"]) == (["root"], ["linghe-admin"])
    assert socket["SocketMode"] == ["0660"]
    for name in SERVICES:
        if "linghe-admin" in " ".join(read(name)["Service"].get("SupplementaryGroups", [])):
            assert one(name, "Service", "User") in MAY


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (4, 3)])
def test_there_is_a_media_worker_for_each_core_but_one(
    cores: int, workers: int, tmp_path: Path
) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "nproc").write_text(f"#!/bin/sh\necho {cores}\n")
    (fake / "nproc").chmod(0o755)
    for _ in range(2):
        subprocess.run(
            [FOLDER / "generators" / "linghe-workers", tmp_path / "units"],
            env={"PATH": f"{fake}:/usr/bin:/bin"},
            check=True,
        )
    wanted = {place.name for place in (tmp_path / "units/linghe.target.wants").iterdir()}
    numbers = range(workers)
    assert wanted == {f"linghe-media@{n}.{kind}" for n in numbers for kind in ("service", "socket")}
    told = (tmp_path / "units/linghe-control.service.d/50-workers.conf").read_text()
    assert told == f"[Service]\nEnvironment=LINGHE_WORKERS={workers}\n"


def by_hardware() -> set[str]:
    """Units that udev starts when something is plugged in, and what those want."""
    rules = (ROOT / "firmware-hooks" / "90-linghe.rules").read_text(encoding="utf-8")
    named = set(re.findall(r'SYSTEMD_WANTS}\+="([^"@]+@?)[^"]*\.service"', rules))
    started = {f"{name}.service" if name[-1] == "@" else name for name in named}
    started = {name if name.endswith(".service") else f"{name}.service" for name in started}
    wanted = [read(name)["Unit"].get("Wants", []) for name in started]
    return started | set(" ".join(one for some in wanted for one in some).split())


def test_every_unit_belongs_to_the_box_as_a_whole() -> None:
    wanted = " ".join(read("linghe.target")["Unit"]["Wants"]).split()
    for place in FOLDER.iterdir():
        if place.suffix in {".service", ".socket", ".timer"}:
            name = place.name.replace("@.", "@0.")
            timer = place.with_suffix(".timer").name
            by_socket = place.with_suffix(".socket").name
            is_own = bool(read(place.name).get("Install", {}).get("WantedBy"))
            after_a_failure = name in " ".join(read("linghe-health.service")["Unit"]["OnFailure"])
            belongs = {name, timer, by_socket} & set(wanted) or is_own or after_a_failure
            assert belongs or place.name in by_hardware(), name


def test_reset_button_sleep_key_and_lid_are_not_the_login_managers() -> None:
    """At KEY_RESTART it would restart the box, and switch it off after five seconds of it."""
    place = ROOT / "image-build/overlay/usr/lib/systemd/logind.conf.d/linghe.conf"
    said = dict(re.findall(r"(?m)^(\w+)=(\w+)$", place.read_text(encoding="utf-8")))
    keys = [f"Handle{key}Key" for key in ("Reboot", "Suspend", "Hibernate")]
    lids = ["HandleLidSwitch", "HandleLidSwitchExternalPower", "HandleLidSwitchDocked"]
    long = [f"{key}LongPress" for key in keys]
    assert said == dict.fromkeys([*keys, *long, *lids], "ignore")
