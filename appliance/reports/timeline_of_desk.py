"""What the facts of desk phones (vocabulary/facts_desk.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said, duration
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_desk import (
    EmergencyCalled,
    EmergencyModeEnded,
    EmergencyModeStarted,
    PromptRecorded,
)
from appliance.vocabulary.journal import Entry


def _emergency(fact: EmergencyCalled, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="emergency number {number} dialled at {phone}",
        values={"number": fact.number, "phone": fact.extension or ""},
        is_main=True,
    )


def _mode_started(fact: EmergencyModeStarted, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="emergency mode on, by {by} on the page: every number leads to {target}"
        if fact.by
        else "emergency mode on, at {phone}: every number leads to {target}",
        values={"phone": fact.extension, "by": fact.by, "target": fact.flow},
        is_main=True,
    )


def _mode_ended(fact: EmergencyModeEnded, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="emergency mode off, by {by} on the page, after {duration}"
        if fact.by
        else "emergency mode off, at {phone}, after {duration}",
        values={"phone": fact.extension, "by": fact.by, "duration": duration(fact.seconds)},
        is_main=True,
    )


def _recorded(fact: PromptRecorded, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="prompt {name} recorded at {phone}",
        values={"name": fact.name, "phone": fact.extension},
        is_main=True,
    )


DESK_SAYS: dict[type, Callable[..., Said | None]] = {
    EmergencyCalled: _emergency,
    EmergencyModeStarted: _mode_started,
    EmergencyModeEnded: _mode_ended,
    PromptRecorded: _recorded,
}
