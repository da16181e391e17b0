"""The daily report. (signatures; DailyReport's fields follow)"""

from collections.abc import Sequence

from appliance.reports.days import Day
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


class DailyReport(Value, frozen=True, kw_only=True):
    """One day of the box."""

    day: Day


def daily_report(entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> DailyReport:
    """Return the day's figures from `CallBook.entries_for_day(day.start, day.end)`.

    `now` ends what still goes on (a day that is not over).
    """
    raise NotImplementedError
