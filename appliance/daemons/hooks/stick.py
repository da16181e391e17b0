"""`python -m appliance.daemons.hooks.stick FOLDER`: a USB stick was plugged in, mounted there.

Started by udev through systemd (linghe-usb@.service), which mounts it before and unmounts it after.
A stick without our marker file is left alone; one with the marker of another box is told so; ours
is given reports and a backup, and an update is taken from it. The lamp `ready` blinks quickly while
it is at work, `linghe-says.txt` on the stick says what was done, so does the log.

Exit codes: 0 done or nothing to do, 1 something failed (told on the stick), 2 not understood.
"""

import fcntl
import logging
import os
import secrets
import sys
import time
from pathlib import Path

from appliance.daemons.hooks.stick_files import StickGoneError, put
from appliance.daemons.hooks.stick_work import StickWork, note
from appliance.daemons.paths import environment
from appliance.daemons.root_asking import ask_root
from appliance.daemons.signs import Sign, give, signs, take_back
from appliance.daemons.stick_marker import MARKER, is_of_this_box, marker_on, marker_text
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.one_line import OneLineForm
from appliance.wire.privileged import InstallUpdate

logger = logging.getLogger(__name__)


def visited(paths: Paths, stick: Path) -> int:
    """Do what this stick is for. Raises StickGoneError, EquipmentError."""
    is_wanted = Sign.ADOPT in signs(paths)
    try:
        marker, wrong = marker_on(stick), ""
    except RefusedError as error:
        marker, wrong = None, str(error)
    if marker is None and not wrong and not is_wanted:
        logger.info("stick: it has no %s; left alone", MARKER)
        return 0
    give(paths, Sign.STICK, "at work")
    work = StickWork(
        paths,
        stick,
        now=Utc(time.time()),
        install=_installed,
        progress=lambda name: give(paths, Sign.STICK, name),
    )
    box_key = Secrets(paths.secrets, secrets.token_bytes).box_key()
    is_done = True
    if is_wanted:
        put(stick / MARKER, marker_text(box_key).encode())
        take_back(paths, Sign.ADOPT)
        note(paths, "stick_adopted")
        work.say("This stick now belongs to this box. Pull it out and plug it in again.")
    elif marker is None:
        work.say("Something failed: {what}.", what=wrong)
        is_done = False
    elif not is_of_this_box(marker, box_key):
        work.say(
            "This stick belongs to another box, or to none."
            " Nothing was written and nothing was taken."
        )
        is_done = False
    else:
        is_done = work.carry_out(marker)
    work.tell()
    return 0 if is_done else 1


def _installed(bundle: Path) -> str:
    return ask_root(InstallUpdate(file=str(bundle), by="USB stick"))


def main() -> int:
    """One stick at a time: a second one waits for the first."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: stick FOLDER", file=sys.stderr)
        return 2
    paths = environment().paths
    paths.make()
    lock = os.open(paths.run / "stick.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        return visited(paths, Path(sys.argv[1]))
    except StickGoneError as error:
        logger.warning("stick: %s", error)
        return 1
    except (EquipmentError, OSError) as error:
        logger.error("stick: %s", error)
        return 1
    finally:
        take_back(paths, Sign.STICK)
        os.close(lock)


if __name__ == "__main__":
    sys.exit(main())
