"""The trial's steps: what a box must be able to do, each step on its own, with its figures.

A step is a function of the `Trial`; it says what was found (a figure for the table) or fails by
an AssertionError. Steps run in the order of `STEPS` and go on with the machine as it was left.
"""

import contextlib
import json
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from machine import BOX, Machine, wait_for
from peers import Caller, Phone, first_answered_call

BOOT_SECONDS = 600
TURNS = 3
PLACE = Path(__file__).parent
DELIVERED_WITH = "4c696e67-"
"""How the identities of partitions begin in the image (image-build/loader/disk.cfg)."""
MOST_APART_SECONDS = 5
"""Talk and recording: each begins when its process gets to it, which an emulated machine delays."""
BYTES_A_SECOND = 16000
"""Of a recording: two sides of A-law at 8 kHz."""


@dataclass
class Trial:
    """One box under trial."""

    folder: Path
    image: Path
    bundle: Path
    machine: Machine
    delivered: object = None
    """The release's box, once there is one (delivered.py)."""

    def start(self, *more, until_healthy=True):
        """Switch the box on (with `more` words for QEMU) and wait until it has proven itself:
        shell, health, no failed unit. Returns the seconds to its first answered call."""
        self.machine.start(*more)
        began = self.machine.kernel_start()
        answered = first_answered_call(BOOT_SECONDS)
        self.machine.wait_for_shell()
        if until_healthy:
            self.is_healthy()
        return answered - began

    def be_on(self):
        """Switch the box on where an earlier step left it off."""
        if not self.machine.is_on():
            self.start()

    def is_healthy(self):
        """The health check of this start has passed and no unit has failed."""
        wait_for(
            lambda: (
                self.machine.ask("systemctl is-active linghe-health.service")[1].strip()
                in ("active", "failed")
            ),
            BOOT_SECONDS,
            "the health check",
        )
        self.has_no_failed_unit()

    def has_no_failed_unit(self):
        """No unit has failed so far."""
        code, failed = self.machine.ask("systemctl --failed --no-legend --plain")
        if code or failed.strip():
            log = self.machine.ask("journalctl -b --no-pager -p warning | tail -60")[1]
            raise AssertionError(f"failed units: {failed}\n{log}")

    def slot(self):
        """A or B, as the loader chose."""
        words = self.machine.run("cat /proc/cmdline").split()
        return next(word.partition("=")[2] for word in words if word.startswith("rauc.slot="))

    def loader_memory(self):
        """What the loader knows of the slots, a line each."""
        return self.machine.run("grub-editenv /efi/linghe/grubenv list")

    def linghe(self, words, seconds=180):
        """Run the command line as root."""
        return self.machine.run(f"LINGHE_DATA=/data/linghe linghe {words}", seconds)

    def known(self):
        """The ids of all calls; none may ever be missing."""
        return {call["call"] for call in self.calls()}

    def calls(self):
        """The ledger."""
        return json.loads(self.linghe("calls --json"))

    @contextlib.contextmanager
    def talk(self, seconds):
        """A call from outside that has come through menu and queue to the phone."""
        phone = Phone(self.folder)
        caller = None
        try:
            phone.wait("200 OK", 120)
            caller = Caller(self.folder, seconds)
            phone.wait("Call established", 120)
            yield caller
        finally:
            phone.stop()
            if caller is not None:
                caller.stop()


def boots_beside_its_base(trial):
    """From kernel start, a box's first answered call against the login prompt of Debian's base
    alone: first starts in turns, for a shared machine's pace changes from minute to minute."""
    trial.machine.cut_power()
    pairs = [(_base_starts(trial), _new_box_starts(trial)) for _ in range(TURNS)]
    base, box = (statistics.median(kind) for kind in zip(*pairs, strict=True))
    ratios = sorted(one / other for other, one in pairs)
    return (
        f"{box:.0f} s to the first answered call, the base {base:.0f} s to its login prompt"
        f" (medians of {TURNS} each, in turns): {statistics.median(ratios):.1f} times,"
        f" from {ratios[0]:.1f} to {ratios[-1]:.1f}; the goal is 2"
    )


