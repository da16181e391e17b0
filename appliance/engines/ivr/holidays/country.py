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


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCalendar:
    """The holidays of one country; `key` is what a site writes."""

    key: str
    kind_of: Callable[[date], DayKind]
    is_known: Callable[[int], bool]
    """Whether this year's days are known for certain; else only those fixed by date."""
