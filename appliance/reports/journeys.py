"""The box's view of a call's stays: all of them are one journey, counted once.

A call that overflows from one queue into a second is one V there and one O here, but one journey
that was answered, abandoned … once. Its wait is the sum of its waits, its legs are all its talks.
"""

from appliance.reports.story import CallStory, Visit
from appliance.vocabulary.ids import Seconds
from appliance.vocabulary.journal import CallOutcome, VisitOutcome

_OF_CALL = {
    CallOutcome.ANSWERED: VisitOutcome.ANSWERED,
    CallOutcome.ABANDONED: VisitOutcome.ABANDONED,
    CallOutcome.OVERFLOW: VisitOutcome.OVERFLOW,
    CallOutcome.VOICEMAIL: VisitOutcome.VOICEMAIL,
    CallOutcome.CALLBACK: VisitOutcome.CALLBACK,
}


def journey_outcome(story: CallStory) -> VisitOutcome | None:
    """Return what became of a queued call; None while it waits.

    An ended call is what its end says (None when that is no outcome of a queued call: the
    reconciliation then shows a difference); one that goes on is what its stays say.
    """
    if story.ended is not None:
        return None if story.outcome is None else _OF_CALL.get(story.outcome)
    outcomes = [visit.outcome for visit in story.visits]
    if VisitOutcome.ANSWERED in outcomes:
        return VisitOutcome.ANSWERED
    return outcomes[-1] if outcomes else None


def journey_of(story: CallStory) -> Visit | None:
    """Return the call's stays as one; None for a call that was in no queue."""
    if not story.visits:
        return None
    first, last = story.visits[0], story.visits[-1]
    waits = [visit.wait for visit in story.visits if visit.wait is not None]
    rings = [visit.ring for visit in story.visits if visit.ring is not None]
    outcome = journey_outcome(story)
    return Visit(
        call=story.call,
        queue=first.queue,
        visit=first.visit,
        queued=first.queued,
        outcome=outcome,
        wait=None if outcome is None else Seconds(round(sum(waits), 3)),
        reason=last.reason,
        was_ringing=last.was_ringing,
        ring=rings[0] if rings else None,
        legs=story.legs,
        is_surveyed=last.is_surveyed,
        score=last.score,
        is_transferred=story.transfers > 0,
        is_over=story.ended is not None,
    )
