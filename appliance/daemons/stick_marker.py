"""The file that makes a USB stick ours: `linghe-stick.toml` in its top folder.

    key = "…"             # of this box; the console's menu or `linghe stick` writes it
    reports_days = 31     # the day's report of so many days, CSV and JSON; 0: none
    backup = true         # a backup of the box; the newest five are kept
    recordings = false    # recordings of calls besides
    update = true         # take an update that lies on the stick (*.raucb)
    ssh = false           # true: SSH for the key ssh-key.pub; without that file none

Without the key of this very box a stick is given nothing and nothing is taken from it: who comes to
the counter with a stick of his own for half a minute carries nobody's calls away.
"""

import hashlib
import hmac
import tomllib
from pathlib import Path

import msgspec

from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.shape import Value

MARKER = "linghe-stick.toml"
MOST_BYTES = 16 << 10
MOST_DAYS = 366


class Marker(Value, frozen=True, kw_only=True):
    """What the owner wants of this stick."""

    key: str = ""
    reports_days: int = 31
    backup: bool = True
    recordings: bool = False
    update: bool = True
    ssh: bool = False


EXPECTED = {
    "key": "the box's key, from its console or `linghe stick`",
    "reports_days": f"0 to {MOST_DAYS}",
    "backup": "true or false",
    "recordings": "true or false",
    "update": "true or false",
    "ssh": "true or false",
}


def stick_key(box_key: bytes) -> str:
    """Return what a stick of this box carries, hexadecimal; the box's key cannot be found by it."""
    return hmac.new(box_key, b"linghe stick\n", hashlib.sha256).hexdigest()


def marker_text(box_key: bytes) -> str:
    """Return a marker file for a stick of this box."""
    return (
        "# This stick belongs to one Linghe box: plugged in there, it is given what stands here.\n"
        "# Keep it where a key would be kept: the backup holds passwords.\n"
        f'key = "{stick_key(box_key)}"\n'
        "reports_days = 31     # the day's report of so many days\n"
        "backup = true         # a backup of the box\n"
        "recordings = false    # recordings of calls besides\n"
        "update = true         # take an update (*.raucb) that lies on the stick\n"
        "ssh = false           # true: SSH for the key ssh-key.pub; without that file none\n"
    )


def marker_on(stick: Path) -> Marker | None:
    """Read a stick's marker; None: it is none of ours. RefusedError names what is wrong in it."""
    place = stick / MARKER
    try:
        if place.is_symlink() or not place.is_file():
            return None
        with place.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise EquipmentError(f"{MARKER} cannot be read: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise _wrong("file", f"at most {MOST_BYTES >> 10} KiB")
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong("file", str(error)) from error
    return _checked(document)


def _checked(document: dict[str, object]) -> Marker:
    found: dict[str, object] = {}
    for name, value in document.items():
        if name not in EXPECTED:
            raise _wrong(name, "one of " + ", ".join(EXPECTED))
        wanted = type(getattr(Marker(), name))
        is_day_count = name == "reports_days" and isinstance(value, int)
        if type(value) is not wanted or (is_day_count and not 0 <= int(str(value)) <= MOST_DAYS):
            raise _wrong(name, EXPECTED[name])
        found[name] = value
    return msgspec.convert(found, Marker)


def is_of_this_box(marker: Marker, box_key: bytes) -> bool:
    """Say whether the stick carries this box's key."""
    return hmac.compare_digest(marker.key.encode(), stick_key(box_key).encode())


def _wrong(key: str, expected: str) -> RefusedError:
    return RefusedError("marker_wrong", f"{MARKER}: {key}: {expected}")
