"""A call's timeline in sentences: "13:02:11 pressed 2 → 销售; 8001 rang 12 s, no answer; …".

A line is an English sentence with braces (the key of its translation), its values, and whether it
belongs in the one-line summary. Names of queues and the words of the site are values, shown as
they are; which values are words of ours, to be translated too, is said in the line's `words`.
"""

from collections.abc import Callable, Sequence

from appliance.reports.days import local_time
from appliance.reports.names import Names
from appliance.reports.timeline_line import Said, TimelineLine, duration, sentence
from appliance.reports.timeline_of_box import BOX_SAYS
from appliance.reports.timeline_of_call import CALL_SAYS, Known
from appliance.reports.timeline_of_customers import CUSTOMER_SAYS
from appliance.reports.timeline_of_desk import DESK_SAYS
from appliance.reports.timeline_of_flow import FLOW_SAYS
from appliance.reports.timeline_of_handling import HANDLING_SAYS
from appliance.reports.timeline_of_legs import LEG_SAYS
from appliance.reports.timeline_of_messages import MESSAGE_SAYS
from appliance.reports.timeline_of_queue import QUEUE_SAYS
from appliance.reports.words import Gettext
from appliance.vocabulary.journal import Entry

__all__ = [
    "TimelineLine",
    "duration",
    "local_time",
    "sentence",
    "summary",
    "timeline_of",
]

_SAYS: dict[type, Callable[..., Said | None]] = {
    **CALL_SAYS,
    **QUEUE_SAYS,
    **FLOW_SAYS,
    **BOX_SAYS,
    **CUSTOMER_SAYS,
    **DESK_SAYS,
    **HANDLING_SAYS,
    **LEG_SAYS,
    **MESSAGE_SAYS,
}


def timeline_of(entries: Sequence[Entry], names: Names) -> list[TimelineLine]:
    """Return the sentences of one call's entries (or of any entries), in order."""
    known = Known(names=names)
    lines = []
    for entry in entries:
        known.legs.learn(entry)
        says = _SAYS.get(type(entry.fact))
        said = None if says is None else says(entry.fact, entry, known)
        if said is not None:
            lines.append(
                TimelineLine(
                    at=entry.at,
                    kind=type(entry.fact).__name__,
                    text_key=said.text_key,
                    values=said.values,
                    is_main=said.is_main,
                    words=said.words,
                )
            )
    return lines


def summary(lines: Sequence[TimelineLine], gettext: Gettext, timezone: str) -> str:
    """Return the whole call in one line: local time of the first, then the main sentences."""
    main = [line for line in lines if line.is_main]
    if not main:
        return ""
    text = "; ".join(sentence(line, gettext) for line in main)
    return f"{local_time(main[0].at, timezone)} {text}"
