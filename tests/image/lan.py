"""The shop's LAN: a tap in a network namespace of its own, seen by nobody else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from machine import HERE, TAP

INSIDE = "LINGHE_IMAGE_TRIAL_INSIDE"
WORDS = (
    "ip link set lo up",
    f"ip tuntap add {TAP} mode tap",
    f"ip address add {HERE}/24 dev {TAP}",
    f"ip link set {TAP} up",
)


def alone_in_a_network():
    """Go on as the same program in a namespace of its own."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    # in order, so that the machine and the phone end with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def lay():
    """Make the tap."""
    for words in WORDS:
        subprocess.run(words.split(), check=True)


def lift():
    """Take the tap away again, if there is one; in a namespace of its own it goes by itself."""
    subprocess.run(["ip", "link", "delete", TAP], stderr=subprocess.DEVNULL, check=False)


def is_held():
    """Whether a machine is at the tap: a tap has a carrier while a process holds it."""
    try:
        return Path(f"/sys/class/net/{TAP}/carrier").read_text().strip() == "1"
    except OSError:  # no tap, or it is down
        return False


def why_not():
    """Return why this machine cannot have such a LAN, or nothing."""
    tried = subprocess.run(
        ["unshare", "--net", "sh", "-ec", "\n".join(WORDS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return tried.stderr.strip() if tried.returncode else ""