def _base_starts(trial):
    with _alone(trial, next(trial.image.parent.glob("bare-*.img")), network=False) as machine:
        machine.start()
        began = machine.kernel_start()
        wait_for(lambda: "login:" in machine.said(), BOOT_SECONDS, "the login prompt")
        return time.monotonic() - began


def _new_box_starts(trial):
    with _alone(trial, trial.image) as machine:
        machine.start()
        began = machine.kernel_start()
        return first_answered_call(BOOT_SECONDS) - began


@contextlib.contextmanager
def _alone(trial, image, **how):
    """A machine with a new disk, for this once."""
    folder = Path(tempfile.mkdtemp(prefix="alone-", dir=trial.folder))
    machine = Machine(folder, image, **how)
    try:
        yield machine
    finally:
        machine.cut_power()
        shutil.rmtree(folder)


def boots(trial):
    """From kernel start to the first answered call; every unit up; the page."""
    seconds = trial.start()
    # a program that the small system has not
    assert ": not found" not in trial.machine.said(), trial.machine.said()
    with urllib.request.urlopen(f"http://{BOX}/", timeout=60) as page:
        assert page.status == 200, page.status
    assert trial.slot() == "A"
    return f"{seconds:.0f} s to the first answered call, every unit up, page answers"


def starts_again(trial):
    """Stopped by its power button; the second start: partitions are there, keys are there, the
    machine id is the same, and the disk is found by an identity of its own."""
    before = trial.machine.run("cat /etc/machine-id").strip()
    trial.machine.push_power_button()
    seconds = trial.start()
    after = trial.machine.run("cat /etc/machine-id").strip()
    assert before == after and before, (before, after)
    told = trial.machine.run("cat /proc/cmdline")
    assert "root=PARTUUID=" in told and DELIVERED_WITH not in told.lower(), told
    return f"{seconds:.0f} s to the first answered call"


def takes_a_call(trial):
    """A site; a phone registers; a caller is answered, queued, talks, is recorded; both processes
    are killed in his call; the report has him."""
    machine = trial.machine
    machine.put((PLACE / "site.toml").read_text(), "/run/site.toml")
    trial.linghe("apply /run/site.toml", 600)
    known = trial.known()
    with trial.talk(60) as caller:
        time.sleep(5)
        for unit in ("linghe-media@0", "linghe-control"):
            machine.run(f"systemctl kill --signal=KILL {unit}.service")
            time.sleep(8)
            wait_for(
                lambda unit=unit: (
                    machine.ask(f"systemctl is-active {unit}.service")[1].strip() == "active"
                ),
                90,
                f"{unit} to come back",
            )
        caller.finish(120)
    return settled(trial, known, least_seconds=50)


def settled(trial, known, least_seconds):
    """Return what stands of the one talk since the calls `known` in ledger, timeline, report and
    recording."""

    def one():
        talks = [
            call
            for call in trial.calls()
            if call.get("extension") == "8001" and call["call"] not in known
        ]
        assert len(talks) <= 1, talks
        return talks[0] if talks and talks[0].get("ended") else None

    call = wait_for(one, 90, "the ledger to close the call")
    told = trial.linghe(f"calls {call['call']}")
    for words in ("8001 answered", "talk with 8001 begins", "recording stored"):
        wait_for(
            lambda words=words: words in trial.linghe(f"calls {call['call']}"),
            90,
            f"{words!r} in the timeline: {told}",
        )
    report = trial.linghe("report daily --format csv")
    assert "Orders" in report or "orders" in report, report
    (kept,) = next(one for one in trial.calls() if one["call"] == call["call"])["recordings"]
    size = trial.machine.run(f"stat -c %s /data/linghe/recordings/{kept['file']}")
    recorded = int(size) / BYTES_A_SECOND
    assert recorded >= least_seconds, f"{recorded:.1f} s recorded of {least_seconds} s at least"
    apart = abs(recorded - call["talk"])
    assert apart <= MOST_APART_SECONDS, f"{recorded:.1f} s recorded, {call['talk']} s of talk"
    talk = f"answered, queued, {call['talk']:.0f} s of talk in the record"
    return f"{talk}, {recorded:.0f} s recorded, in the report"


