"""What the facts of callbacks and surveys say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_customers import (
    CallbackAsked,
    CallbackBegun,
    CallbackClosed,
    CallbackTaken,
    CallbackTried,
    ReasonSpoken,
    SurveyAsked,
    SurveyScored,
    SurveySkipped,
    SurveyUnanswered,
)
from appliance.vocabulary.journal import Entry

TRY_RESULTS = {
    "no_answer": "no answer",
    "busy": "the line is busy",
    "rejected": "the customer rejected it",
    "unreachable": "could not be reached",
    "congestion": "every line was busy",
    "not_found": "number unknown",
    "forbidden": "the number may not be dialled",
    "failure": "a fault of the line",
    "agent_left": "the agent hung up before",
    "box_restarted": "the box was restarted",
}
"""How a try ended, by its result; what is none of these is shown as it is."""
CLOSED_REASONS = {
    "tries": "tried often enough",
    "expired": "too old",
    "forbidden": "the number may not be dialled",
    "queue_removed": "its queue calls nobody back any more",
}
SCORES = {1: "content", 2: "so-so", 3: "not content"}
SKIPPED_REASONS = {
    "short_talk": "the talk was too short",
    "asked_lately": "he was asked a short time ago",
    "no_words": "the question is not there as sound",
}


def _asked(fact: CallbackAsked, entry: Entry, known: Known) -> Said:
    key = "is to be called back at {number}, queue {queue}"
    if fact.is_known:
        key = "is to be called back at {number} already; the earlier place in {queue} is kept"
    return Said(text_key=key, values=_of_queue(fact, known), is_main=True)


def _of_queue(fact: CallbackAsked | CallbackBegun | CallbackClosed, known: Known) -> dict[str, str]:
    return {"number": fact.number, "queue": known.names.queues.get(fact.queue, fact.queue)}


def _begun(fact: CallbackBegun, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="callback of {number} for queue {queue}",
        values=_of_queue(fact, known),
        is_main=True,
    )


def _taken(fact: CallbackTaken, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{phone} has it; the customer is rung, time {tries}",
        values={"phone": fact.extension, "tries": str(fact.tries)},
        is_main=True,
    )


def _tried(fact: CallbackTried, entry: Entry, known: Known) -> Said:
    result = TRY_RESULTS.get(fact.result, fact.result)
    is_last = fact.not_before is None
    return Said(
        text_key="customer not reached: {result}"
        if is_last
        else "customer not reached: {result}; to be tried again",
        values={"result": result},
        words=("result",) if fact.result in TRY_RESULTS else (),
        is_main=True,
    )


def _closed(fact: CallbackClosed, entry: Entry, known: Known) -> Said:
    if fact.by:
        return Said(text_key="callback cancelled by {who}", values={"who": fact.by}, is_main=True)
    reason = CLOSED_REASONS.get(fact.reason, fact.reason)
    return Said(
        text_key="callback given up: {reason}",
        values={"reason": reason},
        words=("reason",) if fact.reason in CLOSED_REASONS else (),
        is_main=True,
    )


def _survey(fact: SurveyAsked, entry: Entry, known: Known) -> Said:
    if fact.agent is None:
        return Said(text_key="is asked how it was")
    return Said(text_key="is asked how agent {agent} was", values={"agent": fact.agent})


def _skipped(fact: SurveySkipped, entry: Entry, known: Known) -> Said:
    reason = SKIPPED_REASONS.get(fact.reason, fact.reason)
    return Said(
        text_key="no survey: {reason}",
        values={"reason": reason},
        words=("reason",) if fact.reason in SKIPPED_REASONS else (),
    )


def _scored(fact: SurveyScored, entry: Entry, known: Known) -> Said:
    score = SCORES.get(fact.score, str(fact.score))
    return Said(
        text_key="survey: {key}, {score}",
        values={"key": str(fact.score), "score": score},
        words=("score",),
        is_main=True,
    )


def _unanswered(fact: SurveyUnanswered, entry: Entry, known: Known) -> Said:
    return Said(text_key="survey not answered")


def _reason(fact: ReasonSpoken, entry: Entry, known: Known) -> Said:
    return Said(text_key="says why he is not content", is_main=True)


CUSTOMER_SAYS: dict[type, Callable[..., Said | None]] = {
    CallbackAsked: _asked,
    CallbackBegun: _begun,
    CallbackTaken: _taken,
    CallbackTried: _tried,
    CallbackClosed: _closed,
    SurveyAsked: _survey,
    SurveySkipped: _skipped,
    SurveyScored: _scored,
    SurveyUnanswered: _unanswered,
    ReasonSpoken: _reason,
}
