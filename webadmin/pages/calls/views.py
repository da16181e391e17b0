"""The list of calls, one call with its timeline, and its recordings."""

from pathlib import Path
from urllib.parse import urlencode

from flask import Response, abort, render_template, request, send_file, url_for

from appliance.reports.call_list import CallList, call_tables
from appliance.reports.days import Day
from appliance.reports.names import names_of
from appliance.reports.render import tables_csv
from appliance.reports.timeline import sentence, summary, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.ids import CallId, RecordingId
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.records import CallRecord, RecordingNote
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.box import live_feed
from webadmin.days import chosen_day, day_beside, today
from webadmin.heard import message_heard
from webadmin.languages import language_now
from webadmin.pages.calls.filters import call_filter, chosen, chosen_days
from webadmin.pages.calls.lanes import picture_of
from webadmin.pages.calls.quality import lamp_of_call, quality_shown
from webadmin.recordings import file_of
from webadmin.stores import call_book, names, site

blueprint = blueprint_of(__name__, "calls", "/calls")

PAGE_LENGTH = 50
MOST_EXPORTED = 100_000


@blueprint.get("/")
def show() -> str:
    """Show a day's calls, newest first, a page at a time."""
    day, days = chosen_day(), chosen_days()
    wanted, given = call_filter(), chosen()
    one_day = {name: value for name, value in given.items() if name != "last"}
    before = request.args.get("before", "")
    found = call_book().calls_between(
        days.start,
        days.end,
        wanted,
        limit=PAGE_LENGTH + 1,
        before=CallId(before) if before else None,
    )
    shown = found[:PAGE_LENGTH]
    has_more = len(found) > PAGE_LENGTH
    return render_template(
        "calls.html",
        calls=[(call, lamp_of_call(call)) for call in shown],
        count=call_book().count_between(days.start, days.end, wanted),
        day=day,
        days=days,
        has_range=days.date != day.date,
        is_today=day.date == today().date,
        before=_list(day_beside(day, -1), one_day),
        after=_list(day_beside(day, 1), one_day),
        older=_list(day, {**given, "before": shown[-1].call}) if has_more else None,
        newest=_list(day, given) if before else None,
        given=given,
        names=names(),
        queues=site().queue,
        agents=site().agent if present_visitor().is_owner else (),
        outcomes=tuple(CallOutcome),
        directions=tuple(Direction),
    )


@blueprint.get("/list.csv")
def as_csv() -> Response:
    """Give the day's list with the same filters as a spreadsheet, oldest first."""
    day = chosen_days()
    calls = call_book().calls_between(day.start, day.end, call_filter(), limit=MOST_EXPORTED)
    listed = CallList(day=day, names=names_of(site()), calls=tuple(reversed(calls)))
    note("calls_exported", day.date)
    name = day.date.replace("…", "_")
    return Response(
        tables_csv(call_tables(listed, words_for(language_now()))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="linghe-calls-{name}.csv"'},
    )


@blueprint.get("/<call>")
def one(call: str) -> str:
    """Show one call: its timeline in words and as a picture, its recordings."""
    record = _allowed(call_book().call(CallId(call)))
    entries = call_book().timeline(record.call)
    gettext = words_for(language_now())
    lines = timeline_of(entries, names())
    return render_template(
        "call.html",
        call=record,
        lines=[(line, sentence(line, gettext)) for line in lines],
        summary=summary(lines, gettext, site().site.timezone),
        picture=picture_of(entries, live_feed().box_time()),
        names=names(),
        quality=quality_shown(record, entries),
        recordings=[(kept, file_of(kept) is not None) for kept in record.recordings],
    )


@blueprint.get("/recordings/<recording>")
def recording(recording: str) -> Response:
    """Give a recording to the player, whole or the part it asks for (RFC 9110 §14: 206)."""
    kept, file = _recording(recording)
    if not request.headers.get("Range", "").strip().lower() or _is_beginning():
        note("recording_heard", recording)
        message_heard(kept, present_visitor().name)
    return send_file(file, mimetype="audio/wav", conditional=True, etag=True)


@blueprint.get("/recordings/<recording>/file")
def download(recording: str) -> Response:
    """Give a recording to be kept."""
    kept, file = _recording(recording)
    note("recording_downloaded", recording)
    message_heard(kept, present_visitor().name)
    return send_file(file, mimetype="audio/wav", as_attachment=True, download_name=file.name)


def _list(day: Day, query: dict[str, str]) -> str:
    """Return the address of a day's list with these filters."""
    return f"{url_for('calls.show')}?{urlencode({'day': day.date, **query})}"


def _is_beginning() -> bool:
    asked = request.range
    return asked is not None and asked.ranges[0][0] == 0


def _allowed(record: CallRecord | None) -> CallRecord:
    """Return the call if the visitor may see it; else it is as if there was none."""
    agent = present_visitor().agent
    if record is None or (agent is not None and agent not in record.agents):
        abort(404)
    return record


def _recording(wanted: str) -> tuple[RecordingNote, Path]:
    """Return a recording by our id, and its file; 404 where there is none for this visitor."""
    record = _allowed(call_book().call_of_recording(RecordingId(wanted)))
    for kept in record.recordings:
        file = file_of(kept)
        if kept.recording == wanted and file is not None:
            return kept, file
    abort(404)
