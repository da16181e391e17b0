"""What the API gives: the box's records in the form that programs read.

Times are UTC, ISO 8601 with milliseconds; lengths are seconds; null is "not (yet) known". Keys that
a caller pressed are not among them: they may have been a card's.
"""

from appliance.reports.call_list import dialled_word
from appliance.reports.public_events import utc_text
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import CallOutcome, Direction, Side
from appliance.vocabulary.lines import (
    Cause,
    Diversion,
    DiversionReason,
    GuestLine,
    Line,
    PhoneLine,
    TrunkLine,
)
from appliance.vocabulary.records import (
    CallRecord,
    ConnectionNote,
    QualityNote,
    RecordingNote,
    SurveyNote,
    TalkNote,
)
from webadmin.api.operation import Shown


def when(at: Utc | None) -> str | None:
    """Return a time as text."""
    return None if at is None else utc_text(at)


class LineName(Shown, frozen=True, kw_only=True):
    """Which line a call entered by."""

    kind: str
    """trunk | phone | guest"""
    name: str


class TalkShown(Shown, frozen=True, kw_only=True):
    """One leg's talk."""

    leg: str | None
    agent: str | None
    extension: str | None
    queue: str | None
    bridged: str
    talk_seconds: float | None
    """null while it goes on."""
    hold_seconds: float


class RecordingShown(Shown, frozen=True, kw_only=True):
    """One recording of a call, or why there is none."""

    recording: str
    call: str
    opened: str | None
    seconds: float | None
    sha256: str
    is_message: bool
    missing_frames: int
    """Pieces of 20 ms that were lost."""
    failed: str
    """Why a talk that should be recorded is not; empty: it is."""
    audio: str | None
    """Path of the WAV file; null while there is none."""


class QualityShown(Shown, frozen=True, kw_only=True):
    """Telephone quality of one leg (RFC 3550 statistics; MOS by ITU-T G.107)."""

    leg: str | None
    codec: str
    packets: int
    lost: int
    far_lost: int | None
    jitter_ms: float
    round_trip_ms: float | None
    mos: float


class ConnectionShown(Shown, frozen=True, kw_only=True):
    """How one answered leg was connected."""

    leg: str | None
    extension: str | None
    number: str
    """The number outside that was dialled; empty beside a null extension: the caller."""
    trunk: str | None
    """Through which it was dialled; null: a phone, or the caller."""
    transport: str
    """What its signalling went over: udp, tcp, tls."""
    is_encrypted: bool
    """Its sound was (SRTP)."""


class DiversionShown(Shown, frozen=True, kw_only=True):
    """Who sent a call on before it came here, as its carrier says."""

    number: str
    """Empty: he is not to be shown."""
    reason: DiversionReason
    """unknown: the carrier does not say."""


class SurveyShown(Shown, frozen=True, kw_only=True):
    """What the caller was asked after the talk, and what he said."""

    survey: str
    agent: str | None
    """Who talked with him last."""
    queue: str | None
    score: int | None
    """1 the best, 3 the worst; null: he said nothing."""
    reason_recording: str | None
    """The recording in which he says why."""


class CallShown(Shown, frozen=True, kw_only=True):
    """One call from its first ring to its last hang-up, transfers included."""

    call: str
    direction: Direction
    outcome: CallOutcome | None
    """null while it goes on."""
    caller: str
    """Number; empty where it was withheld."""
    caller_name: str
    called: str
    """What was dialled; "told: not ready": the box itself rang an agent to tell him so."""
    diverted_from: DiversionShown | None
    """null: it came straight here, or nobody says otherwise."""
    line: LineName
    queue: str | None
    queues: tuple[str, ...]
    agent: str | None
    agents: tuple[str, ...]
    extension: str | None
    entered: str
    answered: str | None
    queued: str | None
    bridged: str | None
    ended: str | None
    wait_seconds: float | None
    talk_seconds: float
    hold_seconds: float
    ended_by: Side | None
    cause: Cause | None
    talks: tuple[TalkShown, ...]
    recordings: tuple[RecordingShown, ...]
    quality: tuple[QualityShown, ...]
    """Of each leg, measured at its end."""
    connections: tuple[ConnectionShown, ...]
    """Of each leg that was answered."""
    callback: str | None
    """A callback's own call: which one."""
    first_call: str | None
    """…and the call in which it was asked for."""
    survey: SurveyShown | None
    """null: the caller was not asked how it was."""


class CallsShown(Shown, frozen=True, kw_only=True):
    """A page of calls, newest first."""

    calls: tuple[CallShown, ...]
    before: str | None
    """`before` of the next page; null: this is the last."""


class AtThisMoment(Shown, frozen=True, kw_only=True):
    """What every list of the present has."""

    at: str | None
    """When call control told it; null: it has not answered yet."""
    is_away: bool
    """Call control does not answer; this is what was last known."""


class TimelineMoment(Shown, frozen=True, kw_only=True):
    """One line of a call's timeline."""

    at: str
    kind: str
    """What happened, for programs."""
    text: str
    """For people, in the language that was asked for."""
    is_main: bool


class TimelineShown(Shown, frozen=True, kw_only=True):
    """A call's timeline."""

    call: str
    moments: tuple[TimelineMoment, ...]


