"""Waits and staffing of two days by half hour: coordinates for an SVG that the template writes."""

from collections.abc import Sequence

from appliance.reports.simulated_day import HalfHour
from appliance.vocabulary.shape import Value
from webadmin.half_hour_grid import HEIGHT, Grid, grid_of, is_named

WIDTH, STAFF_HEIGHT = 720.0, 70.0
WIDEST_STEP = 46.0
FILLED = 0.76
MOST_NAMED = 26


class Pair(Value, frozen=True, kw_only=True):
    """One half hour: the wait's bar of each day, in SVG units from the top."""

    place: float
    label: str
    is_named: bool
    now: HalfHour
    then: HalfHour
    now_x: float
    then_x: float
    now_y: float
    now_height: float
    then_y: float
    then_height: float


class Chart(Value, frozen=True, kw_only=True):
    """The whole picture: bars above, staffing as two steps below."""

    pairs: tuple[Pair, ...]
    step: float
    bar_width: float
    width: float
    height: float = HEIGHT
    staff_height: float = STAFF_HEIGHT
    lines: tuple[tuple[float, int], ...] = ()
    """Where a horizontal line stands, and for how many seconds."""
    staff_now: str
    staff_then: str
    """Points of a line."""
    most_staff: int


def chart_of(now: Sequence[HalfHour], then: Sequence[HalfHour]) -> Chart:
    """Return the picture from the first half hour with a caller or an agent to the last."""
    both = list(zip(now, then, strict=True))
    worth = [
        place
        for place, pair in enumerate(both)
        if any(one.offered or one.staffed > 0.01 for one in pair)
    ]
    shown = both[worth[0] : worth[-1] + 1] if worth else []
    most = max((one.mean_wait_s or 0.0 for pair in shown for one in pair), default=0.0)
    grid = grid_of(len(shown), most, width=WIDTH, widest_step=WIDEST_STEP)
    staff = max([1.0, *(one.staffed for pair in shown for one in pair)])
    most_staff = int(staff + 0.999)
    every = 1 if len(shown) <= MOST_NAMED else 2
    return Chart(
        pairs=tuple(
            _pair(one, other, place * grid.step, grid, every)
            for place, (one, other) in enumerate(shown)
        ),
        step=round(grid.step, 2),
        bar_width=round(grid.step * FILLED / 2, 2),
        width=grid.width,
        lines=grid.lines,
        staff_now=_steps([one.staffed for one, _ in shown], grid.step, most_staff),
        staff_then=_steps([one.staffed for _, one in shown], grid.step, most_staff),
        most_staff=most_staff,
    )


def _pair(now: HalfHour, then: HalfHour, place: float, grid: Grid, every: int) -> Pair:
    first, second = (round((one.mean_wait_s or 0.0) * grid.scale, 2) for one in (now, then))
    left = place + grid.step * (1 - FILLED) / 2
    return Pair(
        place=round(place, 2),
        label=now.label,
        is_named=is_named(now.label, every=every),
        now=now,
        then=then,
        now_x=round(left, 2),
        then_x=round(left + grid.step * FILLED / 2, 2),
        now_y=round(HEIGHT - first, 2),
        now_height=first,
        then_y=round(HEIGHT - second, 2),
        then_height=second,
    )


def _steps(values: Sequence[float], step: float, most: int) -> str:
    points = []
    for place, value in enumerate(values):
        y = STAFF_HEIGHT - STAFF_HEIGHT * value / most
        points += [f"{place * step:.1f},{y:.1f}", f"{(place + 1) * step:.1f},{y:.1f}"]
    return " ".join(points)
