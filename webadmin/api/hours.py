"""The calendars, asked: what happens at a moment, and where each number leads."""

from datetime import datetime

from appliance.reports.days import zone_of
from appliance.reports.hours import (
    calendar_sentence,
    clock_ranges,
    hours_at,
    route_sentence,
)
from webadmin.api import takes
from webadmin.api.operation import Asked, Nothing, Shown
from webadmin.api.shapes import when
from webadmin.box import live_feed
from webadmin.problems import Problem
from webadmin.stores import site

FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Beyond, a time zone's days cannot be counted on."""


class CalendarShown(Shown, frozen=True, kw_only=True):
    """What one calendar says of a moment."""

    calendar: str
    is_open: bool
    why: str
    """hours, outside_hours, holiday, make_up_workday, closed_date, open_date."""
    day: str
    """Whose hours decide: after midnight still the day before, where its range goes on."""
    hours: tuple[str, ...]
    """That day's ranges, "09:00-18:00"."""
    occasion: str
    """The holiday, or what the make-up workday is worked for; empty: neither."""
    source: str
    """The notice or law that says so."""
    is_known: bool
    """False: this year's holidays are not built in."""
    changes_at: str | None
    """When it opens or closes next; null: not within a year."""
    text: str


class RouteShown(Shown, frozen=True, kw_only=True):
    """Where callers of one number come to at that moment, without pressing a key."""

    trunk: str
    number: str
    flow: str
    nodes: tuple[str, ...]
    ends: str
    """waits (for a key), queue, voicemail, extension, outside, hangup; missing: no such flow."""
    target: str
    text: str


class HoursShown(Shown, frozen=True, kw_only=True):
    """The site's calendars and numbers at one moment."""

    at: str
    calendars: tuple[CalendarShown, ...]
    routes: tuple[RouteShown, ...]
    missing_years: tuple[int, ...]
    """Years whose holidays are not built in and should be by now."""
    emergency_since: str | None
    """Emergency mode is on since then: at this moment all numbers lead to its flow. null: off."""


def show_hours(asked: Asked[takes.HoursQuery, Nothing]) -> HoursShown:
    """Open or closed at a moment, why, until when, and where each number leads."""
    zone = zone_of(site().site.timezone)
    language = asked.query.language
    at = asked.query.at or datetime.fromtimestamp(live_feed().box_time(), zone)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Problem("moment_unknown", field="at")
    told = hours_at(site(), at.astimezone(zone))
    live = live_feed().now().live
    return HoursShown(
        at=told.at.isoformat(),
        calendars=tuple(
            CalendarShown(
                calendar=one.calendar,
                is_open=one.is_open,
                why=one.why,
                day=one.day.isoformat(),
                hours=clock_ranges(one.ranges),
                occasion=one.occasion,
                source=one.source,
                is_known=one.is_known,
                changes_at=None if one.changes_at is None else one.changes_at.isoformat(),
                text=calendar_sentence(one, language),
            )
            for one in told.calendars
        ),
        routes=tuple(
            RouteShown(
                trunk=one.trunk,
                number=one.number,
                flow=one.flow,
                nodes=one.nodes,
                ends=one.ends,
                target=one.target,
                text=route_sentence(one, language),
            )
            for one in told.routes
        ),
        missing_years=told.missing_years,
        emergency_since=when(None if live is None else live.emergency_since),
    )
