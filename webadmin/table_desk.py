"""The rows of tables, for pages and programs: what there is, and removal by `linghe table`."""

import msgspec

from appliance.store.lookup_tables import LookupTables, TableFacts
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import TableId
from appliance.vocabulary.shape import Value
from webadmin.access import where
from webadmin.command import linghe_said
from webadmin.stores import places


class _Removed(Value, frozen=True, kw_only=True):
    """What `linghe table remove` says."""

    removed: bool


def facts_of(table: TableId) -> TableFacts | None:
    """Return what is known of a table's rows; None: it has none, or they cannot be read."""
    try:
        return LookupTables(places().tables).facts(table)
    except EquipmentError:
        return None


def has_rows(table: TableId) -> bool:
    """Say whether there are rows, also such that cannot be read."""
    return table in LookupTables(places().tables).there()


def remove(table: TableId, *, by: str) -> bool:
    """Throw a table's rows away; False: it had none. RefusedError, EquipmentError."""
    words = (table, f"--by={by}", f"--where={where() or 'web'}")
    return msgspec.json.decode(linghe_said("table", "remove", *words), type=_Removed).removed
