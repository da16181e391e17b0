"""`linghe status`: is the box up, what runs, how much is going on."""

import argparse

import msgspec

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.restore_found import TAKEN_UP, UNDONE, waiting_shown
from appliance.daemons.command_line.tls_shown import tls_shown
from appliance.daemons.command_line.units import UnitShown, units_shown
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_NOT_RUNNING,
    note,
    paths,
    print_json,
    print_table,
)
from appliance.vocabulary.errors import EquipmentError
from appliance.wire.control import StatusAsked, StatusTold

NAME = "status"
HELP = "say whether the box is up and what is going on"
EXAMPLES = """\
  linghe status
  linghe status --json | jq .control.calls
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask control; show the processes."""
    places = paths()
    told, trouble = None, ""
    try:
        told = asked(places.control_socket, StatusAsked())
    except EquipmentError as error:
        trouble = str(error)
    units = units_shown(places.run)
    try:
        restore = waiting_shown(places)
    except EquipmentError as error:
        restore = f"{error}."
    is_up = isinstance(told, StatusTold)
    if arguments.json:
        print_json(
            {
                "running": is_up,
                "control": msgspec.to_builtins(told) if is_up else None,
                "units": msgspec.to_builtins(units),
                "restore": restore,
            }
        )
    elif isinstance(told, StatusTold):
        _tell(told, restore, units)
    else:
        note(trouble or f"The box is not running ({places.root}).")
        if restore:
            note(restore)
        _tell_units(units)
    return EXIT_DONE if is_up else EXIT_NOT_RUNNING


def _tell(told: StatusTold, restore: str, units: list[UnitShown]) -> None:
    name = told.site_name if told.site_version else "no site applied yet"
    print(f"Linghe {told.version} is up: {name} (version {told.site_version})")
    print(
        f"{told.calls} calls now, {told.calls_today} today; {told.registered_phones} phones "
        f"registered; {told.trunks_up} of {told.trunks} trunks up"
    )
    shown = tls_shown(paths(), told.sips_port)
    if shown is not None:
        print(f"SIP over TLS: {shown.sentence}")
    if told.clock:
        print(f"The box's clock: {told.clock}")
    if restore:
        print(restore)
        print(f"To take it up: {TAKEN_UP}. To keep the box as it is: {UNDONE}")
    _tell_units(units)


def _tell_units(units: list[UnitShown]) -> None:
    if units:
        print_table(
            ("process", "state", "pid", "restarts", ""),
            [
                (one.title, one.state, str(one.pid or "–"), str(one.restarts), one.status)
                for one in units
            ],
        )
