"""The verbs and their arguments, with help and examples. To add a verb: one file and its name here.

Each verb's file has NAME, HELP, EXAMPLES, `add_arguments(parser)` and `carry_out(arguments)`.
"""

import argparse
from collections.abc import Sequence
from typing import Protocol

import appliance
from appliance.daemons.command_line import (
    apply,
    backup,
    callbacks,
    calls,
    claim,
    clock,
    doctor,
    example,
    export,
    factory_reset,
    flow,
    health,
    hours,
    music,
    network,
    prompt,
    reboot,
    report,
    restore,
    self_test,
    simulate,
    speech,
    ssh,
    status,
    stick,
    table,
    token,
    update,
)


class Verb(Protocol):
    """A module of a verb."""

    NAME: str
    HELP: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def carry_out(self, arguments: argparse.Namespace) -> int: ...


VERBS: tuple[Verb, ...] = (
    apply,
    export,
    status,
    calls,
    callbacks,
    report,
    flow,
    hours,
    simulate,
    doctor,
    backup,
    restore,
    stick,
    claim,
    token,
    example,
    self_test,
    speech,
    music,
    prompt,
    table,
    network,
    clock,
    update,
    reboot,
    factory_reset,
    ssh,
    health,
)

DESCRIPTION = """\
Linghe (铃盒), a call centre in one box. The box is the one whose data folder LINGHE_DATA names
(default ./var). Exit codes: 0 done, 1 refused or broken, 2 not understood, 3 box not running,
or no box there."""


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line. Ends with exit code 2 and a sentence where it is not understood."""
    parser = argparse.ArgumentParser(
        prog="linghe",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"linghe {appliance.__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        one = verbs.add_parser(
            verb.NAME,
            help=verb.HELP,
            description=verb.HELP,
            epilog="examples:\n" + verb.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.add_argument("--json", action="store_true", help="print one JSON document")
        verb.add_arguments(one)
        one.set_defaults(carry_out=verb.carry_out)
    return parser.parse_args(argv)
