"""Changing a flow: its text with a check, drafts, publishing and the way back."""

import re
from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.reports.flow_changes import change_sentences, flow_changes
from appliance.store.flow_document import faults_of, flow_in, text_of
from appliance.store.flow_steps import DRAFT, content_of
from appliance.vocabulary.errors import RefusedError, SiteError, SiteFault
from appliance.vocabulary.flow_versions import FlowDraft
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.linghe_json import Published
from appliance.vocabulary.settings import Flow
from webadmin import flow_desk
from webadmin.access import present_visitor
from webadmin.languages import language_now, mark, say
from webadmin.pages.flows.blueprint import blueprint
from webadmin.stores import settings, site

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")
REFUSALS = {
    "no_draft": mark("There is no draft any more."),
    "draft_old": mark(
        "Somebody published another version meanwhile. Look at the difference, save the draft"
        " again, and publish it then."
    ),
    "draft_other": mark("Somebody saved another draft meanwhile. Look at it first."),
    "no_such_version": mark("There is no such version to go back to."),
    "already": mark("The flow is so already."),
}
BEGINNING = """\
[[flow]]
id = "{flow}"
start = "goodbye"

[flow.node.goodbye]
kind = "hangup"
"""


@blueprint.get("/edit")
def edit() -> str:
    """Show a flow's text: the draft's, else what is published, or the version that is named."""
    flow = _named(request.args.get("flow", ""))
    version = request.args.get("from", "")
    store = settings()
    if not version and store.flows.draft(flow) is not None:
        version = DRAFT
    if not version and not store.flows.versions(flow):
        return _editor(flow, BEGINNING.format(flow=flow))
    content = content_of(store, flow, version)
    return _editor(flow, text_of(content), faults_of(content, site(), text_of(content)))


@blueprint.post("/edit")
def keep() -> Response | str | tuple[str, int]:
    """Check a text, save it as the draft, or publish it."""
    flow = _named(request.form.get("flow", ""))
    act = request.form.get("act", "check")
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        content = flow_in(text, "", flow)
    except SiteError as error:
        return _editor(flow, text, error.faults)
    faults = faults_of(content, site(), text)
    if act == "check":
        return _editor(flow, text, faults, is_checked=True)
    why = _why()
    seen, who = request.form.get("seen"), present_visitor().name
    try:
        flow_desk.save_draft(content, by=who, why=why, based_on=_based_on(), seen=seen)
    except RefusedError:
        return _editor(flow, text, faults, other=settings().flows.draft(flow), mine=content), 409
    if faults:
        flash(say("The draft is saved. It cannot be published yet."), "done")
        return _editor(flow, text, faults)
    if act == "publish":
        return _published(flow, content)
    flash(say("The draft is saved. Callers do not hear it yet."), "done")
    return redirect(url_for("flows.show", flow=flow, version=DRAFT))


@blueprint.post("/publish")
def publish() -> Response | str:
    """Publish the draft."""
    flow = _named(request.form.get("flow", ""))
    draft = settings().flows.draft(flow)
    if draft is None or _is_another(draft):
        flash(sentence("no_draft" if draft is None else "draft_other"), "fault")
        return redirect(url_for("flows.show", flow=flow))
    return _published(flow, draft.content)


@blueprint.post("/rollback")
def roll_back() -> Response:
    """Put an older version back, as a new one."""
    flow = _named(request.form.get("flow", ""))
    version = request.form.get("version", "")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", version):
        abort(400)
    try:
        told = flow_desk.roll_back(flow, int(version), by=present_visitor().name, why=_why())
    except SiteError as error:
        listed = "; ".join(f"{fault.key}: {fault.expected}" for fault in error.faults)
        flash(
            say("That version does not fit the site any more: %(faults)s", faults=listed), "fault"
        )
    except RefusedError as error:
        flash(refusal(error), "fault")
    else:
        flash(_brought(told), "done")
    return redirect(url_for("flows.show", flow=flow))


@blueprint.post("/discard")
def discard() -> Response:
    """Forget the draft."""
    flow = _named(request.form.get("flow", ""))
    draft = settings().flows.draft(flow)
    if draft is not None and _is_another(draft):
        flash(sentence("draft_other"), "fault")
    elif flow_desk.drop_draft(flow, by=present_visitor().name):
        flash(say("The draft is gone."), "done")
    return redirect(url_for("flows.show", flow=flow))


def refusal(error: RefusedError) -> str:
    """Return a rule's no; a rule without translation in English."""
    return sentence(error.key) if error.key in REFUSALS else str(error)


def sentence(key: str) -> str:
    """Return the sentence of one of these keys."""
    return say(REFUSALS[key])


def _published(flow: FlowId, content: Flow) -> Response | str:
    try:
        told = flow_desk.publish(flow, by=present_visitor().name, why=_why())
    except SiteError as error:
        text = text_of(content)
        found = faults_of(content, site(), text)
        if not found:  # the command line knows more than the text does: which music is there
            listed = "; ".join(f"{fault.key}: {fault.expected}" for fault in error.faults)
            flash(say("Not published: %(faults)s", faults=listed), "fault")
        return _editor(flow, text, found)
    except RefusedError as error:
        flash(refusal(error), "fault")
        return redirect(url_for("flows.show", flow=flow))
    flash(_brought(told), "done")
    return redirect(url_for("flows.show", flow=flow))


def _brought(told: Published) -> str:
    said = say(
        "Version %(version)s holds: new calls take it, calls in the flow go on as they began.",
        version=told.version,
    )
    if told.all_prompts_made is False:
        said += " " + say("Not every new text could be spoken yet.")
    return said


def _editor(
    flow: FlowId,
    text: str,
    faults: Sequence[SiteFault] = (),
    *,
    is_checked: bool = False,
    other: FlowDraft | None = None,
    mine: Flow | None = None,
) -> str:
    """`other`: the draft that somebody saved meanwhile; `mine`: what would take its place."""
    lines = text.splitlines()
    return render_template(
        "edit.html",
        flow=flow,
        text=text,
        why=request.form.get("why", ""),
        based_on=site().flow_versions.get(flow, 0) if _based_on() is None else _based_on(),
        seen=_seen(flow, other),
        other=other,
        differences=[]
        if other is None or mine is None
        else change_sentences(flow_changes(other.content, mine), language_now()),
        is_new=flow not in [one.id for one in site().flow],
        is_checked=is_checked and not faults,
        rows=min(max(len(lines) + 2, 14), 40),
        faults=[
            (one, lines[one.line - 1] if one.line and one.line <= len(lines) else "")
            for one in faults
        ],
    )


def _is_another(draft: FlowDraft) -> bool:
    """Whether it is not the draft that the reader of the page had before him."""
    return request.form.get("seen", flow_desk.stamp_of(draft)) != flow_desk.stamp_of(draft)


def _seen(flow: FlowId, other: FlowDraft | None) -> str:
    """The stamp of the draft that the editor's reader has before him."""
    if other is None and request.method == "POST" and "seen" in request.form:
        if request.form.get("act") == "check":
            return request.form["seen"]
    return flow_desk.stamp_of(other or settings().flows.draft(flow))


def _based_on() -> int | None:
    """The version that held when the editor was opened."""
    said = request.form.get("based_on", "")
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else None


def _why() -> str:
    return request.form.get("why", "").strip()[: flow_desk.LONGEST_WHY]


def _named(flow: str) -> FlowId:
    if not NAME.fullmatch(flow):
        abort(404)
    return FlowId(flow)
