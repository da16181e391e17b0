"""A flow drawn in layers: callers go from top to bottom. Only geometry; the template draws it.

Each node stands in the layer of its shortest way from the start. A way that passes layers gets a
place of its own in each of them, so that it runs between nodes and not through them (K. Sugiyama,
S. Tagawa, M. Toda 1981, with one barycentre pass down and one up). Ways back are dashed, at the
right-hand side of the boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from appliance.reports.flow_way import NodeShown

BOX_WIDTH, BOX_HEIGHT = 168.0, 50.0
WAY_WIDTH = 18.0
GAP_X, GAP_Y = 26.0, 58.0
MARGIN = 14.0
LETTER_WIDTH = 7.0
"""Of the 11 pixels high, semi-bold keys beside a way."""
LONGEST_NAME, LONGEST_TEXT = 20, 26
"""Widths in Latin letters; a Chinese character is two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One node."""

    name: str
    kind: str
    text: str
    x: float
    y: float
    is_start: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From one node to another."""

    keys: str
    path: str
    """Of an SVG path."""
    x: float
    y: float
    """Where `keys` stands."""
    is_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole; empty of boxes for a flow that cannot be drawn."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]


Point = tuple[str, ...]
"""(node,), or (from, to, layer) of a way that passes."""


def picture_of(nodes: Sequence[NodeShown]) -> Picture:
    """Draw a flow's nodes, the first of them being its start."""
    known = {node.name: node for node in nodes}
    leads: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for key, target in node.leads:
            if target in known:
                leads.setdefault((node.name, target), []).append(key)
    layer = _layers([node.name for node in nodes], leads)
    rows, chains = _rows(layer, leads)
    _ordered(rows, chains)
    width = max((_row_width(row) for row in rows), default=0.0) + 2 * MARGIN
    places = _places(rows, width)
    boxes = tuple(
        Box(
            name=_cut(name, LONGEST_NAME),
            kind=node.kind,
            text=_cut(node.says[0] if node.says else "", LONGEST_TEXT),
            x=places[(name,)][0] - BOX_WIDTH / 2,
            y=places[(name,)][1],
            is_start=node is nodes[0],
        )
        for name, node in known.items()
    )
    ways = [
        _way(
            keys,
            [places[point] for point in chains[pair]],
            is_back=layer[pair[1]] <= layer[pair[0]],
        )
        for pair, keys in leads.items()
    ]
    right = max((way.x for way in ways if way.is_back), default=0.0)
    width = max(width, right + 2.5 * MARGIN, *(_length(way.keys) + 4 for way in ways))
    return Picture(
        width=width,
        height=len(rows) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN,
        boxes=boxes,
        ways=tuple(_inside(way, width) for way in ways),
    )


def _layers(names: Sequence[str], leads: dict[tuple[str, str], list[str]]) -> dict[str, int]:
    """The shortest way from the start; what nothing leads to stands below all."""
    found: dict[str, int] = {}
    ahead = list(names[:1])
    if ahead:
        found[ahead[0]] = 0
    while ahead:
        here = ahead.pop(0)
        for start, target in leads:
            if start == here and target not in found:
                found[target] = found[here] + 1
                ahead.append(target)
    last = max(found.values(), default=-1)
    return found | {name: last + 1 for name in names if name not in found}


def _rows(
    layer: dict[str, int], leads: dict[tuple[str, str], list[str]]
) -> tuple[list[list[Point]], dict[tuple[str, str], list[Point]]]:
    """What stands in each layer, and by which points each way goes."""
    rows: list[list[Point]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name, at in layer.items():
        rows[at].append((name,))
    chains: dict[tuple[str, str], list[Point]] = {}
    for start, target in leads:
        passed = [(start, target, str(at)) for at in range(layer[start] + 1, layer[target])]
        for point in passed:
            rows[int(point[2])].append(point)
        chains[start, target] = [(start,), *passed, (target,)]
    return rows, chains


def _ordered(rows: list[list[Point]], chains: dict[tuple[str, str], list[Point]]) -> None:
    """Put each under the middle of what leads to it, then over the middle of where it leads."""
    beside: dict[Point, list[Point]] = {}
    for chain in chains.values():
        for one, other in zip(chain, chain[1:], strict=False):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    for at in [*range(1, len(rows)), *range(len(rows) - 2, -1, -1), *range(1, len(rows))]:
        places = {
            point: (place + 0.5) / len(row) for row in rows for place, point in enumerate(row)
        }
        middle = {
            point: sum(places[one] for one in beside[point]) / len(beside[point])
            if beside.get(point)
            else places[point]
            for point in rows[at]
        }
        rows[at].sort(key=middle.__getitem__)


def _width(point: Point) -> float:
    return BOX_WIDTH if len(point) == 1 else WAY_WIDTH


def _row_width(row: list[Point]) -> float:
    return sum(map(_width, row)) + GAP_X * max(len(row) - 1, 0)


def _places(rows: list[list[Point]], width: float) -> dict[Point, tuple[float, float]]:
    """The middle of each point's top edge."""
    found: dict[Point, tuple[float, float]] = {}
    for at, row in enumerate(rows):
        x = (width - _row_width(row)) / 2
        for point in row:
            found[point] = (x + _width(point) / 2, MARGIN + at * (BOX_HEIGHT + GAP_Y))
            x += _width(point) + GAP_X
    return found


def _way(keys: list[str], points: list[tuple[float, float]], *, is_back: bool) -> Way:
    shown = _cut(", ".join(keys), LONGEST_NAME)
    (x, y), (to_x, to_y) = points[0], points[-1]
    if is_back:
        x, to_x = x + BOX_WIDTH / 2, to_x + BOX_WIDTH / 2
        far = max(x, to_x) + GAP_X
        path = f"M{x:.0f} {y + 14:.0f}" + _curve(far, y, far, to_y + 44, to_x, to_y + 36)
        # Under the row, where no box stands; the keys of the ways down stand lower.
        return Way(keys=shown, path=path, x=far - 6, y=y + BOX_HEIGHT + 12, is_back=True)
    path, bend = f"M{x:.0f} {y + BOX_HEIGHT:.0f}", GAP_Y / 2
    from_x = x
    for place, (next_x, next_y) in enumerate(points[1:], 1):
        path += _curve(from_x, next_y - bend, next_x, next_y - bend, next_x, next_y)
        from_x = next_x
        if place < len(points) - 1:
            path += f"V{next_y + BOX_HEIGHT:.0f}"
    return Way(
        keys=shown,
        path=path,
        x=x + (points[1][0] - x) * 0.62,
        y=y + BOX_HEIGHT + GAP_Y * 0.58,
        is_back=False,
    )


def _inside(way: Way, width: float) -> Way:
    """Move what is written beside a way until no border cuts it."""
    half = _length(way.keys) / 2 + 2
    return replace(way, x=min(max(way.x, half), width - half))


def _length(text: str) -> float:
    """How long a way's keys are at most, as flows.css has them written."""
    return LETTER_WIDTH * sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _curve(*numbers: float) -> str:
    """To the last point, bent towards the first two."""
    return "C" + " ".join(f"{one:.0f}" for one in numbers)


def _cut(text: str, most: int) -> str:
    shown, width = "", 0
    for char in text:
        width += 2 if east_asian_width(char) in "WF" else 1
        if width > most:
            return shown + "…"
        shown += char
    return shown
