"""`linghe ssh`: let one key in from the LAN, or nobody."""

import argparse
import sys
from pathlib import Path

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.vocabulary.errors import EquipmentError
from appliance.wire.privileged import SetSsh

NAME = "ssh"
HELP = "switch SSH on for one key, or off (as delivered)"
EXAMPLES = """\
  linghe ssh on /media/id_ed25519.pub
  linghe ssh on -  a key on the input
  linghe ssh off
"""
LONGEST = 8192


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """On, with the file of a public key, or off."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="on|off")
    on = ways.add_parser("on", help="for this public key, as root, from the LAN; who is in is out")
    on.add_argument("file", metavar="FILE", help="id_….pub; - reads it from the input")
    ways.add_parser("off", help="nobody gets in; who is in is out")


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask root for it."""
    key = ""
    if arguments.way == "on":
        key = _read(arguments.file).strip() or "none"
    return carried_out(SetSsh(key=key, by=by()), arguments)


def _read(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read(LONGEST)
        with Path(file).open(encoding="utf-8", errors="replace") as opened:
            return opened.read(LONGEST)
    except OSError as error:
        raise EquipmentError(f"{file} cannot be read: {error.strerror}.") from error
