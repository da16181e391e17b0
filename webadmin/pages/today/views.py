"""A day's figures as a page, as CSV and as JSON: three forms of the same report."""

from datetime import datetime

from flask import Response, render_template, url_for

from appliance.reports.daily import DailyReport, daily_report
from appliance.reports.daily_tables import AGENT_TALK_RULE, QUEUE_TALK_RULE
from appliance.reports.days import zone_of
from appliance.reports.hours import years_missing
from appliance.reports.promised_waits import promised_waits, promises_of
from appliance.reports.render import report_csv, report_json
from appliance.reports.words import words_for
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import Entry
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.box import live_feed
from webadmin.days import chosen_day, day_beside, today
from webadmin.languages import language_now
from webadmin.message_boxes import boxes, overdue
from webadmin.pages.today.half_hours import bars_of
from webadmin.pages.today.promise_dots import dots_of
from webadmin.stores import call_book, site

blueprint = blueprint_of(__name__, "today", "/today")


def _report() -> DailyReport:
    return _report_of(_entries())


def _entries() -> list[Entry]:
    day = chosen_day()
    return call_book().entries_for_day(day.start, day.end)


def _report_of(entries: list[Entry]) -> DailyReport:
    day = chosen_day()
    # A box that was run with LINGHE_CLOCK has entries in what is the future by now.
    now = Utc(max([live_feed().box_time(), *(entry.at for entry in entries[-1:])]))
    return daily_report(entries, site(), day, now)


@blueprint.get("/")
def show() -> str:
    """Show the day."""
    entries = _entries()
    report = _report_of(entries)
    day = report.day
    return render_template(
        "today.html",
        report=report,
        day=day,
        is_today=day.date == today().date,
        before=url_for("today.show", day=day_beside(day, -1).date),
        after=url_for("today.show", day=day_beside(day, 1).date),
        has_surveys=any(queue.figures.counts.surveyed for queue in report.queues),
        promised=promised_waits(entries, site(), day, Utc(day.end)).queues,
        dots=dots_of(promises_of(entries, day)),
        bars=bars_of(report.half_hours),
        words=words_for(language_now()),
        queue_talk=QUEUE_TALK_RULE,
        agent_talk=AGENT_TALK_RULE,
        is_control_away=live_feed().now().is_away,
        missing_years=_missing_years(),
        overdue_messages=_overdue_messages(),
    )


def _overdue_messages() -> int:
    """How many voicemail messages wait for too long at this moment."""
    if live_feed().now().is_away:
        return 0
    return overdue(boxes(present_visitor().name) or (), live_feed().box_time())


def _missing_years() -> tuple[int, ...]:
    """Years whose holidays the owner should know to be missing, by the box's clock."""
    zone = zone_of(site().site.timezone)
    return years_missing(site(), datetime.fromtimestamp(live_feed().box_time(), zone).date())


@blueprint.get("/day.csv")
def as_csv() -> Response:
    """Give the day as a spreadsheet."""
    report = _report()
    note("report_exported", f"{report.day.date} csv")
    return _download(
        report_csv(report, words_for(language_now())), "text/csv; charset=utf-8", report, "csv"
    )


@blueprint.get("/day.json")
def as_json() -> Response:
    """Give the day to programs."""
    report = _report()
    note("report_exported", f"{report.day.date} json")
    return _download(report_json(report), "application/json", report, "json")


def _download(content: bytes, kind: str, report: DailyReport, ending: str) -> Response:
    name = f"linghe-{report.day.date}.{ending}"
    return Response(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
