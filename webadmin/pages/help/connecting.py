"""What a new phone is to be told of this box: address, ports, and whose certificates to trust."""

import ipaddress
import socket
from pathlib import Path

from appliance.vocabulary.errors import PeerError
from appliance.wire.control import StatusAsked, StatusTold
from webadmin.box import ask
from webadmin.stores import places

ANSWER_S = 1.0
"""A page about phones is not waited for longer because call control restarts."""


ANYWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737): asked is only by which of ours it would be reached."""


def address_for_phones(asked: str, listening: str) -> str:
    """Return the host under which a phone finds the box: the one that the browser `asked` for; its
    address in the network where that is this machine's own talk with itself, and the pages are
    `listening` at every address."""
    host = asked.rpartition(":")[0] if not asked.endswith("]") and ":" in asked else asked
    if not _is_loopback(host) or listening not in {"0.0.0.0", "::"}:
        return host
    return network_address() or host


def network_address() -> str:
    """Return the address from which this machine speaks to others, "" without a network. Nothing
    is sent: to connect a datagram socket only chooses a route (udp(7))."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect((ANYWHERE, 9))
            found = str(asking.getsockname()[0])
    except OSError:
        return ""
    return "" if _is_loopback(found) else found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def status() -> StatusTold | None:
    """Return what call control says of itself; None while it does not answer."""
    try:
        answer = ask(StatusAsked(), ANSWER_S)
    except (OSError, PeerError):
        return None
    return answer if isinstance(answer, StatusTold) else None


def authority() -> Path | None:
    """Return the file of the box's own authority; None where none is needed to trust the box:
    before its first start, or with a certificate of the owner's."""
    folder = places().certificates
    file = folder / "authority.pem"
    return file if file.exists() and not (folder / "own.pem").exists() else None
