"""run/units.json, which the supervisor keeps: who runs."""

from pathlib import Path

import msgspec

from appliance.vocabulary.shape import Value


class UnitShown(Value, frozen=True, kw_only=True):
    """One process of the box."""

    unit: str
    title: str
    state: str
    """starting | ready | waiting | killed | stopping | stopped | absent"""
    pid: int | None = None
    restarts: int = 0
    status: str = ""
    """What it says of itself."""


def units_shown(run: Path) -> list[UnitShown]:
    """Return the processes; none when no supervisor runs here (systemd keeps its own list)."""
    try:
        return msgspec.json.decode((run / "units.json").read_bytes(), type=list[UnitShown])
    except (OSError, msgspec.MsgspecError):
        return []
