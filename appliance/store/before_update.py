"""What the box knew before an update's first start, for the case that the update does not work.

A new version may bring the databases up to its own form at its first start (schema.py), and the
version before refuses what is newer than itself. So a box that goes back to its old slot after
three tries would stand there without its settings. Therefore:

*keep*       before anything of an untried version runs: a whole copy of each database, and of what
             control remembers. It is there once, as of before the first try.
*give_back*  before anything of the old version runs again: a database that has become too new is
             put aside, never removed, and its copy takes its place. What is not newer stays: calls
             that were taken meanwhile are in it.
*forget*     when a start was judged good.
*thin_out*   when an update was judged good: of what updates before it had written and did not get
             to keep, the newest folder stays, for the calls in it; the older ones go.

All is done by rename, the copy last, so that a power cut at any moment lets the same be done again.
"""

import os
import shutil
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from appliance.store.backup_file import DATABASES, STATE
from appliance.store.counted import asides, next_aside
from appliance.store.database_copy import copy_database
from appliance.store.places import Paths
from appliance.store.private_file import make_folder, sync_folder, synced, write_private
from appliance.store.schema import Family
from appliance.store.shared import file_mode
from appliance.vocabulary.errors import EquipmentError

FOLDER = "before-update"
ASIDE = "failed-update"
"""Folders `failed-update-NUMBER-TIME` under LINGHE_DATA: what an update had written that was taken
back."""
_WHOLE, _RETURNED = "whole", "returned"
MARGIN = 64 << 20
"""Bytes that must be left on the disk besides."""


def keep(paths: Paths) -> bool:
    """Copy what there is; False when that was done before an earlier try. EquipmentError."""
    folder = paths.root / FOLDER
    if (folder / _WHOLE).exists():
        return False
    draft = folder / "new"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        _check_room(paths)
        make_folder(draft)
        for name in DATABASES:
            if _is_there(paths.root / name):
                copy_database(paths.root / name, draft / name)
        if _is_there(paths.root / STATE):
            make_folder((draft / STATE).parent)
            write_private(draft / STATE, (paths.root / STATE).read_bytes())
        for place in sorted(draft.rglob("*"), reverse=True):
            synced(place)
        draft.rename(folder / _WHOLE)
        sync_folder(folder)
    except (OSError, sqlite3.Error) as error:
        # not left on a disk that is full: the version before starts there next
        shutil.rmtree(draft, ignore_errors=True)
        raise EquipmentError(f"The data cannot be copied before the update: {error}.") from error
    return True


def give_back(paths: Paths, stamp: str) -> str:
    """Put copies in the place of what is too new; return the folder's name in which that lies now,
    "" where nothing was too new. `stamp` tells people when. EquipmentError."""
    whole = paths.root / FOLDER / _WHOLE
    if not whole.is_dir():
        return ""
    try:
        aside = _returned_before(paths) or next_aside(paths.root, ASIDE, stamp)
        newer = [name for name, family in DATABASES.items() if _is_newer(paths.root / name, family)]
        if not newer and not (paths.root / aside).exists():
            return ""
        write_private(paths.root / FOLDER / _RETURNED, f"{aside}\n".encode())
        make_folder(paths.root / aside)
        for name in newer:
            _put_aside(paths.root / name, paths.root / aside / Path(name).name)
        if (paths.root / aside / "calls.db").exists():
            # It speaks of calls that the old ledger does not have.
            _put_aside(paths.root / STATE, paths.root / aside / Path(STATE).name)
        for name in (*DATABASES, STATE):
            _put_back(whole / name, paths.root / name, paths.root / aside / Path(name).name)
    except (OSError, sqlite3.Error) as error:
        raise EquipmentError(f"The data cannot be given back after the update: {error}.") from error
    return aside


def forget(paths: Paths) -> str:
    """Remove the copies, after a start was judged or for another update; return where too new data
    was put, or "". OSError when they are still there."""
    folder = paths.root / FOLDER
    aside = _returned_before(paths)
    # first by name, so that half of them never counts as whole
    shutil.rmtree(folder / "old", ignore_errors=True)
    with suppress(FileNotFoundError):
        (folder / _WHOLE).rename(folder / "old")
    shutil.rmtree(folder, ignore_errors=True)
    return aside


def thin_out(paths: Paths) -> None:
    """Remove all folders of updates that were taken back but the newest; one that cannot be
    removed stays for the next time. What they are counted by tells their age, no clock does."""
    for older in asides(paths.root, ASIDE)[:-1]:
        shutil.rmtree(older, ignore_errors=True)


def _check_room(paths: Paths) -> None:
    names = [name for name in (*DATABASES, STATE) if _is_there(paths.root / name)]
    wanted = sum((paths.root / name).stat().st_size for name in names) + MARGIN
    free = shutil.disk_usage(paths.root).free
    if free < wanted:
        raise EquipmentError(
            f"The data cannot be copied before the update: it needs {wanted >> 20} MB of room, "
            f"the disk has {free >> 20} MB free."
        )


def _returned_before(paths: Paths) -> str:
    try:
        name = (paths.root / FOLDER / _RETURNED).read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""
    # others may write there: no name leads out of LINGHE_DATA
    is_ours = name.startswith(f"{ASIDE}-") and "/" not in name
    return name if is_ours else ""


def _is_there(place: Path) -> bool:
    """Say so of a plain file; it is root who reads it, and others may write there. EquipmentError
    for a link or a twin, which may lead to a file that is not the box's."""
    try:
        found = place.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise EquipmentError(f"{place} is no file of its own.")
    return True


def _is_newer(place: Path, family: Family) -> bool:
    """Say so of a database, and leave it as one file: then one rename moves all of it."""
    if not _is_there(place):
        return False
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        if not set(family.applied(connection)) - set(family.names):
            return False
        connection.execute("PRAGMA journal_mode = DELETE")
    return True


def _put_aside(place: Path, aside: Path) -> None:
    if place.exists() and not aside.exists():
        place.rename(aside)
        sync_folder(aside.parent)
        sync_folder(place.parent)


def _put_back(copy: Path, place: Path, aside: Path) -> None:
    """Into a place that was made free; into no other."""
    if place.exists() or not copy.exists():
        return
    copy.chmod(file_mode(place.parent))
    if aside.exists():
        before = aside.stat()
        with suppress(PermissionError):
            os.chown(copy, before.st_uid, before.st_gid)
        copy.chmod(before.st_mode & 0o7777)
    copy.rename(place)
    sync_folder(place.parent)
