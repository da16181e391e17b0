"""A report as tables: headings and rows that any form (CSV, a page, later XLSX) writes out."""

from appliance.vocabulary.shape import Value

Cell = str | int | float | None
"""None is shown as "–": there was nothing to divide by."""

NOTHING = "–"


class Table(Value, frozen=True, kw_only=True):
    """One table, its words already in the reader's language."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def shown(cell: Cell) -> str:
    """Return a cell's text: two decimals for measures, "–" for nothing."""
    match cell:
        case None:
            return NOTHING
        case float():
            return f"{cell:.2f}"
        case _:
            return str(cell)
