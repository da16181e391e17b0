"""Voicemail of a day, box by box: left, heard, deleted, and what nobody has heard for too long.

A message belongs to the day on which it came; what became of it later counts up to the time of the
report.
"""

from collections.abc import Sequence
from typing import TypeVar

from appliance.reports.days import Day
from appliance.vocabulary.facts_messages import (
    MessageArrived,
    MessageDeleted,
    MessageHeardBy,
    MessageMarked,
)
from appliance.vocabulary.ids import BoxName, RecordingId, Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.settings import Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts
from appliance.vocabulary.shape import Value

_F = TypeVar("_F")


class BoxFigures(Value, frozen=True, kw_only=True):
    """One box."""

    box: BoxName
    name: str = ""
    left: int
    heard: int
    deleted: int
    """Heard before or not."""
    unheard: int
    """Still there when the report was made."""
    overdue: int
    """Of those, for longer than the box allows."""


def message_figures(
    entries: Sequence[Entry], site: Site, day: Day, now: Utc
) -> tuple[BoxFigures, ...]:
    """Return a line for each box that the site names or that got a message; usually none."""
    came = {
        fact.recording: (fact.box, entry.at)
        for entry, fact in _of(entries, MessageArrived)
        if day.start <= entry.at < day.end
    }
    known = {one.id: one for one in site.voicemail_box}
    names = dict.fromkeys([*known, *(box for box, _ in came.values())])
    deleted = {fact.recording for _, fact in _of(entries, MessageDeleted)}
    heard = _heard(entries)
    found = []
    for name in names:
        facts = known.get(name) or VoicemailBoxFacts(id=name)
        own = {one: at for one, (box, at) in came.items() if box == name}
        unheard = [at for one, at in own.items() if one not in heard | deleted]
        found.append(
            BoxFigures(
                box=name,
                name=facts.name,
                left=len(own),
                heard=len(heard & own.keys()),
                deleted=len(deleted & own.keys()),
                unheard=len(unheard),
                overdue=sum(now - at > facts.red_after_hours * 3600 for at in unheard),
            )
        )
    return tuple(found)


def _heard(entries: Sequence[Entry]) -> set[RecordingId]:
    """Marks may take it back: the last word counts."""
    heard: set[RecordingId] = set()
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, MessageHeardBy) or (
            isinstance(fact, MessageMarked) and not fact.is_new
        ):
            heard.add(fact.recording)
        elif isinstance(fact, MessageMarked):
            heard.discard(fact.recording)
    return heard


def _of(entries: Sequence[Entry], kind: type[_F]) -> list[tuple[Entry, _F]]:
    return [(entry, entry.fact) for entry in entries if isinstance(entry.fact, kind)]
