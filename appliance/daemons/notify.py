"""The service manager's own protocol, as every daemon speaks it (sd_notify(3), sd_listen_fds(3)).

Two directions. Inherited: the manager opened the sockets (LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES)
and keeps those that we gave it to hold; a restarted process finds both kinds by name. Told: ready,
alive, stopping, and "keep this descriptor for me" (FDSTORE).

On the box the manager is systemd, under `make run` it is daemons/supervisor; nothing here can
tell them apart. Without NOTIFY_SOCKET every message is a no-op, so a daemon can be started by hand.

Kept light on purpose: the media worker imports this before its first packet.
"""

import os
import socket

FIRST_DESCRIPTOR = 3
"""SD_LISTEN_FDS_START."""

_inherited: dict[str, list[int]] | None = None
_link: tuple[str, socket.socket] | None = None


def inherited() -> dict[str, list[int]]:
    """Return the descriptors that the manager passed, by name; the same answer at each call.

    Stored ones come back in reverse order (systemd 252), so only the name says which is which;
    a name nearly always has one descriptor. They are closed on exec from now on, and the
    variables are removed from the environment so that no child mistakes them for its own.
    """
    global _inherited
    if _inherited is None:
        _inherited = _take_over()
    return {name: list(descriptors) for name, descriptors in _inherited.items()}


def inherited_socket(name: str) -> socket.socket | None:
    """Return the first descriptor of that name as a non-blocking socket; None if not passed.

    The socket owns the descriptor: call once a name, and do not close the descriptor besides.
    """
    descriptors = inherited().get(name)
    if not descriptors:
        return None
    found = socket.socket(fileno=descriptors[0])
    found.setblocking(False)
    return found


def ready(status: str = "") -> None:
    """Everything is open and restored: from now on the unit counts as up."""
    _tell("READY=1" + (f"\nSTATUS={_one_line(status)}" if status else ""))


def status(text: str) -> None:
    """Say in a sentence what the unit is doing; shown to people."""
    _tell(f"STATUS={_one_line(text)}")


def stopping() -> None:
    """An orderly stop has begun."""
    _tell("STOPPING=1")


def watchdog() -> None:
    """I am alive. To be called at least every `watchdog_interval()` seconds."""
    _tell("WATCHDOG=1")


def watchdog_interval() -> float | None:
    """Return seconds between two signs of life (half the limit); None when nobody watches."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    limit = os.environ.get("WATCHDOG_USEC", "")
    return int(limit) / 2_000_000 if limit.isdecimal() and int(limit) > 0 else None


def store(descriptor: int, name: str) -> None:
    """Give the manager a duplicate to keep over our death; it comes back in `inherited()`.

    A socket already stored under the same name is not stored twice; to put another one
    in its place call `unstore` first. Raises ValueError for a name that cannot travel.
    """
    # Not looked after by the manager: systemd would drop a connected UDP socket at the first error
    # that the far end's router reports, and with it the leg.
    _tell(f"FDSTORE=1\nFDPOLL=0\nFDNAME={_checked(name)}", descriptor)


def unstore(name: str) -> None:
    """The manager need not keep the descriptors of that name any longer."""
    _tell(f"FDSTOREREMOVE=1\nFDNAME={_checked(name)}")


def _checked(name: str) -> str:
    """sd_pid_notify_with_fds(3): at most 255 ASCII characters, no control characters, no colon."""
    if not 0 < len(name) <= 255 or ":" in name or not all(" " <= char <= "~" for char in name):
        raise ValueError(f"not a name for a descriptor: {name[:300]!r}")
    return name


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _take_over() -> dict[str, list[int]]:
    passed_to = os.environ.pop("LISTEN_PID", "")
    count = os.environ.pop("LISTEN_FDS", "")
    names = os.environ.pop("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[int]] = {}
    if passed_to != str(os.getpid()) or not count.isdecimal():
        return found
    for place in range(int(count)):
        descriptor = FIRST_DESCRIPTOR + place
        os.set_inheritable(descriptor, False)
        name = names[place] if place < len(names) and names[place] else "unknown"
        found.setdefault(name, []).append(descriptor)
    return found


def _tell(text: str, descriptor: int | None = None) -> None:
    """Send one datagram. A manager that is gone is no reason to fail: it would end us itself."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    message = [text.encode()]
    for is_fresh in (False, True):
        try:
            link = _linked(address, is_fresh=is_fresh)
            if descriptor is None:
                link.sendmsg(message)
            else:
                socket.send_fds(link, message, [descriptor])
        except OSError:
            continue  # kept from a manager that was restarted since, or there is none
        return


def _linked(address: str, *, is_fresh: bool) -> socket.socket:
    """Return the connection to the manager, kept: each call tells of four descriptors."""
    global _link
    if _link is not None and (is_fresh or _link[0] != address):
        _link[1].close()
        _link = None
    if _link is None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            made.connect(address)
        except OSError:
            made.close()
            raise
        _link = address, made
    return _link[1]
