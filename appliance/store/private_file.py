"""Files for the box's own eyes: whole or not at all, on the disk before they have their name."""

import os
from pathlib import Path


def write_private(place: Path, content: bytes) -> None:
    """Write a file of mode 0600; a power cut leaves the old one or the new one. Raises OSError."""
    new = place.with_name(place.name + ".new")
    new.unlink(missing_ok=True)
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
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
