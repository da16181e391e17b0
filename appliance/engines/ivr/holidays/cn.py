"""China's public holidays with the make-up workdays (调休), as the State Council publishes them.

Towards the end of each year the General Office of the State Council announces the next year's
arrangement (国务院办公厅关于…年部分节假日安排的通知). Those years are data here, a Notice each;
a day that a notice leaves to the weekend (2024-06-08) is no holiday of its own. Of other years
only the days that the regulation (国务院令第644号, since 2025 第795号) fixes by the solar calendar
are known; is_known says so, and the owner is warned before such a year begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from appliance.engines.ivr.holidays.country import DayKind, HolidayCalendar, Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One holiday of a notice: days off without a gap, and the weekend days worked for them."""

    occasion: Occasion
    first: str
    days: int
    worked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One year's arrangement, with its number and date."""

    year: int
    number: str
    published: str
    breaks: tuple[Break, ...]


def _break(occasion: Occasion, first: str, days: int, *worked: str) -> Break:
    return Break(occasion=occasion, first=first, days=days, worked=worked)


NOTICES: tuple[Notice, ...] = (
    Notice(
        year=2024,
        number="国办发明电〔2023〕7号",
        published="2023-10-25",
        breaks=(
            _break(Occasion.NEW_YEAR, "2024-01-01", 1),
            _break(Occasion.SPRING_FESTIVAL, "2024-02-10", 8, "2024-02-04", "2024-02-18"),
            _break(Occasion.QINGMING, "2024-04-04", 3, "2024-04-07"),
            _break(Occasion.LABOUR_DAY, "2024-05-01", 5, "2024-04-28", "2024-05-11"),
            _break(Occasion.DRAGON_BOAT, "2024-06-10", 1),
            _break(Occasion.MID_AUTUMN, "2024-09-15", 3, "2024-09-14"),
            _break(Occasion.NATIONAL_DAY, "2024-10-01", 7, "2024-09-29", "2024-10-12"),
        ),
    ),
    Notice(
        year=2025,
        number="国办发明电〔2024〕12号",
        published="2024-11-12",
        breaks=(
            _break(Occasion.NEW_YEAR, "2025-01-01", 1),
            _break(Occasion.SPRING_FESTIVAL, "2025-01-28", 8, "2025-01-26", "2025-02-08"),
            _break(Occasion.QINGMING, "2025-04-04", 3),
            _break(Occasion.LABOUR_DAY, "2025-05-01", 5, "2025-04-27"),
            _break(Occasion.DRAGON_BOAT, "2025-05-31", 3),
            _break(Occasion.NATIONAL_DAY_MID_AUTUMN, "2025-10-01", 8, "2025-09-28", "2025-10-11"),
        ),
    ),
    Notice(
        year=2026,
        number="国办发明电〔2025〕7号",
        published="2025-11-04",
        breaks=(
            _break(Occasion.NEW_YEAR, "2026-01-01", 3, "2026-01-04"),
            _break(Occasion.SPRING_FESTIVAL, "2026-02-15", 9, "2026-02-14", "2026-02-28"),
            _break(Occasion.QINGMING, "2026-04-04", 3),
            _break(Occasion.LABOUR_DAY, "2026-05-01", 5, "2026-05-09"),
            _break(Occasion.DRAGON_BOAT, "2026-06-19", 3),
            _break(Occasion.MID_AUTUMN, "2026-09-25", 3),
            _break(Occasion.NATIONAL_DAY, "2026-10-01", 7, "2026-09-20", "2026-10-10"),
        ),
    ),
)
"""To add a year: one Notice, copied from the published text."""


def _days_off() -> Iterator[tuple[date, Occasion]]:
    for notice in NOTICES:
        for one in notice.breaks:
            for number in range(one.days):
                yield date.fromisoformat(one.first) + timedelta(days=number), one.occasion


_HOLIDAYS: dict[date, Occasion] = dict(_days_off())

_MAKE_UP_WORKDAYS: dict[date, Occasion] = {
    date.fromisoformat(day): one.occasion
    for notice in NOTICES
    for one in notice.breaks
    for day in one.worked
}

_SOURCES = {notice.year: f"{notice.number} ({notice.published})" for notice in NOTICES}

_FIXED = {
    (1, 1): (Occasion.NEW_YEAR, 0),
    (5, 1): (Occasion.LABOUR_DAY, 0),
    (5, 2): (Occasion.LABOUR_DAY, 2025),
    (10, 1): (Occasion.NATIONAL_DAY, 0),
    (10, 2): (Occasion.NATIONAL_DAY, 0),
    (10, 3): (Occasion.NATIONAL_DAY, 0),
}
"""Month and day of what every year has, and since when (0: always, for a telephone's purposes)."""


def kind_of(day: date) -> DayKind:
    """The day by the notice of its year, or by the regulation alone."""
    if day in _MAKE_UP_WORKDAYS:
        return DayKind.MAKE_UP_WORKDAY
    return DayKind.ORDINARY if _holiday_on(day) is None else DayKind.HOLIDAY


def occasion_of(day: date) -> Occasion | None:
    """The holiday that is kept on this day, or for which it is worked."""
    return _MAKE_UP_WORKDAYS.get(day) or _holiday_on(day)


def is_known(year: int) -> bool:
    """Whether the notice for this year is built in."""
    return year in _SOURCES


def source_of(year: int) -> str:
    """Number and date of the year's notice."""
    return _SOURCES.get(year, "")


def _holiday_on(day: date) -> Occasion | None:
    if is_known(day.year):
        return _HOLIDAYS.get(day)
    occasion, since = _FIXED.get((day.month, day.day), (None, 0))
    return occasion if day.year >= since else None


CALENDAR = HolidayCalendar(
    key="cn",
    kind_of=kind_of,
    is_known=is_known,
    occasion_of=occasion_of,
    source_of=source_of,
)
