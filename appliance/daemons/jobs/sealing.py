"""Putting a finished recording in the store, so that it is either wholly there or not at all.

recordings/<YYYY-MM-DD>/<recording>.wav, then its sidecar <recording>.json. Each is written
under another name, synced, renamed; the folder is synced last. The sidecar is the sign that
all is done: where it stands, the recording is never made again, and says what to tell control.
"""

import hashlib
import os
import re
import time
from pathlib import Path

import msgspec

from appliance.engines.recording.assembly import Assembled
from appliance.store.private_file import make_folder, sync_folder
from appliance.vocabulary.errors import EquipmentError, PeerError
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import CallId, RecordingId, Seconds, Utc
from appliance.vocabulary.shape import Value

PARTIAL = ".part"
_NAME = re.compile(r"[!-\-0-~][!-.0-~]{0,31}")
"""Graphic ASCII without "/", not beginning with a dot: as frames.track_of takes them."""


class Sidecar(Value, frozen=True, kw_only=True):
    """What stands beside a sealed recording."""

    recording: str
    call: str
    """Empty for one that control never asked for."""
    file: str
    """Path relative to the recordings folder."""
    sha256: str
    seconds: float
    missing_frames: int = 0
    is_stereo: bool = True
    began_at: Utc
    sealed_at: Utc

    def sealed(self, call: str) -> RecordingSealed:
        """Return the event that tells control; `call` as control named it."""
        return RecordingSealed(
            recording=RecordingId(self.recording),
            call=CallId(call),
            file=self.file,
            sha256=self.sha256,
            seconds=Seconds(self.seconds),
            missing_frames=self.missing_frames,
        )


_sidecar = msgspec.json.Decoder(Sidecar)


def checked_name(recording: str) -> str:
    """Return the id if it can be a file's name; raises PeerError."""
    if _NAME.fullmatch(recording) is None:
        raise PeerError(f"no recording can be named {recording!r}")
    return recording


def find_sealed(recordings: Path, recording: str) -> Sidecar | None:
    """Return the sidecar of a recording that was sealed before; None if it was not."""
    for day in _days(recordings):
        path = day / f"{checked_name(recording)}.json"
        try:
            sidecar = _sidecar.decode(path.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            continue
        if (recordings / sidecar.file).is_file():
            return sidecar
    return None


def seal(
    recordings: Path, recording: str, call: str, made: Assembled, *, began_at: Utc, now: Utc
) -> Sidecar:
    """Put a recording in the store. Raises EquipmentError; nothing half-done is left to be found.

    The folder's date is local; `began_at` and `now` are written into the sidecar.
    """
    day = time.strftime("%Y-%m-%d", time.localtime(began_at))
    name = checked_name(recording)
    sidecar = Sidecar(
        recording=recording,
        call=call,
        file=f"{day}/{name}.wav",
        sha256=hashlib.sha256(made.wav).hexdigest(),
        seconds=made.seconds,
        missing_frames=made.missing_frames,
        is_stereo=made.is_stereo,
        began_at=began_at,
        sealed_at=now,
    )
    folder = recordings / day
    try:
        if not folder.is_dir():
            make_folder(folder)
            sync_folder(recordings)
        _put(folder / f"{name}.wav", made.wav)
        sync_folder(folder)
        _put(folder / f"{name}.json", msgspec.json.encode(sidecar) + b"\n")
        sync_folder(folder)
    except OSError as error:
        _remove_parts(folder, name)
        raise EquipmentError(f"recording {recording} cannot be stored: {error}") from error
    return sidecar


def remove_partial(recordings: Path) -> None:
    """Delete what a killed predecessor had not finished. Only one process seals."""
    for day in _days(recordings):
        for path in day.glob(f"*{PARTIAL}"):
            path.unlink(missing_ok=True)


def _days(recordings: Path) -> list[Path]:
    """The folders of days, newest first."""
    return sorted((path for path in recordings.glob("????-??-??") if path.is_dir()), reverse=True)


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + PARTIAL)
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _remove_parts(folder: Path, name: str) -> None:
    for suffix in (".wav", ".json"):
        try:
            (folder / f"{name}{suffix}{PARTIAL}").unlink(missing_ok=True)
        except OSError:
            # A disk that refuses this too; remove_partial finds it at the next start.
            return
