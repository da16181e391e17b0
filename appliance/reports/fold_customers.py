"""What a story knows of being called back and of surveys: the fields that one fact sets."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from appliance.reports.story import Visit
from appliance.vocabulary.facts_customers import (
    CallbackBegun,
    CallbackTaken,
    ReasonSpoken,
    SurveyAsked,
    SurveyScored,
)
from appliance.vocabulary.records import SurveyNote

CustomerStep = CallbackBegun | CallbackTaken | SurveyAsked | SurveyScored | ReasonSpoken
CUSTOMER_STEPS = (CallbackBegun, CallbackTaken, SurveyAsked, SurveyScored, ReasonSpoken)


def known_of(fact: CustomerStep, known: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of the story that this fact sets. Who took a callback has dialled it."""
    match fact:
        case CallbackBegun():
            return {"callback": fact.callback, "first": fact.first}
        case CallbackTaken():
            return {"dialled_by": fact.agent, "extension": fact.extension}
        case SurveyAsked():
            note = SurveyNote(
                survey=fact.survey, agent=fact.agent, extension=fact.extension, queue=fact.queue
            )
            return {"survey": note}
        case SurveyScored():
            return _noted(known, score=fact.score)
        case ReasonSpoken():
            return _noted(known, reason=fact.recording)


def rated(visits: Sequence[Visit], known: Mapping[str, object]) -> tuple[Visit, ...]:
    """Return the stays with what was said of the last one in the queue that asked: a call is rated
    once."""
    note = known.get("survey")
    if not visits or not isinstance(note, SurveyNote):
        return tuple(visits)
    place = max(
        (at for at, visit in enumerate(visits) if visit.queue == note.queue),
        default=len(visits) - 1,
    )
    last = replace(visits[place], is_surveyed=True, score=note.score)
    return (*visits[:place], last, *visits[place + 1 :])


def _noted(known: Mapping[str, object], **changed: object) -> dict[str, object]:
    note = known.get("survey")
    return {"survey": replace(note, **changed)} if isinstance(note, SurveyNote) else {}
