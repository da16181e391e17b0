"""The trial's steps with what is given to people: the release image. It has no shell on any line;
what a step knows, it reads from the screen, the pages or a stick, as the owner does.

The steps go on with one box, in their order: claimed, moved to another address, updated, its stick
let SSH in. Installing onto a disk begins with a stick and an empty disk each time.
"""

import contextlib
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
from pathlib import Path

from machine import BOX, HERE, MOVED, USB, Machine, wait_for
from page_reader import Pages, words_of
from peers import Caller, Phone, first_answered_call
from trial import BOOT_SECONDS, Trial

PLACE = Path(__file__).parent
NAME, PASSWORD = "olga", "test-only lanterns over the harbour"
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")
PATIENCE = 120
"""Seconds that a page may take on an emulated machine."""
PIECE = 512 * 1024
TALK_SECONDS = 15
STICK_BYTES = 64 << 20
TRIAL_SECONDS = 180
"""So long an address is on trial."""


class Delivered:
    """The release image as a box, and its owner."""

    def __init__(self, trial: Trial):
        self.folder = trial.folder / "release"
        self.folder.mkdir(exist_ok=True)
        self.image = trial.image.with_name(trial.image.name.replace("-TEST", ""))
        self.machine = Machine(self.folder, self.image)
        self.owner = Pages(f"http://{BOX}", patience=PATIENCE)

    def log_in(self, address):
        """At the page of this address, as soon as it answers."""

        def is_in():
            with contextlib.suppress(OSError, TypeError):
                owner = Pages(f"http://{address}", patience=PATIENCE)
                owner.log_in(NAME, PASSWORD)
                self.owner = owner
                return True
            return False

        wait_for(is_in, BOOT_SECONDS, f"the page at {address}")

    def answers_at(self, address):
        """Whether somebody there shows a page."""
        with contextlib.suppress(OSError):
            return bool(Pages(f"http://{address}", patience=10).read("/health"))
        return False

    def state(self):
        """What the page "This box" says."""
        return self.owner.words("/box/")

    def see_state(self, words, seconds=BOOT_SECONDS):
        """Until the page "This box" says so."""

        def seen():
            with contextlib.suppress(OSError):
                return words in self.state()
            return False

        wait_for(seen, seconds, f"{words!r} on the page This box")

    def send_file(self, file):
        """In pieces, as the page's script does; return the upload's name."""
        upload, token = secrets.token_hex(16), self.owner.token("/box/")
        with file.open("rb") as content:
            while True:
                at = content.tell()
                piece = content.read(PIECE)
                if not piece:
                    return upload
                headers = {
                    "Content-Type": "application/octet-stream",
                    "X-CSRFToken": token, "X-Upload": upload, "X-Offset": str(at),
                }  # fmt: skip
                self.owner.post("/box/piece", piece, PATIENCE, headers)


def _delivered(trial):
    """The one box of these steps; switched on where it is off."""
    box = trial.delivered
    if box is None:
        trial.machine.cut_power()
        box = trial.delivered = Delivered(trial)
    if not box.machine.is_on():
        box.machine.start(*USB)
    return box


def _fields(page):
    """The hidden fields of a page's forms; of several with one name the first."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in reversed(found)}


def a_release_is_claimed(trial):
    """Boots, shows its code on the screen and nowhere else, is claimed by it, is given its site on
    a page, takes a call, and has it in the list and in the day's report."""
    box = _delivered(trial)
    machine = box.machine
    seconds = -machine.kernel_start() + first_answered_call(BOOT_SECONDS)
    shown = machine.wait_for_screen("One-time code", BOOT_SECONDS)
    code = CODE.search(shown)[0]
    assert BOX in shown, shown
    assert code not in machine.said(), "the code is told at the serial line as well"
    has_no_shell(machine)

    owner = box.owner
    wait_for(lambda: box.answers_at(BOX), BOOT_SECONDS, "the page")
    claim = {"code": code, "name": NAME, "password": PASSWORD, "again": PASSWORD}
    owner.send("/claim", claim, page="/claim")
    wait_for(lambda: CODE.search(machine.screen()) is None, 60, "the code to leave the screen")

    text = (PLACE / "site.toml").read_text()
    checked = owner.send("/site/check", {"text": text})
    assert "Anna" in checked, words_of(checked)[:500]
    began = time.monotonic()
    owner.send("/site/apply", {**_fields(checked), "text": text})
    wait_for(lambda: "Bread" in owner.words("/site/"), BOOT_SECONDS, "the site to be applied")
    took = time.monotonic() - began

    with contextlib.ExitStack() as stack:
        phone = Phone(box.folder)
        stack.callback(phone.stop)
        phone.wait("200 OK", 120)
        caller = Caller(box.folder, TALK_SECONDS)
        stack.callback(caller.stop)
        phone.wait("Call established", 120)
        caller.finish(120)
    (call,) = re.findall(r'class="row-link" href="([^"]+)"', owner.read("/calls/?queue=orders"))[:1]
    wait_for(
        lambda: "recording stored" in owner.words(call), 90, "the recording in the call's timeline"
    )
    report = owner.read("/today/day.csv")
    assert "Orders" in report, report[:500]
    return (
        f"{seconds:.0f} s to the first answered call; claimed by the code on its screen, site"
        f" applied on a page ({took:.0f} s), call, list and report; no shell"
    )


