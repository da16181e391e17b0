"""`make image-run`: the built image in QEMU, for a person: its screen in this terminal, and a LAN
between it and this machine, on which pages, phones and calls with their sound work.

    python3 tests/image/by_hand.py [FOLDER]     FOLDER: what image-build/build made (build/image)

Runs as root, needs nothing but Python. The disk is kept in build/image-run, so that the next start
goes on with the same box; delete that folder to have a new one. ACCEL=kvm where KVM works.
"""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import dhcp
from lan import is_held, lay, lift
from machine import BOX, HERE, Machine

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build/image-run"
LOCK = Path("/run/lock/linghe-image-run")
SAID = f"""\
The box's page: http://{BOX}/ (after a minute or more)
Phones and carriers: {BOX}:5060; this machine is {HERE} there.
Below comes the box's screen: for a minute or two it only says that Linghe
starts, then it shows the one-time code. Off: Enter, 7, y.
It is kept in {KEPT.relative_to(ROOT)}."""


def main():
    """Boot it, and be its screen until it is off. Returns QEMU's exit code, or 2 with a reason."""
    made = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/image"
    images = [one for one in made.glob("linghe-*.img") if "-TEST" not in one.name]
    if os.geteuid() != 0:
        return _why_not("a network of the box's own takes root: sudo make image-run")
    if not images:
        return _why_not(f"there is no image in {made}: sudo make image")
    if not sys.stdin.isatty():
        return _why_not("the box's screen is shown in a terminal, and this is none")
    lock = LOCK.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _why_not("another make image-run has the LAN; one at a time")
    if is_held():
        return _why_not("the QEMU of an earlier make image-run is still there: end it first")
    # so that a closed terminal takes machine and tap along
    for end in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(end, lambda *_: sys.exit(143))
    lift()  # of one that was killed
    KEPT.mkdir(parents=True, exist_ok=True)
    machine = Machine(KEPT, max(images, key=lambda one: one.stat().st_mtime), gigabytes=8)
    lay()
    try:
        _calm()
        dhcp.serve()
        print(SAID, flush=True)
        input("Enter starts it. ")
        return machine.show(os.environ.get("ACCEL", "tcg"))
    except KeyboardInterrupt:
        return 0
    finally:
        _calm()
        lift()


def _calm():
    """A machine that was killed leaves the terminal as it was the screen of."""
    subprocess.run(["stty", "sane"], check=False)


def _why_not(reason):
    print(f"Not started: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
