"""`linghe callbacks`: who is to be called back, who is being, and who could not be."""

import argparse
import secrets

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_NOT_RUNNING,
    EXIT_REFUSED,
    box_settings,
    note,
    paths,
    print_json,
    print_table,
)
from appliance.reports.days import local_moment
from appliance.vocabulary.callbacks import OPEN_PHASES, CallbackRow
from appliance.vocabulary.ids import CallbackId
from appliance.vocabulary.verbs import AskId, CancelCallback, VerbAnswered
from appliance.wire.control import LiveAsked, LiveTold

NAME = "callbacks"
HELP = "list customers who are to be called back, and cancel one"
EXAMPLES = """\
  linghe callbacks
  linghe callbacks --all --json
  linghe callbacks cancel b1a2b3c4d5e6f708
"""
PROBLEMS = {
    "callback_unknown": "There is no such callback.",
    "busy": "He is being called back at this moment.",
    "already": "It is over already.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cancel ID`, or the list."""
    parser.add_argument("what", nargs="?", choices=("list", "cancel"), default="list")
    parser.add_argument("callback", nargs="?", default="", help="which one to cancel")
    parser.add_argument("--all", action="store_true", help="those that are over, too")


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask control, which alone knows them."""
    if arguments.what == "cancel":
        return _cancel(arguments.callback)
    told = asked(paths().control_socket, LiveAsked())
    if not isinstance(told, LiveTold):
        note(f"The box is not running ({paths().root}).")
        return EXIT_NOT_RUNNING
    rows = [one for one in told.live.callbacks if arguments.all or one.phase in OPEN_PHASES]
    if arguments.json:
        print_json(rows)
    elif rows:
        heads = ("callback", "number", "queue", "asked", "state", "tries", "next", "why")
        zone = _timezone()
        print_table(heads, [_row(one, zone) for one in rows])
    else:
        note("Nobody is to be called back.")
    return EXIT_DONE


def _cancel(callback: str) -> int:
    by = "linghe callbacks"
    verb = CancelCallback(ask=AskId(secrets.token_hex(8)), by=by, callback=CallbackId(callback))
    answer = asked(paths().control_socket, verb)
    if not isinstance(answer, VerbAnswered):
        note(f"The box is not running ({paths().root}).")
        return EXIT_NOT_RUNNING
    if answer.problem:
        note(PROBLEMS.get(answer.problem, answer.problem))
        return EXIT_REFUSED
    note(f"{callback} is cancelled.")
    return EXIT_DONE


def _timezone() -> str:
    store = box_settings()
    zone = store.current().site.timezone
    store.close()
    return zone


def _row(one: CallbackRow, zone: str) -> tuple[str, ...]:
    last = one.tries[-1].result if one.tries else ""
    return (
        one.callback,
        f"{one.number} {one.name}".strip(),
        one.queue,
        local_moment(one.asked, zone),
        one.phase,
        f"{len(one.tries)} {last}".strip(),
        local_moment(one.not_before, zone) if one.not_before and one.tries else "",
        one.reason,
    )
