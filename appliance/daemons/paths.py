"""What the environment says to the daemons. One place; the folders are in store/places.py."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.store.places import Paths as Paths

OF_THE_UNITS = Path("/etc/linghe/environment")
"""There on the image only; lines NAME=VALUE (systemd.exec(5), EnvironmentFile=)."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The LINGHE_ variables, read once."""

    data: Path
    bind: str
    sip_port: int
    sips_port: int
    """SIP over TLS."""
    http_port: int
    rtp_first: int
    rtp_last: int
    workers: int
    clock: str
    """LINGHE_CLOCK: start the box's wall clock at this local time (to try a Monday on a Sunday)."""
    dns: tuple[tuple[str, int], ...] = ()
    """LINGHE_DNS: name servers to ask for trunks, address and port; none: the machine's."""

    @property
    def paths(self) -> Paths:
        return Paths(self.data)


def environment() -> Environment:
    """Read the environment. Raises ValueError with a sentence for a bad value."""
    first, _, last = os.environ.get("LINGHE_RTP_PORTS", "20000-29999").partition("-")
    try:
        rtp_first, rtp_last = int(first), int(last)
        sip_port = int(os.environ.get("LINGHE_SIP_PORT", "5060"))
        sips_port = int(os.environ.get("LINGHE_SIPS_PORT", sip_port + 1))
        http_port = int(os.environ.get("LINGHE_HTTP_PORT", "8080"))
        workers = int(os.environ.get("LINGHE_WORKERS", "1"))
    except ValueError as error:
        raise ValueError(
            "LINGHE_SIP_PORT, LINGHE_SIPS_PORT and LINGHE_HTTP_PORT are port numbers, "
            "LINGHE_RTP_PORTS is FIRST-LAST"
        ) from error
    for name, port in (
        ("LINGHE_SIP_PORT", sip_port),
        ("LINGHE_SIPS_PORT", sips_port),
        ("LINGHE_HTTP_PORT", http_port),
        ("LINGHE_RTP_PORTS", rtp_first),
        ("LINGHE_RTP_PORTS", rtp_last),
    ):
        if not 1 <= port <= 65535:
            raise ValueError(f"{name}: {port} is no port number (1 to 65535)")
    clock = os.environ.get("LINGHE_CLOCK", "")
    if clock:
        try:
            datetime.fromisoformat(clock)
        except ValueError as error:
            raise ValueError(
                f'LINGHE_CLOCK: {clock!r} is no date and time; one is like "2026-11-23 10:00"'
            ) from error
    return Environment(
        data=Path(os.environ.get("LINGHE_DATA", "var")).absolute(),
        bind=os.environ.get("LINGHE_BIND", "0.0.0.0"),
        sip_port=sip_port,
        sips_port=sips_port,
        http_port=http_port,
        rtp_first=rtp_first,
        rtp_last=rtp_last,
        workers=workers,
        clock=clock,
        dns=tuple(_name_server(one) for one in os.environ.get("LINGHE_DNS", "").split()),
    )


def as_the_units_see_it() -> None:
    """On the image: give a person's command the variables that the box's units have.

    Above all LINGHE_SHARED, without which root would make files that the box cannot read. Nothing
    where another box is meant: LINGHE_DATA is set and leads elsewhere.
    """
    try:
        lines = OF_THE_UNITS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    theirs = dict(line.split("=", 1) for line in lines if "=" in line)
    if os.environ.get("LINGHE_DATA") in (None, theirs.get("LINGHE_DATA")):
        for name, value in theirs.items():
            if name.startswith("LINGHE_"):
                os.environ.setdefault(name, value)


def _name_server(text: str) -> tuple[str, int]:
    """`192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`."""
    address, port = text, "53"
    if text.startswith("["):
        address, _, tail = text[1:].partition("]")
        port = tail.removeprefix(":") or port
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    try:
        if not 1 <= int(port) <= 65535:
            raise ValueError
        return str(ipaddress.ip_address(address)), int(port)
    except ValueError as error:
        raise ValueError(
            f"LINGHE_DNS: {text!r} is no name server; one is like 192.0.2.53 or 192.0.2.53:5353"
        ) from error
