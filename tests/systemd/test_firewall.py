"""The firewall of the box, loaded by the real nft in a network of its own: who gets in, who out.

Two network namespaces joined by a cable: the box, and a stranger with several addresses. Each
question is one datagram or one connection, answered or not.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
RULES = SYSTEMD / "nftables.conf"
UNIT = SYSTEMD / "nftables.service.d" / "linghe.conf"
BOX, LAN, OUTSIDE, CARRIER = "192.168.77.1", "192.168.77.2", "203.0.113.9", "198.51.100.7"
TOOLS = ("nft", "ip", "setpriv")
WEB, MEDIA, CONTROL, JOBS = 963, 962, 961, 964
ANSWER_S, SILENCE_S = 8.0, 0.5
"""An answer is waited for on a busy machine; what the rules drop is silent at once and for ever."""

LISTEN = """
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
heard = socket.socket(socket.AF_INET, kind)
heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
heard.bind((sys.argv[3], int(sys.argv[2])))
if sys.argv[1] == "tcp":
    heard.listen()
print("listening", flush=True)
while True:
    if sys.argv[1] == "udp":
        text, source = heard.recvfrom(100)
        heard.sendto(text, source)
    else:
        link, _ = heard.accept()
        link.sendall(b"hello")
        link.close()
"""
ASK = """
import socket, sys
kind, source, sport, target, port, seconds = sys.argv[1:7]
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
asking.settimeout(float(seconds))
asking.bind((source, int(sport)))
try:
    asking.connect((target, int(port)))
    if kind == "udp":
        asking.send(b"hello")
    print("heard" if asking.recv(100) == b"hello" else "other")
except OSError:
    print("silence")
