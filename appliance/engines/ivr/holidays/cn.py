"""China's public holidays with the make-up workdays (调休), as the State Council publishes them.

Each November the General Office of the State Council announces the next year's arrangement
(国务院办公厅关于…年部分节假日安排的通知). Those years are data here. Of other years only the
days that the regulation (国务院令第795号, in force since 2025) fixes by the solar calendar are
known; is_known says so, and the owner is warned before such a year begins.
"""

from datetime import date, timedelta

from appliance.engines.ivr.holidays.country import DayKind, HolidayCalendar

_BREAKS = (
    # notice of 2024-11-12
    ("2025-01-01", 1),  # 元旦
    ("2025-01-28", 8),  # 春节
    ("2025-04-04", 3),  # 清明节
    ("2025-05-01", 5),  # 劳动节
    ("2025-05-31", 3),  # 端午节
    ("2025-10-01", 8),  # 国庆节、中秋节
    # notice of 2025-11-04
    ("2026-01-01", 3),  # 元旦
    ("2026-02-15", 9),  # 春节
    ("2026-04-04", 3),  # 清明节
    ("2026-05-01", 5),  # 劳动节
    ("2026-06-19", 3),  # 端午节
    ("2026-09-25", 3),  # 中秋节
    ("2026-10-01", 7),  # 国庆节
)
"""First day and number of days."""

_MAKE_UP_WORKDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    )
)

_HOLIDAYS = frozenset(
    date.fromisoformat(first) + timedelta(days=number)
    for first, days in _BREAKS
    for number in range(days)
)

_KNOWN_YEARS = frozenset(day.year for day in _HOLIDAYS)

_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of what every year has: 元旦, 劳动节, 国庆节."""


def kind_of(day: date) -> DayKind:
    """The day by the notice of its year, or by the regulation alone."""
    if day in _MAKE_UP_WORKDAYS:
        return DayKind.MAKE_UP_WORKDAY
    if is_known(day.year):
        is_holiday = day in _HOLIDAYS
    else:
        is_holiday = (day.month, day.day) in _FIXED
    return DayKind.HOLIDAY if is_holiday else DayKind.ORDINARY


def is_known(year: int) -> bool:
    """Whether the notice for this year is built in."""
    return year in _KNOWN_YEARS


CALENDAR = HolidayCalendar(key="cn", kind_of=kind_of, is_known=is_known)
