"""Taking a backup back: everything is proven beside the box's files before any of them changes.

Two steps, so that a power cut at any moment leaves the old box or the new one:

*stage*   while the box runs or not: the backup is read whole, unpacked under `restore/new`, its
          databases opened and brought up to this code there; then `restore/ready` is written.
*finish*  before the box starts: what is there is moved to `before-restore-…`, what was staged into
          its place, each by rename; `ready` goes last, and the step can be run again from anywhere.
          Of what restores had put aside, the newest two stay.

Calls, settings, people, secrets, certificates, prompts and tables become those of the backup.
Recordings are added to those that are there. What control remembers (`state/`) becomes what a
power cut would leave of that of the backup: messages, callbacks, wishes, who is signed in. No call
of then comes alive; phones register anew within their time.
"""

import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from appliance.store.audit import AuditLine
from appliance.store.backup_file import (
    DATABASES,
    FOLDERS,
    RECORDINGS,
    SINGLE_FILES,
    BackupFile,
    Manifest,
    is_sealed_by,
)
from appliance.store.counted import asides, next_aside
from appliance.store.integrity import damage_in
from appliance.store.places import Paths
from appliance.store.private_file import make_folder, sync_folder, synced, write_private
from appliance.store.schema import opened_for_writing
from appliance.store.settings import SettingsStore
from appliance.store.shared import file_mode
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value

MOST_ASIDE = 100
"""Of one file, each by a try that broke off."""
MARGIN = 64 << 20
"""Bytes that must be left on the disk besides."""
ASIDE = ("state",)
"""Folders that belong to the moment that the backup replaces, whatever of them it has."""
WHOLE = (*DATABASES, *SINGLE_FILES, *FOLDERS, *ASIDE)
ASIDE_NAME = "before-restore"
KEPT = re.compile(rf"{ASIDE_NAME}-[0-9-]+")
"""`before-restore-NUMBER-TIME`. The step is root's, and others may write in `restore`: no name
leads it out of its folder."""
_REMOVING = "removing-"
"""Before a name of KEPT: what is removed, maybe by half, is no box as it was."""


class Ready(Value, frozen=True, kw_only=True):
    """What `restore/ready` says."""

    kept: str
    """Folder under LINGHE_DATA for what was there before."""
    made_at: Utc
    """Of the backup."""
    staged: tuple[str, ...]
    """Which of WHOLE the backup has. One that lies staged no more is in its place already."""


def staged_place(paths: Paths) -> Path:
    """Return the folder in which a backup waits to be taken back."""
    return paths.root / "restore"


def stage(
    paths: Paths,
    source: Path,
    *,
    key: bytes,
    now: Utc,
    stamp: str,
    is_foreign_allowed: bool = False,
) -> Manifest:
    """Prove a backup and lay it ready. Nothing of the box changes.

    `stamp`: digits; tells people when, in the name of the folder for what was there.
    RefusedError: not whole, of another box, of a newer Linghe, no room, or another one is being
    laid ready; EquipmentError when the disk refuses.
    """
    with _alone(paths), closing(BackupFile(source)) as backup:
        manifest = backup.manifest
        _check_seal(manifest, key, source.name, is_foreign_allowed)
        _check_room(paths, manifest)
        try:
            _lay_out(paths, backup, now)
            new = staged_place(paths) / "new"
            ready = Ready(
                kept=next_aside(paths.root, ASIDE_NAME, stamp),
                made_at=manifest.made_at,
                staged=tuple(name for name in WHOLE if (new / name).exists()),
            )
            write_private(staged_place(paths) / "ready", msgspec.json.encode(ready))
        except BaseException as error:
            shutil.rmtree(staged_place(paths), ignore_errors=True)
            if isinstance(error, OSError | sqlite3.Error):
                raise EquipmentError(f"{source.name} cannot be unpacked: {error}") from error
            raise
    return manifest


def is_staged(paths: Paths) -> bool:
    """Say whether a backup waits for the box's next start."""
    return (staged_place(paths) / "ready").exists()