class RecordingsShown(Shown, frozen=True, kw_only=True):
    """All recordings of a call."""

    call: str
    recordings: tuple[RecordingShown, ...]


class AgentShown(Shown, frozen=True, kw_only=True):
    """An agent and what he does at this moment."""

    agent: str
    name: str
    extension: str | None
    state: str | None
    """null while call control does not answer."""
    since: str | None
    reason: str
    call: str | None
    queues: tuple[str, ...]
    is_quiet: bool
    """His phone wants no calls: ready or not, no queue offers him any."""
    forwarded_to: str
    """Where all calls of his phone go; those of queues do not."""


class AgentsShown(AtThisMoment, frozen=True, kw_only=True):
    """All agents, signed in or not."""

    agents: tuple[AgentShown, ...]


class QueueShown(Shown, frozen=True, kw_only=True):
    """A queue and who waits in it."""

    queue: str
    name: str
    agents: tuple[str, ...]
    waiting: int | None
    longest_wait_seconds: float | None
    ready_agents: int | None
    """To whom a call can be offered at this moment."""
    signed_in_agents: int | None


class QueuesShown(AtThisMoment, frozen=True, kw_only=True):
    """All queues."""

    queues: tuple[QueueShown, ...]


class LineShown(Shown, frozen=True, kw_only=True):
    """A trunk or a phone."""

    kind: str
    """trunk | phone"""
    name: str
    label: str
    is_up: bool
    text: str
    busy: int
    channels: int
    is_quiet: bool
    """Phone: it wants no calls."""
    forwarded_to: str
    """Phone: where all its calls go."""
    transport: str
    """Phone: what it is registered over, udp, tcp or tls; empty while it is not."""


class LinesShown(AtThisMoment, frozen=True, kw_only=True):
    """All trunks and phones."""

    lines: tuple[LineShown, ...]


class VerbDone(Shown, frozen=True, kw_only=True):
    """Call control has done it."""

    call: str | None
    leg: str | None


def recording_of(note: RecordingNote, call: str) -> RecordingShown:
    """Return a recording; its file's place on the disk is nobody's business."""
    return RecordingShown(
        recording=note.recording,
        call=call,
        opened=when(note.opened),
        seconds=note.seconds,
        sha256=note.sha256,
        is_message=note.is_message,
        missing_frames=note.missing_frames,
        failed=note.failed,
        audio=f"/api/v1/recordings/{note.recording}/audio" if note.file else None,
    )


def call_of(record: CallRecord) -> CallShown:
    """Return a call."""
    return CallShown(
        call=record.call,
        direction=record.direction,
        outcome=record.outcome,
        caller=record.caller.number,
        caller_name=record.caller.name,
        called=dialled_word(record.called),
        diverted_from=_diversion(record.diversion),
        line=_line(record.line),
        queue=record.queue,
        queues=record.queues,
        agent=record.agent,
        agents=record.agents,
        extension=record.extension,
        entered=utc_text(record.entered),
        answered=when(record.answered),
        queued=when(record.queued),
        bridged=when(record.bridged),
        ended=when(record.ended),
        wait_seconds=record.wait,
        talk_seconds=record.talk,
        hold_seconds=record.hold,
        ended_by=record.ended_by,
        cause=record.cause,
        talks=tuple(_talk(talk) for talk in record.talks),
        recordings=tuple(recording_of(note, record.call) for note in record.recordings),
        quality=tuple(_quality(note) for note in record.quality),
        connections=tuple(_connection(note) for note in record.connections),
        callback=record.callback,
        first_call=record.first,
        survey=_survey(record.survey),
    )


def _survey(note: SurveyNote | None) -> SurveyShown | None:
    if note is None:
        return None
    return SurveyShown(
        survey=note.survey,
        agent=note.agent,
        queue=note.queue,
        score=note.score,
        reason_recording=note.reason,
    )


def _diversion(by: Diversion | None) -> DiversionShown | None:
    return None if by is None else DiversionShown(number=by.number, reason=by.reason)


def _connection(note: ConnectionNote) -> ConnectionShown:
    return ConnectionShown(
        leg=note.leg,
        extension=note.extension,
        number=note.number,
        trunk=note.trunk,
        transport=note.transport,
        is_encrypted=note.is_encrypted,
    )


def _line(line: Line) -> LineName:
    match line:
        case TrunkLine(trunk=name):
            return LineName(kind="trunk", name=name)
        case PhoneLine(extension=number):
            return LineName(kind="phone", name=number)
        case GuestLine(address=address):
            return LineName(kind="guest", name=address)


def _talk(talk: TalkNote) -> TalkShown:
    return TalkShown(
        leg=talk.leg,
        agent=talk.agent,
        extension=talk.extension,
        queue=talk.queue,
        bridged=utc_text(talk.bridged),
        talk_seconds=talk.talk,
        hold_seconds=talk.hold,
    )


def _quality(note: QualityNote) -> QualityShown:
    return QualityShown(
        leg=note.leg,
        codec=note.codec,
        packets=note.packets,
        lost=note.lost,
        far_lost=note.far_lost,
        jitter_ms=note.jitter_ms,
        round_trip_ms=note.round_trip_ms,
        mos=note.mos,
    )
