"""The kernel's lamps: /sys/class/leds (Documentation/leds/leds-class.rst).

A lamp is a folder `devicename:colour:function`. One whose function is `ready`, `call` or `fault` is
ours by name (a device tree of our own says so); a board's own lamps are ours by firmware-hooks/
lamps.toml, first match first. A lamp that we use is taken from its trigger, so that the kernel does
not blink it for a disk.
"""

import fnmatch
import logging
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.daemons.hooks.lamp_states import Lamp
from appliance.vocabulary.errors import EquipmentError

logger = logging.getLogger(__name__)

SYSFS = Path("/sys/class/leds")
Names = Mapping[Lamp, Sequence[str]]


def names_from(text: str, file: str) -> Names:
    """Read lamps.toml: a list of patterns for each lamp. Raises EquipmentError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EquipmentError(f"{file}: {error}") from error
    found: dict[Lamp, Sequence[str]] = {}
    for key, patterns in document.items():
        if key not in [*Lamp] or not isinstance(patterns, list):
            raise EquipmentError(f"{file}: {key}: expected a list for ready, call or fault")
        found[Lamp(key)] = [str(one) for one in patterns]
    return found


def lamps_found(folder: Path, names: Names) -> dict[Lamp, Path]:
    """Return the lamps of this machine; each lamp of it serves once, none may be there."""
    try:
        present = sorted(one.name for one in folder.iterdir())
    except OSError:
        return {}
    found: dict[Lamp, Path] = {}
    for lamp in Lamp:
        for pattern in (f"*:{lamp}", lamp, *names.get(lamp, ())):
            fitting = [
                name
                for name in present
                if fnmatch.fnmatchcase(name, pattern) and folder / name not in found.values()
            ]
            if fitting:
                found[lamp] = folder / fitting[0]
                break
    return found


class LampFile:
    """One lamp; written only when it changes. Hardware that refuses is told of once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_lit: bool | None = None
        self._has_failed = False

    def show(self, is_lit: bool) -> None:
        """Light it or not."""
        if is_lit is self._is_lit:
            return
        if self._is_lit is None:
            self._write("trigger", "none")
        self._is_lit = is_lit
        self._write("brightness", self._brightest() if is_lit else "0")

    def _brightest(self) -> str:
        try:
            return self._folder.joinpath("max_brightness").read_text(encoding="ascii").strip()
        except OSError:
            return "1"

    def _write(self, name: str, text: str) -> None:
        try:
            # no O_CREAT: a lamp that was pulled out must not leave a file behind
            with open(self._folder / name, "r+", encoding="ascii") as file:
                file.write(text + "\n")
        except OSError as error:
            if not self._has_failed:
                logger.warning("lamp %s cannot be set: %s", self._folder.name, error)
            self._has_failed = True
