"""A report as JSON or CSV."""

from appliance.reports.daily import DailyReport
from appliance.reports.words import Gettext


def report_json(report: DailyReport) -> bytes:
    """Return the report as one JSON object, indented."""
    raise NotImplementedError


def report_csv(report: DailyReport, gettext: Gettext) -> bytes:
    """Return the report's tables, UTF-8 with BOM, CRLF; "–" where there is nothing to divide."""
    raise NotImplementedError
