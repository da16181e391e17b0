"""Between control and a media worker.

Control connects to run/media-N.sock. Both sides speak at once; nothing waits for an answer.
After either side was restarted control sends ClaimAudio and SetAudio for every leg it knows,
then Sync; the worker makes it so, answers AudioClaimed for each claim (same port as before when
it still holds it) and drops legs that Sync does not name.

What happened once and cannot be asked for again (COUNTED) is numbered, so that a kill -9 of control
neither loses it nor doubles it. The worker begins each connection with NumberingBegan: the next
event of those kinds has this number, the following ones count on from it. Control writes the last
number down together with what came of it, then says Heard; what was never acknowledged is told
again to the next connection, under the same numbers, and control passes over those it has written.
"""

from appliance.vocabulary.commands import (
    ClaimAudio,
    RelayDigit,
    ReleaseAudio,
    SetAudio,
    SoundDigit,
)
from appliance.vocabulary.events import (
    AudioClaimed,
    AudioLost,
    AudioRefused,
    DigitHeard,
    FarEndQuiet,
    LegMeasured,
    PlayEnded,
    RecordingRefused,
    RecordingStarted,
)
from appliance.vocabulary.ids import LegId
from appliance.vocabulary.shape import Command, Event


class Sync(Command, frozen=True, kw_only=True):
    """These are all the legs that exist; release every other."""

    legs: tuple[LegId, ...]


class FiguresAsked(Command, frozen=True, kw_only=True):
    """Answer with WorkerFigures."""


class Heard(Command, frozen=True, kw_only=True):
    """What came of the counted events up to this number is written down: forget them."""

    epoch: str
    number: int


class NumberingBegan(Event, frozen=True, kw_only=True):
    """The first words on each connection."""

    epoch: str
    """Names this run of the worker: another run numbers anew."""
    number: int
    """The next counted event's, from 1."""


class WorkerFigures(Event, frozen=True, kw_only=True):
    """What this worker has done since it was started."""

    worker: int
    legs: int
    packets_in: int
    packets_out: int
    packets_refused: int
    """From sources that are not the leg's. Once a leg's source is settled the system itself drops
    what comes from elsewhere, uncounted."""
    ticks: int
    ticks_late: int
    """Began more than one tick late."""
    worst_tick_ms: float
    recorded_frames: int
    cpu_seconds: float


class TrackClosed(Event, frozen=True, kw_only=True):
    """Everything of this leg's track up to its release is in the recording journal."""

    leg: LegId
    recording: str


COUNTED = (
    AudioLost,
    DigitHeard,
    FarEndQuiet,
    LegMeasured,
    PlayEnded,
    RecordingRefused,
    RecordingStarted,
    TrackClosed,
)
"""Events that are told until control has acknowledged them."""

ForWorker = ClaimAudio | SetAudio | ReleaseAudio | RelayDigit | SoundDigit | Sync | FiguresAsked
ToMedia = ForWorker | Heard
FromMedia = (
    AudioClaimed
    | AudioRefused
    | DigitHeard
    | PlayEnded
    | AudioLost
    | FarEndQuiet
    | LegMeasured
    | RecordingStarted
    | RecordingRefused
    | NumberingBegan
    | WorkerFigures
    | TrackClosed
)
