"""`linghe clock`: the machine's clock by hand, where no time server is reached, and its zone."""

import argparse
from datetime import datetime

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.vocabulary.errors import RefusedError
from appliance.wire.privileged import SetClock, SetTimeZone

NAME = "clock"
HELP = "set the machine's clock by hand, or its time zone"
EXAMPLES = """\
  linghe clock set "2026-11-23 10:00"
  linghe clock zone Europe/Warsaw
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to set."""
    parser.add_argument("act", choices=["set", "zone"])
    parser.add_argument("value", metavar="TIME|ZONE", help="local time, or a zone's name")


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask root for it."""
    if arguments.act == "zone":
        return carried_out(SetTimeZone(zone=arguments.value, by=by()), arguments)
    try:
        moment = datetime.fromisoformat(arguments.value)
    except ValueError as error:
        raise RefusedError(
            "clock_refused",
            f"{arguments.value!r} is no date and time.",
            'One is like "2026-11-23 10:00".',
        ) from error
    return carried_out(SetClock(utc=moment.timestamp(), by=by()), arguments)
