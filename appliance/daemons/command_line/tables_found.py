"""The rows of tables on this box against the site: which are missing, which are of another form.

For `linghe doctor` and `linghe apply`. A table's `key` may change: its rows are then found by the
other column, or the site is refused. Another `query` cannot be run anew, for the owner's file is
not kept. Rows of a table that the site has no more go with the last call that may ask for them;
that is said before and when it is done, for a file may have lost its [[table]] by mistake.
"""

from collections.abc import Iterable, Iterator

from appliance.daemons.paths import Paths
from appliance.reports.flow_way import tables_asked
from appliance.store.lookup_tables import LookupTables, TableFacts
from appliance.vocabulary.errors import EquipmentError, SiteError, SiteFault
from appliance.vocabulary.ids import TableId
from appliance.vocabulary.settings import Flow, LookupTable, Site


def rowless_tables(
    paths: Paths, site: Site, *, keys_follow: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield a sentence and a remedy for each table that a flow asks in vain, or not as it says.

    `keys_follow`: the site is about to be taken up, and then its keys hold.
    """
    asked = {table for flow in site.flow for table in tables_asked(flow)}
    tables = LookupTables(paths.tables)
    for table in site.table:
        remedy = f"linghe table put {table.id} FILE"
        try:
            facts = tables.facts(table.id)
            if facts is None and table.id in asked:
                yield f"table {table.id} has no rows yet: its flows go on without.", remedy
            elif facts is not None and (sentence := _other_form(table, facts, keys_follow)):
                yield sentence, remedy
        except EquipmentError as error:
            yield f"{error}", remedy


def _other_form(table: LookupTable, facts: TableFacts, keys_follow: bool) -> str:
    if facts.query not in (None, table.query):
        return f"table {table.id} has the rows of another query than the site has now."
    if not keys_follow and facts.key not in ("", table.key):
        return f"table {table.id} is found by {facts.key}, and not by {table.key} as the site says."
    return ""


def check_keys(paths: Paths, site: Site, file: str) -> None:
    """Raise SiteError where a table's rows cannot be found by the column that the site names."""
    _fit(paths, site, file, is_trial=True)


def take_up_keys(paths: Paths, site: Site, file: str) -> None:
    """Have all rows found by the columns that the site names. Raises SiteError, EquipmentError."""
    _fit(paths, site, file, is_trial=False)


def _fit(paths: Paths, site: Site, file: str, *, is_trial: bool) -> None:
    tables, faults = LookupTables(paths.tables), list[SiteFault]()
    for table in site.table:
        try:
            tables.fit(table, is_trial=is_trial)
        except SiteError as error:
            faults.append(_fault_of(table, file, error.faults[0]))
        except EquipmentError:
            continue  # damaged: it has no rows, and linghe doctor says so
    if faults:
        raise SiteError(faults)


def _fault_of(table: LookupTable, file: str, first: SiteFault) -> SiteFault:
    row = f"row {first.line}: " if first.line else ""
    return SiteFault(
        file=file,
        line=None,
        key=f"table {table.id}: key",
        expected=f"expected a column by which its rows can be found ({row}{first.expected}); "
        f"to take in others by {table.key}, first: linghe table remove {table.id}",
    )


def tables_to_go(paths: Paths, site: Site) -> list[str]:
    """Return the tables that have rows and that the site has no more, as `rows_said`."""
    tables = LookupTables(paths.tables)
    return [rows_said(tables, one) for one in sorted(tables.there() - _of_site(site))]


def forget_tables(paths: Paths, site: Site, running: Iterable[Flow]) -> list[str]:
    """Throw away the rows of tables that neither the site nor a running flow has; return which,
    as `rows_said`: for the audit log."""
    tables = LookupTables(paths.tables)
    wanted = _of_site(site) | {table for flow in running for table in tables_asked(flow)}
    gone = sorted(tables.there() - wanted)
    said = [rows_said(tables, table) for table in gone]
    for table in gone:
        tables.remove(table)
    return said


def rows_said(tables: LookupTables, table: TableId) -> str:
    """Return "clients: 2 rows of clients.csv"; of a damaged table its name alone."""
    try:
        facts = tables.facts(table)
    except EquipmentError:
        facts = None
    if facts is None:
        return str(table)
    return f"{table}: {facts.rows} {'row' if facts.rows == 1 else 'rows'} of {facts.file}"


def _of_site(site: Site) -> set[TableId]:
    return {table.id for table in site.table}
