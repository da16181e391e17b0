"""The box's first minutes at a cable, by the real systemd-networkd with the image's own settings.

Two network namespaces joined by a cable: the box, and a router that gives addresses (networkd's own
DHCP server) or says nothing.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_box import wait_for

SETTINGS = Path(__file__).parents[2] / "image-build/overlay/usr/lib/systemd/network"
NETWORKD = Path("/usr/lib/systemd/systemd-networkd")
ROUTER = """\
[Match]
Name=eth0
[Network]
Address=192.168.44.1/24
DHCPServer=yes
[DHCPServer]
PoolOffset=50
PoolSize=10
"""
SECONDS = 90
"""DHCP asks twice before the box takes an address of its own: ten seconds on a quiet machine."""


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


class Cable:
    """The two ends and the networkd of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.box, self.router = f"lhnetbox{os.getpid()}", f"lhnetrtr{os.getpid()}"
        self._running: list[subprocess.Popen[bytes]] = []

    def lay(self) -> None:
        for one in (self.box, self.router):
            _do("ip", "netns", "add", one)
        made = ("type", "veth", "peer", "name", "eth0", "netns", self.router)
        _do("ip", "-n", self.box, "link", "add", "eth0", *made)
        _do("ip", "-n", self.router, "link", "set", "eth0", "up")

    def start(self, where: str, settings: dict[str, str]) -> None:
        """Run networkd there, with a /run of its own and a /sys that says: no udev here."""
        folder = self._folder / where
        folder.mkdir()
        for name, text in settings.items():
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o644)
        inside = (
            "mount -t tmpfs linghe-test /run && mkdir -p /run/systemd/network"
            " /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp"
            f" && cp {folder}/* /run/systemd/network/"
            " && chown -R systemd-network:systemd-network /run/systemd/netif"
            f" && mount -o remount,ro /sys && exec {NETWORKD}"
        )
        log = (self._folder / f"{where}.log").open("wb")
        with log:
            command = ["ip", "netns", "exec", where, "unshare", "--mount", "sh", "-c", inside]
            self._running.append(subprocess.Popen(command, stdout=log, stderr=log))

    def addresses(self) -> list[str]:
        """The box's IPv4 addresses."""
        shown = subprocess.run(
            ["ip", "-n", self.box, "-4", "-o", "addr", "show", "dev", "eth0"],
            capture_output=True,
            text=True,
            check=False,
        )
        return [line.split()[3] for line in shown.stdout.splitlines()]

    def close(self) -> None:
        for one in self._running:
            one.terminate()
            one.wait(20)
        for name in (self.box, self.router):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    tools = all(shutil.which(tool) for tool in ("ip", "unshare", "mount"))
    if os.getuid() != 0 or not tools or not NETWORKD.exists():
        pytest.skip("needs root, systemd-networkd and network namespaces")
    tried = ["unshare", "--net", "--mount", "true"]
    if subprocess.run(tried, capture_output=True, check=False).returncode:
        pytest.skip("this machine (a container?) makes no network namespaces")
    made = Cable(tmp_path)
    try:
        made.lay()
        yield made
    finally:
        made.close()


def box_settings() -> dict[str, str]:
    """As in the image, but for the line that passes over virtual cables."""
    found = {place.name: place.read_text(encoding="utf-8") for place in SETTINGS.glob("*.network")}
    assert found
    return {name: text.replace("Kind=!*\n", "") for name, text in found.items()}


@pytest.mark.peer
def test_a_box_in_a_shops_network_has_the_address_that_its_router_gives(cable: Cable) -> None:
    cable.start(cable.router, {"10-router.network": ROUTER})
    cable.start(cable.box, box_settings())
    wait_for(
        lambda: any(one.startswith("192.168.44.") for one in cable.addresses()), SECONDS, "DHCP"
    )
    assert not [one for one in cable.addresses() if one.startswith("169.254.")]


@pytest.mark.peer
def test_a_box_that_nobody_gives_an_address_takes_one_that_a_laptop_finds(cable: Cable) -> None:
    cable.start(cable.box, box_settings())
    wait_for(lambda: cable.addresses(), SECONDS, "an address of its own")
    (address,) = cable.addresses()
    assert address.startswith("169.254.") and address.endswith("/16")
