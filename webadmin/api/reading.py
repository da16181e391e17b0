"""Operations that read: calls, recordings, agents, queues, lines, reports."""

import math
from datetime import datetime
from pathlib import Path

from flask import Response, send_file

from appliance.reports.daily import DailyReport, daily_report
from appliance.reports.days import parsed_day
from appliance.reports.public_events import utc_text
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.store.calls import CallFilter
from appliance.vocabulary.ids import AgentId, CallId, QueueId, RecordingId, Utc
from appliance.vocabulary.records import CallRecord, RecordingNote
from webadmin.access import note
from webadmin.api import shapes, shapes_live, takes
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing
from webadmin.box import live_feed
from webadmin.days import today
from webadmin.heard import message_heard
from webadmin.live_feed import Picture
from webadmin.problems import Problem
from webadmin.recordings import file_of
from webadmin.stores import call_book, names, site


# --- calls ----------------------------------------------------------------------------------------
def list_calls(asked: Asked[takes.CallsQuery, Nothing]) -> shapes.CallsShown:
    """Calls that have entered, newest first: those that go on and those of the past."""
    query = asked.query
    found = call_book().calls_between(
        _utc(query.since, 0.0),
        _utc(query.until, math.inf),
        CallFilter(
            number=query.number,
            agent=AgentId(query.agent) if query.agent else None,
            queue=QueueId(query.queue) if query.queue else None,
            outcome=query.outcome,
            direction=query.direction,
            has_recording=None if query.recorded is None else query.recorded == "yes",
            text=query.text,
        ),
        limit=query.limit + 1,
        before=CallId(query.before) if query.before else None,
    )
    shown = found[: query.limit]
    return shapes.CallsShown(
        calls=tuple(shapes.call_of(one) for one in shown),
        before=shown[-1].call if len(found) > query.limit else None,
    )


def list_live_calls(asked: Asked[Nothing, Nothing]) -> shapes_live.LiveCallsShown:
    """Calls at this moment, with stage and place in the queue."""
    picture = live_feed().now()
    live = picture.live
    return shapes_live.LiveCallsShown(
        at=_at(picture),
        is_away=picture.is_away,
        calls=() if live is None else tuple(shapes_live.live_call(call) for call in live.calls),
    )


def show_call(asked: Asked[Nothing, Nothing]) -> shapes.CallShown:
    """One call."""
    return shapes.call_of(_call(asked.path["call"]))


def show_timeline(asked: Asked[takes.TimelineQuery, Nothing]) -> shapes.TimelineShown:
    """What happened in a call, moment by moment, in words."""
    record = _call(asked.path["call"])
    gettext = words_for(asked.query.language)
    return shapes.TimelineShown(
        call=record.call,
        moments=tuple(
            shapes.TimelineMoment(
                at=utc_text(line.at),
                kind=line.kind,
                text=sentence(line, gettext),
                is_main=line.is_main,
            )
            for line in timeline_of(call_book().timeline(record.call), names())
        ),
    )


def list_recordings(asked: Asked[Nothing, Nothing]) -> shapes.RecordingsShown:
    """All recordings of a call, in their order."""
    record = _call(asked.path["call"])
    return shapes.RecordingsShown(
        call=record.call,
        recordings=tuple(shapes.recording_of(note, record.call) for note in record.recordings),
    )


def show_recording(asked: Asked[Nothing, Nothing]) -> shapes.RecordingShown:
    """One recording: what is known of it."""
    record, kept = _recording(asked.path["recording"])
    return shapes.recording_of(kept, record.call)


def hear_recording(asked: Asked[Nothing, Nothing]) -> Response:
    """A recording's WAV file: left the outside party, right our people. Ranges are understood."""
    _, kept = _recording(asked.path["recording"])
    file: Path | None = file_of(kept)
    if file is None:
        raise Problem("recording_unknown", "It has no file (yet).")
    note("recording_downloaded", kept.recording, by=asker())
    message_heard(kept, asker())
    return send_file(file, mimetype="audio/wav", conditional=True, etag=True)


