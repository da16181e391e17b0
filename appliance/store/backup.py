"""Making a backup while calls go on: a file that is whole or not there at all.

Each database is copied by SQLite's backup in one read transaction, which holds up no writer; it is
as of one moment. Files of the other folders are replaced, never written in place, so that each is
whole by itself. The backup is written under another name, synced, read back, compared, and then
named: who pulls the stick out or cuts the power leaves the backups that were there before.
"""

import errno
import hashlib
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from appliance.store.backup_file import (
    CHUNK,
    DATABASES,
    FOLDERS,
    FORM,
    MANIFEST,
    RECORDINGS,
    SINGLE_FILES,
    STATE,
    Manifest,
    Member,
    checked,
    is_member,
    place_of,
    sealed,
)
from appliance.store.database_copy import copy_database, remove_copy
from appliance.store.places import Paths
from appliance.store.private_file import sync_folder
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""EFBIG: a FAT32 stick ends at 4 GiB a file."""

Progress = Callable[[str], None]
"""Told each member's name before it is written: for a sign of life."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What is put into a manifest besides the files."""

    at: Utc
    version: str
    site_name: str
    site_version: int


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """What control remembers that holds after a power cut too."""

    slots: bytes
    """The file of its slots."""
    sounds: tuple[str, ...]
    """Of voicemail messages, relative to the recordings folder. One that is gone is passed over."""


def back_up(
    paths: Paths,
    target: Path,
    made: Made,
    *,
    key: bytes,
    lasting: Lasting | None = None,
    with_recordings: bool = False,
    progress: Progress = lambda name: None,
) -> Manifest:
    """Write a backup of the box to `target`, in the place of any older one of that name.

    `lasting` is older than the databases' copies: what left it meanwhile stands in those.

    EquipmentError with a sentence when it cannot be written; then `target` is as it was.
    """
    draft = target.with_name(target.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        try:
            manifest = _written(paths, draft, made, key, lasting, with_recordings, progress)
            _forget_cached(draft)
            checked(draft)
            draft.replace(target)
            sync_folder(target.parent)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise EquipmentError(_sentence(target, error)) from error
    return manifest


def _written(
    paths: Paths,
    draft: Path,
    made: Made,
    key: bytes,
    lasting: Lasting | None,
    with_recordings: bool,
    progress: Progress,
) -> Manifest:
    number = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(number, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            members: list[Member | None] = []
            if lasting is not None:
                members.append(_add_content(archive, STATE, lasting.slots))
            for name in DATABASES:
                if place_of(paths, name).exists():
                    progress(name)
                    with _copied(place_of(paths, name), draft.with_suffix(".copy")) as copy:
                        members.append(_add(archive, name, copy))
            sounds = lasting.sounds if lasting is not None else ()
            for name in _files(paths, sounds, with_recordings):
                progress(name)
                members.append(_add(archive, name, place_of(paths, name)))
            manifest = Manifest(
                form=FORM,
                made_at=made.at,
                version=made.version,
                site_name=made.site_name,
                site_version=made.site_version,
                has_recordings=with_recordings,
                members=tuple(one for one in members if one is not None),
            )
            manifest = sealed(manifest, key)
            archive.writestr(MANIFEST, msgspec.json.encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _files(paths: Paths, sounds: tuple[str, ...], with_recordings: bool) -> Iterator[str]:
    """Yield the members that are no databases; each is listed when the one before is in."""
    yield from SINGLE_FILES
    for folder in FOLDERS:
        # The index of prompts before the sounds it names: what is added meanwhile is not missed.
        yield from sorted(_files_of(paths, folder), key=lambda one: (one[-5:] != ".json", one))
    if with_recordings:
        yield from recordings_of(paths)  # those of messages among them
    else:
        yield from filter(is_member, (f"{RECORDINGS}/{one}" for one in sounds))


def _files_of(paths: Paths, folder: str) -> list[str]:
    place = paths.root / folder
    if not place.is_dir():
        return []
    found = [f"{folder}/{one.name}" for one in place.iterdir() if one.is_file()]
    return [name for name in found if is_member(name) and not name.endswith((".new", ".lock"))]


def recordings_of(paths: Paths) -> list[str]:
    """Return all sealed recordings and what lies beside them, oldest day first."""
    if not paths.recordings.is_dir():
        return []
    days = sorted(day.name for day in paths.recordings.iterdir() if day.is_dir())
    return [
        name
        for day in days
        for one in sorted(os.listdir(paths.recordings / day))
        if is_member(name := f"{RECORDINGS}/{day}/{one}")
    ]


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """Copy a database as of one moment; the copy goes afterwards."""
    try:
        copy_database(source, target)
        yield target
    finally:
        remove_copy(target)


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> Member | None:
    """Put a file in; None when it has gone since it was listed."""
    digest, size = hashlib.sha256(), 0
    try:
        reading = source.open("rb")
    except FileNotFoundError:
        return None
    told = zipfile.ZipInfo(name)
    is_sound = name.endswith((".wav", ".alaw"))
    told.compress_type = zipfile.ZIP_STORED if is_sound else zipfile.ZIP_DEFLATED
    with reading, archive.open(told, "w", force_zip64=True) as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writing.write(chunk)
    return Member(name=name, size=size, sha256=digest.hexdigest())


def _add_content(archive: zipfile.ZipFile, name: str, content: bytes) -> Member:
    archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return Member(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _forget_cached(place: Path) -> None:
    """What is compared shall come from the disk, not from memory."""
    number = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(number)


def _sentence(target: Path, error: Exception) -> str:
    is_full = isinstance(error, OSError) and error.errno in NO_ROOM
    if is_full or "disk is full" in str(error):
        return f"There is no room for the backup in {target.parent}; the older ones are whole."
    why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return f"The backup {target} cannot be written: {why}."
