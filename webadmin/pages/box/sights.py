"""What there is to be seen of the machine without asking root."""

import re
import shutil
import time
from pathlib import Path

from appliance.store.places import Paths
from appliance.vocabulary.shape import Value

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""There since a time server was last heard (systemd-timesyncd.service(8))."""
THERMAL = Path("/sys/class/thermal")
MOST_C = 150.0
NETWORK_FILE, REACH_FILE, ZONE_FILE = "10-linghe.network", "reach.nft", "time-zone"
"""As daemons/privileged writes them."""
_ELEMENT = re.compile(r"^add element inet linghe (lan|carriers)[46] \{ (\S+) \}$", re.MULTILINE)


class Network(Value, frozen=True, kw_only=True):
    """What was set; all empty: DHCP."""

    address: str = ""
    gateway: str = ""
    dns: tuple[str, ...] = ()


class Sights(Value, frozen=True, kw_only=True):
    """One look."""

    disk_free: float
    """Gigabytes (10^9)."""
    disk_size: float
    celsius: float | None
    """Of the warmest sensor; None: there is none."""
    is_clock_told: bool
    """By a time server, since the start."""
    ups: str
    """"mains", "battery", "low"; empty: none."""
    last_update: str
    """What became of it, as root wrote it; English."""


def sights(paths: Paths) -> Sights:
    """Look once. Never raises."""
    try:
        usage = shutil.disk_usage(paths.root)
        free, size = usage.free / 1e9, usage.total / 1e9
    except OSError:
        free = size = 0.0
    return Sights(
        disk_free=free,
        disk_size=size,
        celsius=_celsius(THERMAL),
        is_clock_told=SYNCHRONIZED.exists(),
        ups=_text(paths.run / "signs" / "ups")[:20].strip(),
        last_update=_text(paths.root / "updates" / "last-update.txt")[:300].strip(),
    )


def set_on(paths: Paths) -> Path:
    """Return the folder of what was set on this box for the system itself."""
    return paths.root.parent / "network"


def network_in(folder: Path) -> Network:
    """Read networkd's file of this box."""
    lines = _text(folder / NETWORK_FILE).splitlines()
    values = [line.partition("=") for line in lines if "=" in line]
    found = {key: value for key, _, value in values}
    return Network(
        address=found.get("Address", ""),
        gateway=found.get("Gateway", ""),
        dns=tuple(value for key, _, value in values if key == "DNS"),
    )


def reach_in(folder: Path) -> tuple[list[str], list[str]]:
    """Read the networks that count as the LAN, and the carriers'."""
    rows = _ELEMENT.findall(_text(folder / REACH_FILE))
    return [one for kind, one in rows if kind == "lan"], [
        one for kind, one in rows if kind == "carriers"
    ]


def zone_in(folder: Path) -> str:
    """Return the machine's time zone: the one that was set, else the one it runs in."""
    return _text(folder / ZONE_FILE).strip() or time.tzname[0]


def _celsius(folder: Path) -> float | None:
    found = []
    for place in sorted(folder.glob("thermal_zone*/temp")):
        text = _text(place).strip()
        if re.fullmatch(r"-?[0-9]{1,7}", text) and 0 < int(text) / 1000 < MOST_C:
            found.append(int(text) / 1000)
    return max(found, default=None)


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
