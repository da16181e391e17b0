"""Which reports there are. A new one: a file beside these and its line in REPORTS.

tests/contracts/test_reports_contract.py tells when it is done.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from appliance.reports.call_list import CallList, call_list, call_tables
from appliance.reports.daily import DailyReport, daily_report
from appliance.reports.daily_tables import daily_tables
from appliance.reports.days import Day
from appliance.reports.flow_figures import FlowFigures, flow_figures, flow_tables
from appliance.reports.promised_waits import PromisedWaits, promised_tables, promised_waits
from appliance.reports.render import report_json, tables_csv
from appliance.reports.tables import Table
from appliance.reports.words import Gettext
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

R = TypeVar("R", bound=Value)


class Report(Generic[R]):
    """A report: its name in commands, its title, how it is made and laid out."""

    def __init__(
        self,
        *,
        name: str,
        title: str,
        make: Callable[[Sequence[Entry], Site, Day, Utc], R],
        tables: Callable[[R, Gettext], tuple[Table, ...]],
    ) -> None:
        self.name = name
        self.title = title
        """English; a key of reports/words.py."""
        self._make = make
        self._tables = tables

    def as_json(self, entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> bytes:
        """Return the report as JSON."""
        return report_json(self._make(entries, site, day, now))

    def as_tables(
        self, entries: Sequence[Entry], site: Site, day: Day, now: Utc, gettext: Gettext
    ) -> tuple[Table, ...]:
        """Return the report as tables in a language."""
        return self._tables(self._make(entries, site, day, now), gettext)

    def as_csv(
        self, entries: Sequence[Entry], site: Site, day: Day, now: Utc, gettext: Gettext
    ) -> bytes:
        """Return the report as CSV in a language."""
        return tables_csv(self.as_tables(entries, site, day, now, gettext))


DAILY = Report(name="daily", title="Daily report", make=daily_report, tables=daily_tables)
CALL_LIST = Report(name="calls", title="Call list", make=call_list, tables=call_tables)
FLOWS = Report(name="flows", title="Flows", make=flow_figures, tables=flow_tables)

WAITS = Report(
    name="waits", title="Promised and real waits", make=promised_waits, tables=promised_tables
)

REPORTS = (DAILY, CALL_LIST, FLOWS, WAITS)


AnyReport = Report[DailyReport] | Report[CallList] | Report[FlowFigures] | Report[PromisedWaits]


def report_named(name: str) -> AnyReport:
    """Return the report of this name. RefusedError, with the names there are, for another."""
    for report in REPORTS:
        if report.name == name:
            return report
    raise RefusedError(
        "report_unknown",
        f"There is no report {name!r}.",
        f"Reports: {', '.join(report.name for report in REPORTS)}.",
    )
