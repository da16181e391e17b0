"""The call list (通话明细): one row a call of the day, as the records say it."""

from collections.abc import Sequence

from appliance.reports.days import Day, local_moment
from appliance.reports.fold import stories_of
from appliance.reports.names import Names, names_of
from appliance.reports.record import record_of_story
from appliance.reports.tables import Cell, Table
from appliance.reports.timeline_of_call import CAUSE_WORDS
from appliance.reports.words import Gettext
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import MISSED_CODE, CallOutcome, Direction, Entry, Side
from appliance.vocabulary.lines import Line, PhoneLine, TrunkLine
from appliance.vocabulary.records import CallRecord
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

DIRECTION_WORDS = {
    Direction.INBOUND: "inbound",
    Direction.OUTBOUND: "outbound",
    Direction.INTERNAL: "internal",
    Direction.SERVICE: "service",
}

OUTCOME_WORDS = {
    CallOutcome.ANSWERED: "was answered",
    CallOutcome.ABANDONED: "gave up in the queue",
    CallOutcome.IVR: "in menu",
    CallOutcome.DIRECT: "direct",
    CallOutcome.NOTICE: "notice",
    CallOutcome.OVERFLOW: "overflow",
    CallOutcome.VOICEMAIL: "left a message",
    CallOutcome.CALLBACK: "callback",
    CallOutcome.BLOCKED: "blocked",
    CallOutcome.NOT_ANSWERED: "not answered",
    CallOutcome.SERVICE: "service",
}

SIDE_WORDS = {Side.CALLER: "caller", Side.AGENT: "agent side", Side.BOX: "box"}

HEADINGS = (
    "call",
    "direction",
    "outcome",
    "caller",
    "called",
    "line used",
    "queue",
    "agent",
    "extension",
    "entered",
    "queued",
    "connected",
    "ended",
    "wait s",
    "talk s",
    "hold s",
    "ended by",
    "cause",
    "recording",
)


class CallList(Value, frozen=True, kw_only=True):
    """The calls that entered the box on a day, oldest first."""

    day: Day
    names: Names
    calls: tuple[CallRecord, ...]


def call_list(entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> CallList:
    """Return the day's calls from `CallBook.entries_for_day(day.start, day.end)`."""
    stories = [story for story in stories_of(entries) if day.start <= story.entered < day.end]
    stories.sort(key=lambda story: story.entered)
    return CallList(
        day=day,
        names=names_of(site),
        calls=tuple(record_of_story(story) for story in stories),
    )


def call_tables(calls: CallList, gettext: Gettext) -> tuple[Table, ...]:
    """Return the list as one table. Numbers are text: leading zeros stay."""
    return (
        Table(
            title=f"{gettext('Call list')} {calls.day.date}",
            headings=tuple(gettext(heading) for heading in HEADINGS),
            rows=tuple(_row(record, calls, gettext) for record in calls.calls),
        ),
    )


def _row(record: CallRecord, calls: CallList, gettext: Gettext) -> tuple[Cell, ...]:
    def moment(at: Utc | None) -> Cell:
        return None if at is None else local_moment(at, calls.day.timezone)

    queue = record.queue
    cause = None if record.cause is None else gettext(CAUSE_WORDS[record.cause])
    word = dialled_word(record.called)
    return (
        record.call,
        gettext(DIRECTION_WORDS[record.direction]),
        gettext("still in progress" if record.outcome is None else OUTCOME_WORDS[record.outcome]),
        record.caller.number or gettext("withheld number"),
        word if word == record.called else gettext(word),
        _line(record.line),
        None if queue is None else calls.names.queues.get(queue, queue),
        " ".join(record.agents) or None,
        record.extension,
        moment(record.entered),
        moment(record.queued),
        moment(record.bridged),
        moment(record.ended),
        record.wait,
        record.talk,
        record.hold,
        None if record.ended_by is None else gettext(ender(record.ended_by, record.direction)),
        cause if not record.block_reason else record.block_reason,
        " ".join(note.file or note.failed for note in record.recordings) or None,
    )


def dialled_word(called: str) -> str:
    """Return what a call was for, where its "number" is none that anybody dialled."""
    return "told: not ready" if called == MISSED_CODE else called


def ender(side: Side, direction: Direction) -> str:
    """Return the word for who ended a call: agents are called by those who come in only."""
    if side is Side.AGENT and direction in (Direction.OUTBOUND, Direction.INTERNAL):
        return "called party"
    return SIDE_WORDS[side]


def _line(line: Line) -> str:
    if isinstance(line, TrunkLine):
        return line.trunk
    return line.extension if isinstance(line, PhoneLine) else line.address
