"""Callbacks as call control knows them; a pending one is cancelled here."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.reports.timeline_of_customers import CLOSED_REASONS, TRY_RESULTS
from appliance.vocabulary.callbacks import OPEN_PHASES, CallbackPhase, CallbackRow
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import CallbackId
from appliance.vocabulary.verbs import AskId, CancelCallback, VerbAnswered
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.box import ask, live_feed
from webadmin.languages import mark, say
from webadmin.stores import names, site
from webadmin.wording import report_word

blueprint = blueprint_of(__name__, "callbacks", "/callbacks")

ANSWER_S = 10.0
PHASES = {
    CallbackPhase.PENDING: mark("waiting for its turn"),
    CallbackPhase.RUNNING: mark("is being called back"),
    CallbackPhase.DONE: mark("called back"),
    CallbackPhase.FAILED: mark("given up"),
    CallbackPhase.CANCELLED: mark("cancelled"),
}
LAMPS = {
    CallbackPhase.PENDING: "pause",
    CallbackPhase.RUNNING: "good",
    CallbackPhase.DONE: "off",
    CallbackPhase.FAILED: "bad",
    CallbackPhase.CANCELLED: "off",
}


@blueprint.get("/")
def show() -> str:
    """Show those that are open, by their place, and those that are over."""
    picture = live_feed().now()
    rows = picture.live.callbacks if picture.live is not None else ()
    return render_template(
        "callbacks.html",
        open_ones=[one for one in rows if one.phase in OPEN_PHASES],
        over=[one for one in rows if one.phase not in OPEN_PHASES],
        is_away=picture.is_away,
        queues=[one for one in site().queue if one.callback is not None],
        names=names(),
        lamps=LAMPS,
        phase_of=lambda one: say(PHASES[one.phase]),
        result_of=lambda tried: report_word(TRY_RESULTS.get(tried.result, tried.result)),
        reason_of=_reason,
    )


@blueprint.post("/cancel")
def cancel() -> AnyResponse:
    """Give up one that is pending."""
    callback = CallbackId(request.form.get("callback", ""))
    verb = CancelCallback(
        ask=AskId(secrets.token_hex(8)), by=present_visitor().name, callback=callback
    )
    try:
        answer = ask(verb, ANSWER_S)
    except (OSError, PeerError):
        answer = None
    if not isinstance(answer, VerbAnswered):
        flash(say("Call control does not answer now. Please try again."), "fault")
    elif answer.problem == "busy":
        flash(say("He is being called back at this moment."), "fault")
    else:
        if not answer.problem:
            note("callback_cancelled", callback)
        flash(say("He will not be called back."), "done")
    return redirect(url_for("callbacks.show"))


def _reason(one: CallbackRow) -> str:
    """Why it is over without a talk."""
    if one.phase is CallbackPhase.FAILED:
        return report_word(CLOSED_REASONS.get(one.reason, one.reason))
    return one.reason
