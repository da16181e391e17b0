"""When a shop is open: weekly hours, ranges over midnight, holidays, make-up workdays.

A range belongs to the day on which it begins: Friday 22:00-02:00 is open on Saturday at 01:00,
and closed there when Friday is a holiday. What a day is, first match wins:

    closed_dates > open_dates > make-up workday > public holiday > the weekly hours

A make-up workday has Monday's hours (or those of the first working day that has any), for it
stands for a working day; an open date has its own weekday's hours, or else Monday's too.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from appliance.engines.ivr.holidays import DayKind, holidays_of
from appliance.vocabulary.settings import Calendar, OpenHours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60


class Why(StrEnum):
    """Why it is open or closed."""

    HOURS = "hours"
    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    MAKE_UP_WORKDAY = "make_up_workday"
    CLOSED_DATE = "closed_date"
    OPEN_DATE = "open_date"


def is_open(calendar: Calendar, local: datetime) -> bool:
    """Whether the shop is open at this wall-clock time."""
    minute = local.hour * 60 + local.minute
    today = local.date()
    return _covers(calendar, today, minute) or _covers(
        calendar, today - timedelta(days=1), minute + MINUTES_A_DAY
    )


def explain(calendar: Calendar, local: datetime) -> str:
    """Why it is open or closed at this wall-clock time: a key of Why.

    Worked example, an office open mon-fri 09:00-18:00 with holidays "cn": 2026-10-07 10:00
    "holiday", 2026-10-08 09:00 "hours", 2026-10-10 (Saturday) 10:00 "make_up_workday".
    """
    why, _ = day_of_calendar(calendar, day_at(calendar, local))
    if why in (Why.CLOSED_DATE, Why.HOLIDAY):
        return why
    return why if is_open(calendar, local) else Why.OUTSIDE_HOURS


def is_holiday(calendar: Calendar, local: datetime) -> bool:
    """Whether it is closed for the whole day that this moment belongs to: by a public holiday, or
    by its date."""
    return explain(calendar, local) in (Why.HOLIDAY, Why.CLOSED_DATE)


def day_at(calendar: Calendar, local: datetime) -> date:
    """The day whose hours decide: the one before, while its range goes on after midnight."""
    minute = local.hour * 60 + local.minute
    today = local.date()
    yesterday = today - timedelta(days=1)
    goes_on = not _covers(calendar, today, minute) and _covers(
        calendar, yesterday, minute + MINUTES_A_DAY
    )
    return yesterday if goes_on else today


def is_known_year(calendar: Calendar, year: int) -> bool:
    """False when this calendar follows holidays of which this year's are not published yet."""
    holidays = holidays_of(calendar.holidays)
    return holidays is None or holidays.is_known(year)


def _covers(calendar: Calendar, day: date, minute: int) -> bool:
    """Whether a range that begins on `day` covers this minute (counted from its midnight)."""
    _, ranges = day_of_calendar(calendar, day)
    return any(first <= minute < last for first, last in map(range_of, ranges))


def day_of_calendar(calendar: Calendar, day: date) -> tuple[Why, list[OpenHours]]:
    """What sort of day it is, and the ranges that begin on it."""
    kind = DayKind.ORDINARY
    holidays = holidays_of(calendar.holidays)
    if holidays is not None:
        kind = holidays.kind_of(day)
    own = _hours_on(calendar, day.weekday())
    if _is_named(day, calendar.closed_dates):
        return Why.CLOSED_DATE, []
    if _is_named(day, calendar.open_dates):
        return Why.OPEN_DATE, own or _working_hours(calendar)
    if kind is DayKind.MAKE_UP_WORKDAY:
        return Why.MAKE_UP_WORKDAY, _working_hours(calendar)
    if kind is DayKind.HOLIDAY:
        return Why.HOLIDAY, []
    return Why.HOURS, own


def _hours_on(calendar: Calendar, weekday: int) -> list[OpenHours]:
    return [hours for hours in calendar.open if weekday in weekdays_of(hours.days)]


def _working_hours(calendar: Calendar) -> list[OpenHours]:
    """The hours of the first day from Monday to Friday that has any."""
    return next((hours for day in range(5) if (hours := _hours_on(calendar, day))), [])


def _is_named(day: date, names: tuple[str, ...]) -> bool:
    """Whether a list has this day: "2026-10-08", or "12-24" for every year."""
    return day.isoformat() in names or day.strftime("%m-%d") in names


# --- the words of a site ------------------------------------------------------------------------
def weekdays_of(days: str) -> frozenset[int]:
    """Monday is 0. "mon-fri", "sat", "mon,wed,fri", "sat-mon". Raises ValueError."""
    found: set[int] = set()
    for part in days.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(f"{part!r} is no day of the week")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found.update(number % 7 for number in range(start, end + (7 if end < start else 0) + 1))
    return frozenset(found)


def minute_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the end of the day. Raises ValueError."""
    hours, colon, minutes = clock.partition(":")
    is_written_well = bool(colon) and len(minutes) == 2 and hours.isdecimal()
    if not is_written_well or not minutes.isdecimal():
        raise ValueError(f"{clock!r} is no time of day")
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > MINUTES_A_DAY:
        raise ValueError(f"{clock!r} is no time of day")
    return minute


def range_of(hours: OpenHours) -> tuple[int, int]:
    """First minute and the one after the last; beyond 1440 is the next day."""
    first, last = minute_of(hours.from_), minute_of(hours.to)
    return first, last if last > first else last + MINUTES_A_DAY


def wrong_dates(names: tuple[str, ...]) -> Iterator[str]:
    """Those that are neither a date nor a day of every year."""
    for name in names:
        # 2024 is a leap year: "02-29" is a day of every year that has it
        text = f"2024-{name}" if len(name) == 5 else name
        try:
            if len(text) != 10:
                raise ValueError(name)
            date.fromisoformat(text)
        except ValueError:
            yield name
