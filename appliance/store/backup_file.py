"""A backup of the box: one ZIP file, what stands in it, and how a reader knows that it is whole.

    manifest.json          what is there: each member's bytes and SHA-256, and the box's seal
    settings.db calls.db webhooks.db mail.db     copies by SQLite's own backup, each of one moment
    secrets.json certificates/… prompts/… tables/…
    state/control.slots    of control's memory what outlives a power cut (daemons/lasting_slots.py)
    recordings/DAY/…       of voicemail messages; of calls only where they were asked for

ZIP, because its index stands at the end (a file that was cut short is none) and every system opens
it. Nothing in it is ever run, and a member is taken out only under a name that this file knows.
The seal is an HMAC by the box's own key: a backup of this box that nobody has changed carries it,
one of another box cannot (design: security, "backups are signed").
"""

import hashlib
import hmac
import re
import struct
import zipfile
import zlib
from pathlib import Path

import msgspec

from appliance.store.ledger_tables import LEDGER
from appliance.store.mail_queue import MAIL
from appliance.store.places import Paths
from appliance.store.settings_tables import SETTINGS
from appliance.store.webhooks import WEBHOOKS
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value

FORM = 1
"""Of the file. A reader refuses any other."""
MANIFEST = "manifest.json"
MOST_MANIFEST = 64 << 20
"""Bytes: some 400,000 recordings."""

DATABASES = {
    "settings.db": SETTINGS,
    "calls.db": LEDGER,
    "webhooks.db": WEBHOOKS,
    "mail.db": MAIL,
}
SINGLE_FILES = ("secrets.json",)
FOLDERS = ("certificates", "prompts", "tables")
RECORDINGS = "recordings"
STATE = "state/control.slots"

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"
_MEMBER = re.compile(
    rf"(?:{'|'.join(map(re.escape, (*DATABASES, *SINGLE_FILES, STATE)))}"
    rf"|(?:{'|'.join(FOLDERS)})/{_NAME}"
    rf"|{RECORDINGS}/\d{{4}}-\d\d-\d\d/{_NAME})"
)
CHUNK = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    RuntimeError,
    KeyError,
)
"""What a damaged ZIP gives beside OSError: any of these (RuntimeError: it says it is encrypted)."""


class Member(Value, frozen=True, kw_only=True):
    """One file of the box."""

    name: str
    size: int
    """Bytes, before ZIP made them fewer."""
    sha256: str


class Manifest(Value, frozen=True, kw_only=True):
    """What a backup is of."""

    form: int
    made_at: Utc
    version: str
    """Of the Linghe that made it."""
    site_name: str
    site_version: int
    has_recordings: bool
    members: tuple[Member, ...]
    seal: str = ""
    """HMAC-SHA-256 of all the rest by the box's key, hexadecimal."""


def is_member(name: str) -> bool:
    """Say whether a backup may have a file of this name: none of these leads out of its folder."""
    return _MEMBER.fullmatch(name) is not None


def sealed(manifest: Manifest, key: bytes) -> Manifest:
    """Return it with the box's seal."""
    return msgspec.structs.replace(manifest, seal=_seal(manifest, key))


def is_sealed_by(manifest: Manifest, key: bytes) -> bool:
    """Say whether the box of this key made it, and nobody changed it since."""
    return hmac.compare_digest(manifest.seal, _seal(manifest, key))


def _seal(manifest: Manifest, key: bytes) -> str:
    plain = msgspec.json.encode(msgspec.structs.replace(manifest, seal=""), order="sorted")
    return hmac.new(key, b"linghe backup\n" + plain, hashlib.sha256).hexdigest()


class BackupFile:
    """A backup that is being read. Close it."""

    def __init__(self, place: Path) -> None:
        """Open it and read what is in it. RefusedError: not a whole backup, with what is wrong."""
        self.place = place
        try:
            self._zip = zipfile.ZipFile(place)
        except (OSError, *BROKEN) as error:
            raise _damaged(place, str(error)) from error
        try:
            self.manifest = self._read_manifest()
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def _read_manifest(self) -> Manifest:
        try:
            if self._zip.getinfo(MANIFEST).file_size > MOST_MANIFEST:
                raise _damaged(self.place, "its list is too long")
            content = self._zip.read(MANIFEST)
            manifest = msgspec.json.decode(content, type=Manifest)
        except (OSError, *BROKEN) as error:  # msgspec's are ValueErrors
            raise _damaged(self.place, f"{MANIFEST}: {error}") from error
        if manifest.form != FORM:
            raise RefusedError(
                "backup_form",
                f"{self.place.name} is a backup of another form ({manifest.form}, not {FORM}).",
                "Restore it with the version that made it.",
            )
        return manifest

    def _check_names(self) -> None:
        if any(one.compress_type not in METHODS for one in self._zip.infolist()):
            raise _damaged(self.place, "it is packed in a way that no backup is")
        listed = [member.name for member in self.manifest.members]
        strange = [name for name in listed if not is_member(name)]
        if strange or len(set(listed)) != len(listed):
            raise _damaged(
                self.place, f"a file that no backup has: {(strange or listed)[0][:80]!r}"
            )
        if sorted([*listed, MANIFEST]) != sorted(self._zip.namelist()):
            raise _damaged(self.place, "it has other files than it lists")

    def take_out(self, member: Member, place: Path | None) -> None:
        """Check a member against its digest and write it to `place`; None: only check.

        RefusedError when it is not what the list says; OSError when it cannot be written.
        """
        digest, size = hashlib.sha256(), 0
        target = place.open("xb") if place is not None else None
        try:
            with self._zip.open(member.name) as source:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    if size > member.size:
                        break
                    if target is not None:
                        target.write(chunk)
        except BROKEN as error:
            raise _damaged(self.place, f"{member.name}: {error}") from error
        finally:
            if target is not None:
                target.close()
        if size != member.size or digest.hexdigest() != member.sha256:
            raise _damaged(self.place, f"{member.name} is not what was backed up")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def checked(place: Path) -> Manifest:
    """Read every byte of a backup and return what it is of. RefusedError when it is not whole."""
    backup = BackupFile(place)
    try:
        for member in backup.manifest.members:
            backup.take_out(member, None)
        return backup.manifest
    finally:
        backup.close()


def place_of(paths: Paths, name: str) -> Path:
    """Return where a member lies on the box."""
    return paths.root.joinpath(*name.split("/"))


def _damaged(place: Path, why: str) -> RefusedError:
    return RefusedError(
        "backup_damaged",
        f"{place.name} is no whole backup of a box: {why}.",
        "Nothing was changed. Take another one.",
    )
