"""The machine as the actions see it: where its files are, and how its programs are run."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.store.private_file import sync_folder
from appliance.vocabulary.errors import EquipmentError

PATIENCE_S = 60.0
PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin"

Run = Callable[[Sequence[str], float], str]
"""Runs a program with these arguments, for so many seconds at most; returns what it printed.
Raises EquipmentError with its last words."""


def run(command: Sequence[str], seconds: float = PATIENCE_S) -> str:
    """Run a program to its end, without a shell. Raises EquipmentError."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": PROGRAMS, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise EquipmentError(f"{command[0]} is not there: this machine is no Linghe box.") from (
            error
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EquipmentError(f"{command[0]} did not end: {error}.") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        last = words[-1][:300] if words else f"exit code {done.returncode}"
        raise EquipmentError(f"{command[0]}: {last}")
    return done.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine; in tests a folder that looks like one."""

    root: Path = Path("/")
    data: Path = Path("/data/linghe")
    """LINGHE_DATA."""
    run: Run = run

    @property
    def settings(self) -> Path:
        """What was set on this box for the system itself: networkd's and nft's files."""
        return self.root / "data/network"

    @property
    def networkd(self) -> Path:
        """Where systemd-networkd looks until the next start."""
        return self.root / "run/systemd/network"

    @property
    def ssh(self) -> Path:
        """Keys that are let in, and the host's own."""
        return self.root / "data/ssh"

    @property
    def updates(self) -> Path:
        """Update files wait here."""
        return self.data / "updates"

    @property
    def trial(self) -> Path:
        """Which slot an update was written to, until a start judged it."""
        return self.root / "data/update-pending"

    @property
    def address_trial(self) -> Path:
        """A new address that nobody has confirmed yet; goes with the boot."""
        return self.root / "run/linghe/address-trial.json"

    @property
    def judged(self) -> Path:
        """How the last start was judged."""
        return self.root / "data/last-start.json"

    @property
    def reset(self) -> Path:
        """A wish for a factory reset; systemd/factory-reset fulfils it at the next start."""
        return self.root / "data/factory-reset"

    @property
    def last_time(self) -> Path:
        """A file of timesyncd's: its date is the last time that was known."""
        return self.root / "data/timesync/clock"

    @property
    def zones(self) -> Path:
        """The table of time zones."""
        return self.root / "usr/share/zoneinfo"

    @property
    def command_line(self) -> Path:
        """What the loader told the kernel."""
        return self.root / "proc/cmdline"

    @property
    def boot(self) -> str:
        """The name of this start of the machine, as the kernel gave it; "" where it gives none."""
        try:
            return (self.root / "proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except (OSError, UnicodeError):
            return ""


def write_whole(place: Path, content: str, mode: int) -> None:
    """Write a file whole or not at all, and over a power cut. Raises EquipmentError."""
    new = place.with_name(f".{place.name}.new")
    try:
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(number, "w", encoding="utf-8") as file:
            os.fchmod(number, mode)
            file.write(content)
            file.flush()
            os.fsync(number)
        new.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        raise EquipmentError(f"{place} cannot be written: {error.strerror}.") from error


def remove(place: Path) -> None:
    """Remove a file, if it is there. Raises EquipmentError."""
    try:
        place.unlink(missing_ok=True)
        if place.parent.is_dir():
            sync_folder(place.parent)
    except OSError as error:
        raise EquipmentError(f"{place} cannot be removed: {error.strerror}.") from error
