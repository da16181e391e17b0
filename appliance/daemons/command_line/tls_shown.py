"""SIP over TLS as `status` and `doctor` tell of it: the port, the certificate and its last day."""

import time
from dataclasses import dataclass
from pathlib import Path

from appliance.daemons import certificates
from appliance.daemons.paths import Paths
from appliance.vocabulary.errors import EquipmentError

DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class TlsShown:
    """What there is to say."""

    sentence: str
    days_left: int
    """Of the certificate; 0 or less: it has run out, or cannot be read."""


def tls_shown(paths: Paths, sips_port: int) -> TlsShown | None:
    """Return it; None when the box does not listen for TLS."""
    ready = certificates.served(paths)
    if not sips_port or ready is None:
        return None
    try:
        end = certificates.ends_at(Path(ready.certificate))
    except EquipmentError as error:
        return TlsShown(sentence=f"port {sips_port}; {error}", days_left=0)
    days = int((end.timestamp() - time.time()) // DAY_SECONDS)
    whose = "your own" if ready.is_own else "made by the box"
    trust = "" if ready.is_own else f"; phones trust {paths.certificates / 'authority.pem'}"
    return TlsShown(
        sentence=f"port {sips_port}, certificate {whose}, good until {end:%Y-%m-%d}{trust}",
        days_left=days,
    )
