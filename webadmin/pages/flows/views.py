"""The flows of the site, their nodes with the day's figures, and a dry run of one of them."""

from datetime import datetime

from flask import render_template, request

from appliance.reports.days import zone_of
from appliance.reports.flow_figures import FlowFigures, flow_figures
from appliance.reports.flow_way import advice_sentences, nodes_shown, way_told
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Flow
from webadmin.access import blueprint_of
from webadmin.box import live_feed
from webadmin.days import today
from webadmin.languages import language_now, say
from webadmin.stores import call_book, site

blueprint = blueprint_of(__name__, "flows", "/flows")

MOST_KEYS = 60


@blueprint.get("/")
def show() -> str:
    """Show one flow: the chosen one, else the first that a number reaches."""
    flow = _chosen()
    if flow is None:
        return render_template("flows.html", flow=None)
    lines, fault = _tried(flow)
    return render_template(
        "flows.html",
        flow=flow,
        flows=site().flow,
        numbers=[route.number for route in site().route if route.flow == flow.id],
        nodes=nodes_shown(flow, site()),
        figures=_figures(),
        advice=advice_sentences(flow, site(), language_now()),
        lines=lines,
        fault=fault,
        keys=request.args.get("keys", ""),
        caller=request.args.get("caller", ""),
        at=request.args.get("at") or f"{_now():%Y-%m-%dT%H:%M}",
        most_keys=MOST_KEYS,
    )


def _chosen() -> Flow | None:
    flows = {str(flow.id): flow for flow in site().flow}
    asked = request.args.get("flow", "")
    reached = [str(route.flow) for route in site().route]
    return next((flows[one] for one in (asked, *reached, *flows) if one in flows), None)


def _tried(flow: Flow) -> tuple[list[str], str]:
    """Return what the form's caller would meet, or what is wrong in the form."""
    if "keys" not in request.args:
        return [], ""
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return [], say("This is no moment.")
    zone = zone_of(site().site.timezone)
    try:
        return way_told(
            site(),
            flow.id,
            at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone),
            keys=request.args["keys"][:MOST_KEYS],
            caller=request.args.get("caller", "")[:MOST_KEYS],
            language=language_now(),
        ), ""
    except ValueError:
        return [], say("Keys are 0 to 9, * and #; a dot is a silence.")


def _figures() -> FlowFigures:
    day = today()
    entries = call_book().entries_for_day(day.start, day.end)
    return flow_figures(entries, site(), day, Utc(live_feed().box_time()))


def _now() -> datetime:
    return datetime.fromtimestamp(live_feed().box_time(), zone_of(site().site.timezone))
