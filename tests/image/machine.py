"""A box in QEMU, software-emulated: its disk, its serial lines, its LAN with real addresses.

The runner lives in a network namespace of its own (see run.py): the tap `TAP` is the shop's LAN,
this side of it is `HERE`, and the box gets `BOX` by DHCP (dhcp.py). The first serial line is the
console, kept in a file; on the second one a TEST image has root's shell.
"""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

TAP = "linghe0"
HERE = "192.168.77.1"
BOX = "192.168.77.2"
MOVED = "192.168.77.3"
BOX_MAC = "52:54:00:4c:69:6e"
EMULATED = {
    "amd64": ("qemu-system-x86_64", "-machine", "q35", "-cpu", "max"),
    # the processor of a Raspberry Pi 4, so that nothing newer is taken for granted
    "arm64": ("qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72"),
}
FIRMWARE = {
    "amd64": ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    "arm64": ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
}
"""UEFI: its code, and what it remembers."""
SECOND_LINE = {
    "amd64": ("-serial", "chardev:shell"),
    "arm64": ("-device", "pci-serial,chardev=shell"),
}
"""`virt` has one serial line of its own: the second one is on a card."""
USB = ("-device", "qemu-xhci")
TEXT_MEMORY, TEXT_BYTES = 0xB8000, 0x8000
"""All that a VGA card has for letters: the screen moves through it when lines scroll."""
_KERNEL_TIME = re.compile(rb"\[ *(\d+\.\d{6})\]")