# --- the box --------------------------------------------------------------------------------------
def list_agents(asked: Asked[Nothing, Nothing]) -> shapes.AgentsShown:
    """All agents and what they do."""
    picture = live_feed().now()
    return shapes.AgentsShown(
        at=_at(picture), is_away=picture.is_away, agents=tuple(_agents(picture))
    )


def show_agent(asked: Asked[Nothing, Nothing]) -> shapes.AgentShown:
    """One agent."""
    for agent in _agents(live_feed().now()):
        if agent.agent == asked.path["agent"]:
            return agent
    raise Problem("agent_unknown")


def list_queues(asked: Asked[Nothing, Nothing]) -> shapes.QueuesShown:
    """All queues and who waits in them."""
    picture = live_feed().now()
    now = {} if picture.live is None else {queue.queue: queue for queue in picture.live.queues}
    return shapes.QueuesShown(
        at=_at(picture),
        is_away=picture.is_away,
        queues=tuple(
            shapes.QueueShown(
                queue=queue.id,
                name=queue.name,
                agents=queue.agents,
                waiting=live.waiting if (live := now.get(queue.id)) else None,
                longest_wait_seconds=live.longest_wait if live else None,
                ready_agents=live.ready_agents if live else None,
                signed_in_agents=live.signed_in_agents if live else None,
            )
            for queue in site().queue
        ),
    )


def list_lines(asked: Asked[Nothing, Nothing]) -> shapes.LinesShown:
    """Trunks and phones with their lamps; empty while call control does not answer."""
    picture = live_feed().now()
    return shapes.LinesShown(
        at=_at(picture),
        is_away=picture.is_away,
        lines=tuple(
            shapes.LineShown(
                kind=line.kind,
                name=line.name,
                label=line.label,
                is_up=line.is_up,
                text=line.text,
                busy=line.busy,
                channels=line.channels,
                is_quiet=line.is_quiet,
                forwarded_to=line.forwarded_to,
                transport=line.transport,
            )
            for line in (picture.live.lines if picture.live is not None else ())
        ),
    )


def daily(asked: Asked[takes.ReportQuery, Nothing]) -> DailyReport:
    """A day's figures, as the page Today shows them."""
    wanted = asked.query.date
    day = today() if wanted is None else parsed_day(wanted.isoformat(), site().site.timezone)
    entries = call_book().entries_for_day(day.start, day.end)
    # A box that was run with LINGHE_CLOCK has entries in what is the future by now.
    now = Utc(max([live_feed().box_time(), *(entry.at for entry in entries[-1:])]))
    return daily_report(entries, site(), day, now)


# --- parts ----------------------------------------------------------------------------------------
def _utc(moment: datetime | None, otherwise: float) -> Utc:
    return Utc(otherwise if moment is None else moment.timestamp())


def _at(picture: Picture) -> str | None:
    return None if picture.live is None else utc_text(picture.live.at)


def _call(call: str) -> CallRecord:
    record = call_book().call(CallId(call))
    if record is None:
        raise Problem("call_unknown")
    return record


def _recording(wanted: str) -> tuple[CallRecord, RecordingNote]:
    record = call_book().call_of_recording(RecordingId(wanted))
    for kept in record.recordings if record is not None else ():
        if kept.recording == wanted and record is not None:
            return record, kept
    raise Problem("recording_unknown")


def _agents(picture: Picture) -> list[shapes.AgentShown]:
    now = {} if picture.live is None else {agent.agent: agent for agent in picture.live.agents}
    return [
        shapes.AgentShown(
            agent=agent.id,
            name=agent.name,
            extension=live.extension if (live := now.get(agent.id)) else agent.extension,
            state=live.state if live else None,
            since=utc_text(live.since) if live else None,
            reason=live.reason if live else "",
            call=live.call if live else None,
            is_quiet=live.is_quiet if live else False,
            forwarded_to=live.forwarded_to if live else "",
            queues=tuple(queue.id for queue in site().queue if agent.id in queue.agents),
        )
        for agent in site().agent
    ]
