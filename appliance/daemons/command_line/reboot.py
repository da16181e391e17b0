"""`linghe reboot`: stop everything in order and start the machine again, or switch it off."""

import argparse

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.wire.privileged import Restart

NAME = "reboot"
HELP = "start the whole machine again, or switch it off; calls are ended"
EXAMPLES = """\
  linghe reboot
  linghe reboot --power-off
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Or off."""
    parser.add_argument("--power-off", action="store_true", help="and stay off")


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask root for it."""
    return carried_out(Restart(power_off=arguments.power_off, by=by()), arguments)