def wait_for(what, seconds, said):
    """Return what() as soon as it is true; fail with this sentence after so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for {said}")


class Machine:
    """One machine. It can be started, switched off in order, and have its power cut, many times."""

    def __init__(self, folder: Path, image: Path, *, gigabytes=4, firmware="bios", network=True):
        self.folder = folder
        self.architecture = "arm64" if "-arm64" in image.name else "amd64"
        self.firmware = "uefi" if self.architecture == "arm64" else firmware
        self.network = network
        self.disk = folder / "disk.img"
        if not self.disk.exists():
            shutil.copyfile(image, self.disk)
            with self.disk.open("r+b") as disk:
                disk.truncate(gigabytes << 30)
        self.process = None
        self.starts = 0
        self._shell = None

    def start(self, *more):
        """Switch it on. Returns at once."""
        self.starts += 1
        self.console = self.folder / f"console-{self.starts}.log"
        self._line = self.folder / "shell.sock"
        self._line.unlink(missing_ok=True)
        self._keys = self.folder / "keys.sock"
        self._keys.unlink(missing_ok=True)
        command = [
            *self._command("tcg,thread=multi", *more),
            *("-display", "none"),
            *("-chardev", f"socket,id=keys,path={self._keys},server=on,wait=off"),
            *("-mon", "chardev=keys", "-serial", f"file:{self.console}"),
            *("-chardev", f"socket,id=shell,path={self._line},server=on,wait=off"),
            *SECOND_LINE[self.architecture],
        ]
        self._shell = None
        self._log = (self.folder / f"qemu-{self.starts}.log").open("wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT
        )
        self.console.touch()

    def _command(self, accel, *more):
        """The words of QEMU, but for screen, keys and serial lines."""
        command = [
            *(*EMULATED[self.architecture], "-accel", accel),
            *("-smp", "2", "-m", "2048", *more),
            *("-drive", f"if=virtio,format=raw,file={self.disk},cache=writeback"),
            *("-device", "i6300esb", "-action", "watchdog=reset"),
            *("-device", "virtio-rng-pci"),
        ]
        if self.network:
            command += ["-netdev", f"tap,id=lan,ifname={TAP},script=no,downscript=no"]
            command += ["-device", f"virtio-net-pci,netdev=lan,mac={BOX_MAC}"]
        else:
            command += ["-nic", "none"]
        if self.firmware == "uefi":
            code, kept = FIRMWARE[self.architecture]
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}"]
            command += ["-drive", f"if=pflash,format=raw,snapshot=on,file={kept}"]
        return command

    def show(self, accel):
        """Be its screen and keyboard, in this terminal, until it is off; return QEMU's code."""
        return subprocess.run([*self._command(accel), "-display", "curses"], check=False).returncode

    def stick(self, image):
        """Return the words for `start` that plug a stick in, which the BIOS starts from."""
        return (
            *(*USB, "-drive", f"if=none,id=stick,format=raw,file={image}"),
            *("-device", "usb-storage,drive=stick,bootindex=0"),
        )

    def plug_in(self, image):
        """Put a stick into a machine that was started with `USB`."""
        self.tell_qemu(
            f"drive_add 0 if=none,id=plugged,format=raw,file={image}",
            "device_add usb-storage,drive=plugged,id=plugged",
        )

    def pull_out(self):
        """Take the stick out that was plugged in; its file is whole then."""
        self.tell_qemu("device_del plugged")
        wait_for(
            lambda: "plugged" not in self.tell_qemu("info block"), 30, "the stick to be pulled out"
        )

    def tell_qemu(self, *commands):
        """Say something to QEMU's monitor; return its answers."""
        wait_for(self._keys.exists, 30, "QEMU")
        told = b""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(30)
            monitor.connect(str(self._keys))
            for command in ("", *commands):
                if command:
                    monitor.sendall(f"{command}\n".encode())
                answer = b""
                while not answer.endswith(b"(qemu) "):
                    answer += monitor.recv(65536)
                told += answer
        return told.decode(errors="replace")

    def press(self, *keys):
        """Keys of the keyboard, one after the other, by their signs or QEMU's names."""
        for key in keys:
            name = {"/": "slash"}.get(key, f"shift-{key.lower()}" if key.isupper() else key)
            self.tell_qemu(f"sendkey {name}")
            time.sleep(0.25)

    def screen(self):
        """What a person reads on the screen: a PC's text mode, 80 columns, as it lies in memory."""
        place = self.folder / "screen.bin"
        self.tell_qemu(f'pmemsave {TEXT_MEMORY:#x} {TEXT_BYTES} "{place}"')
        letters = place.read_bytes()[::2].decode("cp437").replace("\0", " ")
        rows = [letters[at : at + 80].rstrip() for at in range(0, len(letters), 80)]
        return "\n".join(row for row in rows if row)

    def wait_for_screen(self, words, seconds):
        """Until these words stand on the screen; return all of it."""

        def seen():
            shown = self.screen()
            return shown if words in shown else ""

        try:
            return wait_for(seen, seconds, f"{words!r} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.screen()}") from None

    def is_on(self):
        """Whether QEMU runs."""
        return self.process is not None and self.process.poll() is None

    def cut_power(self):
        """What a pulled plug does."""
        if self.is_on():
            self.process.kill()
            self.process.wait(10)
        self.hang_up()

    def switch_off(self, seconds=120):
        """In order."""
        self.type("systemctl poweroff")
        self.goes_off(seconds)

    def be_off(self):
        """Switch it off where an earlier step left it on."""
        if self.is_on():
            self.switch_off()

    def push_power_button(self, seconds=120):
        """ACPI's, as at any PC: it goes off in order."""
        self.tell_qemu("system_powerdown")
        self.goes_off(seconds)

    def goes_off(self, seconds):
        """Wait until it has switched itself off."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.cut_power()
            raise AssertionError(f"the box did not switch itself off in {seconds} s") from None
        self.hang_up()

    def hang_up(self):
        """Give root's shell up; the next question opens it again."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    def said(self):
        """The console's output since the start."""
        return self.console.read_bytes().decode(errors="replace")

    def kernel_start(self, seconds=120):
        """When the kernel began (monotonic seconds of ours), by the first line with its time."""

        def stamped():
            return _KERNEL_TIME.search(self.console.read_bytes())

        found = wait_for(stamped, seconds, "the kernel's first line")
        return time.monotonic() - float(found[1])

    def type(self, text):
        """Write a line to root's shell."""
        if self._shell is None:
            self._shell = socket.socket(socket.AF_UNIX)
            self._shell.connect(str(self._line))
            self._shell.settimeout(0.5)
        self._shell.sendall(text.encode() + b"\n")

    def ask(self, command, seconds=60):
        """Run a command as root; return its exit code and what it printed."""
        end = time.monotonic() + seconds
        mark = f"{time.monotonic_ns():x}"
        self.type(f" echo; echo BEGIN''{mark}; {{ {command}\n }} 2>&1; echo END''{mark} $?")
        got = b""
        pattern = re.compile(
            rb"BEGIN%s\r?\n(.*?)END%s (\d+)" % (mark.encode(), mark.encode()), re.S
        )
        while time.monotonic() < end:
            try:
                chunk = self._shell.recv(65536)
            except TimeoutError:
                continue
            assert chunk, "the machine is off"
            got += chunk
            if found := pattern.search(got):
                return int(found[2]), found[1].decode(errors="replace").replace("\r", "")
        raise AssertionError(f"{command!r} gave no answer in {seconds} s: {got[-500:]!r}")

    def run(self, command, seconds=60):
        """Run a command as root that must succeed; return what it printed."""
        code, text = self.ask(command, seconds)
        assert code == 0, f"{command!r} ended with {code}: {text}"
        return text

    def wait_for_shell(self, seconds=300):
        """Until root's shell answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.is_on(), "QEMU ended"
            try:
                self.ask("true", 3)
                return
            except (AssertionError, OSError):
                self.hang_up()
                time.sleep(1)
        raise AssertionError(f"no shell in {seconds} s; the console says: {self.said()[-1000:]}")

    def put(self, text, place):
        """Write a small text file on the box."""
        self.run(f"cat >{place} <<'END OF FILE'\n{text}\nEND OF FILE")
