"""Tables that flows look things up in: what they have, and the end of it."""

from appliance.reports.flow_way import tables_asked
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import TableId
from webadmin import table_desk
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing, Shown
from webadmin.api.shapes import when
from webadmin.problems import Problem
from webadmin.stores import site


class TableRow(Shown, frozen=True, kw_only=True):
    """One table of the site."""

    table: str
    key: str
    """The column that rows are found by."""
    rows: int | None
    """null: it has none."""
    columns: tuple[str, ...]
    file: str
    """That they came from."""
    at: str | None
    """When they were taken in."""
    flows: tuple[str, ...]
    """That ask it."""


class TablesShown(Shown, frozen=True, kw_only=True):
    """All tables of the site."""

    tables: tuple[TableRow, ...]


class TableRowsGone(Shown, frozen=True, kw_only=True):
    """A table without rows: flows that ask it go on by `otherwise`."""

    table: str


def list_tables(asked: Asked[Nothing, Nothing]) -> TablesShown:
    """List the tables that flows look things up in."""
    here = site()
    found = [(table, table_desk.facts_of(table.id)) for table in here.table]
    return TablesShown(
        tables=tuple(
            TableRow(
                table=table.id,
                key=table.key,
                rows=None if facts is None else facts.rows,
                columns=() if facts is None else facts.columns,
                file="" if facts is None else facts.file,
                at=None if facts is None else when(facts.at),
                flows=tuple(str(flow.id) for flow in here.flow if table.id in tables_asked(flow)),
            )
            for table, facts in found
        )
    )


def remove_table_rows(asked: Asked[Nothing, Nothing]) -> TableRowsGone:
    """Throw all rows of a table away; the table stays in the site. Calls go on without it."""
    table = TableId(asked.path["table"])
    if table not in [one.id for one in site().table]:
        raise Problem("table_unknown")
    try:
        is_gone = table_desk.remove(table, by=asker())
    except RefusedError as error:
        raise Problem("table_unknown", error.sentence) from error
    except EquipmentError as error:
        raise Problem("unreadable", str(error)) from error
    if not is_gone:
        raise Problem("table_empty")
    return TableRowsGone(table=table)
