"""A calendar that can be asked: what holds at a moment, why, and until when.

Moments are aware datetimes: where a clock is put forward or back, the same wall-clock time can
come twice or never, and only the moment itself says which. Opening hours go by the wall clock: a
night from 22:00 to 06:00 has nine hours when summer time ends, and seven when it begins.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from appliance.engines.ivr.calendar import (
    MINUTES_A_DAY,
    Why,
    day_at,
    day_of_calendar,
    is_known_year,
    is_open,
    range_of,
)
from appliance.engines.ivr.holidays import holidays_of
from appliance.vocabulary.ids import CalendarId
from appliance.vocabulary.settings import Calendar
from appliance.vocabulary.shape import Value

LONGEST_LOOK_DAYS = 400
"""How far ahead the next change is looked for: a shop that opens once a year is found."""
SECOND = timedelta(seconds=1)


class HoursAnswer(Value, frozen=True, kw_only=True):
    """What one calendar says of one moment."""

    calendar: CalendarId
    at: datetime
    is_open: bool
    why: Why
    day: date
    """Whose hours decide: after midnight still the day before, where its range goes on."""
    ranges: tuple[tuple[int, int], ...]
    """That day's hours as minutes since its midnight; beyond 1440 is the next day."""
    occasion: str = ""
    """The holiday, or what the make-up workday is worked for (holidays.Occasion)."""
    source: str = ""
    """The notice or law that says so."""
    is_known: bool = True
    """False: this year's holidays are not built in, and only fixed ones are known."""
    changes_at: datetime | None = None
    """When it closes, or opens; None: not within LONGEST_LOOK_DAYS."""


def answer(calendar: Calendar, at: datetime) -> HoursAnswer:
    """Say what holds at this moment of the site's zone, why, and until when."""
    local = at.replace(tzinfo=None)
    day = day_at(calendar, local)
    why, ranges = day_of_calendar(calendar, day)
    opened = is_open(calendar, local)
    if not opened and why not in (Why.CLOSED_DATE, Why.HOLIDAY):
        why = Why.OUTSIDE_HOURS
    holidays = holidays_of(calendar.holidays)
    occasion = holidays.occasion_of(day) if holidays is not None else None
    return HoursAnswer(
        calendar=calendar.id,
        at=at,
        is_open=opened,
        why=why,
        day=day,
        ranges=tuple(sorted(map(range_of, ranges))),
        occasion=occasion or "",
        source=holidays.source_of(day.year) if holidays is not None and occasion else "",
        is_known=is_known_year(calendar, day.year),
        changes_at=next_change(calendar, at),
    )


def next_change(calendar: Calendar, at: datetime) -> datetime | None:
    """The first moment after `at` at which it opens or closes; None: none for a year."""
    zone = at.tzinfo or UTC
    now, is_now = at.astimezone(UTC), is_open(calendar, at.replace(tzinfo=None))
    days = [at.date() + timedelta(days=number) for number in range(-1, LONGEST_LOOK_DAYS)]
    before: list[datetime] = []
    for day in days:
        # a range over midnight ends on the next day: each day has its own edges and those
        edges = list(_edges(calendar, day, zone))
        for moment in sorted({*before, *edges}):
            local = moment.astimezone(zone)
            is_meant = moment > now and local.date() <= day
            if is_meant and is_open(calendar, local.replace(tzinfo=None)) is not is_now:
                return local
        before = edges
    return None


def missing_years(calendar: Calendar, today: date) -> list[int]:
    """The years whose holidays the owner must be warned of: this one, and in December the next."""
    soon = [today.year + 1] if today.month == 12 else []
    return [year for year in (today.year, *soon) if not is_known_year(calendar, year)]


def _edges(calendar: Calendar, day: date, zone: tzinfo) -> Iterator[datetime]:
    """All moments at which a range of this day begins or ends, and at which the clock jumps."""
    midnight = datetime(day.year, day.month, day.day)
    _, ranges = day_of_calendar(calendar, day)
    for hours in ranges:
        for minute in range_of(hours):
            wall = midnight + timedelta(minutes=minute)
            for fold in (0, 1):
                yield wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    first = midnight.replace(tzinfo=zone).astimezone(UTC)
    last = first + timedelta(minutes=MINUTES_A_DAY)
    if _offset(first, zone) != _offset(last, zone):
        yield _jump(first, last, zone)


def _offset(moment: datetime, zone: tzinfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def _jump(first: datetime, last: datetime, zone: tzinfo) -> datetime:
    """The second at which the clock is put forward or back between two moments, by halving."""
    before = _offset(first, zone)
    while last - first > SECOND:
        middle = first + (last - first) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == before:
            first = middle
        else:
            last = middle
    return last
