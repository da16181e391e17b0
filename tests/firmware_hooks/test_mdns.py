"""linghe.local, by Debian's avahi with the image's own settings, in a network of its own.

Two network namespaces joined by a cable: the box, and a laptop that asks by multicast as browsers
do (RFC 6762 §5.1: a question from any port is answered to that port).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_box import wait_for

from appliance.daemons.console.places import mdns_name

CONF = Path(__file__).parents[2] / "image-build" / "overlay" / "etc" / "avahi"
TOOLS = ("avahi-daemon", "ip", "unshare", "mount")
BOX, LAPTOP = "169.254.7.1", "169.254.7.2"

ASK = """
import socket, sys
import dns.message, dns.rdatatype
question = dns.message.make_query(sys.argv[1], sys.argv[2])
question.flags = 0
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[3]))
link.bind((sys.argv[3], 0))
link.settimeout(1)
link.sendto(question.to_wire(), ("224.0.0.251", 5353))
try:
    answer = dns.message.from_wire(link.recv(9000))
except TimeoutError:
    sys.exit(0)
for rows in answer.answer:
    for row in rows:
        print(row.to_text())
"""


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    """Two networks, box and laptop, with addresses that nobody gave them (RFC 3927)."""
    if os.getuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS):
        pytest.skip("needs root, avahi-daemon and network namespaces")
    tried = ["unshare", "--net", "--mount", "true"]
    if subprocess.run(tried, capture_output=True, check=False).returncode:
        pytest.skip("this machine (a container?) makes no network namespaces")
    box, far = f"lhmdnsbox{os.getpid()}", f"lhmdnsfar{os.getpid()}"
    try:
        for one in (box, far):
            _do("ip", "netns", "add", one)
            _do("ip", "-n", one, "link", "set", "lo", "up")
        made = ("type", "veth", "peer", "name", "eth0", "netns", far)
        _do("ip", "-n", box, "link", "add", "eth0", *made)
        for one, address in ((box, BOX), (far, LAPTOP)):
            _do("ip", "-n", one, "addr", "add", f"{address}/16", "brd", "+", "dev", "eth0")
            _do("ip", "-n", one, "link", "set", "eth0", "up")
            # as a router's announcement would give one; in force at once
            number = 1 if one == box else 2
            announced = (f"2001:db8:7::{number}/64", "dev", "eth0", "nodad")
            _do("ip", "-6", "-n", one, "addr", "add", *announced)
            _do("ip", "-n", one, "route", "add", "224.0.0.0/4", "dev", "eth0")
        yield box, far
    finally:
        for one in (box, far):
            subprocess.run(["ip", "netns", "del", one], capture_output=True, check=False)


def ask(where: str, name: str, kind: str) -> list[str]:
    done = subprocess.run(
        ["ip", "netns", "exec", where, sys.executable, "-c", ASK, name, kind, LAPTOP],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split("\n")[:-1]


def _offered(where: str, service: str) -> bool:
    return any(name.endswith(f".{service}.") for name in ask(where, service, "PTR"))


@pytest.mark.peer
def test_a_laptop_in_the_same_network_finds_the_box_by_its_name(
    cable: tuple[str, str], tmp_path: Path
) -> None:
    box, far = cable
    pid = tmp_path / "pid"
    # folders of its own in the place of /run and /etc/avahi: this machine may have an avahi too
    inside = (
        f"mount -t tmpfs none /run && mkdir /run/avahi-daemon && chown avahi /run/avahi-daemon"
        f" && mount --bind {CONF} /etc/avahi && echo $$ > {pid}"
        " && exec avahi-daemon --no-chroot --no-rlimits"
    )
    log = (tmp_path / "avahi.log").open("wb")
    avahi = subprocess.Popen(
        ["ip", "netns", "exec", box, "unshare", "--mount", "sh", "-c", inside],
        stdout=log,
        stderr=log,
    )
    try:
        wait_for(lambda: ask(far, "linghe.local", "A") == [BOX], 60, "linghe.local")
        for service in ("_http._tcp.local", "_sip._udp.local"):
            wait_for(lambda asked=service: _offered(far, asked), 30, service)
        assert mdns_name(pid) == "linghe.local"
        # the firewall takes nobody from there in: a browser would wait
        assert ask(far, "linghe.local", "AAAA") == []
    finally:
        avahi.terminate()
        avahi.wait(10)
        log.close()
