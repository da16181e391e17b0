"""Which tables that flows ask have rows on this box, for `linghe doctor` and `linghe apply`."""

from collections.abc import Iterator

from appliance.daemons.paths import Paths
from appliance.reports.flow_way import tables_asked
from appliance.store.lookup_tables import LookupTables
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.settings import Site


def rowless_tables(paths: Paths, site: Site) -> Iterator[tuple[str, str]]:
    """Yield a sentence and a remedy for each table that a flow asks in vain."""
    asked = {table for flow in site.flow for table in tables_asked(flow)}
    tables = LookupTables(paths.tables)
    for table in site.table:
        if table.id not in asked:
            continue
        remedy = f"linghe table put {table.id} FILE"
        try:
            if tables.facts(table.id) is None:
                yield f"table {table.id} has no rows yet: its flows go on without.", remedy
        except EquipmentError as error:
            yield f"{error}", remedy
