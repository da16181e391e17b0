"""Where a browser finds the page: the numbers, and the mDNS name where it is told."""

import re
from pathlib import Path

from appliance.daemons.interfaces import own_addresses

AVAHI_PID = Path("/run/avahi-daemon/pid")
PROC = Path("/proc")
_RUNNING = re.compile(r"running \[([A-Za-z0-9-]{1,63}\.local)\]")


def pages(port: int, addresses: list[str], name: str) -> tuple[str, ...]:
    """Return them, the one for others' machines first; loopback only where there is no other."""
    outside = [one for one in addresses if not one.startswith("127.")]
    # An address that the box gave itself (RFC 3927) is the last resort.
    outside.sort(key=lambda one: one.startswith("169.254."))
    hosts = [*outside, *([name] if name and outside else [])]
    tail = "" if port == 80 else f":{port}"
    return tuple(f"http://{host}{tail}/" for host in hosts)


def mdns_name(pid_file: Path = AVAHI_PID, proc: Path = PROC) -> str:
    """Return the name that avahi really took, "" without one.

    With two boxes in one network the second is linghe-2.local (RFC 6762 §9); avahi says the name
    that it won in its process title.
    """
    try:
        number = int(pid_file.read_text(encoding="ascii"))
        title = (proc / str(number) / "cmdline").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""
    found = _RUNNING.search(title)
    return found[1] if found else ""


def own_pages(port: int) -> tuple[str, ...]:
    """Return this machine's, now."""
    return pages(port, own_addresses(), mdns_name())
