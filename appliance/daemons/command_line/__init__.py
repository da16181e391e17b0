"""`linghe`: the box on the command line, for people and for scripts.

Every verb prints words for people, or one JSON document with --json; exit code 0: done, 1: a rule
says no or something is broken, 2: the command was not understood, 3: the box is not running,
or there is none.
One file a verb, and VERBS in arguments.py.
"""

import io
import os
import sqlite3
import sys
from collections.abc import Sequence

from appliance.daemons.command_line.arguments import parsed
from appliance.daemons.command_line.verb import (
    EXIT_NOT_RUNNING,
    EXIT_REFUSED,
    EXIT_USAGE,
    NoBox,
    NotUnderstood,
    json_text,
)
from appliance.daemons.paths import as_the_units_see_it, environment
from appliance.store.shared import is_shared
from appliance.vocabulary.errors import ApplianceError, EquipmentError, RefusedError, SiteError
from appliance.vocabulary.one_line import one_line


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another alphabet: 王 is shown as \\u738b there, and nothing breaks off.
            stream.reconfigure(errors="backslashreplace")
    arguments = parsed(sys.argv[1:] if argv is None else argv)
    try:
        as_the_units_see_it()
        _share_what_is_made()
        code: int = arguments.carry_out(arguments)
    except ApplianceError as error:
        _tell(error, as_json=arguments.json)
        return _code_of(error)
    except ValueError as error:
        # environment() says what is wrong with a LINGHE_ variable.
        print(f"linghe: {error}", file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        # `linghe calls | head`: the reader has seen enough. Python would complain at exit.
        sys.stderr.close()
        return 0
    except (OSError, sqlite3.Error) as error:
        # A full disk, a file that cannot be read: the store's words where it has some, else these.
        _tell(
            EquipmentError(f"The box's files cannot be used: {_why(error)}."),
            as_json=arguments.json,
        )
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 130
    return code


def _share_what_is_made() -> None:
    """On the box several users are the box: what root makes there is for their group too."""
    root = environment().data
    if root.is_dir() and is_shared(root):
        os.umask(0o007)


def _code_of(error: ApplianceError) -> int:
    match error:
        case NoBox():
            return EXIT_NOT_RUNNING
        case NotUnderstood():
            return EXIT_USAGE
        case _:
            return EXIT_REFUSED


def _why(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _tell(error: ApplianceError, *, as_json: bool) -> None:
    if not as_json:
        shown_lines = [f"linghe: {error}"]
        if isinstance(error, SiteError):
            shown_lines = [str(fault) for fault in error.faults]
        print(*map(one_line, shown_lines), sep="\n", file=sys.stderr)
        return
    shown: dict[str, object] = {"key": "failed", "sentence": str(error)}
    if isinstance(error, RefusedError):
        shown = {"key": error.key, "sentence": error.sentence, "remedy": error.remedy}
    if isinstance(error, SiteError):
        shown["faults"] = [
            {"file": one.file, "line": one.line, "key": one.key, "expected": one.expected}
            for one in error.faults
        ]
    print(json_text({"error": shown}))
