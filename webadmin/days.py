"""The day that a page is about: from its address, else today by the box's own clock."""

from datetime import date, timedelta

from flask import request

from appliance.reports.days import Day, day_at, day_of, parsed_day
from webadmin.box import live_feed
from webadmin.stores import site


def today() -> Day:
    """Return today where the site is."""
    return day_at(live_feed().box_time(), site().site.timezone)


def chosen_day() -> Day:
    """Return the day of ?day=2025-11-20, else today. RefusedError for what is no date."""
    text = request.args.get("day", "").strip()
    return parsed_day(text, site().site.timezone) if text else today()


def day_beside(day: Day, days: int) -> Day:
    """Return the day so many days later."""
    try:
        other = date.fromisoformat(day.date) + timedelta(days=days)
    except OverflowError:
        return day
    return day_of(other, day.timezone)
