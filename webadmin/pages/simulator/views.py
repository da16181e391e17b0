"""The form with the site's usual day, the way of a comparison, and what came of it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.reports.queue_figures import QueueFigures
from appliance.reports.simulated_day import DayResult
from appliance.store.site_rows import STRATEGIES
from appliance.vocabulary.shape import Value
from webadmin.access import blueprint_of, present_visitor
from webadmin.languages import say
from webadmin.pages.simulator.chart import Chart, chart_of
from webadmin.pages.simulator.fields import (
    MOST_CHANGES,
    Form,
    FormFault,
    days_in,
    queues_shown,
    usual_form,
)
from webadmin.simulations import Comparison, simulations
from webadmin.wording import percent, seconds, span

blueprint = blueprint_of(__name__, "simulator", "/simulator")


class Row(Value, frozen=True, kw_only=True):
    """One figure of both days."""

    name: str
    now: str
    then: str


class QueueRow(Value, frozen=True, kw_only=True):
    """One queue of both days."""

    name: str
    rows: tuple[Row, ...]


@blueprint.get("/")
def show() -> AnyResponse | str:
    """Show the form: the usual one, or that of a comparison with its way or its result."""
    name = request.args.get("run", "")
    if not name:
        return _page(None, None)
    found = simulations().named(name)
    if found is None:
        flash(say("This simulation is forgotten. Run it again."), "fault")
        return redirect(url_for("simulator.show"))
    return _page(found.sent, found)


@blueprint.post("/")
def begin() -> AnyResponse | tuple[str, int]:
    """Begin a comparison."""
    form = {name: text for name, text in request.form.items() if name != "csrf_token"}
    try:
        days = days_in(form)
    except FormFault as fault:
        return _page(form, None, str(fault)), 400
    begun = simulations().begin(days, form, present_visitor().name)
    if begun is None:
        return _page(form, None, say("Another simulation is at work. Wait until it is over.")), 409
    return redirect(url_for("simulator.show", run=begun.name))


@blueprint.get("/way")
def way() -> dict[str, object]:
    """Say how far a comparison is, for the page's script."""
    found = simulations().named(request.args.get("run", ""))
    if found is None:
        return {"per_cent": 100, "is_over": True}
    return {"per_cent": found.per_cent, "is_over": found.is_over}


def _page(form: Form | None, run: Comparison | None, fault: str = "") -> str:
    has_ledger = None
    if form is None:
        form, has_ledger = usual_form()
    is_done = run is not None and run.is_over and not run.fault
    chart: Chart | None = None
    together: tuple[Row, ...] = ()
    of_queues: list[QueueRow] = []
    if run is not None and is_done:
        now, then = run.results
        chart = chart_of(now.half_hours, then.half_hours)
        together, of_queues = _figures(now, then), _of_queues(now, then)
    return render_template(
        "simulator.html",
        form=form,
        has_ledger=has_ledger,
        queues=queues_shown(),
        strategies=STRATEGIES,
        changes=range(MOST_CHANGES),
        run=run,
        fault=fault or ("" if run is None or not run.fault else say(run.fault)),
        chart=chart,
        together=together,
        of_queues=of_queues,
    )


def _figures(now: DayResult, then: DayResult) -> tuple[Row, ...]:
    one, other = now.report.box.figures, then.report.box.figures
    staff, staff_then = (
        sum(half.staffed for half in result.half_hours) / 2 for result in (now, then)
    )
    return (
        Row(name=say("Callers"), now=str(now.callers), then=str(then.callers)),
        *_rows_of(one, other),
        Row(
            name=say("Mean handling"),
            now=span(one.times.average_handle),
            then=span(other.times.average_handle),
        ),
        Row(
            name=say("Occupancy"),
            now=percent(now.report.agents_together.occupancy),
            then=percent(then.report.agents_together.occupancy),
        ),
        Row(name=say("Agents’ hours"), now=f"{staff:.1f}", then=f"{staff_then:.1f}"),
    )


def _of_queues(now: DayResult, then: DayResult) -> list[QueueRow]:
    later = {one.queue: one for one in then.report.queues}
    return [
        QueueRow(name=one.name or one.queue, rows=_rows_of(one.figures, later[one.queue].figures))
        for one in now.report.queues
        if one.queue in later
    ]


def _rows_of(now: QueueFigures, then: QueueFigures) -> tuple[Row, ...]:
    def row(name: str, told: Callable[[QueueFigures], str]) -> Row:
        return Row(name=name, now=told(now), then=told(then))

    return (
        row(say("Service level"), lambda one: percent(one.service_level.per_cent)),
        row(say("Answered"), lambda one: str(one.counts.answered)),
        row(say("Abandoned"), lambda one: str(one.counts.abandoned)),
        row(say("Overflow"), lambda one: str(one.counts.overflow)),
        row(say("Mean wait"), lambda one: seconds(one.times.average_queue)),
        row(say("Longest wait"), lambda one: seconds(one.times.longest_wait)),
    )
