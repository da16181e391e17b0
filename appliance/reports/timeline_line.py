"""One line of a timeline, and how it becomes a sentence in a language."""

from collections.abc import Callable

from appliance.vocabulary.ids import Seconds, Utc
from appliance.vocabulary.shape import Value

Gettext = Callable[[str], str]


class Said(Value, frozen=True, kw_only=True):
    """What a fact says: a sentence of ours with values."""

    text_key: str
    values: dict[str, str] = {}
    is_main: bool = False
    words: tuple[str, ...] = ()


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
    words: tuple[str, ...] = ()
    """Names of the values that are words of ours, to be translated before they are put in."""


def sentence(line: TimelineLine, gettext: Gettext) -> str:
    """Return the line in the reader's language, without its time."""
    values = {
        name: gettext(value) if name in line.words else value for name, value in line.values.items()
    }
    return gettext(line.text_key).format_map(values)


def duration(seconds: float | Seconds) -> str:
    """Return "3:20", or "1:02:05" from an hour on; seconds are cut, not rounded."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