def has_no_shell(machine):
    """Nobody answers on the second serial line."""
    try:
        machine.ask("true", 5)
    except AssertionError:
        machine.hang_up()
        return
    raise AssertionError("somebody answers on the second serial line")


def its_owner_moves_it(trial):
    """Another address by the page "This box": not kept, it goes back by itself; kept, it stays."""
    box = _delivered(trial)
    box.log_in(BOX)
    asked = {"way": "fixed", "address": f"{MOVED}/24", "gateway": HERE, "dns": HERE}
    box.owner.send("/box/network", asked)
    began = time.monotonic()
    wait_for(lambda: box.answers_at(MOVED), 60, "the page at the new address")
    moved = time.monotonic() - began
    wait_for(lambda: box.answers_at(BOX), TRIAL_SECONDS + 60, "the page at the former address")
    back = time.monotonic() - began
    assert back > TRIAL_SECONDS / 2, f"it went back after {back:.0f} s already"

    box.log_in(BOX)
    box.owner.send("/box/network", asked)
    box.log_in(MOVED)
    assert "on trial" in box.state(), box.state()[:500]
    box.owner.send("/box/network/keep", {}, page="/box/")
    assert "on trial:" not in box.state(), box.state()[:500]
    return f"there after {moved:.0f} s, back by itself after {back:.0f} s; kept, it stays"


def its_owner_updates_it(trial):
    """An update by the page, and a restart by it: the other slot runs and is good, at the address
    that was kept; the screen's menu brings DHCP back."""
    box = _delivered(trial)
    box.log_in(MOVED)
    bundle = box.image.with_suffix(".raucb")
    before = re.search(r"slot ([AB])", box.state())[1]
    began = time.monotonic()
    upload = box.send_file(bundle)
    sent = time.monotonic() - began
    fields = {"upload": upload, "name": bundle.name, "own_password": "not this one"}
    with contextlib.suppress(urllib.error.HTTPError):
        raise AssertionError(box.owner.send("/box/update", fields))
    box.owner.send("/box/update", fields | {"own_password": PASSWORD})
    box.see_state("is installed. It is used from the next start")
    written = time.monotonic() - began - sent
    box.owner.send("/box/restart", {"act": "restart", "word": "restart", "when": "now"})
    wait_for(lambda: not box.answers_at(MOVED), 120, "the restart")
    box.log_in(MOVED)
    other = {"A": "B", "B": "A"}[before]
    box.see_state(f"slot {other}")
    wait_for(
        lambda: "Last health check –" not in box.state() and "not proven" not in box.state(),
        BOOT_SECONDS,
        "the new slot to be proven",
    )

    machine = box.machine
    machine.press("ret")
    machine.wait_for_screen("Rescue menu", 30)
    machine.press("1", "y")
    wait_for(lambda: box.answers_at(BOX), 90, "DHCP's address")
    machine.press("spc")  # what was done is shown until a key
    return (
        f"sent in {sent:.0f} s, checked and written in {written:.0f} s; slot {other} at the kept"
        " address; the screen's menu brings DHCP back"
    )


def its_stick_lets_ssh_in(trial):
    """The screen's menu makes a stick the box's own; plugged in it is given reports and a backup;
    with `ssh = true` and a key, SSH is on; without the key it is off again. The screen's menu
    switches the box off."""
    box = _delivered(trial)
    wait_for(lambda: box.answers_at(BOX), BOOT_SECONDS, "the page")
    box.machine.wait_for_screen("The box is up", BOOT_SECONDS)
    stick = Stick(box.folder / "stick.img")
    machine = box.machine
    machine.press("esc", "ret")
    machine.wait_for_screen("Rescue menu", 30)
    machine.press("4", "y")
    machine.wait_for_screen("Plug the stick in", 30)
    machine.press("esc", "esc")
    stick.visit(machine, "belongs to this box")
    marker = stick.read("linghe-stick.toml")

    stick.visit(machine, "ackup")
    kept = stick.names()
    assert re.search(r"daily-\d{4}-\d\d-\d\d\.csv", kept), kept
    assert re.search(r"linghe-\d{8}-\d{4}", kept), kept

    key = box.folder / "key"
    key.unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "trial", "-f", key], check=True
    )
    assert not _lets_in(key), "SSH is on before anybody let it in"
    quiet = marker.replace("backup = true", "backup = false")
    stick.write("linghe-stick.toml", quiet.replace("ssh = false", "ssh = true"))
    stick.write("ssh-key.pub", key.with_suffix(".pub").read_text())
    stick.visit(machine, "SSH")
    told = wait_for(lambda: _lets_in(key), 60, "SSH")
    assert "Linghe" in told, told
    with subprocess.Popen(_by_ssh(key, "echo in; sleep 3600"), stdout=subprocess.PIPE) as session:
        try:
            assert session.stdout.readline() == b"in\n"
            stick.remove("ssh-key.pub")
            stick.visit(machine, "SSH")
            session.wait(60)  # who was in is thrown out
        finally:
            session.kill()
    wait_for(lambda: not _lets_in(key), 60, "SSH to be off again")
    machine.press("esc", "ret")
    machine.wait_for_screen("Rescue menu", 30)
    machine.press("7", "y")
    machine.goes_off(120)
    return (
        "a stick made its own by the screen, given reports and a backup; SSH let in, and out;"
        " off by the screen's menu"
    )


