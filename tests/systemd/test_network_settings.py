"""This box's own address goes before the delivered one; what else lies beside it is no address."""

import re
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "image-build/overlay/usr/lib/systemd/system"
UNIT = UNITS / "linghe-network-settings.service"
SCRIPT = UNITS.parents[1] / "linghe/card-of-address"
OLD, NEW = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
FIXED = f"""# Written by linghe-privileged (linghe network).
[Match]
PermanentMACAddress={OLD}
Type=ether
Kind=!*

[Network]
DHCP=no
Address=192.168.1.10/24
"""


def lines(key: str, root: Path) -> list[str]:
    text = UNIT.read_text(encoding="utf-8")
    text = text.replace("/data/", f"{root}/data/").replace("/run/", f"{root}/run/")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def is_wanted(root: Path) -> bool:
    """Judge as systemd.unit(5) says."""
    (pattern,) = lines("ConditionPathExistsGlob", root)
    return any(root.glob(pattern.removeprefix(f"{root}/")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data/network").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", ["reach.nft", "ssh.nft", "time-zone"])
def test_who_set_something_else_only_has_no_failed_unit_at_each_start(
    root: Path, name: str
) -> None:
    (root / "data/network" / name).write_text("x\n")
    assert not is_wanted(root)


def test_a_fixed_address_is_laid_where_networkd_looks_first(root: Path) -> None:
    (root / "data/network/time-zone").write_text("Europe/Warsaw\n")
    (root / "data/network/10-linghe.network").write_text("[Network]\n")
    assert is_wanted(root)
    (command,) = lines("ExecStart", root)
    found = re.fullmatch(r"/bin/sh -c '(.*)'", command)
    assert found is not None
    subprocess.run(["/bin/sh", "-c", found[1]], check=True)
    laid = list((root / "run/systemd/network").iterdir())
    assert [one.name for one in laid] == ["10-linghe.network"]


def card(root: Path, name: str, address: str, kind: str = "wired") -> None:
    """Plug in what the kernel would show so."""
    place = root / "net" / name
    (place / ("wireless" if kind == "old radio" else "power")).mkdir(parents=True)
    if kind != "virtual":
        (place / "device").mkdir()
    (place / "type").write_text("772\n" if name == "lo" else "1\n")
    (place / "address").write_text(f"{address}\n")
    (place / "uevent").write_text("DEVTYPE=wlan\n" if kind == "radio" else "INTERFACE=x\n")


def laid(root: Path, text: str = FIXED, looks: int = 1) -> str:
    """What networkd reads in the end."""
    copy = root / "10-linghe.network"
    copy.write_text(text)
    subprocess.run([SCRIPT, copy, root / "net", str(looks)], check=True, timeout=20)
    assert [one.name for one in root.iterdir() if one.is_file()] == [copy.name]
    assert copy.stat().st_mode & 0o777 == 0o644
    return copy.read_text()


def test_in_a_twin_machine_the_fixed_address_is_its_only_cards(root: Path) -> None:
    card(root, "lo", "00:00:00:00:00:00", "virtual")
    card(root, "docker0", "52:54:00:00:00:0c", "virtual")
    card(root, "wlan0", "52:54:00:00:00:0d", "radio")
    card(root, "wlan1", "52:54:00:00:00:0e", "old radio")
    card(root, "enp1s0", NEW)
    wanted = FIXED.replace("PermanentMACAddress=", "MACAddress=").replace(OLD, NEW)
    assert laid(root) == wanted
    assert laid(root, FIXED.replace("Permanent", "")) == wanted


def test_a_card_that_is_there_keeps_its_address_and_nobody_waits(root: Path) -> None:
    card(root, "enp1s0", OLD)
    card(root, "enp2s0", NEW)
    # so many looks that it would not end within the test's patience
    assert laid(root, looks=1000) == FIXED
    shouted = FIXED.replace(OLD, OLD.upper())
    assert laid(root, shouted, looks=1000) == shouted


def test_a_card_whose_driver_comes_late_is_waited_for(root: Path) -> None:
    card(root, "enp2s0", NEW)
    card(root, "late", OLD)
    (root / "net/late").rename(root / "late")
    come = ["sh", "-c", 'sleep 0.7; mv "$0" "$1"', root / "late", root / "net/enp1s0"]
    with subprocess.Popen(come):
        assert laid(root, looks=1000) == FIXED


@pytest.mark.parametrize("names", [(), ("enp1s0", "enp2s0")], ids=["no card", "two cards"])
def test_where_it_cannot_be_told_which_card_the_file_stays(
    root: Path, names: tuple[str, ...]
) -> None:
    for place, name in enumerate(names):
        card(root, name, f"52:54:00:00:01:{place:02x}")
    assert laid(root, looks=1000 if names else 1) == FIXED


def test_an_address_for_any_card_or_dhcp_asks_for_none(root: Path) -> None:
    text = FIXED.replace(f"PermanentMACAddress={OLD}\n", "")
    assert laid(root, text, looks=1000) == text
    subprocess.run([SCRIPT, root / "none.network", root / "net"], check=True)


def test_the_unit_looks_after_the_copy_only_and_its_failure_stops_nothing(root: Path) -> None:
    (command,) = lines("ExecStartPost", root)
    assert command == f"-/usr/lib/linghe/{SCRIPT.name} {root}/run/systemd/network/10-linghe.network"
    assert SCRIPT.stat().st_mode & 0o111 == 0o111