"""


def _may_make_networks() -> bool:
    if os.getuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS):
        return False
    tried = ["unshare", "--net", "nft", "list", "tables"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    not _may_make_networks(), reason="needs root, nft and network namespaces"
)


class Cable:
    """Two networks and what runs in them."""

    def __init__(self, folder: Path) -> None:
        self.box, self.far = f"lhbox{os.getpid()}", f"lhfar{os.getpid()}"
        self.folder = folder
        self.listening: list[subprocess.Popen[str]] = []

    def lay(self) -> None:
        for one in (self.box, self.far):
            _do("ip", "netns", "add", one)
            _do("ip", "-n", one, "link", "set", "lo", "up")
        made = ("type", "veth", "peer", "name", "eth0", "netns", self.far)
        _do("ip", "-n", self.box, "link", "add", "eth0", *made)
        _do("ip", "-n", self.box, "addr", "add", f"{BOX}/24", "dev", "eth0")
        for address in (LAN, OUTSIDE, CARRIER):
            _do("ip", "-n", self.far, "addr", "add", f"{address}/24", "dev", "eth0")
        for one in (self.box, self.far):
            _do("ip", "-n", one, "link", "set", "eth0", "up")
        for address in (OUTSIDE, CARRIER):
            _do("ip", "-n", self.box, "route", "add", f"{address}/32", "dev", "eth0")

    def load(self, *more: str) -> None:
        """Load the rules as the box does when they change, with what was set on it."""
        self.set("\n".join(more) + "\n")
        assert self.unit_does("ExecReload")

    def set(self, *files: str) -> None:
        """Lay these files, and no others, where the box's own settings are."""
        for old in self.folder.glob("*.nft"):
            old.unlink()
        for place, content in enumerate(files):
            (self.folder / f"{place}.nft").write_text(content, encoding="utf-8")

    def unit_does(self, what: str) -> bool:
        """Run what the unit runs (systemd.service(5)); False where systemd would call it failed."""
        lines = UNIT.read_text(encoding="utf-8").splitlines()
        commands = [one.partition("=")[2] for one in lines if one.startswith(f"{what}=")]
        assert commands[0] == "", "Debian's own command is taken out"
        for command in commands[1:]:
            words = shlex.split(command.lstrip("-").replace("$$", "$"))
            words = [one.replace("/etc/nftables.conf", str(RULES)) for one in words]
            words = [one.replace("/data/network", str(self.folder)) for one in words]
            inside = ["ip", "netns", "exec", self.box, *words]
            done = subprocess.run(inside, capture_output=True, check=False)
            if done.returncode != 0 and not command.startswith("-"):
                return False
        return True

    def forget_rules(self) -> None:
        """As a machine that was just started."""
        _do("ip", "netns", "exec", self.box, "nft", "flush", "ruleset")

    def listen(self, where: str, kind: str, port: int, address: str) -> None:
        program = [sys.executable, "-I", "-S", "-c", LISTEN, kind, str(port), address]
        command = ["ip", "netns", "exec", where, *program]
        made = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.listening.append(made)
        assert made.stdout is not None and made.stdout.readline() == "listening\n"

    def hears(self, kind: str, port: int, source: str = LAN, sport: int = 0) -> bool:
        """Ask the box from a far address; True when it answers."""
        return self._ask(self.far, [], kind, source, sport, BOX, port, ANSWER_S)

    def is_deaf(self, kind: str, port: int, source: str = LAN) -> bool:
        """The same; True when it stays silent."""
        return not self._ask(self.far, [], kind, source, 0, BOX, port, SILENCE_S)

    def says(self, uid: int, kind: str, port: int, far: str = LAN, sport: int = 0) -> bool:
        """A user of the box asks a far address; True when that is heard and answered."""
        return self._ask(self.box, _as(uid), kind, BOX, sport, far, port, ANSWER_S)

    def _ask(
        self,
        where: str,
        user: list[str],
        kind: str,
        source: str,
        sport: int,
        target: str,
        port: int,
        seconds: float,
    ) -> bool:
        program = [*user, sys.executable, "-I", "-S", "-c", ASK, kind, source, str(sport)]
        command = ["ip", "netns", "exec", where, *program, target, str(port), str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout == "heard\n"

    def take_up(self) -> None:
        for one in self.listening:
            one.kill()
            one.communicate()
        for name in (self.box, self.far):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


def _as(uid: int) -> list[str]:
    return ["setpriv", f"--reuid={uid}", "--regid=960", "--clear-groups"]


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.fixture(scope="module")
def cable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cable]:
    laid = Cable(tmp_path_factory.mktemp("rules"))
    try:
        laid.lay()
        for kind, port in (("udp", 5060), ("udp", 20002), ("udp", 5353), ("udp", 9999)):
            laid.listen(laid.box, kind, port, BOX)
        for kind, port in (("tcp", 80), ("tcp", 5061), ("tcp", 22), ("tcp", 8080)):
            laid.listen(laid.box, kind, port, BOX)
        for kind, port in (("udp", 40000), ("udp", 53), ("tcp", 443)):
            laid.listen(laid.far, kind, port, LAN)
        laid.listen(laid.far, "udp", 5060, CARRIER)
        laid.load()
        yield laid
    finally:
        laid.take_up()


def test_before_the_rules_are_loaded_the_cable_carries_everything(cable: Cable) -> None:
    """Else silence would prove nothing."""
    cable.forget_rules()
    assert cable.hears("udp", 9999) and cable.hears("tcp", 8080, OUTSIDE)
    assert cable.says(WEB, "tcp", 443)


def test_the_lan_reaches_telephony_and_pages_and_nothing_else(cable: Cable) -> None:
    cable.load()
    asked = [("udp", 5060), ("udp", 20002), ("udp", 5353), ("tcp", 80), ("tcp", 5061)]
    assert [one for one in asked if not cable.hears(*one)] == []
    closed = [("udp", 9999), ("tcp", 22), ("tcp", 8080)]
    assert [one for one in closed if not cable.is_deaf(*one)] == []


def test_a_stranger_from_outside_reaches_nothing(cable: Cable) -> None:
    cable.load()
    asked = [("udp", 5060), ("udp", 20002), ("udp", 5353), ("tcp", 80), ("tcp", 5061), ("tcp", 22)]
    assert [one for one in asked if not cable.is_deaf(*one, OUTSIDE)] == []


def test_a_carrier_that_the_box_registered_with_may_call_it(cable: Cable) -> None:
    cable.load()
    assert cable.is_deaf("udp", 5060, CARRIER)
    assert cable.says(CONTROL, "udp", 5060, CARRIER, sport=5060)
    # now from there, over the same two ports
    assert cable.hears("udp", 5060, CARRIER, sport=5060)


