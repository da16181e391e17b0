"""The half hours of a day as bars: coordinates for an SVG that the template writes."""

from collections.abc import Sequence

from appliance.reports.daily import BoxLine
from appliance.vocabulary.shape import Value
from webadmin.half_hour_grid import HEIGHT, Grid, grid_of, is_named

WIDTH = 680.0
WIDEST_STEP = 44.0
FILLED = 0.62
"""How much of its place a bar takes."""
MOST_NAMED = 28
"""With more half hours than this only every second hour is named."""
SHOWN_FROM, SHOWN_UNTIL = "08:00", "18:00"
"""Shown also when nobody called; earlier and later half hours only with calls in them."""


class Bar(Value, frozen=True, kw_only=True):
    """One half hour: three parts, one on the other, in SVG units from the top."""

    place: float
    """Where its place begins; the bar stands in the middle of it."""
    x: float
    label: str
    is_named: bool
    answered: int
    abandoned: int
    other: int
    answered_y: float
    answered_height: float
    abandoned_y: float
    abandoned_height: float
    other_y: float
    other_height: float


class Bars(Value, frozen=True, kw_only=True):
    """The whole picture."""

    bars: tuple[Bar, ...]
    step: float
    bar_width: float
    width: float = WIDTH
    height: float = HEIGHT
    lines: tuple[tuple[float, int], ...] = ()
    """Where a horizontal line stands, and for how many calls."""


def bars_of(half_hours: Sequence[BoxLine]) -> Bars:
    """Return the bars from the first to the last half hour worth showing."""
    shown = _shown(half_hours)
    most = max((line.figures.counts.offered for line in shown), default=0)
    grid = grid_of(len(shown), most, width=WIDTH, widest_step=WIDEST_STEP)
    every = 1 if len(shown) <= MOST_NAMED else 2
    return Bars(
        bars=tuple(_bar(line, index * grid.step, grid, every) for index, line in enumerate(shown)),
        step=round(grid.step, 2),
        bar_width=round(grid.step * FILLED, 2),
        width=grid.width,
        lines=grid.lines,
    )


def _shown(half_hours: Sequence[BoxLine]) -> list[BoxLine]:
    worth = [
        index
        for index, line in enumerate(half_hours)
        if line.figures.counts.offered or SHOWN_FROM <= line.interval.label < SHOWN_UNTIL
    ]
    return list(half_hours[min(worth) : max(worth) + 1]) if worth else []


def _bar(line: BoxLine, place: float, grid: Grid, every: int) -> Bar:
    counts = line.figures.counts
    other = counts.offered - counts.answered - counts.abandoned
    answered, abandoned, rest = (
        round(count * grid.scale, 2) for count in (counts.answered, counts.abandoned, other)
    )
    return Bar(
        place=round(place, 2),
        x=round(place + grid.step * (1 - FILLED) / 2, 2),
        label=line.interval.label,
        is_named=is_named(line.interval.label, every=every),
        answered=counts.answered,
        abandoned=counts.abandoned,
        other=other,
        answered_y=round(HEIGHT - answered, 2),
        answered_height=answered,
        abandoned_y=round(HEIGHT - answered - abandoned, 2),
        abandoned_height=abandoned,
        other_y=round(HEIGHT - answered - abandoned - rest, 2),
        other_height=rest,
    )