def is_begun(paths: Paths) -> bool:
    """Say whether what waited is being put into its place: nobody may open a database then, for a
    journal of SQLite's that is made between two renames would lie beside the other database."""
    try:
        ready = waiting(paths)
    except EquipmentError:
        return False  # nor is anything moved by what cannot be read
    return ready is not None and (paths.root / ready.kept).exists()


def waiting(paths: Paths) -> Ready | None:
    """Return what waits for the box's next start. EquipmentError when it cannot be read."""
    return _read_ready(staged_place(paths) / "ready")


def undo(paths: Paths) -> Ready:
    """Have nothing wait any more; the box stays as it is. RefusedError: nothing waits, or it is
    being put into its place already, or one is being laid ready. EquipmentError when the disk
    refuses."""
    with _alone(paths):
        return _undone(paths)


def _undone(paths: Paths) -> Ready:
    ready = waiting(paths)
    if ready is None:
        raise RefusedError("no_restore", "No backup waits to be taken back; nothing was changed.")
    if (paths.root / ready.kept).exists():
        raise RefusedError(
            "restore_begun",
            f"The backup is in its place by half; what was there is in {ready.kept}.",
            "Start the box: it ends what it has begun.",
        )
    try:
        (staged_place(paths) / "ready").unlink()
        sync_folder(staged_place(paths))
        shutil.rmtree(staged_place(paths), ignore_errors=True)
    except OSError as error:
        raise EquipmentError(f"The backup that waits cannot be removed: {error}") from error
    return ready


@contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    """One at a time lays ready or undoes: two would write into each other's folder. The lock is the
    data folder's own, which all who may restore can open, and ends with who holds it."""
    try:
        folder = os.open(paths.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise EquipmentError(f"{paths.root} cannot be opened: {error}") from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError(
                "restore_busy",
                "A backup is being laid ready or undone by somebody else; nothing was changed.",
                "Wait until that is done.",
            ) from error
        yield
    finally:
        os.close(folder)


def finish(paths: Paths) -> str | None:
    """Put what was staged into its place; return the folder of what was there, None: nothing was
    staged. The box must not run. Raises EquipmentError; run again, it goes on where it was."""
    folder = staged_place(paths)
    ready = _read_ready(folder / "ready")
    if ready is None:
        return None
    kept = paths.root / ready.kept
    try:
        kept.mkdir(mode=0o700, exist_ok=True)  # before all else: is_begun asks for it
        for name in WHOLE:
            if name in ready.staged:
                _swap(paths.root / name, folder / "new" / name, kept / name)
            elif name not in SINGLE_FILES and not (kept / name).exists():
                _put_aside(paths.root / name, kept / name)
                if name in ASIDE:
                    (kept / name).mkdir(mode=0o700, exist_ok=True)
        _add_recordings(paths, folder / "new" / RECORDINGS)
        for place in (paths.root, kept):
            sync_folder(place)
        (folder / "ready").unlink()
        sync_folder(folder)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise EquipmentError(f"The backup is not wholly in its place yet: {error}") from error
    _thin_out(paths, ready.kept)
    return ready.kept


def _thin_out(paths: Paths, kept: str) -> None:
    """Remove what restores put aside, but for this one and the one before, which has the box as it
    was where the wrong backup was taken first: nobody else clears a box without a shell. What
    cannot be removed stays for the next time; a link that somebody laid is not followed."""
    for rest in paths.root.glob(f"{_REMOVING}{ASIDE_NAME}-*"):
        shutil.rmtree(rest, ignore_errors=True)
    others = [one for one in asides(paths.root, ASIDE_NAME) if one.name != kept]
    for older in [one for one in others if KEPT.fullmatch(one.name)][:-1]:
        going = older.with_name(_REMOVING + older.name)
        with suppress(OSError):
            older.rename(going)
            shutil.rmtree(going, ignore_errors=True)


def _read_ready(place: Path) -> Ready | None:
    try:
        ready = msgspec.json.decode(place.read_bytes(), type=Ready)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise EquipmentError(f"{place} cannot be read: {error}") from error
    if KEPT.fullmatch(ready.kept) is None:
        raise EquipmentError(f"{place} is not of this box: it would keep files in {ready.kept!r}")
    return ready


def _check_seal(manifest: Manifest, key: bytes, name: str, is_foreign_allowed: bool) -> None:
    if not is_foreign_allowed and not is_sealed_by(manifest, key):
        raise RefusedError(
            "backup_foreign",
            f"{name} was made by another box (of {manifest.site_name or 'no site'}), "
            "or somebody changed it since.",
            "If it is to make this box the other's successor, say --from-another-box.",
        )


def _check_room(paths: Paths, manifest: Manifest) -> None:
    wanted = sum(member.size for member in manifest.members) + MARGIN
    free = shutil.disk_usage(paths.root).free
    if free < wanted:
        raise RefusedError(
            "backup_room",
            f"The backup needs {wanted >> 20} MB of room, the disk has {free >> 20} MB free.",
            "Make room first, or take one without recordings.",
        )


def _lay_out(paths: Paths, backup: BackupFile, now: Utc) -> None:
    folder = staged_place(paths)
    if folder.exists():
        # ready first: without it nobody takes up what is half removed
        (folder / "ready").unlink(missing_ok=True)
        shutil.rmtree(folder)
    new = folder / "new"
    make_folder(folder)  # by itself, so that it is the group's too: root takes it up
    make_folder(new)
    for member in backup.manifest.members:
        place = new.joinpath(*member.name.split("/"))
        make_folder(place.parent)
        backup.take_out(member, place)
        place.chmod(file_mode(place.parent))
    _prove(new, backup.place.name, now)
    for place in sorted(new.rglob("*"), reverse=True):
        synced(place)
    sync_folder(new)


def _prove(new: Path, name: str, now: Utc) -> None:
    """Open each database with this code and bring it up to it, where it lies."""
    if not (new / "settings.db").exists():
        raise RefusedError("backup_damaged", f"{name} has no settings.db: it is of no box.")
    for database, family in DATABASES.items():
        place = new / database
        if not place.exists():
            continue
        damage = damage_in(place)
        if damage:
            raise RefusedError("backup_damaged", f"{name}: {database} is damaged: {damage}.")
        opened_for_writing(place, family).close()
    store = SettingsStore(new / "settings.db")
    try:
        store.current()
        store.audit.note(AuditLine(at=now, by="box", what="backup_restored", detail=name))
    finally:
        store.close()


def _swap(place: Path, staged: Path, kept: Path) -> None:
    """Move one thing out of its place and the staged one in; what is done already stays done."""
    if staged.exists():
        _put_aside(place, kept)
        staged.rename(place)
    _owned_like(place, kept)


def _put_aside(place: Path, kept: Path) -> None:
    """Never over what lies there: when an earlier try broke off with the place free, the box may
    have run since and made a new one, and the first is the owner's only one."""
    there = [one for one in ("-wal", "-shm", "") if place.with_name(place.name + one).exists()]
    names = (kept.name, *(f"{kept.name}-{number}" for number in range(2, MOST_ASIDE)))
    for name in names:
        if not any(os.path.lexists(kept.with_name(name + one)) for one in there):
            for one in there:  # the database last: until then it is not aside
                place.with_name(place.name + one).rename(kept.with_name(name + one))
            return
    raise OSError(errno.EEXIST, f"{kept} and too many others lie there already")


def _owned_like(place: Path, kept: Path) -> None:
    """Give it to whom the one before belonged (each process of the box is a user of its own)."""
    if not kept.exists():
        return
    before = kept.stat()
    for one in (place, *(place.rglob("*") if place.is_dir() else ())):
        with suppress(PermissionError):
            os.chown(one, before.st_uid, before.st_gid)
    # What the pages laid ready stays theirs, for the group: root has no power over it on the box.
    with suppress(PermissionError):
        place.chmod(before.st_mode & 0o7777)


def _add_recordings(paths: Paths, staged: Path) -> None:
    if not staged.is_dir():
        return
    make_folder(paths.recordings)
    for day in sorted(staged.iterdir()):
        make_folder(paths.recordings / day.name)
        for one in sorted(day.iterdir()):
            if not (paths.recordings / day.name / one.name).exists():
                one.rename(paths.recordings / day.name / one.name)
        sync_folder(paths.recordings / day.name)
    sync_folder(paths.recordings)
