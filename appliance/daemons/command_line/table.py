"""`linghe table`: the rows that flows look callers and numbers up in: take in, show, ask, list.

The rows of a table are replaced as a whole; calls that ask meanwhile see the old or the new ones.
"""

import argparse
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.daemons.command_line.taking_up import alone
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_USAGE,
    box_settings,
    note,
    paths,
    print_json,
    print_table,
)
from appliance.store.audit import AuditLine
from appliance.store.lookup_rows import rows_of
from appliance.store.lookup_tables import LookupTables, TableFacts
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.lookups import LookupResult
from appliance.vocabulary.settings import LookupTable, Site

NAME = "table"
HELP = "tables that flows look things up in: take rows in from CSV or SQLite, ask, list"
EXAMPLES = """\
  linghe table list
  linghe table put customers customers.csv     in the place of the rows that were
  linghe table ask customers 13900001111       what a flow would find
  linghe table remove customers                its flows go on without
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which table, with which file or key."""
    parser.add_argument("act", choices=["list", "put", "ask", "remove"])
    parser.add_argument("table", metavar="TABLE", nargs="?", default="", help="a [[table]] id")
    parser.add_argument(
        "file", metavar="FILE|KEY", nargs="?", default="", help="a CSV or SQLite file; or a key"
    )
    parser.add_argument("--by", default="command line", help="who it was, for the audit log")
    parser.add_argument("--name", default="", help="what the owner calls the file, for the list")
    parser.add_argument("--where", default="", help=argparse.SUPPRESS)


def carry_out(arguments: argparse.Namespace) -> int:
    """Change or show the tables; the box need not run."""
    words = {"put": "TABLE FILE", "ask": "TABLE KEY", "remove": "TABLE"}
    wanted = words.get(arguments.act, "")
    if len(wanted.split()) > bool(arguments.table) + bool(arguments.file):
        note(f"linghe table {arguments.act}: {wanted} is missing.")
        return EXIT_USAGE
    store = box_settings()
    try:
        match arguments.act:
            case "put":
                return _put(store, arguments)
            case "remove":
                return _remove(store, arguments)
            case "ask":
                return _ask(store.current(), arguments)
            case _:
                return _list(store.current(), as_json=arguments.json)
    finally:
        store.close()


def _put(store: SettingsStore, arguments: argparse.Namespace) -> int:
    site = store.current()
    table = _meant(site, arguments.table)
    path = Path(arguments.file)
    name = arguments.name or path.name
    at = Utc(time.time())
    try:
        source = path.open("rb")
    except OSError as error:
        raise EquipmentError(f"{path} cannot be read: {error.strerror or error}.") from error
    with source, alone(paths().run):
        rows = rows_of(source, arguments.name or str(path), table, site.site.country)
        facts = _tables().put(table, rows, file=name, at=at, by=arguments.by)
    store.audit.note(
        AuditLine(
            at=at,
            by=arguments.by,
            what="table_put",
            detail=f"{table.id}: {facts.rows} rows of {name}"[:500],
            where=arguments.where,
        )
    )
    if arguments.json:
        print_json({"table": table.id, "rows": facts.rows, "columns": facts.columns})
    else:
        columns = ", ".join(facts.columns)
        count = "1 row" if facts.rows == 1 else f"{facts.rows} rows"
        print(f"{count}, by {table.key}; columns: {columns}. Calls find them now.")
    return EXIT_DONE


def _remove(store: SettingsStore, arguments: argparse.Namespace) -> int:
    table = _meant(store.current(), arguments.table)
    facts = None
    with alone(paths().run):
        with suppress(EquipmentError):  # a damaged one goes as well
            facts = _tables().facts(table.id)
        was_there = table.id in _tables().there()
        _tables().remove(table.id)
    if was_there:
        store.audit.note(
            AuditLine(
                at=Utc(time.time()),
                by=arguments.by,
                what="table_removed",
                detail=f"{table.id}: {facts.rows} rows of {facts.file}"[:500]
                if facts
                else table.id,
                where=arguments.where,
            )
        )
    if arguments.json:
        print_json({"table": table.id, "removed": was_there})
    else:
        print(
            "Its rows are gone; flows that ask it go on without." if was_there else "It had none."
        )
    return EXIT_DONE


def _ask(site: Site, arguments: argparse.Namespace) -> int:
    table = _meant(site, arguments.table)
    answer = _tables().answer(table.id, arguments.file, {})
    if arguments.json:
        print_json(answer)
    elif answer.result is LookupResult.FOUND:
        print_table(("column", "value"), list(answer.values.items()))
    else:
        print(answer.text or f'No row has the {table.key} "{arguments.file}".')
    return EXIT_DONE


def _list(site: Site, *, as_json: bool) -> int:
    known = [(table, _tables().facts(table.id)) for table in site.table]
    if as_json:
        print_json([{"table": table.id, "key": table.key, "has": facts} for table, facts in known])
        return EXIT_DONE
    zone = ZoneInfo(site.site.timezone)
    rows = [_line(table, facts, zone) for table, facts in known]
    print_table(("table", "key", "rows", "columns", "file", "taken in"), rows)
    return EXIT_DONE


def _line(table: LookupTable, facts: TableFacts | None, zone: ZoneInfo) -> tuple[str, ...]:
    if facts is None:
        return (table.id, table.key, "none", "", "", "")
    at = datetime.fromtimestamp(facts.at, zone).isoformat(sep=" ", timespec="minutes")[:16]
    return (table.id, table.key, str(facts.rows), ", ".join(facts.columns), facts.file, at)


def _meant(site: Site, name: str) -> LookupTable:
    found = next((one for one in site.table if one.id == name), None)
    if found is None:
        names = ", ".join(one.id for one in site.table) or "none"
        raise RefusedError(
            "no_such_table",
            f'The site has no [[table]] "{name}".',
            f"It has: {names}. Add it to the site file and apply that first.",
        )
    return found


def _tables() -> LookupTables:
    return LookupTables(paths().tables)
