"""What a country says of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DayKind(StrEnum):
    """A day by the law of a country; weekends are the calendar's own business."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP_WORKDAY = "make_up_workday"
    """A Saturday or Sunday that is worked for a holiday elsewhere (调休)."""


class Occasion(StrEnum):
    """What is kept on a holiday, or what a make-up workday is worked for."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    QINGMING = "qingming"
    LABOUR_DAY = "labour_day"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL_DAY = "national_day"
    NATIONAL_DAY_MID_AUTUMN = "national_day_mid_autumn"
    EPIPHANY = "epiphany"
    EASTER = "easter"
    EASTER_MONDAY = "easter_monday"
    CONSTITUTION_DAY = "constitution_day"
    PENTECOST = "pentecost"
    CORPUS_CHRISTI = "corpus_christi"
    ASSUMPTION = "assumption"
    ALL_SAINTS = "all_saints"
    INDEPENDENCE_DAY = "independence_day"
    CHRISTMAS_EVE = "christmas_eve"
    CHRISTMAS = "christmas"
    SECOND_CHRISTMAS = "second_christmas"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCalendar:
    """The holidays of one country; `key` is what a site writes."""

    key: str
    kind_of: Callable[[date], DayKind]
    is_known: Callable[[int], bool]
    """Whether this year's days are known for certain; else only those fixed by date."""
    occasion_of: Callable[[date], Occasion | None]
    """Why the day is no ordinary one; None for an ordinary one."""
    source_of: Callable[[int], str]
    """The law or notice that says so for this year; "" for a year that is not known."""
