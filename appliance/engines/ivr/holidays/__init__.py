"""Public holidays by country: one file each, and HOLIDAYS.

To add a country: a file with a HolidayCalendar here, its name in HOLIDAYS.
"""

from appliance.engines.ivr.holidays import cn, pl
from appliance.engines.ivr.holidays.country import DayKind, HolidayCalendar, Occasion

HOLIDAYS: tuple[HolidayCalendar, ...] = (cn.CALENDAR, pl.CALENDAR)

HOLIDAY_KEYS: tuple[str, ...] = tuple(calendar.key for calendar in HOLIDAYS)
"""What a site may write as `holidays`."""

_BY_KEY = {calendar.key: calendar for calendar in HOLIDAYS}


def holidays_of(key: str) -> HolidayCalendar | None:
    """The holidays of this key; None for "" and for a country that is not built in."""
    return _BY_KEY.get(key)


__all__ = ["HOLIDAYS", "HOLIDAY_KEYS", "DayKind", "HolidayCalendar", "Occasion", "holidays_of"]
