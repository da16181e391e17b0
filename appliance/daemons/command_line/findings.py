"""What a check of `linghe doctor` looks at, and what it finds."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.daemons.paths import Paths
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Site
from appliance.wire.control import StatusTold


class Lamp(StrEnum):
    """As on the box."""

    GREEN = "green"
    YELLOW = "yellow"
    """Someone should look."""
    RED = "red"
    """Calls suffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str
    lamp: Lamp
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the checks look at, asked for once."""

    paths: Paths
    site: Site
    status: StatusTold | None
    live: Live | None
