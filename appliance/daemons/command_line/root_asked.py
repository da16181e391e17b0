"""Root's short list, asked by verbs: one question to linghe-privileged, and how it is told."""

import argparse
import getpass
import os
from pathlib import Path

from appliance.daemons.asking import answer_of
from appliance.daemons.command_line.verb import EXIT_DONE, print_json
from appliance.vocabulary.errors import EquipmentError, PeerError, RefusedError
from appliance.wire.codec import LineDecoder
from appliance.wire.privileged import SOCKET, FromPrivileged, NotCarriedOut, Privileged

SHORT_S = 90.0
LONG_S = 2400.0
"""An update is written to a slow disk."""


def by() -> str:
    """Who sits at the command line, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def carried_out(asked: Privileged, arguments: argparse.Namespace, within: float = SHORT_S) -> int:
    """Ask, tell what became of it; return the exit code. Raises RefusedError, EquipmentError."""
    sentence = told_by_root(asked, within)
    if arguments.json:
        print_json({"done": sentence})
    else:
        print(sentence)
    return EXIT_DONE


def told_by_root(asked: Privileged, within: float = SHORT_S) -> str:
    """Ask and return the sentence. Raises RefusedError, EquipmentError."""
    place = Path(os.environ.get("LINGHE_PRIVILEGED_SOCKET", SOCKET))
    decoder: LineDecoder[FromPrivileged] = LineDecoder(FromPrivileged)
    try:
        told = answer_of(place, asked, decoder, within)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise EquipmentError(
            "This is no box of its own: only Linghe's image has linghe-privileged. "
            "Here the machine's own tools do it."
        ) from error
    except PermissionError as error:
        raise EquipmentError("Only root may ask for that.") from error
    except (PeerError, EOFError, OSError) as error:
        raise EquipmentError(f"linghe-privileged gave no answer: {error}.") from error
    if isinstance(told, NotCarriedOut):
        raise RefusedError(told.key, told.sentence, told.remedy)
    return told.sentence
