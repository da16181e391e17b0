"""The builder's lists: every dependency is locked by hash, every script can be read, nothing that
must stay out of a release is in what a release is made of."""

import configparser
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
BUILDER = ROOT / "image-build"
SCRIPTS = [
    file
    for file in sorted(BUILDER.rglob("*"))
    if file.is_file() and file.read_bytes().startswith(b"#!/bin/sh")
]


def _names(lines: str) -> set[str]:
    found = re.findall(r"(?m)^([A-Za-z][A-Za-z0-9._-]*)", lines.strip())
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


def test_the_lock_has_all_that_setup_cfg_asks_for():
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    asked = _names(setup["options"]["install_requires"])
    asked |= _names(setup["options.extras_require"]["speech"])
    locked = _names((BUILDER / "requirements.lock").read_text())
    assert asked - locked == set(), "run image-build/lock"


def test_what_runs_here_has_the_versions_of_the_image():
    lock = (BUILDER / "requirements.lock").read_text()
    entries = re.findall(r"(?m)^([A-Za-z][^ ]*==[^\\\n]*)", lock)
    asked = [Requirement(entry.strip()) for entry in entries]
    if sys.version_info[:2] not in ((3, 11), (3, 13)):
        pytest.skip(f"the image has Python 3.13 or 3.11, this is {sys.version.split()[0]}")
    asked = [one for one in asked if one.marker is None or one.marker.evaluate()]
    here = {one.name: _version(one.name) for one in asked}
    assert here["flask"], "nothing is installed"
    other = {one.name: here[one.name] for one in asked if here[one.name] not in one.specifier}
    other = {name: found for name, found in other.items() if found}
    # pip is whatever the virtual environment came with
    assert other.keys() <= {"pip"}, f"other than in the lock: {other}; rm -r .venv makes it anew"


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def test_every_locked_package_has_a_hash():
    lock = re.sub(r"(?m)^\s*#.*\n", "", (BUILDER / "requirements.lock").read_text())
    for entry in re.split(r"\n(?=[A-Za-z])", lock.strip()):
        assert "==" in entry.splitlines()[0] and "--hash=sha256:" in entry, entry[:80]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_every_script_can_be_read_by_the_shell(script):
    told = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_the_shell_for_tests_comes_with_a_variable_only():
    inside = [
        file
        for file in sorted((BUILDER / "overlay").rglob("*")) + sorted((ROOT / "systemd").rglob("*"))
        if file.is_file() and re.search("ttyS[01]|@LINE@", file.read_text(errors="replace"))
    ]
    assert inside == []
    build = (BUILDER / "build").read_text()
    uses = [line for line in build.splitlines() if "overlay-test" in line]
    assert uses and all('"$TEST_SHELL" = 1' in line for line in uses)


def test_every_unit_of_the_image_that_is_switched_on_is_there():
    wanted, _, _ = (BUILDER / "enabled").read_text().partition("[masked]")
    names = [line.split()[0] for line in wanted.splitlines() if line and not line.startswith("#")]
    own = BUILDER / "overlay/usr/lib/systemd/system"
    debians = {
        "systemd-networkd.service",
        "systemd-resolved.service",
        "systemd-timesyncd.service",
        "avahi-daemon.service",
        "nftables.service",
        "ssh.service",
    }
    assert [name for name in names if name not in debians and not (own / name).is_file()] == []


SMALL_SYSTEM = BUILDER / "overlay/etc/initramfs-tools"


def test_the_small_system_loads_what_the_machine_has_and_then_what_its_buses_may_find(tmp_path):
    """Two passes over the devices; a device's name is never taken for a file's."""
    asked = tmp_path / "asked"
    modprobe = tmp_path / "bin/modprobe"
    for name, alias in (("pci/devices/0", "pci:v1"), ("platform/devices/x", "of:Nuart(null)*")):
        (tmp_path / "sys/bus" / name).mkdir(parents=True)
        (tmp_path / "sys/bus" / name / "modalias").write_text(f"{alias}\n")
    modprobe.parent.mkdir()
    modprobe.write_text(f'#!/bin/sh\necho "$@" >>{asked}\n')
    modprobe.chmod(0o755)

    def words():
        asked.write_text("")
        subprocess.run(
            ["/bin/sh", str(SMALL_SYSTEM / "scripts/init-top/udev")],
            env={"PATH": f"{modprobe.parent}:/usr/bin:/bin", "SYS": str(tmp_path / "sys")},
            cwd=tmp_path, check=True,
        )  # fmt: skip
        return asked.read_text().splitlines()

    found = ["-abq pci:v1 of:Nuart(null)*"] * 2
    assert words() == found
    (tmp_path / "sys/class/scsi_host/host0").mkdir(parents=True)
    (tmp_path / "sys/bus/usb").mkdir()
    (tmp_path / "sys/bus/mmc").mkdir()
    assert words() == [*found, "-q sd_mod", "-abq usb_storage uas sd_mod", "-q mmc_block"]


