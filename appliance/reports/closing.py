"""Ending on paper the calls that a power cut ended in fact.

A call whose end never reached the journal would stand as "still waiting" for ever and spoil the
reconciliation of its day. Its missing last facts follow from the ones that are there; their keys
are derived from the call, so that writing them twice changes nothing.
"""

from collections.abc import Sequence

from appliance.reports.fold import story_of, whole_ms
from appliance.reports.journeys import journey_outcome
from appliance.reports.story import CallStory
from appliance.vocabulary.ids import Instant, LegId, Utc
from appliance.vocabulary.journal import (
    AnyFact,
    CallEnded,
    CallOutcome,
    Direction,
    Entry,
    RecordingClosed,
    RecordingOpened,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause


def closing_entries(entries: Sequence[Entry], at: Utc) -> list[Entry]:
    """Return what ends an unfinished call's entries at `at`, the box's last sign of life.

    Empty for a call that has ended, or whose beginning is not among the entries.
    """
    story = story_of(entries)
    if story is None or story.ended is not None:
        return []
    last = entries[-1]
    at = max(at, last.at)
    mono = Instant(last.mono + (at - last.at))
    facts: list[tuple[AnyFact, LegId | None]] = [
        *_open_talks(story, at),
        *((fact, None) for fact in _open_visits(story, at)),
        *((fact, None) for fact in _open_recordings(entries)),
        (CallEnded(by=Side.BOX, cause=Cause.BOX_RESTARTED, outcome=_outcome(story)), None),
    ]
    return [
        Entry(
            at=at,
            mono=mono,
            call=story.call,
            leg=leg,
            fact=fact,
            key=f"{story.call}:closing:{number}",
        )
        for number, (fact, leg) in enumerate(facts)
    ]


def _open_talks(story: CallStory, at: Utc) -> list[tuple[AnyFact, LegId | None]]:
    return [
        (
            TalkEnded(
                agent=leg.agent,
                extension=leg.extension,
                queue=leg.queue,
                talk=whole_ms(at - leg.bridged),
            ),
            leg.leg,
        )
        for leg in story.legs
        if leg.ended is None
    ]


def _open_recordings(entries: Sequence[Entry]) -> list[RecordingClosed]:
    over = {one.fact.recording for one in entries if isinstance(one.fact, RecordingClosed)}
    return [
        RecordingClosed(recording=one.fact.recording)
        for one in entries
        if isinstance(one.fact, RecordingOpened) and one.fact.recording not in over
    ]


def _open_visits(story: CallStory, at: Utc) -> list[AnyFact]:
    """A caller who was cut off while waiting did not get through: an abandon, with its reason."""
    return [
        VisitEnded(
            queue=visit.queue,
            visit=visit.visit,
            outcome=VisitOutcome.ANSWERED if visit.legs else VisitOutcome.ABANDONED,
            wait=whole_ms((visit.legs[0].bridged if visit.legs else at) - visit.queued),
            reason=str(Cause.BOX_RESTARTED),
        )
        for visit in story.visits
        if visit.outcome is None
    ]


def _outcome(story: CallStory) -> CallOutcome:
    if story.direction is Direction.SERVICE:
        return CallOutcome.SERVICE
    if story.direction is not Direction.INBOUND:
        return CallOutcome.ANSWERED if story.legs else CallOutcome.NOT_ANSWERED
    if story.visits:
        if story.legs:
            return CallOutcome.ANSWERED
        return CallOutcome(str(journey_outcome(story) or VisitOutcome.ABANDONED))
    if any(note.is_message for note in story.recordings):
        return CallOutcome.NOTICE
    return CallOutcome.DIRECT if story.offers or story.legs else CallOutcome.IVR
