"""Queues and agents, changed by forms: checked as the site file is, and applied as it is."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.reports.calendar_year import year_of
from appliance.reports.days import zone_of
from appliance.reports.service_level import VARIANTS
from appliance.store.site_file import write_site
from appliance.store.site_kinds import Wrong
from appliance.store.site_rows import (
    keys_of,
    row_of,
    whole_row_of,
    with_row,
    without_row,
)
from appliance.vocabulary.errors import RefusedError, SiteError
from appliance.vocabulary.ids import AgentId, QueueId
from appliance.vocabulary.pins import pin_digest
from appliance.vocabulary.settings import Agent, Queue, Site
from webadmin.access import blueprint_of, present_visitor, where
from webadmin.box import live_feed
from webadmin.command import linghe_said
from webadmin.languages import mark, say
from webadmin.pages.queues.fields import GROUPS, OVERFLOWS, REST, field_named, row_in, shown_in
from webadmin.stores import site
from webadmin.wording import report_word

blueprint = blueprint_of(__name__, "queues", "/queues")

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")
BLANK: dict[str, Queue | Agent] = {"queue": Queue(id=QueueId("")), "agent": Agent(id=AgentId(""))}
CHANGED = mark("Somebody changed the settings meanwhile. Look at them again, and repeat it.")
Faults = dict[str, list[str]]
"""By field; under WHOLE what is about none of them."""
WHOLE = ""


@blueprint.get("/")
def show() -> str:
    """Show all queues, agents and calendars."""
    here = site()
    today = datetime.fromtimestamp(live_feed().box_time(), zone_of(here.site.timezone)).date()
    year = request.args.get("year", "")
    shown = int(year) if re.fullmatch(r"20[0-9]{2}", year) else today.year
    return render_template(
        "queues.html",
        names={one.id: one.name for one in here.agent},
        queues=here.queue,
        agents=here.agent,
        of_agent={
            one.id: [queue.name or queue.id for queue in here.queue if one.id in queue.agents]
            for one in here.agent
        },
        calendars=[(one, year_of(one, shown)) for one in here.calendar],
        year=shown,
        today=today,
    )


@blueprint.get("/<any(queue, agent):table>")
def edit(table: str) -> str:
    """Show the form of one, or an empty one."""
    name = request.args.get("id", "")
    found = _named(table, name)
    if name and found is None:
        abort(404)
    one = found or BLANK[table]
    return _form(table, name, shown_in(table, whole_row_of(one), row_of(one)), {})


@blueprint.post("/<any(queue, agent):table>")
def save(table: str) -> Response | str:
    """Check and apply a form."""
    name = request.form.get("id", "").strip()
    is_new = "new" in request.form
    found = _named(table, name)
    faults: Faults = {}
    if not ID.fullmatch(name):
        faults["id"] = [say("A name has letters, digits and - _ . only, 32 at most.")]
    elif is_new and found is not None:
        faults["id"] = [say("There is one of this name already.")]
    elif not is_new and found is None:
        abort(404)
    former = {} if found is None else row_of(found)
    row, wrongs = row_in(table, request.form, {**former, "id": name})
    wanted = site()
    if not wrongs and not faults:
        wanted, wrongs = with_row(site(), table, _with_pin(row))
    _add(faults, table, wrongs)
    faults = faults or _applied(wanted, table)
    if faults:
        return _form(table, "" if is_new else name, request.form, faults)
    flash(say("Saved. It counts at once; nobody who waits loses his place."), "done")
    return redirect(url_for("queues.show"))


@blueprint.post("/<any(queue, agent):table>/remove")
def remove(table: str) -> Response | str:
    """Take one out of the site."""
    name = request.form.get("id", "")
    found = _named(table, name)
    if found is None:
        return redirect(url_for("queues.show"))
    wanted, wrongs = without_row(site(), table, name)
    faults: Faults = {}
    if wrongs:
        faults[WHOLE] = [_told(one) for one in wrongs]
    faults = faults or _applied(wanted, table)
    if faults:
        return _form(table, name, shown_in(table, whole_row_of(found), row_of(found)), faults)
    flash(say("%(name)s is removed.", name=name), "done")
    return redirect(url_for("queues.show"))


# --- inside ---------------------------------------------------------------------------------------
def _named(table: str, name: str) -> Queue | Agent | None:
    rows: Sequence[Queue | Agent] = site().queue if table == "queue" else site().agent
    return next((one for one in rows if one.id == name), None)


def _with_pin(row: dict[str, object]) -> dict[str, object]:
    """A PIN that can be one stands as its digest; the check tells of another."""
    pin = row.get("pin")
    if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{3,8}", pin):
        return row
    others = {key: value for key, value in row.items() if key != "pin"}
    return {**others, "pin_digest": pin_digest(pin, secrets.token_bytes(16))}


def _applied(wanted: Site, table: str) -> Faults:
    """Have it applied, if nobody has changed the site since the form was shown."""
    version = request.form.get("version", "")
    if version != str(site().version):
        return {WHOLE: [say(CHANGED)]}
    words = (f"--by={present_visitor().name}", f"--where={where() or 'web'}")
    try:
        linghe_said(
            "apply", *words, f"--if-version={version}", "-", said=write_site(wanted).encode()
        )
    except SiteError as error:
        faults: Faults = {}
        for fault in error.faults:
            inner = fault.key.partition("].")[2]
            faults.setdefault(field_named(table, inner.split(".")), []).append(
                f"{fault.key}: {fault.expected}"
            )
        return faults
    except RefusedError as error:
        return {WHOLE: [say(CHANGED) if error.key == "site_changed" else str(error)]}
    return {}


def _add(faults: Faults, table: str, wrongs: list[Wrong]) -> None:
    for wrong in wrongs:
        field = field_named(table, wrong.path)
        text = wrong.expected if field != REST else _told(wrong)
        faults.setdefault(field, []).append(text)


def _told(wrong: Wrong) -> str:
    if not wrong.path or wrong.path[0] == REST:
        return wrong.expected
    return f"{'.'.join(map(str, wrong.path))}: {wrong.expected}"


def _form(table: str, name: str, shown: dict[str, str], faults: Faults) -> str:
    return render_template(
        "queue.html",
        table=table,
        name=name,
        shown=shown,
        faults=faults,
        groups=GROUPS[table],
        overflows=OVERFLOWS,
        formulas=[
            (formula.format(t="T", s="S"), report_word(words).format(t="T", s="S"))
            for _, formula, words, _ in VARIANTS
        ],
        rest=REST,
        keys=sorted(keys_of(table)),
        site_version=request.form.get("version") or site().version,
        agents=site().agent,
    )
