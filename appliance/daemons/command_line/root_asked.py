"""Root's short list, asked by verbs: who asks, and how the answer is told."""

import argparse
import getpass
import os

from appliance.daemons.command_line.verb import EXIT_DONE, print_json
from appliance.daemons.root_asking import ask_root
from appliance.wire.privileged import Privileged


def by() -> str:
    """Who sits at the command line, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def carried_out(asked: Privileged, arguments: argparse.Namespace) -> int:
    """Ask, tell what became of it; return the exit code. Raises RefusedError, EquipmentError."""
    sentence = ask_root(asked)
    if arguments.json:
        print_json({"done": sentence})
    else:
        print(sentence)
    return EXIT_DONE
