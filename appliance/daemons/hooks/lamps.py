"""`python -m appliance.daemons.hooks.lamps`: the lamps on the front say how the box stands.

Started by systemd (linghe-lamps.service) when udev finds a lamp; ends at once on a machine without
any. Looks every two seconds, wakes oftener only while a lamp blinks. Dark when it ends in order.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

from appliance.daemons import notify
from appliance.daemons.hooks.lamp_files import SYSFS, LampFile, lamps_found, names_from
from appliance.daemons.hooks.lamp_states import ALL_DARK, Lamp, Light, lights
from appliance.daemons.paths import environment
from appliance.daemons.standing import Standing, standing
from appliance.daemons.stop_sign import StopSign
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.one_line import OneLineForm

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
BLINK_EVERY = 0.15
NAMES = Path("/usr/lib/linghe/lamps.toml")
"""firmware-hooks/lamps.toml on the box."""


class Front:
    """The lamps and when to look next. Lamps may come late, one driver after the other."""

    def __init__(self, find: Callable[[], dict[Lamp, Path]], look: Callable[[], Standing]) -> None:
        self._find = find
        self._look = look
        self._places: dict[Lamp, Path] = {}
        self._lamps: dict[Lamp, LampFile] = {}
        self._lights = ALL_DARK
        self._look_at = 0.0

    def turn(self, now: float) -> float:
        """Show what is to be shown at `now` (monotonic); return how long it holds, in seconds."""
        if now >= self._look_at:
            self._take_found()
            self._lights = lights(self._look())
            self._look_at = now + LOOK_EVERY
        self._show(now)
        is_blinking = any(self._lights[lamp].is_blinking for lamp in self._lamps)
        left = max(0.0, self._look_at - now)
        return min(left, BLINK_EVERY) if is_blinking else left

    def darken(self) -> None:
        """Nothing is said any more."""
        for file in self._lamps.values():
            file.show(is_lit=False)

    def _take_found(self) -> None:
        found = self._find()
        for lamp, place in found.items():
            if self._places.get(lamp) != place:
                logger.info("lamp %s is %s", lamp, place.name)
                self._lamps[lamp] = LampFile(place)
        self._places = found

    def _show(self, now: float) -> None:
        for lamp, file in self._lamps.items():
            file.show(self._lights.get(lamp, Light.DARK).is_lit(now))


def main() -> int:
    """Run until SIGTERM. `--leds FOLDER` and `--names FILE` are for other machines than the box."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    words = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    names_file = Path(words.get("--names", str(NAMES)))
    try:
        names = names_from(names_file.read_text(encoding="utf-8"), names_file.name)
    except FileNotFoundError:
        names = {}
    except (OSError, UnicodeDecodeError, EquipmentError) as error:
        logger.warning("%s", error)
        names = {}
    leds = Path(words.get("--leds", str(SYSFS)))
    found = lamps_found(leds, names)
    paths = environment().paths
    front = Front(lambda: lamps_found(leds, names), lambda: standing(paths))
    stop = StopSign()
    notify.ready(", ".join(found) if found else "this machine has no lamps of ours")
    while found and not stop.is_given:
        notify.watchdog()
        stop.wait(front.turn(time.monotonic()))
    notify.stopping()
    front.darken()
    return 0


if __name__ == "__main__":
    sys.exit(main())
