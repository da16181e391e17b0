"""`linghe claim`: a new one-time code for the first page of a box that nobody owns yet.

The code is shown here and nowhere else; only who may read the console can claim the box.
"""

import argparse
import secrets
import time

from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    note,
    opened_settings,
    print_json,
)
from appliance.vocabulary.claims import claim_code, claim_digest
from appliance.vocabulary.ids import Utc

NAME = "claim"
HELP = "show a new one-time code that claims the box (only while nobody owns it)"
EXAMPLES = """\
  linghe claim
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the supervisor asks."""
    parser.add_argument(
        "--if-unclaimed", action="store_true", help="say nothing when the box has an owner"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Offer a code in the place of any older one."""
    store = opened_settings()
    if store.people.has_owner():
        store.close()
        if arguments.if_unclaimed:
            return EXIT_DONE
        note("The box has an owner already.")
        return EXIT_REFUSED
    code = claim_code(secrets.token_bytes(10))
    store.claim.offer(claim_digest(code), Utc(time.time()))
    store.close()
    if arguments.json:
        print_json({"code": code})
    else:
        print(f"The box has no owner yet. One-time code to claim it: {code}", flush=True)
    return EXIT_DONE
