"""A call's timeline in sentences: "13:02:11 pressed 2 → 销售; 8001 rang 12 s, no answer"."""

from collections.abc import Sequence

from appliance.reports.names import Names
from appliance.reports.words import Gettext
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.shape import Value


class TimelineLine(Value, frozen=True, kw_only=True):
    """One sentence, not yet in a language."""

    at: Utc
    kind: str
    """The fact's kind ("DigitPressed"): for icons and CSS classes."""
    text_key: str
    """English sentence with named braces; the key in reports/words.py."""
    values: dict[str, str] = {}
    is_main: bool = True
    """Stands in the one-line summary; the others are details."""


def timeline_of(entries: Sequence[Entry], names: Names) -> list[TimelineLine]:
    """Return the sentences of one call's entries, in order."""
    raise NotImplementedError


def sentence(line: TimelineLine, gettext: Gettext) -> str:
    """Return the line in the reader's language, without its time."""
    raise NotImplementedError


def summary(lines: Sequence[TimelineLine], gettext: Gettext, timezone: str) -> str:
    """Return the whole call in one line: local time of the first, then the main sentences."""
    raise NotImplementedError


def local_time(at: Utc, timezone: str) -> str:
    """Return "13:02:11"."""
    raise NotImplementedError
