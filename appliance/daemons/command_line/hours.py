"""`linghe hours`: open or closed at a moment, why, until when, and where each number leads."""

import argparse

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.days import moment_meant
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    box_settings,
    paths,
    print_json,
)
from appliance.reports.hours import (
    calendar_sentence,
    emergency_sentence,
    hours_at,
    missing_sentence,
    moment_sentence,
    route_sentence,
)
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.settings import Language
from appliance.wire.control import LiveAsked, LiveTold

NAME = "hours"
HELP = "ask the calendars: open or closed at a moment, why, and where each number leads"
EXAMPLES = """\
  linghe hours                                   now
  linghe hours --at "2026-10-08 09:00"           at a moment of the site's time zone
  linghe hours --at "2026-10-08 09:00" --json | jq '.calendars[].is_open'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """When, and in which language."""
    parser.add_argument("--at", help='a moment as "2026-10-08 09:00" (now, by the box\'s clock)')
    parser.add_argument(
        "--language", choices=[str(one) for one in Language], help="of the answer (the site's)"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask; the box need not run."""
    store = box_settings()
    site = store.current()
    store.close()
    told = hours_at(site, moment_meant(arguments.at, site.site.timezone))
    if arguments.json:
        print_json(told)
        return EXIT_DONE
    language = Language(arguments.language) if arguments.language else site.site.language
    print(moment_sentence(told.at, language))
    for calendar in told.calendars:
        print(calendar_sentence(calendar, language))
    for route in told.routes:
        print(route_sentence(route, language))
    for year in told.missing_years:
        print(missing_sentence(year, language))
    if arguments.at is None and _is_emergency():
        print(emergency_sentence(site.emergency_mode.flow, language))
    return EXIT_DONE


def _is_emergency() -> bool:
    """Whether the running box sends all callers to its emergency flow at this moment."""
    try:
        told = asked(paths().control_socket, LiveAsked())
    except EquipmentError:
        return False
    return isinstance(told, LiveTold) and told.live.emergency_since is not None
