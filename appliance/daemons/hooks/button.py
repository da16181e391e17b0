"""`python -m appliance.daemons.hooks.button DEVICE`: the reset button, held for ten seconds.

Started by udev through systemd (linghe-button@.service) for an input device that is made of GPIO
keys. Asks linghe-privileged for a factory reset that keeps the recordings, and logs it. A short
press does nothing. Ends in order when the device goes.
"""

import logging
import os
import sys
import time
from collections.abc import Callable

from appliance.daemons import notify
from appliance.daemons.hooks.input_events import KEY_RESTART, InputEvents
from appliance.daemons.hooks.press import Meaning, Press
from appliance.daemons.paths import Paths, environment
from appliance.daemons.root_asking import ask_root
from appliance.daemons.signs import Sign, give, take_back
from appliance.daemons.stop_sign import StopSign
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.one_line import OneLineForm
from appliance.wire.privileged import FactoryReset

logger = logging.getLogger(__name__)


class Button:
    """A device of keys, and what long presses of its reset key do."""

    def __init__(self, paths: Paths, reset: Callable[[], None]) -> None:
        self._paths = paths
        self._reset = reset
        self._events = InputEvents()
        self._press = Press()

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came from the device."""
        for moved in self._events.receive(data):
            if moved.code == KEY_RESTART:
                self._act(self._press.moved(moved.is_down, now))

    def wake(self, now: float) -> None:
        """A time has come, or may have."""
        self._act(self._press.wake(now))

    def left(self, now: float) -> float | None:
        """Seconds until `wake` is due; None: nothing is awaited."""
        due = self._press.wake_at()
        return None if due is None else max(0.0, due - now)

    def _act(self, meaning: Meaning | None) -> None:
        match meaning:
            case Meaning.WARN:
                logger.warning("reset button held: the box is reset if it is held on")
                give(self._paths, Sign.BUTTON, "held")
            case Meaning.CALM:
                logger.info("reset button let go: nothing is reset")
                take_back(self._paths, Sign.BUTTON)
            case Meaning.RESET:
                logger.warning("reset button held for long: factory reset, recordings are kept")
                take_back(self._paths, Sign.BUTTON)
                self._reset()
            case None:
                return


def reset_keeping_recordings() -> None:
    """Ask root; a refusal is told in the log, where the console shows it."""
    try:
        said = ask_root(FactoryReset(keep_recordings=True, by="reset button"))
    except ApplianceError as error:
        logger.error("the reset button was held, but: %s", error)
        return
    logger.warning("factory reset: %s", said)


def main() -> int:
    """Run until SIGTERM, or until the device is gone."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    if len(sys.argv) != 2:
        print("usage: button DEVICE", file=sys.stderr)
        return 2
    stop = StopSign()
    try:
        device = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        logger.info("%s: %s", sys.argv[1], error.strerror)
        return 0
    button = Button(environment().paths, reset_keeping_recordings)
    notify.ready(f"watches {sys.argv[1]}")
    while not stop.is_given:
        ready = stop.wait(button.left(time.monotonic()), [device])
        if ready:
            try:
                data = os.read(device, 4096)
            except OSError:  # ENODEV: it was pulled out
                break
            if not data:
                break
            button.receive(data, time.monotonic())
        button.wake(time.monotonic())
    os.close(device)
    return 0


if __name__ == "__main__":
    sys.exit(main())