def _by_ssh(key, command):
    words = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    words += ("-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-i", str(key))
    return ["ssh", *words, f"root@{BOX}", command]


def _lets_in(key):
    """What root's shell says of the system by SSH; nothing where nobody is let in."""
    asked = _by_ssh(key, "grep PRETTY_NAME /usr/lib/os-release")
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else ""


class Stick:
    """A stick as sold: one FAT32 file system, looked at on this side while it is pulled out."""

    def __init__(self, file: Path):
        self.file = file
        file.unlink(missing_ok=True)
        with file.open("wb") as whole:
            whole.truncate(STICK_BYTES)
        subprocess.run(["mkfs.vfat", "-F", "32", "-n", "STICK", file], check=True, timeout=60)

    def visit(self, machine, words):
        """Plug it in, wait until the box has had its say, with these words; pull it out."""
        before = self.said()
        machine.plug_in(self.file)
        wait_for(lambda: self.said() not in ("", before), 300, "linghe-says.txt")
        time.sleep(3)  # until it is unmounted
        machine.pull_out()
        said = self.said()
        assert words in said, said

    def said(self):
        """What the box wrote for a person; nothing as long as it did not."""
        return self.read("linghe-says.txt")

    def _mtools(self, program, *words):
        return subprocess.run(
            [program, "-i", self.file, *words], capture_output=True, text=True, check=False
        ).stdout

    def read(self, name):
        """A file of text."""
        return self._mtools("mtype", f"::{name}")

    def names(self):
        """All that is on it."""
        return self._mtools("mdir", "-/", "-b", "::")

    def write(self, name, text):
        """Put a file of text on it."""
        place = self.file.with_name("written")
        place.write_text(text)
        self._mtools("mcopy", "-o", place, f"::{name}")

    def remove(self, name):
        """Delete a file."""
        self._mtools("mdel", f"::{name}")


MENU_SECONDS = 90
"""Until a BIOS has read the loader from a stick."""


def install_from_a_stick(trial):
    """Esc while the loader starts, Install, a disk's name, ERASE: the disk is a box of its own."""
    trial.machine.cut_power()
    folder = trial.folder / "installed"
    folder.mkdir(exist_ok=True)
    stick, disk = folder / "stick.img", folder / "disk.img"
    shutil.copyfile(trial.image, stick)
    for file, gigabytes in ((stick, 4), (disk, 6)):
        with file.open("ab" if file is stick else "wb") as whole:
            whole.truncate(gigabytes << 30)
    machine = Machine(folder, trial.image)
    machine.start(*machine.stick(stick))
    try:
        end = time.monotonic() + MENU_SECONDS
        while "Install on a disk" not in machine.screen():
            assert time.monotonic() < end, f"no menu; the screen shows:\n{machine.screen()}"
            machine.press("esc")
        machine.press("down", "ret")
        shown = machine.wait_for_screen("Which disk?", BOOT_SECONDS)
        assert "/dev/vda" in shown, shown
        machine.press(*"/dev/vda", "ret")
        machine.wait_for_screen("Type ERASE", 60)
        began = time.monotonic()
        machine.press(*"ERASE", "ret")
        machine.wait_for_screen("Enter starts the machine again", 1200)
        assert "Done." in machine.screen(), machine.screen()
        wrote = time.monotonic() - began
    finally:
        machine.cut_power()
    stick.unlink()
    box = Trial(folder, trial.image, trial.bundle, machine)
    try:
        seconds = box.start()
        assert box.slot() == "A"
    finally:
        machine.cut_power()
    disk.unlink()
    return (
        f"by the loader's menu, {wrote:.0f} s to write; the disk starts alone,"
        f" {seconds:.0f} s to the first answered call"
    )
