"""Files for the box's own eyes: whole or not at all, on the disk before they have their name.

For its own user alone, or for the group that the box is (store/shared.py).
"""

import os
import stat
from pathlib import Path

from appliance.store.shared import is_shared


def open_own(place: Path, flags: int) -> int:
    """Open a file that only the box may read; the flags say whether it is made. Raises OSError,
    also for a link: whoever may lay one there chooses no other file of root's."""
    number = os.open(place, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if flags & os.O_CREAT and is_shared(place.parent):
        found = os.fstat(number)
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != 0o660:
            os.fchmod(number, 0o660)
    return number


def make_folder(place: Path) -> None:
    """Make a folder that only the box may read, where it is not there yet. Raises OSError."""
    if place.is_dir():
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The group's bit is handed down by the kernel itself (mkdir(2)).
    place.mkdir(mode=0o770 if is_shared(place.parent) else 0o700, exist_ok=True)


def write_private(place: Path, content: bytes) -> None:
    """Write a file of the box's own; a power cut leaves the old or the new one. Raises OSError."""
    new = place.with_name(place.name + ".new")
    new.unlink(missing_ok=True)
    number = open_own(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with open(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(number)
    new.replace(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk: a file that is there may still have none after a power
    cut. Raises OSError."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def synced(place: Path) -> None:
    """Bring a file's content, or a folder's names, to the disk. Raises OSError."""
    if place.is_dir():
        sync_folder(place)
        return
    number = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