def power_cut_in_a_call(trial):
    """The plug is pulled in a talk: the record is there, the recording up to the last second."""
    machine, known = trial.machine, trial.known()
    with trial.talk(300):
        # the agent's number is announced first, for some three seconds
        time.sleep(20)
        machine.cut_power()
    trial.start()
    return settled(trial, known, least_seconds=15)


def place_of(partition, disk):
    """Where a partition begins on a disk's file, bytes."""
    found = subprocess.run(
        ["sfdisk", "--json", disk], capture_output=True, text=True, check=True
    ).stdout
    table = json.loads(found)["partitiontable"]
    begins = {one.get("name"): one["start"] for one in table["partitions"]}
    return begins[partition] * table["sectorsize"]


def restarts(trial, command, shown):
    """Ask for something that ends in a restart, and says this on the screen then; wait for that."""
    machine = trial.machine
    before = machine.run("cat /proc/sys/kernel/random/boot_id")
    machine.ask(command, 60)
    machine.hang_up()
    machine.wait_for_screen(shown, BOOT_SECONDS)

    def is_another_start():
        with contextlib.suppress(AssertionError, OSError):
            machine.wait_for_shell(30)
            return machine.run("cat /proc/sys/kernel/random/boot_id") != before
        return False

    wait_for(is_another_start, BOOT_SECONDS, "the start after it")
    wait_for(
        lambda: machine.ask("systemctl is-active linghe-control.service")[1].strip() == "active",
        BOOT_SECONDS,
        "call control",
    )


KEEP, WIPE = (
    f"LINGHE_DATA=/data/linghe linghe factory-reset --{how}-recordings" for how in ("keep", "wipe")
)


def forgets(trial, asked):
    """Reset by this command; the machine starts again by itself. Returns how many recordings are
    left."""
    machine = trial.machine
    restarts(trial, asked, "Leave it switched on")
    trial.has_no_failed_unit()
    assert machine.ask("test -e /data/factory-reset")[0] != 0, "the wish is still there"
    site = trial.linghe("export")
    assert "8001" not in site, site[:300]
    return int(machine.run("find /data/linghe/recordings -type f -size +64k | wc -l"))


def factory_reset_keeps_recordings(trial):
    """Everything is forgotten but the recordings."""
    kept = forgets(trial, KEEP)
    assert kept >= 1, "the recordings went too"
    return f"site and calls gone, {kept} recordings kept"


def factory_reset_wipes_recordings(trial):
    """Everything is forgotten."""
    left = forgets(trial, WIPE)
    trial.is_healthy()
    assert left == 0, f"{left} recordings are left"
    return "site, calls and recordings gone"


def boots_by_uefi(trial):
    """The same disk in a machine with UEFI."""
    trial.machine.switch_off()
    usual, trial.machine.firmware = trial.machine.firmware, "uefi"
    try:
        told = f"{trial.start():.0f} s to the first answered call"
    finally:
        trial.machine.firmware = usual
    # the next step's screen is a PC's text again, which can be read in its memory
    trial.machine.switch_off()
    return told


def data_that_cannot_be_read(trial):
    """The screen says so, and makes the partition anew after a typed word."""
    machine = trial.machine
    machine.switch_off()
    with machine.disk.open("r+b") as disk:
        disk.seek(place_of("data", machine.disk))
        disk.write(bytes(64 << 20))
    machine.start()
    machine.wait_for_screen("cannot be read", BOOT_SECONDS)
    machine.press(*"wipe", "ret")
    first_answered_call(BOOT_SECONDS)
    machine.wait_for_shell()
    trial.is_healthy()
    return "said on the screen; made anew after the word, takes calls"
