"""What root did, written where nobody but root writes: lines of JSON beside the data folder.

settings.db lies in a folder that the whole group of the box writes to. Whoever lays a link in the
place of it, or of a file that SQLite has beside it, would have root write elsewhere; so root keeps
its own notes, and one of the box's own users takes them into the audit log.
"""

import os
import stat
from pathlib import Path

import msgspec

from appliance.store.audit import Audit, AuditLine
from appliance.store.private_file import sync_folder

LONGEST = 256 << 10
"""Bytes of the file; then it becomes the old one, and the one before goes."""
NEW, OLD = "root.jsonl", "root.old.jsonl"

_decoder: msgspec.json.Decoder[AuditLine] = msgspec.json.Decoder(AuditLine)


def folder_beside(data: Path) -> Path:
    """Return where root's notes are for a data folder: /data/audit for /data/linghe."""
    return data.parent / "audit"


def note(folder: Path, line: AuditLine) -> None:
    """Write one line to the disk. Raises OSError."""
    place = folder / NEW
    if not folder.is_dir():
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    if place.exists() and place.stat().st_size > LONGEST:
        place.replace(folder / OLD)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    number = os.open(place, flags, 0o640)
    try:
        # an empty line first: what a power cut left half written is no part of it
        os.write(number, b"\n" + msgspec.json.encode(line) + b"\n")
        os.fchmod(number, 0o640)
        os.fsync(number)
    finally:
        os.close(number)
    sync_folder(folder)


def take_in(folder: Path, audit: Audit) -> int:
    """Write into the audit log what is not there yet; return how many lines that were. Once more,
    it is none. Raises OSError."""
    told = [line for name in (OLD, NEW) for line in _lines(folder / name)]
    if not told:
        return 0
    known: set[AuditLine] = set()
    for what in {line.what for line in told}:
        known |= set(audit.since(min(line.at for line in told), what))
    missing = [line for line in told if line not in known]
    for line in missing:
        audit.note(line)
    return len(missing)


def _lines(place: Path) -> list[AuditLine]:
    """Read a file that is root's, or of whoever asks; no other is believed."""
    try:
        number = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    with open(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()):
            return []
        read: list[AuditLine] = []
        for raw in file.read(2 * LONGEST).splitlines():
            try:
                read.append(_decoder.decode(raw))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
    return read
