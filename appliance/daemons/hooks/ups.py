"""`python -m appliance.daemons.hooks.ups`: what NUT's upsmon tells of the UPS (upsmon.conf(5)).

Run by upsmon for each change (NOTIFYCMD), which says in NOTIFYTYPE what happened; with `--low`,
once when the battery is low and the machine must stop (SHUTDOWNCMD); and with `--start` before
upsmon itself: its first look tells of a battery, not of mains: what was said before is over.

    on battery    lamp and console say so, the audit log notes it; calls go on
    mains again   taken back
    battery low   calls may be brought to their end for half a minute; then linghe-privileged is
                  asked to power off: systemd stops every process in order (calls that still go on
                  are ended and told so, what was said last is written and synced); the
                  UPS then cuts the power, and the box starts by itself when the mains are back

Harmless when run twice: a sign is given again, a machine that powers off is asked again.
"""

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable

from appliance.daemons.paths import environment
from appliance.daemons.root_asking import ask_root
from appliance.daemons.signs import Sign, give, signs, take_back
from appliance.daemons.standing import standing
from appliance.store.audit import AuditLine
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.one_line import OneLineForm, one_line
from appliance.wire.privileged import Restart

logger = logging.getLogger(__name__)

BY = "UPS"
ROOT_SECONDS = 20.0
FINISH_SECONDS = 30.0
"""So long may calls go on that a low battery finds. NUT calls it low two minutes before its end
(battery.runtime.low), and an orderly stop takes some ten seconds."""
LOOK_SECONDS = 1.0
POWER_OFF = ("systemctl", "poweroff")
"""Where there is no linghe-privileged: on a machine that is no box upsmon may run as root."""

ON_BATTERY, LOW = "battery", "low"
SIGN_OF = {
    "ONBATT": ON_BATTERY,
    "LOWBATT": LOW,
    "FSD": LOW,
    "SHUTDOWN": LOW,
    "ONLINE": "",
}
"""upsmon's NOTIFYTYPE to our sign; "": taken back; what is not here changes nothing."""
ACTS = {ON_BATTERY: "ups_on_battery", LOW: "ups_battery_low", "": "ups_on_mains"}


def happened(paths: Paths, kind: str, message: str) -> None:
    """The UPS says `kind`, with upsmon's own sentence."""
    logger.warning("ups: %s %s", kind, one_line(message)[:200])
    sign = SIGN_OF.get(kind)
    if sign is not None and _changed(paths, sign):
        _note(paths, sign)


def _changed(paths: Paths, sign: str) -> bool:
    """Give or take back the sign; False where it says so already. upsmon runs several of us at
    once and in any order: from `low` only the mains lead back."""
    paths.make()
    lock = os.open(paths.run / "ups.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = signs(paths).get(Sign.UPS, "")
        if before == sign or (before == LOW and sign == ON_BATTERY):
            return False
        if sign:
            give(paths, Sign.UPS, sign)
        else:
            take_back(paths, Sign.UPS)
        return True
    finally:
        os.close(lock)


def _note(paths: Paths, sign: str) -> None:
    try:
        store = SettingsStore(paths.settings)
        try:
            store.audit.note(AuditLine(at=Utc(time.time()), by=BY, what=ACTS[sign]))
        finally:
            store.close()
    except (ApplianceError, OSError) as error:
        logger.warning("ups: the audit log cannot be written: %s", error)


def forget(paths: Paths) -> None:
    """upsmon is about to look for the first time."""
    _changed(paths, "")


def let_finish(
    calls: Callable[[], int],
    *,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], object] = time.sleep,
) -> int:
    """Wait until no call goes on, FINISH_SECONDS at most; return how many still do."""
    until = now() + FINISH_SECONDS
    while (left := calls()) and now() < until:
        wait(LOOK_SECONDS)
    return left


def stopped(paths: Paths) -> int:
    """The battery is low: have the machine stopped in order."""
    happened(paths, "LOWBATT", "battery low, the machine is stopped")
    if left := let_finish(lambda: standing(paths).calls):
        logger.warning("ups: %d calls go on still and are ended", left)
    try:
        logger.warning("ups: %s", ask_root(Restart(power_off=True, by=BY), within=ROOT_SECONDS))
    except ApplianceError as error:
        logger.error("ups: %s", error)
        return subprocess.run(POWER_OFF, check=False).returncode
    return 0


def main() -> int:
    """Exit codes: upsmon looks at none of them."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    paths = environment().paths
    if sys.argv[1:] == ["--low"]:
        return stopped(paths)
    if sys.argv[1:] == ["--start"]:
        forget(paths)
        return 0
    happened(paths, os.environ.get("NOTIFYTYPE", ""), " ".join(sys.argv[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
