"""`linghe backup FILE`: everything that makes this box this one, in one file, while calls go on."""

import argparse
import secrets
import sys
import time
from pathlib import Path

import appliance
from appliance.daemons.command_line.verb import EXIT_DONE, opened_settings, paths, print_json
from appliance.store.audit import AuditLine
from appliance.store.backup import Made, back_up
from appliance.store.backup_file import Manifest
from appliance.store.secrets import Secrets
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc

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
        "--recordings", action="store_true", help="all recordings and messages too (large)"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Write it, read it back, and say what it holds."""
    target: Path = arguments.file.absolute()
    if not target.parent.is_dir():
        raise RefusedError("no_folder", f"There is no folder {target.parent}.")
    if target.is_dir():
        raise RefusedError("is_folder", f"{target} is a folder.", "Name a file in it.")
    manifest = made(target, with_recordings=arguments.recordings, by="command line")
    if arguments.json:
        print_json(
            {"file": str(target), "bytes": target.stat().st_size, "files": len(manifest.members)}
        )
    else:
        size = target.stat().st_size / 1e6
        print(f"{target}: {len(manifest.members)} files, {size:.1f} MB, read back and whole.")
        print("It holds passwords of phones and trunks: keep it where a key would be kept.")
    return EXIT_DONE


def made(target: Path, *, with_recordings: bool, by: str) -> Manifest:
    """Make a backup of the box that LINGHE_DATA names, and note it in the audit log."""
    places = paths()
    store = opened_settings()
    try:
        site = store.current()
        key = Secrets(places.secrets, secrets.token_bytes).box_key()
        manifest = back_up(
            places,
            target,
            Made(
                at=Utc(time.time()),
                version=appliance.__version__,
                site_name=site.site.name,
                site_version=site.version,
            ),
            key=key,
            with_recordings=with_recordings,
            progress=_told if sys.stderr.isatty() else lambda name: None,
        )
        store.audit.note(
            AuditLine(at=Utc(time.time()), by=by, what="backup_made", detail=target.name)
        )
    finally:
        store.close()
    return manifest


def _told(name: str) -> None:
    print(f"\r\x1b[K{name}", end="", file=sys.stderr, flush=True)
