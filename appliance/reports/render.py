"""A report as JSON or CSV."""

import csv
import io
from collections.abc import Sequence

import msgspec

from appliance.reports.daily import DailyReport
from appliance.reports.daily_tables import daily_tables
from appliance.reports.tables import Table, shown
from appliance.reports.words import Gettext
from appliance.vocabulary.shape import Value

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the local code page and spoil Chinese."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""As OWASP's page "CSV Injection" lists them, the full-width ones of East Asian keyboards too."""


def report_json(report: Value) -> bytes:
    """Return the report as one JSON object, indented, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def report_csv(report: DailyReport, gettext: Gettext) -> bytes:
    """Return the daily report's tables as CSV."""
    return tables_csv(daily_tables(report, gettext))


def tables_csv(tables: Sequence[Table]) -> bytes:
    """Return tables one below another, UTF-8 with BOM, CRLF; "–" where nothing was divided."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for number, table in enumerate(tables):
        if number:
            writer.writerow(())
        writer.writerow((_safe(table.title),))
        if table.headings:
            writer.writerow([_safe(heading) for heading in table.headings])
        for row in table.rows:
            writer.writerow([_safe(cell) if isinstance(cell, str) else shown(cell) for cell in row])
    return (BOM + text.getvalue()).encode()


def _safe(text: str) -> str:
    """Keep a spreadsheet from running what a caller's name or a site's text begins with."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
