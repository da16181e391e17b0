"""The builder's lists: every dependency is locked by hash, every script can be read, nothing that
must stay out of a release is in what a release is made of."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

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
        if file.is_file() and "ttyS1" in file.read_text(errors="replace")
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
