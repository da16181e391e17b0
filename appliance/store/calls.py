"""Reading calls.db: lists, filters, timelines. Opened read-only; any number of readers."""

from pathlib import Path

from appliance.vocabulary.ids import AgentId, CallId, QueueId, RecordingId, Utc
from appliance.vocabulary.journal import CallOutcome, Direction, Entry
from appliance.vocabulary.records import CallRecord
from appliance.vocabulary.shape import Value


class CallFilter(Value, frozen=True, kw_only=True):
    """Which calls are wanted; None and "" are any. All that are given must hold."""

    number: str = ""
    """Part of the caller's or the called number."""
    agent: AgentId | None = None
    """Talked in it, or dialled it."""
    queue: QueueId | None = None
    outcome: CallOutcome | None = None
    direction: Direction | None = None
    has_recording: bool | None = None
    text: str = ""
    """Part of any of: numbers, names, called, line's call id, agent, queue, extension, digits."""


class CallBook:
    """The calls, for pages, command line and jobs. Used by the thread that made it."""

    def __init__(self, path: Path) -> None:
        """Open calls.db read-only. A file that is not there yet is an empty book."""
        raise NotImplementedError

    def calls_between(
        self,
        start: Utc,
        end: Utc,
        wanted: CallFilter = CallFilter(),
        *,
        limit: int = 50,
        before: CallId | None = None,
    ) -> list[CallRecord]:
        """Return calls that entered in [start, end), newest first.

        `before`: the last call of the page shown before; the next page begins after it.
        """
        raise NotImplementedError

    def count_between(self, start: Utc, end: Utc, wanted: CallFilter = CallFilter()) -> int:
        """Return how many calls `calls_between` would find without a limit."""
        raise NotImplementedError

    def call(self, call: CallId) -> CallRecord | None:
        """Return a call's record, None for one that is not there."""
        raise NotImplementedError

    def call_of_recording(self, recording: RecordingId) -> CallRecord | None:
        """Return the record of the call that this recording belongs to."""
        raise NotImplementedError

    def timeline(self, call: CallId) -> list[Entry]:
        """Return all entries of a call in order."""
        raise NotImplementedError

    def entries_between(self, start: Utc, end: Utc) -> list[Entry]:
        """Return all entries with `at` in [start, end), in order of writing."""
        raise NotImplementedError

    def entries_for_day(self, start: Utc, end: Utc) -> list[Entry]:
        """Return what a report on [start, end) needs.

        All entries of the calls that touch it, whole (also what lies outside), and of each agent
        the states within, the last one before and the wrap-up that runs past the end.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError
