"""What all verbs share: exit codes, where the box's files are, printing."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

from appliance.daemons.paths import Paths, environment
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.one_line import one_line

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3


class NoBox(RefusedError):
    """The data folder holds no box: exit code 3."""


class NotUnderstood(RefusedError):
    """The words of the command mean nothing: exit code 2."""


def paths() -> Paths:
    """Return the data folder's places (LINGHE_DATA)."""
    return environment().paths


def opened_settings() -> SettingsStore:
    """Open settings.db, making the data folder on a box that never ran: for what may begin one."""
    places = paths()
    places.make()
    return SettingsStore(places.settings)


def box_settings() -> SettingsStore:
    """Open settings.db of a box that is there, for what only asks it. Raises NoBox."""
    places = paths()
    signs = (places.settings, places.calls, places.secrets, places.control_socket)
    if not any(sign.exists() for sign in signs):
        raise NoBox(
            "no_box",
            f"There is no box in {places.root}.",
            "Is LINGHE_DATA set to another folder? `make run` or `linghe apply` begins one here.",
        )
    return opened_settings()


def print_json(shown: object) -> None:
    """Print one document."""
    print(json_text(msgspec.to_builtins(shown)))


def json_text(plain: object) -> str:
    """Return a document in letters that people read, but for what a terminal would obey."""
    text = json.dumps(plain, ensure_ascii=False, indent=2)
    if text.replace("\n", "").isprintable():
        return text
    # Outside of strings JSON has printable characters and line ends only.
    return "".join(
        char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text
    )


def note(text: str) -> None:
    """Say something that is not the result: to standard error."""
    print(*map(one_line, text.split("\n")), sep="\n", file=sys.stderr)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns; a Chinese character is two wide on a terminal."""
    whole = [list(heads), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(_width(row[column]) for row in whole) for column in range(len(heads))]
    for row in whole:
        cells = [
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
