"""`python -m appliance.daemons.hooks.ups_settings DRIVER`: NUT's files for one UPS at this box.

Run by systemd (linghe-ups-driver@.service) when udev finds a UPS; writes ups.conf, upsd.conf,
upsd.users and upsmon.conf into /etc/nut, which is memory on the box: the password between upsd and
upsmon, both on loopback, is made anew at each start and is in no image. Run again it writes them
again. The options are for other machines than the box.
"""

import argparse
import os
import re
import secrets
import sys
from pathlib import Path

from appliance.store.private_file import sync_folder

NAME = "linghe"
HOOK = f"{sys.executable} -I -m appliance.daemons.hooks.ups"
NOTIFIED = ("ONLINE", "ONBATT", "LOWBATT", "FSD", "COMMOK", "COMMBAD", "SHUTDOWN", "REPLBATT")
GROUP_READS = 0o640
FLAG = Path("/run/nut/killpower")
"""systemd's very last step finds it there (NUT's own nutshutdown) and has the UPS cut the power, so
that the box starts by itself when the mains are back."""


def files(
    *, driver: str, port: str, listen: str, user: str, flag: Path, poll: int = 5
) -> dict[str, str]:
    """Return what stands in each file."""
    password = secrets.token_urlsafe(24)
    address, _, number = listen.partition(":")
    notify = "".join(f"NOTIFYFLAG {kind} EXEC\n" for kind in NOTIFIED)
    return {
        "nut.conf": "MODE=standalone\n",
        "ups.conf": f"[{NAME}]\n  driver = {driver}\n  port = {port}\n  pollinterval = {poll}\n",
        "upsd.conf": f"LISTEN {address} {number}\n",
        "upsd.users": f"[monitor]\n  password = {password}\n  upsmon primary\n",
        "upsmon.conf": (
            f"MONITOR {NAME}@{listen} 1 monitor {password} primary\n"
            f"RUN_AS_USER {user}\n"
            "MINSUPPLIES 1\n"
            f"POLLFREQ {poll}\n"
            f"POLLFREQALERT {min(poll, 2)}\n"
            # Nobody else is on this UPS: nothing to wait for before the stop.
            "HOSTSYNC 1\n"
            "FINALDELAY 0\n"
            "DEADTIME 15\n"
            f"POWERDOWNFLAG {flag}\n"
            f'NOTIFYCMD "{HOOK}"\n'
            f'SHUTDOWNCMD "{HOOK} --low"\n'
            f"{notify}"
        ),
    }


def main() -> int:
    """Exit codes: 0 written, 1 the folder refuses, 2 not understood."""
    parser = argparse.ArgumentParser(prog="ups_settings")
    parser.add_argument("driver", help="NUT's driver: usbhid-ups, nutdrv_qx …")
    parser.add_argument("--folder", type=Path, default=Path("/etc/nut"))
    parser.add_argument("--port", default="auto", help="the driver's; a file for dummy-ups")
    parser.add_argument("--listen", default="127.0.0.1:3493")
    parser.add_argument("--user", default="nut")
    parser.add_argument(
        "--flag", type=Path, default=FLAG, help="what upsmon leaves behind for the very end"
    )
    parser.add_argument("--poll", type=int, default=5, help="seconds between two looks")
    said = parser.parse_args()
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", said.driver):
        print(f"{said.driver!r} is no driver", file=sys.stderr)
        return 2
    written = files(
        driver=said.driver,
        port=said.port,
        listen=said.listen,
        user=said.user,
        flag=said.flag,
        poll=said.poll,
    )
    try:
        for name, text in written.items():
            _put(said.folder / name, text)
        sync_folder(said.folder)
    except OSError as error:
        print(f"{said.folder}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _put(place: Path, text: str) -> None:
    """Mode 0640 from its first byte on, of the folder's group: the password is in it."""
    group = place.parent.stat().st_gid
    draft = place.with_name(place.name + ".new")
    draft.unlink(missing_ok=True)
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, GROUP_READS)
    with open(number, "w", encoding="utf-8") as file:
        os.fchown(number, -1, group)
        file.write(text)
    draft.replace(place)


if __name__ == "__main__":
    sys.exit(main())
