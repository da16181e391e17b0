"""What the facts of a queue, of offers to agents and of recordings say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said, duration
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    AgentRinging,
    CallQueued,
    Entry,
    MissReason,
    NumberTold,
    OfferMissed,
    PositionTold,
    RecordingClosed,
    RecordingFailed,
    RecordingFiled,
    RecordingOpened,
    VisitEnded,
    VisitOutcome,
)

MISS_SENTENCES = {
    MissReason.NO_ANSWER: "{phone} rang {seconds} s, no answer",
    MissReason.REJECTED: "{phone} rejected after {seconds} s",
    MissReason.BUSY: "{phone} was busy",
    MissReason.UNREACHABLE: "{phone} could not be reached",
    MissReason.CALLER_GONE: "{phone} rang {seconds} s, then the caller was gone",
    MissReason.OVERFLOW: "{phone} rang {seconds} s, then the wait was over",
    MissReason.ANSWERED_ELSEWHERE: "{phone} rang {seconds} s, another phone answered",
}

OVERFLOW_WORDS = {"wait": "waited too long", "full": "queue full", "no_agent": "no agent"}

GONE_AFTER_ANSWER = "{phone} had answered, the caller was gone before they talked"
"""While the announcement before the talk was heard: he was not rung in vain."""

LEFT_SENTENCES = {
    VisitOutcome.ANSWERED: "waited {duration}",
    VisitOutcome.ABANDONED: "gave up after {duration}",
    VisitOutcome.OVERFLOW: "left the queue after {duration}: {reason}",
    VisitOutcome.VOICEMAIL: "went to voicemail after {duration}",
    VisitOutcome.CALLBACK: "chose to be called back after {duration}",
}


def _queued(fact: CallQueued, entry: Entry, known: Known) -> Said:
    queue = known.names.queues.get(fact.queue, fact.queue)
    is_told = known.led_to == queue
    known.led_to = queue
    return Said(
        text_key="waits in {queue}, position {position}",
        values={"queue": queue, "position": str(fact.position)},
        is_main=not is_told,
    )


def _position(fact: PositionTold, entry: Entry, known: Known) -> Said:
    return Said(text_key="heard the position: {position}", values={"position": str(fact.position)})


def _offered(fact: AgentOffered, entry: Entry, known: Known) -> Said:
    known.offered = {**known.offered, fact.extension: entry.mono}
    known.picked_up = tuple(one for one in known.picked_up if one != fact.extension)
    return Said(text_key="{phone} is being called", values={"phone": fact.extension})


def _ringing(fact: AgentRinging, entry: Entry, known: Known) -> Said:
    return Said(text_key="{phone} rings", values={"phone": fact.extension})


def _missed(fact: OfferMissed, entry: Entry, known: Known) -> Said:
    since = known.offered.get(fact.extension, entry.mono)
    rang = fact.rang or max(0.0, entry.mono - since)
    if fact.reason is MissReason.CALLER_GONE and fact.extension in known.picked_up:
        return Said(text_key=GONE_AFTER_ANSWER, values={"phone": fact.extension})
    return Said(
        text_key=MISS_SENTENCES[fact.reason],
        values={"phone": fact.extension, "seconds": str(int(rang))},
        is_main=fact.reason not in (MissReason.CALLER_GONE, MissReason.ANSWERED_ELSEWHERE),
    )


def _picked_up(fact: AgentAnswered, entry: Entry, known: Known) -> Said:
    known.picked_up = (*known.picked_up, fact.extension)
    return Said(text_key="{phone} answered", values={"phone": fact.extension}, is_main=True)


def _number_told(fact: NumberTold, entry: Entry, known: Known) -> Said:
    return Said(text_key="the caller heard agent number {agent}", values={"agent": fact.agent})


def _left(fact: VisitEnded, entry: Entry, known: Known) -> Said:
    values = {"duration": duration(fact.wait)}
    is_overflow = fact.outcome is VisitOutcome.OVERFLOW
    if is_overflow:
        values["reason"] = OVERFLOW_WORDS.get(fact.reason, "overflow")
    return Said(
        text_key=LEFT_SENTENCES[fact.outcome],
        values=values,
        words=("reason",) if is_overflow else (),
        is_main=fact.outcome is not VisitOutcome.ANSWERED,
    )


def _recording(fact: RecordingOpened, entry: Entry, known: Known) -> Said:
    if fact.is_message:
        known.messages = (*known.messages, fact.recording)
        return Said(text_key="a message is recorded")
    if fact.by:
        return Said(text_key="{who} switched the recording on", values={"who": fact.by})
    return Said(text_key="recording begins")


def _not_recorded(fact: RecordingFailed, entry: Entry, known: Known) -> Said:
    return Said(text_key="not recorded: {reason}", values={"reason": fact.text}, is_main=True)


def _recorded(fact: RecordingClosed, entry: Entry, known: Known) -> Said:
    if fact.by not in ("", "key"):
        return Said(
            text_key="{who} switched the recording off", values={"who": fact.by}, is_main=True
        )
    return Said(text_key="recording ends")


def _filed(fact: RecordingFiled, entry: Entry, known: Known) -> Said:
    is_message = fact.recording in known.messages
    return Said(
        text_key="message stored, {duration}" if is_message else "recording stored, {duration}",
        values={"duration": duration(fact.seconds)},
        is_main=is_message,
    )


QUEUE_SAYS: dict[type, Callable[..., Said | None]] = {
    CallQueued: _queued,
    PositionTold: _position,
    AgentOffered: _offered,
    AgentRinging: _ringing,
    OfferMissed: _missed,
    AgentAnswered: _picked_up,
    NumberTold: _number_told,
    VisitEnded: _left,
    RecordingOpened: _recording,
    RecordingFailed: _not_recorded,
    RecordingClosed: _recorded,
    RecordingFiled: _filed,
}
