"""A day in a time zone and its half hours, right also when summer time begins or ends."""

from datetime import date

from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value


class Interval(Value, frozen=True, kw_only=True):
    """[start, end)."""

    start: Utc
    end: Utc
    label: str
    """Local time of the start: "09:30"; the date for a day."""


class Day(Value, frozen=True, kw_only=True):
    """A calendar day of a place: 23, 24 or 25 hours."""

    date: str
    """ISO 8601: 2025-11-21."""
    timezone: str
    start: Utc
    end: Utc

    def half_hours(self) -> tuple[Interval, ...]:
        """Return the day's half hours: 46, 48 or 50."""
        raise NotImplementedError


def day_of(date_: date, timezone: str) -> Day:
    """Return the day. RefusedError for a time zone that is not known."""
    raise NotImplementedError


def day_at(now: Utc, timezone: str) -> Day:
    """Return the day that `now` falls in."""
    raise NotImplementedError


def parsed_day(text: str, timezone: str) -> Day:
    """Return the day of "2025-11-21". RefusedError when it is no date."""
    raise NotImplementedError
