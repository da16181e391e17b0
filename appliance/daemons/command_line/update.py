"""`linghe update`: a signed update from a file, written into the slot that does not run.

The box goes on taking calls meanwhile. The new slot is used from the next start; a start that is
not well is made up for by the old slot, by itself.
"""

import argparse
import os
import shutil
from pathlib import Path

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.daemons.command_line.verb import note, paths
from appliance.daemons.root_asking import ask_root
from appliance.store.private_file import make_folder
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import InstallUpdate, Restart

NAME = "update"
HELP = "install a signed update file (.raucb); calls go on until the next start"
EXAMPLES = """\
  linghe update /media/linghe-1.2.raucb
  linghe update /media/linghe-1.2.raucb --restart
"""
SPARE = 64 << 20
"""Bytes that must be left on the disk besides."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--restart", action="store_true", help="start the box again at once")


def carry_out(arguments: argparse.Namespace) -> int:
    """Lay the file where root takes updates from, and ask for it."""
    folder = paths().root / "updates"
    place = folder / arguments.file.name
    is_there = arguments.file.absolute() == place
    if not is_there:
        _copy(arguments.file, folder, place)
    try:
        told = ask_root(InstallUpdate(file=str(place), by=by()))
    finally:
        if not is_there:
            place.unlink(missing_ok=True)
    note(told)
    if arguments.restart:
        return carried_out(Restart(by=by()), arguments)
    print("Start the box again to use it: linghe reboot")
    return 0


def _copy(file: Path, folder: Path, place: Path) -> None:
    try:
        size = file.stat().st_size
        make_folder(folder)
        if shutil.disk_usage(folder).free < size + SPARE:
            raise RefusedError(
                "update_room", f"The update needs {size >> 20} MB of room on the box's disk."
            )
        shutil.copyfile(file, place)
        os.chmod(place, 0o640)
    except OSError as error:
        raise EquipmentError(f"{file} cannot be copied to the box: {error.strerror}.") from error
