"""Login and logout. One answer for a wrong name and a wrong password, after the same time."""

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webadmin.access import begin_login, end_login, home_of, note, visitor, where
from webadmin.doors.language import own_path
from webadmin.languages import say
from webadmin.passwords import LONGEST, is_right
from webadmin.stores import settings
from webadmin.tries import Tries

blueprint = Blueprint("login", __name__, template_folder="templates")

TRIES = "linghe.tries"


def tries(app: Flask) -> Tries:
    """Return the app's counter of tries."""
    found = app.extensions[TRIES]
    if not isinstance(found, Tries):
        raise TypeError("create_app() has made no counter of tries")
    return found


@blueprint.get("/login")
def show() -> Response | str:
    """Ask who it is; who is logged in already goes on."""
    who = visitor()
    if who is not None:
        return redirect(home_of(who.user))
    return _page("", 200)[0]


@blueprint.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Look at name and password."""
    name = request.form.get("name", "").strip()[:100]
    password = request.form.get("password", "")[: LONGEST + 1]
    wait = tries(current_app).take(where(), name)
    if wait > 0:
        if tries(current_app).is_news(where()):
            note("login_locked", name, by="")
        fault = say("Too many tries. Wait %(count)s seconds.", count=int(wait) + 1)
        return _page(fault, 429)
    user = settings().people.user(name)
    if not is_right(password, None if user is None else user.password_hash) or user is None:
        note("login_failed", name, by="")
        return _page(say("Name or password is wrong."), 401)
    tries(current_app).forgive(where(), name)
    begin_login(user)
    note("login", by=user.name)
    wanted = own_path(request.form.get("next", ""))
    return redirect(home_of(user) if wanted == "/" else wanted)


@blueprint.post("/logout")
def log_out() -> Response:
    """End this login."""
    end_login()
    return redirect(url_for("login.show"))


def _page(fault: str, status: int) -> tuple[str, int]:
    page = render_template(
        "login.html",
        fault=fault,
        name=request.form.get("name", ""),
        next=own_path(request.values.get("next", "")),
    )
    return page, status
