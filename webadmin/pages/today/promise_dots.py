"""Promised against real waits as dots: coordinates for an SVG that the template writes."""

from collections.abc import Sequence

from appliance.reports.promised_waits import Promise
from appliance.vocabulary.shape import Value

SIZE = 260.0
MOST_DOTS = 500
"""Of more promises every second, third, … is shown."""
BAND = 0.25
MOST_LINES = 5


class Dot(Value, frozen=True, kw_only=True):
    """One promise whose caller was answered, in SVG units from the top left."""

    x: float
    y: float
    promised: float
    real: float


class Dots(Value, frozen=True, kw_only=True):
    """The whole picture: promised across, real upwards, the same scale on both."""

    told: int
    """Promises, also those whose callers nobody answered."""
    dots: tuple[Dot, ...]
    size: float = SIZE
    lines: tuple[tuple[float, int], ...] = ()
    """Where a line stands, from the corner, and for how many seconds."""
    band: str = ""
    """Points of the area in which the wait was a quarter more or less than promised."""


def dots_of(promises: Sequence[Promise]) -> Dots:
    """Return the picture of a day's promises."""
    kept = [(one.promised, one.real) for one in promises if one.real is not None]
    shown = kept[:: -(-len(kept) // MOST_DOTS) or 1]
    most = max((max(pair) for pair in shown), default=0.0)
    between = _between(most)
    top = between * max(1, -(-int(most + 0.999) // between))
    scale = SIZE / top
    edge = SIZE / (1 + BAND)
    return Dots(
        told=len(promises),
        dots=tuple(
            Dot(
                x=round(promised * scale, 1),
                y=round(SIZE - real * scale, 1),
                promised=promised,
                real=real,
            )
            for promised, real in shown
        ),
        lines=tuple((round(value * scale, 1), value) for value in range(0, top + 1, between)),
        band=f"0,{SIZE} {edge:.1f},0 {SIZE},0 {SIZE},{SIZE * BAND:.1f}",
    )


def _between(most: float) -> int:
    """Return a round distance between lines, in seconds: 10, 30, a minute, two, five, ten, …"""
    for step in (10, 30, 60, 120, 300, 600):
        if most <= step * MOST_LINES:
            return step
    return int(most // MOST_LINES // 600 + 1) * 600
