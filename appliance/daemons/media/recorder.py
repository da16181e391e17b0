"""The worker's recording journal: one append a tick for all legs, made safe twice a second.

Rows are written before the same packets are sent. fdatasync runs in a thread of its own, for a
disk may take longer than a tick; a power cut therefore costs at most the last half second and
what the disk takes. A full or broken disk never stops a call: the engine is told, and writing is
tried again after a while, in a new file.
"""

import logging
import os
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from appliance.daemons.media.priority import step_back
from appliance.engines.media.engine import Tracked
from appliance.engines.media.legs import Leg
from appliance.engines.media.rtp import Batch
from appliance.engines.recording import frames
from appliance.signals.g711 import ALAW_SILENCE, ULAW_SILENCE
from appliance.store.shared import file_mode
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.ids import Instant

SYNC_SECONDS = 0.5
TRY_AGAIN_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Recorder:
    """Appends rows; knows the track of each place."""

    def __init__(
        self,
        folder: Path,
        worker: int,
        tracks: npt.NDArray[np.uint8],
        is_masked: npt.NDArray[np.bool_],
    ) -> None:
        """tracks: (places, 40), kept over a kill; a row of TRACK each. is_masked: (places,)."""
        self._folder, self._worker = folder, worker
        self._tracks, self._is_masked = tracks, is_masked
        self._descriptor: int | None = None
        self._written = 0
        self._try_at = 0.0
        self._failure = ""
        self._lock = threading.Lock()
        self._to_sync: list[int] = []
        """Files that were left behind: to be synced once more and closed."""
        self._is_dirty = False
        self._is_ending = threading.Event()
        self._syncing = threading.Thread(target=self._sync_for_ever, name="sync", daemon=True)
        self.rows = 0
        """Packets that were written."""

    def start(self) -> None:
        """Begin to make the journal safe."""
        self._syncing.start()

    def track(self, place: int, leg: Leg | None) -> None:
        """A place records, or not, as this leg says."""
        audio = leg.audio if leg is not None else None
        if audio is None or audio.track is None:
            return
        codec = audio.far.codec if audio.far is not None else Codec.PCMA
        recording, channel = audio.track.recording, audio.track.channel
        track = frames.track_of(recording, channel, codec)
        track["voice"] = self._voice(place, track)
        self._tracks[place] = track.view(np.uint8)

    def _voice(self, place: int, track: frames.Tracks) -> int:
        """Return what tells this leg from others that are recorded on the same channel now."""
        tracks = self._tracks.view(frames.TRACK)[:, 0]
        is_same = tracks["recording"] == track["recording"]
        is_same &= tracks["channel"] == track["channel"]
        if is_same[place]:
            return int(tracks["voice"][place])
        taken = set(tracks["voice"][is_same].tolist())
        return next((number for number in range(256) if number not in taken), 255)

    def take_over(self, descriptor: int, rows: int) -> None:
        """What first aid wrote is to be made safe too."""
        self.rows += rows
        with self._lock:
            self._to_sync.append(descriptor)

    def write(self, batch: Batch, tracked: Tracked, now: Instant) -> str | None:
        """Append the rows; None, or a sentence why they were not written."""
        if now < self._try_at:
            return self._failure
        # Rows are ascending: as many as there are, these are all of them, and need no copy.
        is_all = len(tracked.rows) == batch.count
        which = slice(batch.count) if is_all else tracked.rows
        tracks = self._tracks[tracked.places].view(frames.TRACK)[:, 0]
        # Only as wide as the longest: mostly all packets are of 20 ms.
        payload = batch.payload[which, : max(tracked.lengths.max(), frames.PAYLOAD)]
        is_masked = self._is_masked[tracked.places]
        if is_masked.any():
            is_ulaw = tracks["codec"] == frames.PCMU
            silence = np.where(is_ulaw, ULAW_SILENCE, ALAW_SILENCE).astype(np.uint8)
            payload = np.where(is_masked[:, None], silence[:, None], payload)
        rows = frames.rows_of(
            tracks,
            payload=payload,
            length=tracked.lengths,
            timestamp=batch.timestamp[which],
            sequence=batch.sequence[which],
            ssrc=batch.ssrc[which],
            arrival_us=int(now * 1e6),
        )
        try:
            self._append(memoryview(rows.data).cast("B"), now)
        except OSError as error:
            self._failure = f"the recording journal cannot be written: {error.strerror}"
            self._try_at = now + TRY_AGAIN_SECONDS
            self._leave_file()
            logger.warning("%s", self._failure)
            return self._failure
        self.rows += len(tracked.rows)
        return None

    def _append(self, content: memoryview, now: Instant) -> None:
        if self._descriptor is None or self._written >= frames.ROTATE_AT:
            self._leave_file()
            path = self._folder / f"{self._worker}-{int(now * 1e6)}.lhf"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._descriptor, self._written = os.open(path, flags, file_mode(path.parent)), 0
        done = os.write(self._descriptor, content)
        self._written += done
        self._is_dirty = True
        if done < len(content):
            # The rest would fail too, or be torn from its beginning.
            raise OSError(28, os.strerror(28))

    def _leave_file(self) -> None:
        if self._descriptor is not None:
            with self._lock:
                self._to_sync.append(self._descriptor)
            self._descriptor = None

    def _sync_for_ever(self) -> None:
        step_back()
        while not self._is_ending.wait(SYNC_SECONDS):
            self._sync()

    def _sync(self) -> None:
        with self._lock:
            left, self._to_sync = self._to_sync, []
            current = os.dup(self._descriptor) if self._descriptor is not None else None
            is_dirty, self._is_dirty = self._is_dirty, False
        if current is not None and is_dirty:
            _synced(current)
        if current is not None:
            os.close(current)
        for descriptor in left:
            _synced(descriptor)
            os.close(descriptor)

    def close(self) -> None:
        """Make everything safe and stop."""
        self._is_ending.set()
        if self._syncing.ident is not None:
            self._syncing.join()
        self._leave_file()
        self._sync()


def _synced(descriptor: int) -> None:
    try:
        os.fdatasync(descriptor)
    except OSError as error:
        logger.warning("the recording journal cannot be made safe: %s", error.strerror)
