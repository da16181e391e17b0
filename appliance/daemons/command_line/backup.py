"""`linghe backup FILE`: everything that makes this box this one, in one file, while calls go on."""

import argparse
import sys
from pathlib import Path

from appliance.daemons.backing_up import backed_up
from appliance.daemons.command_line.verb import EXIT_DONE, paths, print_json
from appliance.vocabulary.errors import RefusedError

NAME = "backup"
HELP = "write a backup of the box into one file, while calls go on"
EXAMPLES = """\
  linghe backup /media/stick/shop.linghe
  linghe backup --recordings shop.linghe
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how much."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--recordings", action="store_true", help="all recordings of calls too (large)"
    )
    parser.add_argument("--by", default="command line", help="who it was, for the audit log")


def carry_out(arguments: argparse.Namespace) -> int:
    """Write it, read it back, and say what it holds."""
    target: Path = arguments.file.absolute()
    if not target.parent.is_dir():
        raise RefusedError("no_folder", f"There is no folder {target.parent}.")
    if target.is_dir():
        raise RefusedError("is_folder", f"{target} is a folder.", "Name a file in it.")
    places = paths()
    places.make()
    manifest = backed_up(
        places,
        target,
        by=arguments.by,
        with_recordings=arguments.recordings,
        progress=_told if sys.stderr.isatty() else lambda name: None,
    )
    if arguments.json:
        print_json(
            {"file": str(target), "bytes": target.stat().st_size, "files": len(manifest.members)}
        )
    else:
        size = target.stat().st_size / 1e6
        print(f"{target}: {len(manifest.members)} files, {size:.1f} MB, read back and whole.")
        print("It holds passwords of phones and trunks: keep it where a key would be kept.")
    return EXIT_DONE


def _told(name: str) -> None:
    print(f"\r\x1b[K{name}", end="", file=sys.stderr, flush=True)
