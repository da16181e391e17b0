"""The tables of the site: what stands in them, new rows from a file, a key that is tried.

Rows are taken in by `linghe table`, as on the command line; shown from the files themselves.
"""

import msgspec
from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.reports.flow_way import tables_asked
from appliance.store.lookup_tables import LookupTables, TableFacts
from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError
from appliance.vocabulary.lookups import Answer
from appliance.vocabulary.settings import LookupTable, Site
from appliance.vocabulary.shape import Value
from webadmin import table_desk
from webadmin.access import blueprint_of, present_visitor, where
from webadmin.command import linghe_said
from webadmin.languages import say
from webadmin.stores import places, site
from webadmin.uploads import LONGEST_PIECE, UploadFault, claimed, fault_told, piece_told

blueprint = blueprint_of(__name__, "tables", "/tables")

MOST_OF_KEY = 64
MOST_OF_NAME = 120


class Shown(Value, frozen=True, kw_only=True):
    """One table of the page."""

    table: LookupTable
    facts: TableFacts | None
    """None: it has no rows yet, or they cannot be read."""
    has_rows: bool
    flows: tuple[str, ...]
    """Which ask it."""
    key: str = ""
    answer: Answer | None = None
    """To the key that was tried."""


class Put(Value, frozen=True, kw_only=True):
    """What `linghe table put` says."""

    rows: int


@blueprint.get("/")
def show() -> str:
    """Show them; with ?table=&key=, what a flow would find."""
    here = site()
    return render_template(
        "tables.html",
        tables=[_shown(here, table) for table in here.table],
        step=LONGEST_PIECE,
        most_of_key=MOST_OF_KEY,
    )


@blueprint.post("/piece")
def piece() -> tuple[Response, int]:
    """Take one part of a file."""
    return piece_told()


@blueprint.post("/put")
def put() -> tuple[Response, int]:
    """Put the rows of a file that has come in a table's place; said in JSON, to a script."""
    table = request.form.get("table", "")
    if table not in [one.id for one in site().table]:
        return fault_told(say("The site has no such table."))
    try:
        file = claimed(request.form.get("upload", ""))
    except UploadFault as fault:
        return fault_told(str(fault))
    if file is None:
        return fault_told(say("This file is being added already, or has been."))
    name = "".join(char for char in request.form.get("name", "") if char.isprintable())
    by = (f"--by={present_visitor().name}", f"--where={where()}")
    try:
        words = (table, str(file), f"--name={name[:MOST_OF_NAME]}", *by)
        told = msgspec.json.decode(linghe_said("table", "put", *words), type=Put)
    except SiteError as error:
        return fault_told("\n".join(str(fault) for fault in error.faults))
    except (RefusedError, EquipmentError) as error:
        return fault_told(str(error))
    finally:
        file.unlink(missing_ok=True)
    flash(
        say("%(name)s has %(rows)s rows now; calls find them.", name=table, rows=told.rows), "done"
    )
    return jsonify(done=True), 200


@blueprint.post("/remove")
def remove() -> AnyResponse:
    """Throw a table's rows away, after the reader has said so twice."""
    table = next((one.id for one in site().table if one.id == request.form.get("table")), None)
    if table is None:
        abort(404)
    if request.form.get("sure") != "yes":
        abort(400)
    try:
        is_gone = table_desk.remove(table, by=present_visitor().name)
    except (RefusedError, EquipmentError) as error:
        flash(str(error), "fault")
    else:
        text = say("The rows of %(name)s are gone; flows that ask it go on without.", name=table)
        flash(text if is_gone else say("It had no rows."), "done")
    return redirect(url_for("tables.show") + f"#{table}")


def _shown(here: Site, table: LookupTable) -> Shown:
    tables, facts = LookupTables(places().tables), table_desk.facts_of(table.id)
    key = request.args.get("key", "") if request.args.get("table") == table.id else ""
    return Shown(
        table=table,
        facts=facts,
        has_rows=table_desk.has_rows(table.id),
        flows=tuple(str(flow.id) for flow in here.flow if table.id in tables_asked(flow)),
        key=key[:MOST_OF_KEY],
        answer=tables.answer(table.id, key[:MOST_OF_KEY], {}) if key and facts else None,
    )
