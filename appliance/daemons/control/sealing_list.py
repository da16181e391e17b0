"""Recordings that wait for their file, until jobs says that it is made."""

from appliance.vocabulary.commands import SealRecording
from appliance.vocabulary.ids import CallId, RecordingId
from appliance.wire.control import Sealings, SealingWanted


class SealingList:
    """What jobs is to do. Kept over restarts by call control's own slots."""

    def __init__(self) -> None:
        self._wanted: dict[RecordingId, CallId] = {}

    def add(self, sealing: SealRecording) -> None:
        """All its frames are in the workers' journals by now."""
        self._wanted[sealing.recording] = sealing.call

    def take(self, recording: RecordingId) -> bool:
        """It is made; False when that is known already (jobs may say it twice)."""
        return self._wanted.pop(recording, None) is not None

    def told(self) -> Sealings:
        """Return the list as jobs reads it."""
        return Sealings(
            wanted=tuple(
                SealingWanted(recording=recording, call=call)
                for recording, call in self._wanted.items()
            )
        )
