"""Where a browser finds the page: the numbers, and the mDNS name where it is told."""

import re
from pathlib import Path

from appliance.daemons.interfaces import own_addresses, own_addresses_6

AVAHI_PID = Path("/run/avahi-daemon/pid")
PROC = Path("/proc")
_RUNNING = re.compile(r"running \[([A-Za-z0-9-]{1,63}\.local)\]")


def pages(port: int, addresses: list[str], name: str) -> tuple[str, ...]:
    """Return them, the one for others' machines first; none of loopback.

    IPv6 only where no network gave the box an IPv4 address; that is short to type, and phones need
    it anyway.
    """
    outside = [one for one in addresses if not one.startswith("127.") and one != "::1"]
    if any(_rank(one) == 0 for one in outside):
        outside = [one for one in outside if ":" not in one]
    outside.sort(key=_rank)
    shown = [f"[{one}]" if ":" in one else one for one in outside]
    hosts = [*shown, *([name] if name and outside else [])]
    tail = "" if port == 80 else f":{port}"
    return tuple(f"http://{host}{tail}/" for host in hosts)


def _rank(address: str) -> int:
    """Less is better. Of IPv6, the firewall takes the network's own (RFC 4193) for the LAN; an
    address that the box gave itself (RFC 3927) is the last resort."""
    if ":" in address:
        return 1 if address.lower().startswith(("fc", "fd")) else 2
    return 3 if address.startswith("169.254.") else 0


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
    return pages(port, [*own_addresses(), *own_addresses_6()], mdns_name())
