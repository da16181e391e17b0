"""Files on a stick that may be pulled out at any moment: whole under their name, or not there.

Written as `name.part`, synced, renamed, synced again, the folder synced. FAT has no journal; this
order is what keeps the files that were there before. Where a file begins and how long it is stand
in its name's entry there, and Linux writes them into the new one only when the *file* is written
out once more (fs/fat/namei_vfat.c, vfat_rename): with the folder alone it would be an empty file.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from appliance.store.backup import NO_ROOM
from appliance.store.private_file import sync_folder
from appliance.vocabulary.errors import EquipmentError

CHUNK = 1 << 20
GONE = (errno.EIO, errno.ENODEV, errno.ENXIO, errno.EROFS, errno.ESHUTDOWN)
"""EROFS: what FAT becomes when its device fails."""


class StickFullError(EquipmentError):
    """There is no room for a file."""


class StickGoneError(EquipmentError):
    """It was pulled out, or is broken."""


def put(place: Path, content: bytes) -> None:
    """Write a small file. Raises StickFullError, StickGoneError, EquipmentError."""
    _written(place, lambda number: _write_all(number, content))


def copy(source: Path, place: Path, progress: Callable[[], None]) -> None:
    """Copy a file. Raises as `put` does; a source that has gone meanwhile is passed over."""

    def fill(number: int) -> None:
        with reading:
            while chunk := reading.read(CHUNK):
                _write_all(number, chunk)
                progress()

    try:
        reading = source.open("rb")
    except FileNotFoundError:
        return
    _written(place, fill)


def _written(place: Path, fill: Callable[[int], None]) -> None:
    draft = place.with_name(place.name + ".part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            fill(number)
            os.fsync(number)
            draft.replace(place)
            os.fsync(number)
        finally:
            os.close(number)
        sync_folder(place.parent)
    except OSError as error:
        _remove(draft)
        raise trouble(place.name, error) from error


def trouble(name: str, error: OSError) -> EquipmentError:
    """Return what an error of the stick means."""
    if error.errno in NO_ROOM:
        return StickFullError(f"no room for {name}")
    if error.errno in GONE:
        return StickGoneError(f"the stick was pulled out, or is broken, at {name}")
    return EquipmentError(f"{name}: {error.strerror or error}")


def _write_all(number: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(number, view) :]


def _remove(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError:
        return
