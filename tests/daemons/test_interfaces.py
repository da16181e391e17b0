"""This machine's own addresses, read as the units read them."""

import os
import shutil
import subprocess
import sys

import pytest

SAY = "from appliance.daemons.interfaces import own_addresses_6; print(*own_addresses_6())"
AS_A_UNIT = (
    "ip link set lo up && ip -6 addr add fd00:77::10/64 dev lo nodad"
    " && mount -t proc -o subset=pid proc /proc && test ! -e /proc/net"
)
"""Below ProcSubset=pid, which linghe-console.service and others have (systemd.exec(5))."""


def test_the_screens_unit_is_told_the_address_of_a_network_with_ipv6_only() -> None:
    if os.getuid() != 0 or not all(shutil.which(tool) for tool in ("ip", "unshare", "mount")):
        pytest.skip("needs root, ip, unshare and mount")
    apart = ["unshare", "--net", "--mount", "sh", "-c"]
    tried = subprocess.run([*apart, AS_A_UNIT], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"this machine (a container?) lets root make no such /proc: {tried.stderr}")
    asked = [*apart, f'{AS_A_UNIT} && exec "$0" -c "$1"', sys.executable, SAY]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["fd00:77::10", "::1"]