def test_a_carrier_that_was_named_reaches_telephony_but_no_page(cable: Cable) -> None:
    cable.load("add element inet linghe carriers4 { 198.51.100.0/24 }")
    assert cable.hears("udp", 5060, CARRIER) and cable.hears("udp", 20002, CARRIER)
    assert cable.is_deaf("tcp", 80, CARRIER) and cable.is_deaf("udp", 5060, OUTSIDE)
    cable.load()
    assert cable.is_deaf("udp", 5060, CARRIER)


def test_another_network_can_be_made_part_of_the_lan(cable: Cable) -> None:
    cable.load("add element inet linghe lan4 { 203.0.113.0/24 }")
    assert cable.hears("tcp", 80, OUTSIDE) and cable.is_deaf("tcp", 80, CARRIER)


def test_ssh_is_there_for_the_lan_once_it_is_switched_on(cable: Cable) -> None:
    cable.load("add element inet linghe more_ports { 22 }")
    assert cable.hears("tcp", 22) and cable.is_deaf("tcp", 22, OUTSIDE)


REFUSED = "add element inet linghe lan9 { 0.0.0.0/0 }\n"
CARRIERS = "add element inet linghe carriers4 { 198.51.100.0/24 }\n"


def test_a_file_that_nft_refuses_leaves_the_box_closed_and_its_neighbours_hold(
    cable: Cable,
) -> None:
    cable.forget_rules()
    cable.set(REFUSED, CARRIERS, "no rule at all {\n")
    assert cable.unit_does("ExecStart"), "a unit that failed could not be told to load again"
    assert cable.is_deaf("tcp", 80, OUTSIDE) and cable.is_deaf("udp", 9999)
    assert cable.hears("udp", 5060) and cable.hears("udp", 5060, CARRIER)
    cable.set(REFUSED, "add element inet linghe lan4 { 203.0.113.0/24 }\n")
    assert not cable.unit_does("ExecReload"), "who asked for it is told"
    assert cable.hears("tcp", 80, OUTSIDE) and cable.is_deaf("udp", 9999)
    assert cable.is_deaf("udp", 5060, CARRIER)


def test_without_the_data_partition_the_box_is_closed_as_it_was_delivered(cable: Cable) -> None:
    assert "RequiresMountsFor" not in UNIT.read_text(encoding="utf-8")
    cable.forget_rules()
    cable.set()
    assert cable.unit_does("ExecStart")
    assert cable.hears("tcp", 80) and cable.is_deaf("tcp", 80, OUTSIDE)
    assert cable.unit_does("ExecReload") and cable.is_deaf("udp", 9999)


def test_a_process_says_nothing_that_is_not_its_business(cable: Cable) -> None:
    cable.load()
    assert not cable.says(WEB, "tcp", 443) and not cable.says(WEB, "udp", 53)
    assert cable.says(MEDIA, "udp", 40000, sport=20004)
    assert not cable.says(MEDIA, "udp", 40000, sport=30004)
    assert not cable.says(MEDIA, "tcp", 443)
    assert cable.says(JOBS, "tcp", 443) and cable.says(JOBS, "udp", 53)
    assert not cable.says(JOBS, "udp", 40000)
    assert cable.says(CONTROL, "tcp", 443) and not cable.says(CONTROL, "udp", 40000)


def test_loading_the_rules_again_drops_no_connection(cable: Cable) -> None:
    cable.load()
    held = [
        *("ip", "netns", "exec", cable.far, sys.executable, "-c"),
        "import socket,sys\n"
        f"link = socket.create_connection(('{BOX}', 80), 5)\n"
        "print('open', flush=True)\n"
        "sys.stdin.readline()\n"
        "link.settimeout(5)\n"
        "print('heard' if link.recv(10) == b'hello' else 'other')\n",
    ]
    with subprocess.Popen(held, stdin=-1, stdout=-1, text=True) as far:
        assert far.stdin is not None and far.stdout is not None
        assert far.stdout.readline() == "open\n"
        cable.load("add element inet linghe more_ports { 22 }")
        far.stdin.write("\n")
        far.stdin.flush()
        assert far.stdout.readline() == "heard\n"
