"""Telephone quality of a call as lamps: by MOS, the worst leg for the whole call.

The steps are ITU-T G.107 Annex B's: from 4.03 users are satisfied, below 3.60 many are not.
"""

from collections.abc import Sequence

from appliance.vocabulary.journal import AgentOffered, AgentRinging, Bridged, CallEntered, Entry
from appliance.vocabulary.records import CallRecord, QualityNote
from appliance.vocabulary.shape import Value

GOOD_MOS, BAD_MOS = 4.0, 3.6


class QualityShown(Value, frozen=True, kw_only=True):
    """One leg."""

    label: str
    """Whose leg: an extension, or the caller's number; empty where it is not known."""
    lamp: str
    note: QualityNote


def lamp_of(mos: float) -> str:
    """Return good, pause or bad."""
    if mos >= GOOD_MOS:
        return "good"
    return "pause" if mos >= BAD_MOS else "bad"


def lamp_of_call(record: CallRecord) -> str:
    """Return the lamp of the worst leg, "" where nothing was measured."""
    return lamp_of(min(note.mos for note in record.quality)) if record.quality else ""


def quality_shown(record: CallRecord, entries: Sequence[Entry]) -> list[QualityShown]:
    """Return what was measured on each leg, with a name for it."""
    labels = _labels(entries)
    return [
        QualityShown(
            label=labels.get(note.leg or "", ""),
            lamp=lamp_of(note.mos),
            note=note,
        )
        for note in record.quality
    ]


def _labels(entries: Sequence[Entry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        if entry.leg is None:
            continue
        match entry.fact:
            case CallEntered() as fact:
                found[entry.leg] = fact.extension or fact.caller.number
            case AgentOffered(extension=phone) | AgentRinging(extension=phone):
                found[entry.leg] = phone
            case Bridged(extension=phone) if phone is not None:
                found[entry.leg] = phone
    return found
