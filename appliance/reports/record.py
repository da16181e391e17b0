"""The call record as a function of the call's entries."""

from collections.abc import Sequence

from appliance.reports.fold import story_of, whole_ms
from appliance.reports.story import CallStory
from appliance.vocabulary.ids import AgentId, QueueId
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.records import CallRecord, TalkNote


def record_of(entries: Sequence[Entry]) -> CallRecord | None:
    """Return the call's record; None where its CallEntered is not among the entries."""
    story = story_of(entries)
    return None if story is None else record_of_story(story)


def record_of_story(story: CallStory) -> CallRecord:
    """Return the record of a story. Its talk is the time in which the customer
    talked to anybody: its legs' talks together, less what ran at the same time in conferences."""
    legs, visits = story.legs, story.visits
    waits = [visit.wait for visit in visits if visit.wait is not None]
    agents = _agents(story)
    return CallRecord(
        call=story.call,
        direction=story.direction,
        outcome=story.outcome,
        caller=story.caller,
        called=story.called,
        line=story.line,
        line_call=story.line_call,
        diversion=story.diversion,
        queue=visits[-1].queue if visits else None,
        queues=_queues(story),
        agent=agents[-1] if agents else None,
        agents=agents,
        extension=story.extension or (legs[-1].extension if legs else None),
        entered=story.entered,
        answered=story.answered,
        queued=visits[0].queued if visits else None,
        bridged=legs[0].bridged if legs else None,
        ended=story.ended,
        wait=whole_ms(sum(waits)) if waits else None,
        talk=whole_ms(sum(leg.talk or 0.0 for leg in legs) - story.overlap),
        hold=whole_ms(sum(leg.hold for leg in legs)),
        ended_by=story.ended_by,
        cause=story.cause,
        block_reason=story.block_reason,
        is_emergency=story.is_emergency,
        callback=story.callback,
        first=story.first,
        survey=story.survey,
        into=story.into,
        talks=tuple(
            TalkNote(
                leg=leg.leg,
                agent=leg.agent,
                extension=leg.extension,
                queue=leg.queue,
                number=leg.number,
                bridged=leg.bridged,
                talk=leg.talk,
                hold=leg.hold,
            )
            for leg in legs
        ),
        recordings=story.recordings,
        quality=story.quality,
        connections=story.connections,
        nodes=story.nodes,
        digits=story.digits,
    )


def _agents(story: CallStory) -> tuple[AgentId, ...]:
    """Return who dialled it and who talked, each once, the last one who talked last."""
    names = [story.dialled_by, *(leg.agent for leg in story.legs)]
    last_first = dict.fromkeys(name for name in reversed(names) if name is not None)
    return tuple(reversed(last_first))


def _queues(story: CallStory) -> tuple[QueueId, ...]:
    last_first = dict.fromkeys(visit.queue for visit in reversed(story.visits))
    return tuple(reversed(last_first))
