"""Tokens are made and revoked here, by the owner with his password; a token is shown once.

Webhooks stand in the site file; here is how each of them does, with a button that sends a test.
"""

import secrets
import time

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.tokens import RANDOM_BYTES, Scope, Token, token_digest, token_text
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.api import document_json
from webadmin.api.document import BASE
from webadmin.languages import mark, say
from webadmin.pages.account.views import own_password_fault
from webadmin.pages.programs.hooks import hooks_shown
from webadmin.pages.programs.reference import chapters, event_kinds
from webadmin.pages.programs.shown import ShownTokens
from webadmin.stores import settings, site
from webadmin.troubles import refusal

blueprint = blueprint_of(__name__, "programs", "/programs")
EXTENSION = "linghe.shown_tokens"
blueprint.record(
    lambda state: state.app.extensions.update({EXTENSION: ShownTokens(time.monotonic)})
)

SCOPES = {
    Scope.CALLS_READ: mark("see calls, agents, queues and lines"),
    Scope.CALLS_CONTROL: mark("originate, hang up, transfer, hold, supervise, control recordings"),
    Scope.AGENTS_CONTROL: mark("change agents’ states"),
    Scope.RECORDINGS_READ: mark("listen to recordings"),
    Scope.MESSAGES_CONTROL: mark("list, mark and delete voicemail messages"),
    Scope.REPORTS_READ: mark("read the day’s report"),
    Scope.EVENTS_READ: mark("hear of events as they happen"),
    Scope.FLOWS_READ: mark("see flows, their versions and drafts, and try them"),
    Scope.FLOWS_WRITE: mark("draft, publish and roll back flows"),
    Scope.PROMPTS_READ: mark("list prompts and hear them"),
    Scope.PROMPTS_WRITE: mark("add, replace, bring back and remove prompts"),
}


@blueprint.get("/")
def show() -> str:
    """Show tokens, webhooks and examples."""
    return _page("")


@blueprint.post("/token")
def add_token() -> AnyResponse | str:
    """Make a token and show it, this once."""
    name = request.form.get("name", "").strip()
    scopes = tuple(scope for scope in Scope if scope in request.form.getlist("scope"))
    fault = own_password_fault()
    if fault:
        return _told(fault, "fault")
    text = token_text(secrets.token_bytes(RANDOM_BYTES))
    token = Token(
        name=name,
        digest=token_digest(text),
        scopes=scopes,
        made=Utc(time.time()),
        made_by=present_visitor().name,
    )
    form = (session["login"], request.form.get("form", ""))
    try:
        with settings().together():
            settings().tokens.add(token)
            note("token_added", f"{name}: {' '.join(scopes)}")
            _shown().keep(form, text)
    except RefusedError as error:
        made = _shown().again(form) if error.key == "token_taken" else ""
        is_there = settings().tokens.by_digest(token_digest(made)) is not None
        return _page(made) if is_there else _told(refusal(error), "fault")
    return _page(text)


@blueprint.post("/revoke")
def revoke_token() -> AnyResponse:
    """Revoke a token; streams that it opened end within seconds."""
    name = request.form.get("name", "")
    fault = own_password_fault()
    if fault:
        return _told(fault, "fault")
    with settings().together():
        is_done = settings().tokens.revoke(name)
        if is_done:
            note("token_revoked", name)
    if not is_done:
        return _told(say("There is no such token."), "fault")
    return _told(say("The token %(name)s opens nothing any more.", name=name))


@blueprint.post("/test")
def send_test() -> AnyResponse:
    """Have a test event sent; the page shows what came of it."""
    name = WebhookId(request.form.get("webhook", ""))
    if name not in {hook.id for hook in site().webhook}:
        return _told(say("There is no such webhook."), "fault")
    with settings().together():
        number = settings().webhook_wishes.add(name, Utc(time.time()))
        note("webhook_tested", name)
    return redirect(url_for("programs.show", test=number, _anchor=f"webhook-{name}"))


@blueprint.get("/reference")
def reference() -> str:
    """Show the whole API for people, made from the same document; nothing of it is elsewhere."""
    return render_template(
        "reference.html", chapters=chapters(), events=event_kinds(), base=BASE, scopes=_scopes()
    )


@blueprint.get("/openapi.json")
def document() -> Response:
    """Give the document to who is logged in; programs have it from the API itself."""
    return Response(document_json(), content_type="application/json")


def _page(new_token: str) -> str:
    asked = request.args.get("test", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 16
    hooks = hooks_shown(int(asked) if is_number else 0)
    return render_template(
        "programs.html",
        new_token=new_token,
        tokens=settings().tokens.all(),
        scopes=_scopes(),
        hooks=hooks,
        is_waiting=any(hook.is_testing for hook in hooks),
        base=request.host_url.rstrip("/") + BASE,
        form=secrets.token_hex(16),
    )


def _shown() -> ShownTokens:
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, ShownTokens):
        raise TypeError("the page was not registered")
    return found


def _scopes() -> dict[Scope, str]:
    return {scope: say(text) for scope, text in SCOPES.items()}


def _told(sentence: str, category: str = "done") -> AnyResponse:
    flash(sentence, category)
    return redirect(url_for("programs.show"))
