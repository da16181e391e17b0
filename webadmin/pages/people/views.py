"""Who may log in: the owner adds people, gives new passwords, and removes them.

Each change asks for the owner's own password again: a browser left open is not enough.
"""

from flask import flash, redirect, render_template, request, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response

from appliance.store.people import Role, User
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId
from webadmin.access import blueprint_of, new_stamp, note, present_visitor
from webadmin.languages import mark, say
from webadmin.pages.account.views import own_password_fault
from webadmin.passwords import SHORTEST, fault_of, hash_of
from webadmin.people_names import name_fault
from webadmin.stores import names, settings, site
from webadmin.troubles import refusal

blueprint = blueprint_of(__name__, "people", "/people")

SHOWN_ACTS = 40

ACTS = {
    "claimed": mark("claimed the box"),
    "claim_failed": mark("wrong claim code"),
    "login": mark("logged in"),
    "login_failed": mark("wrong name or password"),
    "login_locked": mark("too many tries"),
    "logout": mark("logged out"),
    "password_wrong": mark("own password wrong"),
    "password_changed": mark("changed the own password"),
    "password_given": mark("gave a new password"),
    "user_added": mark("added a login"),
    "user_removed": mark("removed a login"),
    "recording_heard": mark("heard a recording"),
    "recording_downloaded": mark("downloaded a recording"),
    "calls_exported": mark("downloaded the list of calls"),
    "report_exported": mark("downloaded a report"),
    "site_saved": mark("saved the settings"),
    "site_applied": mark("applied the settings"),
    "token_added": mark("made a token"),
    "token_revoked": mark("revoked a token"),
    "token_wrong": mark("wrong tokens"),
    "webhook_tested": mark("tested a webhook"),
    "call_originated": mark("let a phone dial"),
    "call_hung_up": mark("hung up a call"),
    "call_transferred": mark("transferred a call"),
    "call_consultation_ended": mark("ended a consultation"),
    "call_held": mark("held a call"),
    "call_retrieved": mark("ended a hold"),
    "call_recording_set": mark("controlled a recording"),
    "call_supervised": mark("joined a talk"),
    "flow_draft_saved": mark("saved a draft of a flow"),
    "flow_draft_dropped": mark("dropped a draft of a flow"),
    "flow_published": mark("published a flow"),
    "flow_rolled_back": mark("rolled a flow back"),
    "prompt_added": mark("added a prompt"),
    "prompt_removed": mark("removed a prompt"),
    "prompt_restored": mark("brought a prompt back"),
    "table_put": mark("replaced a table"),
    "table_removed": mark("removed the rows of a table"),
    "music_added": mark("added music"),
    "music_removed": mark("removed music"),
    "emergency_mode_on": mark("began emergency mode"),
    "emergency_mode_off": mark("ended emergency mode"),
    "callback_cancelled": mark("cancelled a callback"),
    "message_marked": mark("marked a message"),
    "message_deleted": mark("deleted a message"),
    "backup_made": mark("made a backup"),
    "backup_restored": mark("restored a backup"),
    "system_changed": mark("changed the system"),
    "stick_awaited": mark("let the next USB stick become the box’s own"),
    "stick_adopted": mark("made a USB stick the box’s own"),
    "code_renewed": mark("renewed the one-time code"),
    "ups_on_battery": mark("mains failed, on battery"),
    "ups_battery_low": mark("battery low, stopped"),
    "ups_on_mains": mark("mains are back"),
    "agent_state_set": mark("changed an agent’s state"),
}
"""The audit log's keys as people read them; a key that is not here is shown as it is."""


@blueprint.get("/")
def show() -> str:
    """Show the users, the form for a new one, and the last lines of the audit log."""
    return render_template(
        "people.html",
        users=settings().people.users(),
        agents=site().agent,
        names=names(),
        acts=settings().audit.latest(SHOWN_ACTS),
        acts_said={key: say(text) for key, text in ACTS.items()},
        shortest=SHORTEST,
    )


@blueprint.post("/add")
def add() -> Response:
    """Add an owner or an agent's login."""
    name = request.form.get("name", "").strip()
    wanted = request.form.get("who", "")
    password = request.form.get("password", "")
    fault = _fault_of_new(name, wanted) or fault_of(password, request.form.get("again", ""), name)
    fault = fault or own_password_fault()
    if fault:
        return _told(fault, "fault")
    is_owner = wanted == "owner"
    user = User(
        name=name,
        role=Role.OWNER if is_owner else Role.AGENT,
        password_hash=hash_of(password),
        agent=None if is_owner else AgentId(wanted.removeprefix("agent:")),
        login_stamp=new_stamp(),
    )
    with settings().together():
        is_added = settings().people.add(user)
        if is_added:
            note("user_added", f"{user.name} ({user.role}{f' {user.agent}' if user.agent else ''})")
    if not is_added:
        return _told(say("There is a user of this name already."), "fault")
    return _told(say("%(name)s may log in now.", name=name))


@blueprint.post("/password")
def new_password() -> Response:
    """Give somebody a new password; his logins end."""
    user = settings().people.user(request.form.get("name", ""))
    if user is None:
        return _told(say("There is no such user."), "fault")
    password = request.form.get("password", "")
    fault = fault_of(password, request.form.get("again", ""), user.name) or own_password_fault()
    if fault:
        return _told(fault, "fault")
    if user.name == present_visitor().name:
        return redirect(url_for("account.show"))
    changed = replace(user, password_hash=hash_of(password), login_stamp=new_stamp())
    with settings().together():
        is_changed = settings().people.change(changed)
        if is_changed:
            note("password_given", user.name)
    if not is_changed:
        return _told(say("There is no such user."), "fault")
    return _told(say("%(name)s has a new password.", name=user.name))


@blueprint.post("/remove")
def remove() -> Response:
    """Remove a user; his logins end."""
    user = settings().people.user(request.form.get("name", ""))
    if user is None:
        return _told(say("There is no such user."), "fault")
    fault = own_password_fault()
    if fault:
        return _told(fault, "fault")
    try:
        with settings().together():
            settings().people.remove(user.name)
            note("user_removed", user.name)
    except RefusedError as error:
        return _told(refusal(error), "fault")
    return _told(say("%(name)s may not log in any more.", name=user.name))


def _fault_of_new(name: str, wanted: str) -> str:
    if fault := name_fault(name):
        return fault
    if settings().people.user(name) is not None:
        return say("There is a user of this name already.")
    known = {f"agent:{agent.id}" for agent in site().agent}
    if wanted != "owner" and wanted not in known:
        return say("Choose an agent of the site, or owner.")
    return ""


def _told(sentence: str, category: str = "done") -> Response:
    flash(sentence, category)
    return redirect(url_for("people.show"))
