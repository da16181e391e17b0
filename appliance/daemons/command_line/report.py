"""`linghe report NAME`: a day's figures, as the pages "Today", "Calls" and "Flows" show them."""

import argparse
import sys

from appliance.daemons.command_line.days import box_now, day_meant
from appliance.daemons.command_line.verb import EXIT_DONE, box_settings, paths
from appliance.reports.registry import REPORTS, report_named
from appliance.reports.words import words_for
from appliance.store.calls import CallBook
from appliance.vocabulary.settings import Language

NAME = "report"
HELP = "print a report"
EXAMPLES = """\
  linghe report daily --date today --format json
  linghe report daily --date 2026-11-23 --format csv > day.csv
  linghe report flows --date yesterday
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which report, of when, in which form."""
    parser.add_argument(
        "report",
        choices=[one.name for one in REPORTS],
        help="daily: queues, agents, reconciliation; calls: one row a call; "
        "flows: where callers came to in the menus; waits: promised against real ones",
    )
    parser.add_argument(
        "--date", default="today", help='a date as 2026-11-23, "today" (default) or "yesterday"'
    )
    parser.add_argument("--format", choices=["csv", "json"], default="csv", help="csv (default)")
    parser.add_argument(
        "--language", choices=[str(one) for one in Language], help="of a CSV's words (the site's)"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Compute it from the journal; the box need not run."""
    store = box_settings()
    site = store.current()
    store.close()
    day = day_meant(arguments.date, site.site.timezone)
    book = CallBook(paths().calls)
    entries = book.entries_for_day(day.start, day.end)
    book.close()
    # A box that was run with LINGHE_CLOCK has entries in what is the future by now.
    now = max([box_now(site.site.timezone), *(entry.at for entry in entries[-1:])])
    report = report_named(arguments.report)
    if arguments.json or arguments.format == "json":
        printed = report.as_json(entries, site, day, now)
    else:
        language = Language(arguments.language) if arguments.language else site.site.language
        printed = report.as_csv(entries, site, day, now, words_for(language))
    sys.stdout.buffer.write(printed)
    sys.stdout.buffer.flush()
    return EXIT_DONE
