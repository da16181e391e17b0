"""The flows of the site: their nodes with the day's figures, drawn and in a table, a dry run, and
their versions."""

from datetime import datetime

from flask import render_template, request

from appliance.reports.days import zone_of
from appliance.reports.flow_changes import change_sentences, flow_changes
from appliance.reports.flow_figures import FlowFigures, flow_figures
from appliance.reports.flow_way import advice_sentences, found_told, nodes_shown, way_told
from appliance.store.flow_steps import content_of
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.flow_versions import FlowVersion
from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.settings import Flow, Site
from appliance.vocabulary.shape import Value
from appliance.wire.control import FlowsInUse, FlowsInUseAsked
from webadmin import flow_desk
from webadmin.box import ask, live_feed
from webadmin.days import today
from webadmin.languages import language_now, say
from webadmin.pages.flows.blueprint import blueprint
from webadmin.pages.flows.picture import picture_of
from webadmin.stores import call_book, settings, site

MOST_KEYS = 60
MOST_FOUND = 200
MOST_VERSIONS = 20
"""Shown at once; the others at a click."""
IN_USE_S = 1.0
"""How long control may take to say what calls run on; it takes milliseconds."""


class Row(Value, frozen=True, kw_only=True):
    """One version of the list."""

    version: FlowVersion
    changes: list[str]
    calls: int
    """In the flow at this moment."""
    is_published: bool


@blueprint.get("/")
def show() -> str:
    """Show one flow: the chosen one, else the first that a number reaches; by ?version=, also a
    former version of it, or its draft."""
    flow = _chosen()
    if flow is None:
        return render_template("flows.html", flow=None, flows=[])
    store = settings()
    version = request.args.get("version", "")
    here = flow_desk.site_with(flow, version)
    content = next((one for one in here.flow if one.id == flow), None)
    if content is None:
        content = content_of(store, flow, version)
    lines, fault = _tried(here, flow)
    nodes = nodes_shown(content, here)
    draft = store.flows.draft(flow)
    published = next((one for one in site().flow if one.id == flow), None)
    return render_template(
        "flows.html",
        flow=content,
        shown_version=version,
        flows=store.flows.known(),
        numbers=[route.number for route in here.route if route.flow == flow],
        nodes=nodes,
        picture=picture_of(nodes),
        figures=_figures(),
        advice=advice_sentences(content, here, language_now()),
        draft=draft,
        draft_stamp=flow_desk.stamp_of(draft),
        draft_changes=[] if draft is None else _said(published, draft.content),
        rows=_rows(flow),
        is_all="all" in request.args,
        most_versions=MOST_VERSIONS,
        lines=lines,
        fault=fault,
        keys=request.args.get("keys", ""),
        caller=request.args.get("caller", ""),
        found=_found_text(),
        at=request.args.get("at") or f"{_now():%Y-%m-%dT%H:%M}",
        most_keys=MOST_KEYS,
        longest_why=flow_desk.LONGEST_WHY,
    )


def _chosen() -> FlowId | None:
    known = settings().flows.known()
    asked = request.args.get("flow", "")
    reached = [str(route.flow) for route in site().route]
    present = [str(one.id) for one in site().flow]
    return next((FlowId(one) for one in (asked, *reached, *present, *known) if one in known), None)


def _rows(flow: FlowId) -> list[Row]:
    found = settings().flows.versions(flow)
    before = [*(one.content for one in found[1:]), None]
    in_use = _in_use()
    shown = len(found) if "all" in request.args else MOST_VERSIONS
    return [
        Row(
            version=one,
            changes=_said(before[at], one.content),
            calls=in_use.get((flow, one.version), 0),
            is_published=site().flow_versions.get(flow) == one.version,
        )
        for at, one in enumerate(found[:shown])
    ]


def _said(before: Flow | None, after: Flow) -> list[str]:
    return change_sentences(flow_changes(before, after), language_now())


def _in_use() -> dict[tuple[str, int], int]:
    """How many calls run on each version; none where call control does not answer."""
    try:
        told = ask(FlowsInUseAsked(), IN_USE_S)
    except (OSError, PeerError):
        return {}
    if not isinstance(told, FlowsInUse):
        return {}
    return {(one.flow, one.version): one.calls for one in told.flows}


def _tried(here: Site, flow: FlowId) -> tuple[list[str], str]:
    """Return what the form's caller would meet, or what is wrong in the form."""
    if "keys" not in request.args:
        return [], ""
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return [], say("This is no moment.")
    zone = zone_of(site().site.timezone)
    if found_told(_found_text()) is None:
        return [], say("What is found: name=value, separated by commas.")
    try:
        return way_told(
            here,
            flow,
            at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone),
            keys=request.args["keys"][:MOST_KEYS],
            caller=request.args.get("caller", "")[:MOST_KEYS],
            language=language_now(),
            found=_found_text(),
        ), ""
    except ValueError:
        return [], say("Keys are 0 to 9, * and #; a dot is a silence.")


def _found_text() -> str:
    return request.args.get("found", "")[:MOST_FOUND]


def _figures() -> FlowFigures:
    day = today()
    entries = call_book().entries_for_day(day.start, day.end)
    return flow_figures(entries, site(), day, Utc(live_feed().box_time()))


def _now() -> datetime:
    return datetime.fromtimestamp(live_feed().box_time(), zone_of(site().site.timezone))
