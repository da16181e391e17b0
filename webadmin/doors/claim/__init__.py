"""The first page of a box that nobody owns: the one-time code from its console, an owner's name
and password. Who has the code owns the box; there is no password that came with it."""

import time

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.store.audit import AuditLine
from appliance.store.people import Role, User
from appliance.vocabulary.claims import claim_matches
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from webadmin.access import begin_login, home_of, new_stamp, where
from webadmin.doors.login import tries
from webadmin.languages import say
from webadmin.passwords import SHORTEST, fault_of, hash_of
from webadmin.people_names import name_fault
from webadmin.root import is_box
from webadmin.stores import settings

blueprint = Blueprint("claim", __name__, template_folder="templates")


@blueprint.get("/claim")
def show() -> Response | str:
    """Ask for the code and the owner's password."""
    if settings().people.has_owner():
        return redirect(url_for("login.show"))
    return _page("", 200)[0]


@blueprint.post("/claim")
def claim() -> Response | tuple[str, int]:
    """Make the first owner."""
    store = settings()
    if store.people.has_owner():
        return redirect(url_for("login.show"))
    wait = tries(current_app).take(where(), "claim code")
    if wait > 0:
        fault = say("Too many tries. Wait %(count)s seconds.", count=int(wait) + 1)
        return _page(fault, 429)
    kept = store.claim.code_hash()
    if kept is None or not claim_matches(request.form.get("code", ""), kept):
        _note("claim_failed", "")
        return _page(say("This is not the code that the box shows."), 400)
    name = request.form.get("name", "").strip()
    password = request.form.get("password", "")
    fault = name_fault(name) or fault_of(password, request.form.get("again", ""), name)
    if fault:
        tries(current_app).forgive(where(), "claim code")
        return _page(fault, 400)
    owner = User(
        name=name, role=Role.OWNER, password_hash=hash_of(password), login_stamp=new_stamp()
    )
    try:
        with store.together():
            store.claim.take(owner)
            _note("claimed", name)
    except RefusedError:
        return redirect(url_for("login.show"))
    begin_login(owner)
    return redirect(home_of(owner))


def _page(fault: str, status: int) -> tuple[str, int]:
    page = render_template(
        "claim.html",
        fault=fault,
        name=request.form.get("name", ""),
        shortest=SHORTEST,
        is_box=is_box(),
    )
    return page, status


def _note(what: str, by: str) -> None:
    settings().audit.note(AuditLine(at=Utc(time.time()), by=by, what=what, where=where()))
