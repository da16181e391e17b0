"""The wall's time and the machine's time zone, by timedated: it sets the clock's chip as well."""

import re
from datetime import UTC, datetime

from appliance.daemons.privileged.machine import Machine, remove, write_whole
from appliance.vocabulary.errors import RefusedError
from appliance.wire.privileged import SetClock, SetTimeZone

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
ZONE_FILE = "time-zone"


def set_clock(asked: SetClock, machine: Machine) -> str:
    """Set the clock; time servers go on to correct it. Raises RefusedError, EquipmentError."""
    if not EARLIEST <= asked.utc < LATEST:
        raise RefusedError("clock_refused", "A box of today lives in 2026 or later.")
    wanted = datetime.fromtimestamp(asked.utc, UTC).strftime("%Y-%m-%d %H:%M:%S")
    # timedated sets no clock by hand while a time server is asked
    machine.run(("timedatectl", "set-ntp", "false"), 20.0)
    try:
        machine.run(("timedatectl", "set-time", f"{wanted} UTC"), 20.0)
        # timesyncd would begin with the last time that it knew, and never with an earlier one
        remove(machine.last_time)
    finally:
        machine.run(("timedatectl", "set-ntp", "true"), 20.0)
    return f"The clock was set to {wanted} UTC."


def set_time_zone(asked: SetTimeZone, machine: Machine) -> str:
    """Set the machine's zone, now and from the next start. Raises RefusedError, EquipmentError."""
    is_name = len(asked.zone) <= 64 and _ZONE.fullmatch(asked.zone)
    if not is_name or not (machine.zones / asked.zone).is_file():
        raise RefusedError(
            "time_zone_refused",
            f"{asked.zone[:64]!r} is no time zone.",
            "One is like Asia/Shanghai or Europe/Warsaw.",
        )
    write_whole(machine.settings / ZONE_FILE, f"{asked.zone}\n", 0o644)
    machine.run(("timedatectl", "set-timezone", asked.zone), 20.0)
    return f"The machine's time zone is {asked.zone}."