def test_the_small_systems_scripts_use_what_is_in_it():
    """Neither busybox nor coreutils are: klibc's programs, and kmod's modprobe."""
    for place in SMALL_SYSTEM.glob("scripts/*/*"):
        assert not re.search(r"(?m)^\s*(rm|sort|grep|sed|awk|find|tr|cut)\b", place.read_text())
    lists = (SMALL_SYSTEM / "modules").read_text().splitlines()
    assert all(re.fullmatch(r"#.*|[\w-]+", line) for line in lists)


def test_python_that_would_be_compiled_at_each_start_ends_the_build(tmp_path):
    ours = tmp_path / "opt/linghe/lib/python3.13/site-packages/appliance"
    library = tmp_path / "usr/lib/python3.13"
    for place in (ours, library):
        place.mkdir(parents=True)
        (place / "lines.py").write_text("ONE = 1\n")

    def compiled(place, mode):
        words = ["-B", "-m", "compileall", "-q", "-f", "--invalidation-mode", mode, str(place)]
        subprocess.run([sys.executable, *words], check=True)

    def said():
        words = [str(BUILDER / "all-compiled"), str(tmp_path)]
        told = subprocess.run(words, capture_output=True, text=True, check=False)
        assert told.returncode == (1 if told.stderr else 0)
        return told.stderr

    compiled(ours, "unchecked-hash")
    compiled(library, "timestamp")
    assert "usr/lib/python3.13/__pycache__/lines" in said() and "opt" not in said()
    compiled(library, "unchecked-hash")
    assert said() == ""
    (ours / "more.py").write_text("TWO = 2\n")
    assert "appliance/more.py: not compiled" in said()


def _told(**settings: str) -> subprocess.CompletedProcess[str]:
    """What the builder says to these settings; they must be wrong, so that it does nothing."""
    return subprocess.run(
        [str(BUILDER / "build")],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", **settings},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


def test_an_architecture_that_is_not_made_is_refused_with_those_that_are():
    told = _told(ARCH="riscv64")
    assert told.returncode == 2
    assert "amd64 or arm64, not riscv64" in told.stderr


@pytest.mark.parametrize("alone", ["KEY", "CERT"])
def test_a_key_without_its_certificate_is_no_release_with_another_key(alone):
    told = _told(**{alone: "/somewhere"})
    assert told.returncode == 2 and "KEY and CERT belong together" in told.stderr


def test_each_architecture_has_its_lists_and_nothing_else_names_one():
    for arch in ("amd64", "arm64"):
        assert (BUILDER / f"builder-packages.{arch}").is_file()
    for place in ("loader/manifest.raucm", "overlay/etc/rauc/system.conf"):
        assert "compatible=linghe-@ARCH@" in (BUILDER / place).read_text(), place
    for place in ("packages.common", "packages.bare"):
        assert "linux-image-@ARCH@" in (BUILDER / place).read_text(), place


LOCKED = {
    re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
    for line in (BUILDER / "requirements.lock").read_text().splitlines()
    if "==" in line
}


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_the_lock_means_the_same_packages_on_each_architecture(arch):
    found = SourceFileLoader("fetch_wheels", str(BUILDER / "fetch-wheels"))
    module = ModuleType("fetch_wheels")
    found.exec_module(module)
    lock = (BUILDER / "requirements.lock").read_text()
    wanted = _names(module.wanted(lock, "3.13", module.MACHINE[arch]))
    assert {"numpy", "onnxruntime", "audioop-lts", "cryptography"} <= wanted <= LOCKED
