"""Poland's days free of work (ustawa z 18 stycznia 1951 r. o dniach wolnych od pracy).

Fixed days, and those that follow Easter. Christmas Eve is one of them since 2025 (ustawa z
6 grudnia 2024 r.), Epiphany since 2011.
"""

from datetime import date, timedelta

from appliance.engines.ivr.holidays.country import DayKind, HolidayCalendar, Occasion

_FIXED_SINCE = {
    (1, 1): (Occasion.NEW_YEAR, 0),
    (1, 6): (Occasion.EPIPHANY, 2011),
    (5, 1): (Occasion.LABOUR_DAY, 0),
    (5, 3): (Occasion.CONSTITUTION_DAY, 0),
    (8, 15): (Occasion.ASSUMPTION, 0),
    (11, 1): (Occasion.ALL_SAINTS, 0),
    (11, 11): (Occasion.INDEPENDENCE_DAY, 0),
    (12, 24): (Occasion.CHRISTMAS_EVE, 2025),
    (12, 25): (Occasion.CHRISTMAS, 0),
    (12, 26): (Occasion.SECOND_CHRISTMAS, 0),
}
"""Month and day, and the first year (0: always, for a telephone's purposes)."""

_DAYS_AFTER_EASTER = {
    0: Occasion.EASTER,
    1: Occasion.EASTER_MONDAY,
    49: Occasion.PENTECOST,
    60: Occasion.CORPUS_CHRISTI,
}


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, from the age of the moon (computus).

    Worked example: 2026. Golden number 13, century 21: 3 leap days dropped, lunar correction 1,
    epact 11; so the full moon is "March 33", April 2, and the Sunday after it April 5.
    """
    golden = year % 19 + 1
    century = year // 100 + 1
    dropped_leap_days = 3 * century // 4 - 12
    lunar_correction = (8 * century + 5) // 25 - 5
    epact = (11 * golden + 20 + lunar_correction - dropped_leap_days) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    full_moon = 44 - epact
    if full_moon < 21:
        full_moon += 30
    # days counted from the last of February, so that 31 is the end of March
    sunday_number = 5 * year // 4 - dropped_leap_days - 10
    sunday = full_moon + 7 - (sunday_number + full_moon) % 7
    return date(year, 3, 1) + timedelta(days=sunday - 1)


def kind_of(day: date) -> DayKind:
    """A fixed day, a day that follows Easter, or an ordinary one."""
    return DayKind.ORDINARY if occasion_of(day) is None else DayKind.HOLIDAY


def occasion_of(day: date) -> Occasion | None:
    """The holiday that is kept on this day."""
    occasion, since = _FIXED_SINCE.get((day.month, day.day), (None, 0))
    if occasion is not None and day.year >= since:
        return occasion
    return _DAYS_AFTER_EASTER.get((day - easter(day.year)).days)


def is_known(year: int) -> bool:
    """The rule needs no yearly notice."""
    return True


def source_of(year: int) -> str:
    """The law, for every year."""
    return "ustawa z 18 stycznia 1951 r. o dniach wolnych od pracy"


CALENDAR = HolidayCalendar(
    key="pl",
    kind_of=kind_of,
    is_known=is_known,
    occasion_of=occasion_of,
    source_of=source_of,
)
