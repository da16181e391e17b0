"""How the control process is, in one line: for `linghe status` and the pages."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance import __version__
from appliance.reports.days import day_at
from appliance.store.calls import CallBook, CallFilter
from appliance.vocabulary.fact import Direction
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Site
from appliance.wire.control import StatusTold

SERVICE = CallFilter(direction=Direction.SERVICE)
"""Codes and the box's own test calls: no customers, so no report counts them either."""


def status_told(
    live: Live,
    site: Site,
    at: Utc,
    *,
    up_seconds: float,
    restarts: int,
    book: CallBook,
    ports: tuple[int, int],
) -> StatusTold:
    """Return it; `ports`: SIP, and SIP over TLS. Workers and bad packets are the caller's to
    add. Raises sqlite3.Error."""
    trunks = [line for line in live.lines if line.kind == "trunk"]
    phones = [line for line in live.lines if line.kind == "phone"]
    today = day_at(at, site.site.timezone)
    clock = datetime.fromtimestamp(at, ZoneInfo(site.site.timezone))
    return StatusTold(
        version=__version__,
        pid=os.getpid(),
        up_seconds=round(up_seconds, 1),
        restarts=restarts,
        calls=len(live.calls),
        calls_today=book.count_between(today.start, today.end)
        - book.count_between(today.start, today.end, SERVICE),
        registered_phones=sum(line.is_up for line in phones),
        trunks_up=sum(line.is_up for line in trunks),
        trunks=len(trunks),
        site_version=site.version,
        site_name=site.site.name,
        sip_port=ports[0],
        sips_port=ports[1],
        clock=clock.isoformat(timespec="seconds"),
    )
