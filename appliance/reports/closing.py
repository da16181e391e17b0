"""Ending on paper the calls that a power cut ended in fact.

A call whose end never reached the journal would stand as "still waiting" for ever and spoil the
reconciliation of its day. Its missing last facts follow from the ones that are there; their keys
are derived from the call, so that writing them twice changes nothing.
"""

from collections.abc import Iterator, Sequence

from appliance.reports.fold import story_of, whole_ms
from appliance.reports.journeys import journey_outcome
from appliance.reports.story import CallStory
from appliance.vocabulary.facts_handling import (
    ConferenceBegun,
    ConferenceEnded,
    ConsultBegun,
    ConsultEnded,
    Held,
    Retrieved,
)
from appliance.vocabulary.ids import Instant, LegId, Seconds, Utc
from appliance.vocabulary.journal import (
    AnyFact,
    CallEnded,
    CallOutcome,
    Direction,
    Entry,
    MissReason,
    OfferMissed,
    RecordingClosed,
    RecordingOpened,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause

Span = tuple[Utc, Utc]


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
        *((fact, None) for fact in _open_offers(story, at)),
        *((fact, None) for fact in _open_consults(entries, at)),
        *_open_talks(story, entries, at),
        *((fact, None) for fact in _open_conferences(story, entries, at)),
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


def _open_offers(story: CallStory, at: Utc) -> list[OfferMissed]:
    """Phones that rang: no fault of an agent's, the caller was cut off."""
    return [
        OfferMissed(
            agent=offer.agent,
            extension=offer.extension,
            reason=MissReason.CALLER_GONE,
            visit=offer.visit,
            rang=whole_ms(at - offer.offered),
        )
        for offer in story.offers
        if offer.is_ringing
    ]


def _open_talks(
    story: CallStory, entries: Sequence[Entry], at: Utc
) -> list[tuple[AnyFact, LegId | None]]:
    spans = _held(entries, at)
    found: list[tuple[AnyFact, LegId | None]] = []
    for leg in story.legs:
        if leg.ended is not None:
            continue
        held = whole_ms(sum(max(0.0, end - max(begin, leg.bridged)) for begin, end in spans))
        talk = whole_ms(at - leg.bridged - held)
        ended = TalkEnded(
            agent=leg.agent,
            extension=leg.extension,
            queue=leg.queue,
            talk=talk,
            hold=held,
            number=leg.number,
        )
        found.append((ended, leg.leg))
    return found


def _held(entries: Sequence[Entry], at: Utc) -> list[Span]:
    """Return when one waited with music: held by a side, or while a third one was asked."""
    spans: list[Span] = []
    waits: dict[type, Utc] = {}
    for entry in entries:
        was_waiting = min(waits.values(), default=None)
        if isinstance(entry.fact, Held | ConsultBegun):
            waits.setdefault(type(entry.fact), entry.at)
        elif isinstance(entry.fact, Retrieved):
            waits.pop(Held, None)
        elif isinstance(entry.fact, ConsultEnded):
            waits.pop(ConsultBegun, None)
        if was_waiting is not None and not waits:
            spans.append((was_waiting, entry.at))
    if waits:
        spans.append((min(waits.values()), at))
    return spans


def _open_consults(entries: Sequence[Entry], at: Utc) -> Iterator[ConsultEnded]:
    """How long the third party was spoken to is not in the journal; that it was asked is."""
    open_: dict[str, Utc] = {}
    for entry in entries:
        if isinstance(entry.fact, ConsultBegun):
            open_[entry.fact.to] = entry.at
        elif isinstance(entry.fact, ConsultEnded):
            open_.pop(entry.fact.to, None)
    for to in open_:
        yield ConsultEnded(to=to, seconds=Seconds(0.0))


def _open_conferences(
    story: CallStory, entries: Sequence[Entry], at: Utc
) -> Iterator[ConferenceEnded]:
    begun: Utc | None = None
    for entry in entries:
        if isinstance(entry.fact, ConferenceBegun):
            begun = entry.at
        elif isinstance(entry.fact, ConferenceEnded):
            begun = None
    if begun is None:
        return
    since = sorted(max(begun, leg.bridged) for leg in story.legs if leg.ended is None)
    overlap = sum(at - moment for moment in since[1:])
    yield ConferenceEnded(seconds=whole_ms(at - begun), overlap=whole_ms(overlap))


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
