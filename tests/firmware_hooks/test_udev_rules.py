"""firmware-hooks/: rules that udev understands, naming units that are there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.daemons.hooks import button, input_events, lamps, stick, ups, ups_settings

ROOT = Path(__file__).parents[2]
RULES = ROOT / "firmware-hooks" / "90-linghe.rules"
SYSTEMD = ROOT / "systemd"
TEXT = RULES.read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]

PART = re.compile(r'([A-Z]+)(?:\{([A-Za-z_/]+)\})?(==|!=|\+=|=|:=)"([^"]*)"')
MATCHES = {"ACTION", "SUBSYSTEM", "KERNEL", "DRIVERS", "ATTR", "ENV"}
"""udev(7): keys that are compared; DRIVERS looks up the device's parents."""


def parts(line: str) -> list[tuple[str, str, str, str]]:
    found = PART.findall(line)
    assert ", ".join(_whole(*one) for one in found) == line
    return found


def _whole(key: str, inner: str, operator: str, value: str) -> str:
    return f'{key}{f"{{{inner}}}" if inner else ""}{operator}"{value}"'


def wanted_units() -> set[str]:
    found = {
        value.replace("%k", "")
        for line in LINES
        for key, inner, _, value in parts(line)
        if (key, inner) == ("ENV", "SYSTEMD_WANTS")
    }
    return {re.sub(r"@.*\.service$", "@.service", name) for name in found}


def test_each_rule_is_one_that_udev_can_read_and_matches_before_it_acts() -> None:
    for line in LINES:
        found = parts(line)
        assert ("ACTION", "", "==", "add") == found[0]
        acting = [one[2] not in ("==", "!=") for one in found]
        assert acting == sorted(acting), line
        assert {key for (key, _, _, _), acts in zip(found, acting, strict=True) if not acts} <= (
            MATCHES
        )


def test_every_unit_that_a_rule_names_is_there_and_none_is_left_over() -> None:
    wanted = wanted_units()
    assert all((SYSTEMD / name).is_file() for name in wanted)
    assert wanted == {
        "linghe-usb@.service",
        "linghe-button@.service",
        "linghe-lamps.service",
        "linghe-ups-driver@.service",
    }


def test_a_box_that_runs_from_a_stick_does_not_take_its_own_loader_for_one() -> None:
    """Its partition is FAT at USB too; efi.mount has it, and a second mount may spoil it."""
    (of_sticks,) = (line for line in LINES if "linghe-usb@" in line)
    cfg = (ROOT / "image-build" / "loader" / "disk.cfg").read_text(encoding="utf-8")
    of_esp = re.search(r'partition-type-uuid = "(c12a7328-[0-9a-f-]+)"', cfg)
    assert of_esp is not None
    compared = ("ENV", "ID_PART_ENTRY_TYPE", "!=", of_esp[1])
    assert compared in parts(of_sticks)


def test_every_program_of_a_rule_is_named_by_its_whole_path_and_writes_to_sys_only() -> None:
    for line in LINES:
        for key, _, _, value in parts(line):
            if key == "RUN":
                program, *words = value.split()
                assert program in ("/bin/chgrp", "/bin/chmod")
                assert all(word.startswith("/sys%p/") for word in words[1:])


@pytest.mark.parametrize(
    ("unit", "module"),
    [
        ("linghe-usb@.service", stick),
        ("linghe-button@.service", button),
        ("linghe-lamps.service", lamps),
        ("linghe-ups-driver@.service", ups_settings),
    ],
)
def test_the_unit_runs_the_hook_and_the_hook_names_its_unit(unit: str, module: object) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    name = getattr(module, "__name__", "")
    assert f"-m {name}" in text
    assert unit in (getattr(module, "__doc__", "") or "")


def test_a_hook_says_in_its_head_what_it_does_and_who_runs_it() -> None:
    for module in (stick, button, lamps, ups, ups_settings):
        head = module.__doc__ or ""
        assert head.startswith(f"`python -m {module.__name__}")
        assert "Started by" in head or "Run by" in head


def test_the_key_of_the_button_is_the_one_of_the_kernels_list() -> None:
    header = Path("/usr/include/linux/input-event-codes.h")
    if not header.exists():
        pytest.skip("linux-libc-dev is not installed")
    (code,) = re.findall(r"^#define KEY_RESTART\s+(0x\w+)", header.read_text(), re.MULTILINE)
    assert int(code, 16) == input_events.KEY_RESTART


def test_udev_itself_finds_no_fault(tmp_path: Path) -> None:
    udevadm = shutil.which("udevadm")
    if udevadm is None:
        pytest.skip("udev is not installed")
    command = [udevadm, "verify", "--resolve-names=never", str(RULES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Unknown command verb" in done.stderr:
        pytest.skip("this udev is older than 254 and cannot check a file")
    assert done.returncode == 0, done.stdout + done.stderr
