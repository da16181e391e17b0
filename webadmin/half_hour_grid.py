"""What the pages' charts by half hour share: a place's width, the lines behind, the names below.

All in units of the SVG that the page's template writes, from its top left corner.
"""

from appliance.vocabulary.shape import Value

HEIGHT = 150.0
MOST_LINES = 4


class Grid(Value, frozen=True, kw_only=True):
    """What the bars of a chart stand on."""

    step: float
    """The width of one half hour's place."""
    width: float
    """Of the whole chart."""
    scale: float
    """The height of one call, or of one second."""
    lines: tuple[tuple[float, int], ...]
    """Where a horizontal line stands, and for how much."""


def grid_of(places: int, most: float, *, width: float, widest_step: float) -> Grid:
    """Return the grid of so many half hours, of which the highest bar stands for `most`.

    width: that they fill together, unless a place would be wider than widest_step.
    """
    between = _between(most)
    top = between * max(1, -(-int(most + 0.999) // between))
    step = min(width / max(places, 1), widest_step)
    return Grid(
        step=step,
        width=round(step * max(places, 1), 2),
        scale=HEIGHT / top,
        lines=tuple((HEIGHT - HEIGHT * count / top, count) for count in range(0, top + 1, between)),
    )


def is_named(label: str, *, every: int) -> bool:
    """Say whether a half hour's label is written: of every hour, or of every second one."""
    return label.endswith(":00") and int(label[:2]) % every == 0


def _between(most: float) -> int:
    """Return a round distance between lines: 1, 2, 5, 10, 20, 50…"""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= size * factor * MOST_LINES:
                return size * factor
        size *= 10
