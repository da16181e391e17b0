"""A backup of the box that LINGHE_DATA names: for the command line and for a stick."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

import appliance
from appliance.daemons.lasting_slots import BACKED_UP, CLOCK, OTHER_BOOT
from appliance.daemons.slots import file_of, slots_in
from appliance.engines.calls.message_boxes import VoicemailBox
from appliance.store.audit import AuditLine
from appliance.store.backup import Lasting, Made, back_up
from appliance.store.backup_file import Manifest
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc

_clock_decoder = msgspec.msgpack.Decoder(dict[str, object])
_box_decoder = msgspec.msgpack.Decoder(VoicemailBox)


def backed_up(
    paths: Paths,
    target: Path,
    *,
    by: str,
    with_recordings: bool,
    progress: Callable[[str], None],
) -> Manifest:
    """Make it, read it back, note it in the audit log. Raises EquipmentError with a sentence."""
    store = SettingsStore(paths.settings)
    try:
        site = store.current()
        manifest = back_up(
            paths,
            target,
            Made(
                at=Utc(time.time()),
                version=appliance.__version__,
                site_name=site.site.name,
                site_version=site.version,
            ),
            key=Secrets(paths.secrets, secrets.token_bytes).box_key(),
            lasting=lasting_in(paths),
            with_recordings=with_recordings,
            progress=progress,
        )
        line = AuditLine(at=Utc(time.time()), by=by, what="backup_made", detail=target.name)
        store.audit.note(line)
    finally:
        store.close()
    return manifest


def lasting_in(paths: Paths) -> Lasting | None:
    """Read what a backup takes along, as of this moment; None: the box was never started.

    Control may write meanwhile: what it has not written whole yet is not read, and a file that it
    writes afresh has its name only when it is whole. Raises EquipmentError with a sentence.
    """
    place = paths.state / "control.slots"
    try:
        slots = slots_in(place.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EquipmentError(f"{place} cannot be read: {error.strerror}.") from error
    if CLOCK not in slots:
        return None
    kept = {name: content for name, content in slots.items() if name.startswith(BACKED_UP)}
    clock = _clock_decoder.decode(kept[CLOCK]) | {"boot": OTHER_BOOT}
    kept[CLOCK] = msgspec.msgpack.encode(clock)
    return Lasting(slots=file_of(kept), sounds=tuple(_sounds(kept)))


def _sounds(slots: dict[str, bytes]) -> list[str]:
    """Return the messages' files and their sidecars, relative to the recordings folder."""
    boxes = [_box_decoder.decode(one) for name, one in slots.items() if name.startswith("box:")]
    files = {note.file for box in boxes for note in box.notes.values() if note.file}
    sidecars = {f"{file.rpartition('.')[0]}.json" for file in files}
    return sorted(files | sidecars)
