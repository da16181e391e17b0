"""`linghe stick`: the file that makes a USB stick this box's own (docs/hardware.md)."""

import argparse
import secrets

from appliance.daemons.command_line.verb import EXIT_DONE, paths, print_json
from appliance.daemons.stick_marker import MARKER, marker_text, stick_key
from appliance.store.secrets import Secrets

NAME = "stick"
HELP = f"print {MARKER}, which makes a USB stick this box's own"
EXAMPLES = f"""\
  linghe stick > /media/stick/{MARKER}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Print it; the stick's top folder is its place."""
    places = paths()
    places.make()
    box_key = Secrets(places.secrets, secrets.token_bytes).box_key()
    if arguments.json:
        print_json({"file": MARKER, "key": stick_key(box_key)})
    else:
        print(marker_text(box_key), end="")
    return EXIT_DONE
