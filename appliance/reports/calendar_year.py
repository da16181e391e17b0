"""A calendar's year, day by day: open or closed, and why. For the pages' picture of it."""

from calendar import Calendar as Months
from datetime import date

from appliance.engines.ivr.calendar import Why, day_of_calendar, range_of
from appliance.reports.hours import clock_ranges
from appliance.vocabulary.settings import Calendar
from appliance.vocabulary.shape import Value


class YearDay(Value, frozen=True, kw_only=True):
    """One day."""

    day: date
    is_open: bool
    """At some hour of it."""
    why: Why
    hours: tuple[str, ...]
    """ "09:00-18:00" """


def year_of(calendar: Calendar, year: int) -> tuple[tuple[YearDay | None, ...], ...]:
    """Return twelve months of days, whole weeks from Monday on; None: of another month."""
    weeks = Months()
    return tuple(
        tuple(
            _day(calendar, day) if day.month == month else None
            for day in weeks.itermonthdates(year, month)
        )
        for month in range(1, 13)
    )


def _day(calendar: Calendar, day: date) -> YearDay:
    why, ranges = day_of_calendar(calendar, day)
    hours = clock_ranges(tuple(sorted(map(range_of, ranges))))
    return YearDay(day=day, is_open=bool(ranges), why=why, hours=hours)
