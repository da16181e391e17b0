"""`linghe restore FILE`: make the box what a backup says; nothing changes before all is proven.

A box that runs takes it up at its next start; until then `--undo` leaves the box as it is.
`--finish` is what the start itself runs.
"""

import argparse
import fcntl
import os
import secrets
import sys
import time
from pathlib import Path

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.restore_found import (
    TAKEN_UP,
    UNDONE,
    shop_time,
    waiting_shown,
)
from appliance.daemons.command_line.verb import EXIT_DONE, note, paths, print_json
from appliance.daemons.paths import Paths
from appliance.store.backup_file import Manifest, checked
from appliance.store.restore import finish, stage, undo
from appliance.store.secrets import Secrets
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.wire.control import StatusAsked

NAME = "restore"
HELP = "make the box what a backup says, or refuse before anything changes"
EXAMPLES = """\
  linghe restore --check shop.linghe
  linghe restore shop.linghe
  linghe restore --undo
  linghe restore --from-another-box shop.linghe
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, and how far to go."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?")
    parser.add_argument("--check", action="store_true", help="only read it and say what it is")
    parser.add_argument(
        "--undo", action="store_true", help="have no backup wait any more; the box stays as it is"
    )
    parser.add_argument(
        "--from-another-box",
        action="store_true",
        help="take a backup that this box did not make: it becomes the other's successor",
    )
    parser.add_argument(
        "--at-next-start",
        action="store_true",
        help="only lay it ready, whether the box runs or not",
    )
    parser.add_argument(
        "--finish", action="store_true", help="put a restored backup into its place (at the start)"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Prove it, lay it ready, and put it into its place where the box does not run."""
    places = paths()
    if arguments.finish:
        return _finished(places, as_json=arguments.json)
    if arguments.undo:
        return _undone(places, as_json=arguments.json)
    if arguments.file is None:
        raise RefusedError("no_file", "Name the backup to restore.")
    if arguments.check:
        return _told(places, checked(arguments.file), "is whole", as_json=arguments.json)
    places.make()
    now = Utc(time.time())
    manifest = stage(
        places,
        arguments.file,
        key=Secrets(places.secrets, secrets.token_bytes).box_key(),
        now=now,
        stamp=shop_time(now, places)[:19].replace("-", "").replace(":", "").replace(" ", "-"),
        is_foreign_allowed=arguments.from_another_box,
    )
    if arguments.at_next_start or _is_running(places):
        what = "is proven and ready; the box takes it up at its next start"
        _told(places, manifest, what, as_json=arguments.json)
        if not arguments.json:
            print(waiting_shown(places).partition("; ")[2].capitalize())
            print(f"To take it up now: {TAKEN_UP}.")
            print(f"To keep the box as it is: {UNDONE}")
        return EXIT_DONE
    kept = finish(places)
    what = f"is restored; what was there is in {kept}"
    return _told(places, manifest, what, as_json=arguments.json)


def _undone(places: Paths, *, as_json: bool) -> int:
    ready = undo(places)
    if as_json:
        print_json({"undone": True})
    else:
        made_at = shop_time(ready.made_at, places)
        print(f"The backup of {made_at} waits no more; the box stays as it is.")
    return EXIT_DONE


def _finished(places: Paths, *, as_json: bool) -> int:
    kept = finish(places)
    if as_json:
        print_json({"kept": kept})
    elif kept is not None:
        note(f"A backup was restored; what was there is in {places.root / kept}.")
    return EXIT_DONE


def _told(places: Paths, manifest: Manifest, what: str, *, as_json: bool) -> int:
    made_at = shop_time(manifest.made_at, places)
    if as_json:
        print_json(
            {
                "made_at": made_at,
                "site": manifest.site_name,
                "version": manifest.version,
                "files": len(manifest.members),
                "recordings": manifest.has_recordings,
                "state": what,
            }
        )
    else:
        site = manifest.site_name or "no site"
        print(f"The backup of {made_at} ({site}, {len(manifest.members)} files) {what}.")
    sys.stdout.flush()
    return EXIT_DONE


def _is_running(places: Paths) -> bool:
    """Say whether processes of the box live: the stand-in holds a lock, systemd a socket."""
    try:
        number = os.open(places.run / "supervisor.pid", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        pass
    else:
        try:
            fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(number)
    try:
        return asked(places.control_socket, StatusAsked()) is not None
    except EquipmentError:
        return True
