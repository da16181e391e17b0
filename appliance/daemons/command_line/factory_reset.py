"""`linghe factory-reset`: forget everything, with the recordings or without them."""

import argparse

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.wire.privileged import FactoryReset

NAME = "factory-reset"
HELP = "forget site, people, calls and settings, and start as delivered"
EXAMPLES = """\
  linghe factory-reset --keep-recordings
  linghe factory-reset --wipe-recordings
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What becomes of recordings must be said."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--keep-recordings", action="store_true", help="they stay on the disk")
    which.add_argument("--wipe-recordings", action="store_true", help="they go too")


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask root for it; the machine starts again at once."""
    asked = FactoryReset(keep_recordings=arguments.keep_recordings, by=by())
    return carried_out(asked, arguments)
